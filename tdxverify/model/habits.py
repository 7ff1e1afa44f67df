"""Names of nothing that are something elsewhere: in other languages, or in traces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tdxverify.logic.expr import Bound
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import BoolSort, EnumSort, IndexSort, OptionalSort, RangeSort, Sort, bare

_ELEMENT = re.compile(r"([A-Za-z_]\w*?)_?[0-9]+")
_PRIMES = "in a 'step' property x' is x after the step, and x is x before it"
_WORDS = {
    "default": "the last row of a table is 'otherwise -> ...'",
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
    "return": "a define is an expression: 'define f(n : 0..7) = n + 1'",
    "fair": "it stands before 'action', 'process' or 'actor': is something missing before it?",
    "abs": "write 'if n < 0 then -n else n'",
    "all": "write 'forall l : Line: ...'",
    "sum": "sums over elements cannot be said; how many: '(count l : Line: EXPR) <= 2'",
    **dict.fromkeys(("count", "card", "size", "len"), "how many: '(count l : Line: EXPR) <= 2'"),
}


_IN_PLACE_OF = {
    "an actor": "of an actor: 'NAME is dead' or 'NAME took #F'",
    "an access": "an access is performed as a statement; what it gives is asked with 'ACTOR took OUTCOME'",
    "an action or process": "where a process stands is 'NAME at label'; what an action did is seen in state",
    "a fault": "who has had it is 'ACTOR took #F'",
    "a sort": "bind an element: 'exists x : NAME: ...', 'forall x : NAME: ...' or a parameter 'x : NAME'",
    "a property": "what several properties share is a 'define'",
    "a configuration": "a check is asked 'in NAME'; its condition may be shared by a 'define'",
}

ANOTHER_NAME = "choose another name"
BEFORE_GOTO = "remove it, or put it before the 'goto'"
NO_GOTO = "an action is one step; steps in a row are a 'process p { a: { goto b } b: { } }'"
NO_PARAMETER = "what changes is declared with 'state', and has another name"
NO_PRIME = "leave the prime out, or make the claim a property: 'property p step e'"


def in_place_of(name: str, what: str) -> str:
    """A hint where `name`, `what` in the words of `Declarations.elsewhere`, was taken for a value."""
    return _IN_PLACE_OF[what].replace("NAME", name)


def unknown_name(name: str, expected: Sort | None) -> str:
    """A hint for a name that is like nothing declared, where a value of the sort `expected` is needed."""
    if isinstance(expected, IndexSort):
        return (
            f"bind it: 'exists {name} : {expected}: ...', 'forall {name} : {expected}: ...' or a parameter"
            f" '{name} : {expected}'"
        )
    return "declare it with state, param, const or define, or bind it by 'exists', 'forall' or a parameter"


def sort_habit(one: Sort, other: Sort) -> str:
    """A hint where values of these sorts, of two kinds, were taken for one another."""
    whole = {type(one), type(other)}
    if whole == {BoolSort, OptionalSort}:
        return "whether there is one is asked with 'x != none'"
    one, other = bare(one), bare(other)
    kinds = {type(one), type(other)}
    if kinds == {BoolSort, RangeSort}:
        return "a bool is 'true' or 'false', not a number: a condition is written 'x' or 'not x'"
    if kinds == {IndexSort, RangeSort}:
        ordered = one if isinstance(one, IndexSort) else other
        if isinstance(ordered, IndexSort) and ordered.is_ordered:
            return f"elements have no numbers: the first one is first({ordered}), and 'a next after b'"
        return "elements have no numbers: say which by 'forall', 'exists' or a parameter, as in 'l : Line'"
    for sort, beside in ((one, other), (other, one)):
        if isinstance(sort, EnumSort) and not isinstance(beside, IndexSort):
            shown = sort.members[:3]
            more = ", ..." if len(shown) < len(sort.members) else ""
            return f"values of enum {sort} are its members: {', '.join(shown)}{more}"
    if BoolSort in kinds:
        return "a condition on it is written with '=' or '!=', as in 'a = b'"
    return "declare both with the same type"


def number_habit(sort: Sort) -> str:
    """A hint where a number is needed and a value of `sort` is written."""
    if isinstance(sort, IndexSort) and sort.is_ordered:
        return (
            f"the next element is a parameter: 'action tick(e : {sort}) when e next after now {{ now := e }}'"
        )
    if isinstance(sort, IndexSort):
        return "elements are no numbers; cells can be numbered, as in 'state acc[0..5] : bool'"
    if isinstance(sort, BoolSort):
        return "as a number write 'if x then 1 else 0'"
    return "what is counted with is declared with a range, as in 'state n : 0..7'"


def fixed_instead(place: str) -> str:
    """A hint where state is read at `place` (a scope's words for it), which may not."""
    if "value" in place:
        return "let it be a param or a const; how states begin in relation to each other is said by 'init'"
    return "of the start 'init' speaks; what a check fixes is a param; what never holds is a property"


def arguments_habit(what: str, bound: Sequence[Bound]) -> str:
    """A hint where `what`, in quotes, was called with more or fewer arguments than `bound`."""
    if not bound:
        return f"write {what} without arguments"
    shown = ", ".join(f"{written_name(one)} : {one.sort}" for one in bound)
    return f"it is declared with ({shown})"


def count_habit(name: str, wanted: Sequence[Sort]) -> str:
    """A hint where `name` has more or fewer indices than the `wanted` ones."""
    if not wanted:
        return f"it has no index: write '{name}'"
    process = re.fullmatch(r"(\w+) at", name)
    indices = ", ".join(letter for _, letter in zip(wanted, "ijklmnop", strict=False))
    written = f"{process[1]}[{indices}] at LABEL" if process else f"{name}[{indices}]"
    return f"write '{written}', one index for each"


def habit(name: str, index_sorts: Iterable[str]) -> str | None:
    """A hint what to write for `name`, which is not declared; None where it is like nothing known."""
    element = _ELEMENT.fullmatch(name)
    if element is not None and element[1] in index_sorts:
        sort = element[1]
        return f"elements of '{sort}' have no names in a spec; declare one: 'const first : {sort}'"
    return _WORDS.get(name)
