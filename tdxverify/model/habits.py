"""Names of nothing that are something elsewhere: in other languages, or in traces."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ELEMENT = re.compile(r"([A-Za-z_]\w*?)_?[0-9]+")
_WORDS = {
    **dict.fromkeys(("True", "TRUE"), "write 'true'"),
    **dict.fromkeys(("False", "FALSE"), "write 'false'"),
    **dict.fromkeys(
        ("next", "old", "pre"), "in a 'step' property x' is x after the step, and x is x before it"
    ),
    "first": "'first(Epoch)' is the first element of an index sort, where that is 'ordered'",
    **dict.fromkeys(("last", "max"), "the last element has none behind it: 'forall e : Epoch: e <= x'"),
    **dict.fromkeys(("count", "card", "size", "len"), "how many: '(count l : Line: EXPR) <= 2'"),
}


def habit(name: str, index_sorts: Iterable[str]) -> str | None:
    """A hint what to write for `name`, which is not declared; None where it is like nothing known."""
    element = _ELEMENT.fullmatch(name)
    if element is not None and element[1] in index_sorts:
        sort = element[1]
        return f"elements of '{sort}' have no names in a spec; declare one: 'const first : {sort}'"
    return _WORDS.get(name)
