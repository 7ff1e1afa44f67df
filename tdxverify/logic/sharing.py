"""Which parts of an expression are shared, so that what is found out of them is kept and not found again."""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.logic.expr import Bound, Expr, Quantified, children
from tdxverify.logic.measure import Measure

_WORTH_KEEPING = 12  # nodes of a part: smaller ones are as quickly worked out again


def shared_parts(expr: Expr) -> frozenset[int]:
    """The identities of those parts of `expr` that occur at several places and are not small."""
    seen: set[int] = set()
    again: dict[int, Expr] = {}
    waiting = [expr]
    while waiting:
        for part in children(waiting.pop()):
            if id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)
            elif children(part):
                again[id(part)] = part
    if not again:
        return frozenset()
    measure = Measure()
    return frozenset(key for key, part in again.items() if measure.size(part) >= _WORTH_KEEPING)


def parts_first(expr: Expr) -> Iterator[Expr]:
    """The subexpressions of `expr` that have parts, each once, behind its own parts."""
    seen: set[int] = set()
    waiting = [(expr, False)]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            yield node
        elif id(node) not in seen and children(node):
            seen.add(id(node))
            waiting.append((node, True))
            waiting += [(part, False) for part in reversed(children(node))]


class FreeVariables:
    """The variables that expressions leave free, remembered by identity; the expressions are kept alive."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Expr, frozenset[Bound]]] = {}

    def of(self, expr: Expr) -> frozenset[Bound]:
        """Those of `expr`."""
        if isinstance(expr, Bound):
            return frozenset((expr,))
        known = self._known.get(id(expr))
        if known is None:
            found = frozenset[Bound]().union(*map(self.of, children(expr)))
            if isinstance(expr, Quantified):
                found = found.difference(expr.binders)
            known = self._known[id(expr)] = expr, found
        return known[1]
