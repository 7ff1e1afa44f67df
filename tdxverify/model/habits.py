"""Names of nothing that are something elsewhere: in other languages, or in traces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tdxverify.logic.sorts import BoolSort, IndexSort, RangeSort, Sort

_ELEMENT = re.compile(r"([A-Za-z_]\w*?)_?[0-9]+")
_PRIMES = "in a 'step' property x' is x after the step, and x is x before it"
_WORDS = {
    **dict.fromkeys(("True", "TRUE"), "write 'true'"),
    **dict.fromkeys(("False", "FALSE"), "write 'false'"),
    **dict.fromkeys(("old", "pre"), _PRIMES),
    "next": f"{_PRIMES}; of elements that have an order, 'b next after a'",
    "first": "'first(Epoch)' is the first element of an index sort, where that is 'ordered'",
    "last": "the last element has none behind it: 'forall e : Epoch: e <= x'",
    **dict.fromkeys(
        ("NULL", "null", "nil", "None", "nullptr", "undefined"),
        "write 'none', of what may be none: 'state owner[Page] : Td or none = none'",
    ),
    **dict.fromkeys(("max", "min"), "write 'if a > b then a else b'"),
    "abs": "write 'if n < 0 then -n else n'",
    "all": "write 'forall l : Line: ...'",
    "sum": "sums over elements cannot be said; how many: '(count l : Line: EXPR) <= 2'",
    **dict.fromkeys(("count", "card", "size", "len"), "how many: '(count l : Line: EXPR) <= 2'"),
}


def sort_habit(one: Sort, other: Sort) -> str | None:
    """A hint where values of these sorts, of two kinds, were taken for one another."""
    kinds = {type(one), type(other)}
    if kinds == {BoolSort, RangeSort}:
        return "a bool is 'true' or 'false', not a number: a condition is written 'x' or 'not x'"
    if kinds == {IndexSort, RangeSort}:
        return "elements have no numbers: say which by 'forall', 'exists' or a parameter, as in 'l : Line'"
    return None


def count_habit(name: str, wanted: Sequence[Sort]) -> str:
    """A hint where `name` has more or fewer indices than the `wanted` ones."""
    if not wanted:
        return f"it has no index: write '{name}'"
    indices = ", ".join(letter for _, letter in zip(wanted, "ijklmnop", strict=False))
    return f"write '{name}[{indices}]', one index for each"


def habit(name: str, index_sorts: Iterable[str]) -> str | None:
    """A hint what to write for `name`, which is not declared; None where it is like nothing known."""
    element = _ELEMENT.fullmatch(name)
    if element is not None and element[1] in index_sorts:
        sort = element[1]
        return f"elements of '{sort}' have no names in a spec; declare one: 'const first : {sort}'"
    return _WORDS.get(name)
