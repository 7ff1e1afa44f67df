"""How large expressions are, found out without walking through anything twice.

Parts are shared, so an expression may be a tree of 2^40 nodes of which only 40 are in memory. Whoever makes
expressions out of others asks before they are too large to be walked through.
"""

from __future__ import annotations

from tdxverify.budget import TooLarge
from tdxverify.logic.expr import Expr, children

LARGEST_STEP = 20_000  # nodes of one term of a step: beyond it symbolic execution has exploded
DEEPEST = 150  # levels of a term: what walks through it by recursion comes to its end on all of them


class Measure:
    """Sizes of expressions as trees, remembered by identity; the expressions are kept alive for that."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Expr, int, int]] = {}

    @property
    def work(self) -> int:
        """How many nodes were looked at."""
        return len(self._known)

    def size(self, expr: Expr) -> int:
        """Nodes, shared parts counted as often as they occur."""
        return self._of(expr)[1]

    def depth(self, expr: Expr) -> int:
        """Levels."""
        return self._of(expr)[2]

    def require(self, *exprs: Expr) -> None:
        """Raises TooLarge where one of them must not become part of a step."""
        for expr in exprs:
            _, size, depth = self._of(expr)
            if size > LARGEST_STEP or depth > DEEPEST:
                raise TooLarge

    def _of(self, expr: Expr) -> tuple[Expr, int, int]:
        known, waiting = self._known, [expr]
        while waiting:
            node = waiting[-1]
            if id(node) in known:
                waiting.pop()
                continue
            parts = children(node)
            missing = [part for part in parts if id(part) not in known]
            if missing:
                waiting += missing
                continue
            found = [known[id(part)] for part in parts]
            depth = max((one[2] for one in found), default=0)
            known[id(node)] = node, 1 + sum(one[1] for one in found), 1 + depth
        return known[id(expr)]
