"""What can be said of the elements of an index sort that is `ordered`: which is before, first, or next.

The core language has the order of their numbers. Where the sizes are left open it is any total order with a
first element, which says as much: a spec cannot name elements, so they may be numbered in that order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic import order
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.sorts import IndexSort
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker

_FIRST = "first"


class ElementsInOrder:
    """Lowers it for `checker`."""

    def __init__(self, checker: ExpressionChecker) -> None:
        self._checker = checker

    def have_one(self, left: Expr, right: Expr, span: Span) -> bool:
        """Whether both are elements of one sort that is ordered; a diagnostic if not."""
        if left.sort != right.sort:
            self._checker.comparisons.not_comparable(left, right, span)
            return False
        if not isinstance(left.sort, IndexSort):
            told = "'next after' is about two elements of one index sort"
            hint = "of numbers write 'b = a + 1'"
            self._checker.diagnostics.report(Code.E306, told, span, hint=hint)
            return False
        return self._is_ordered(left.sort, span)

    def _is_ordered(self, sort: IndexSort, span: Span) -> bool:
        if sort.is_ordered:
            return True
        hint = f"declare it 'index {sort.name} ordered' if they have one"
        self._checker.diagnostics.report(
            Code.E306, f"elements of '{sort.name}' have no order", span, hint=hint
        )
        return False

    def next_after(self, written: ast.NextAfter, scope: Scope) -> Expr | None:
        """`later next after earlier`: it is later, and no element is between the two."""
        later, earlier = self._checker.comparisons.two_of_an_order(written.later, written.earlier, scope)
        if later is None or earlier is None or not self.have_one(earlier, later, written.span):
            return None
        between = Bound(self._checker.names.fresh(order.BETWEEN), later.sort)
        return order.next_after(later, earlier, between)

    def named(self, written: ast.CallExpr) -> IndexSort | None:
        """The index sort that `first(Epoch)` is about; None where it is something else."""
        match written:
            case ast.CallExpr(name=name, arguments=(ast.NameExpr(name=sort, qualifier=None, primed=False),)):
                known = self._checker.declarations.index_sorts
                return known.get(sort.text) if name.text == _FIRST else None
            case _:
                return None

    def first(self, sort: IndexSort, span: Span) -> Expr | None:
        """The first element of `sort`."""
        return core.Const(0, sort) if self._is_ordered(sort, span) else None
