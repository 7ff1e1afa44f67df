"""Expressions in which two values meet: comparisons, memberships, and `if ... then ... else`.

What one of them is decides how the other is read: members that several enums have, and the word `none`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.logic.sorts import EnumSort, IndexSort, OptionalSort, RangeSort, Sort
from tdxverify.model.habits import sort_habit
from tdxverify.model.kinds import name_sort, same_kind
from tdxverify.model.model import RangeTarget
from tdxverify.model.ranges import fits, narrowed
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.print_expressions import print_expression

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker


def is_none(written: ast.Expr) -> bool:
    """Whether it is the word `none`, which may be the name of something."""
    return isinstance(written, ast.NameExpr) and written.qualifier is None and written.name.text == "none"


def says_none(written: ast.Expr) -> bool:
    """Whether its value may be the word `none`."""
    if isinstance(written, ast.IfExpr):
        return says_none(written.then) or says_none(written.otherwise)
    return is_none(written)


def or_none(sort: Sort) -> Sort:
    """`sort` with none beside its values, where there can be."""
    return OptionalSort(sort) if isinstance(sort, EnumSort | IndexSort) else sort


def _beside(sort: Sort, written: ast.Expr) -> Sort:
    """What to expect of `written`, compared with something of `sort`: itself none only where that can be."""
    return or_none(sort) if isinstance(written, ast.IfExpr) and says_none(written) else sort


class Comparisons:
    """Lowers them for `checker`."""

    def __init__(self, checker: ExpressionChecker) -> None:
        self._checker = checker

    def comparison(self, left: ast.Expr, right: ast.Expr, scope: Scope, span: Span) -> Expr | None:
        """`left = right`."""
        first, second = self._pair(left, right, scope)
        if first is None or second is None:
            return None
        if not same_kind(first.sort, second.sort):
            self.not_comparable(first, second, span)
            return None
        return core.equal(first, second)

    def ordered(self, written: ast.Binary, scope: Scope) -> Expr | None:
        """`left < right` and the like, of two numbers, two members of one enum or two elements of one ordered
        index sort, none of them none."""
        left, right = self.two_of_an_order(written.left, written.right, scope)
        if left is None or right is None:
            return None
        if IndexSort in (type(left.sort), type(right.sort)):
            if not self._checker.elements_in_order.have_one(left, right, written.span):
                return None
        elif EnumSort not in (type(left.sort), type(right.sort)):
            is_number = self._checker.is_number
            if not (is_number(left, written.left) and is_number(right, written.right)):
                return None
        elif left.sort != right.sort:
            self.not_comparable(left, right, written.span)
            return None
        spelling = written.operator.row
        return core.apply(spelling.op, (right, left) if spelling.swapped else (left, right))

    def two_of_an_order(
        self, left: ast.Expr, right: ast.Expr, scope: Scope
    ) -> tuple[Expr | None, Expr | None]:
        """Both sides, which must not be none."""
        first, second = self._pair(left, right, scope)
        return self._member(first, left, scope), self._member(second, right, scope)

    def _member(self, found: Expr | None, written: ast.Expr, scope: Scope) -> Expr | None:
        """A member that is compared, which must not be none."""
        if found is None or not isinstance(found.sort, OptionalSort):
            return found
        target = RangeTarget(f"'{print_expression(written)}', whose order is asked for,", found.sort.base)
        return narrowed(found, target, written.span, scope, self._checker.diagnostics)

    def _pair(self, left: ast.Expr, right: ast.Expr, scope: Scope) -> tuple[Expr | None, Expr | None]:
        """Both sides; an enum member that several enums have takes the sort of the other side."""
        if self._is_ambiguous(left, scope) or (says_none(left) and not says_none(right)):
            second = self._checker.lower(right, scope)
            if second is None and says_none(left):
                return None, None
            wanted = None if second is None else _beside(self._sort(second, right), left)
            return self._checker.lower(left, scope, wanted), second
        first = self._checker.lower(left, scope)
        wanted = None if first is None else _beside(self._sort(first, left), right)
        return first, self._checker.lower(right, scope, wanted)

    def not_comparable(self, first: Expr, second: Expr, span: Span) -> None:
        message = f"cannot compare {name_sort(first.sort)} with {name_sort(second.sort)}"
        self._checker.diagnostics.report(Code.E302, message, span, hint=sort_habit(first.sort, second.sort))

    def membership(self, written: ast.SetMember | ast.RangeMember, scope: Scope) -> Expr | None:
        if isinstance(written.element, ast.Count):
            return self._checker.counts.member(written, written.element, scope)
        if isinstance(written, ast.SetMember):
            found = [self.comparison(written.element, c, scope, written.span) for c in written.choices]
            good = [f for f in found if f is not None]
            return core.disjunction(*good) if len(good) == len(found) else None
        element = self._checker.number(written.element, scope)
        sort = self._checker.sort_of(written.type)
        if element is None or not isinstance(sort, RangeSort):
            return None
        return fits(element, sort)

    def conditional(self, written: ast.IfExpr, scope: Scope, expected: Sort | None) -> Expr | None:
        condition = self._checker.formula(written.condition, scope)
        contrary = None if condition is None else core.negation(condition)
        sides = ((written.then, scope.given(condition)), (written.otherwise, scope.given(contrary)))
        turned = says_none(written.then) and not says_none(written.otherwise)
        first, first_scope = sides[turned]
        second, second_scope = sides[not turned]
        one = self._checker.lower(first, first_scope, expected)
        known = one is not None and not (isinstance(expected, OptionalSort) and same_kind(one.sort, expected))
        wanted = self._sort(one, first) if one is not None and known else expected
        if wanted is not None and says_none(second):
            wanted = or_none(wanted)
        other = self._checker.lower(second, second_scope, wanted)
        then, otherwise = (other, one) if turned else (one, other)
        if condition is None or then is None or otherwise is None:
            return None
        if not same_kind(then.sort, otherwise.sort):
            message = f"the branches differ: {name_sort(then.sort)} and {name_sort(otherwise.sort)}"
            hint = sort_habit(then.sort, otherwise.sort)
            self._checker.diagnostics.report(Code.E302, message, written.span, hint=hint)
            return None
        return core.conditional(condition, then, otherwise)

    def never_none(self, written: ast.NameExpr, expected: Sort | None) -> None:
        message = "'none' needs something beside it that can be none"
        hint = "declare that with 'or none': state owner[Page] : Td or none = none"
        if expected is not None:
            message = f"what is needed here is {name_sort(expected)}, which is never none"
        self._checker.diagnostics.report(Code.E316, message, written.span, hint=hint)

    def _is_ambiguous(self, written: ast.Expr, scope: Scope) -> bool:
        """Whether its sort can only be that of what stands beside it."""
        if not isinstance(written, ast.NameExpr) or written.qualifier or written.name.text in scope.bound:
            return False
        known = (
            written.name.text in self._checker.declarations.symbols
            or written.name.text in self._checker.declarations.defines
        )
        if is_none(written) and not known:
            return True
        return len(self._checker.declarations.members.get(written.name.text, ())) > 1

    def _sort(self, found: Expr, written: ast.Expr) -> Sort:
        """What `written`, lowered to `found`, is compared as: a define may be none where it says so, whatever
        stands for it here."""
        return or_none(found.sort) if self._declared_or_none(written) else found.sort

    def _declared_or_none(self, written: ast.Expr) -> bool:
        match written:
            case ast.IfExpr(then=then, otherwise=otherwise):
                return self._declared_or_none(then) or self._declared_or_none(otherwise)
            case ast.CallExpr(name=name) | ast.NameExpr(name=name, qualifier=None):
                define = self._checker.declarations.defines.get(name.text)
                return define is not None and isinstance(define.type, ast.OptionalType)
            case _:
                return False
