"""`count l : Line: e` compared with a fixed number: quantifiers over that many different elements.

`(count l : Line: e) >= 2` is `exists l, m : Line: l != m and e(l) and e(m)`. Nothing behind the front end
knows of counts, so every engine, and the reading for any size, has them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.sorts import RangeSort
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker

MOST_TOLD_APART = 5  # elements that one comparison names; their combinations are instantiated at stated sizes


class Counts:
    """Lowers comparisons of counts for `checker`. Each method returns None after a diagnostic."""

    def __init__(self, checker: ExpressionChecker) -> None:
        self._checker = checker

    def alone(self, written: ast.Count) -> None:
        """Report a count that is not compared with a number."""
        message = "a count is no value of its own: it can only be compared with a fixed number"
        hint = "write '(count l : Line: ...) >= 2', or =, !=, <, <=, > or 'in 1..2', with the brackets"
        self._checker.diagnostics.report(Code.E318, message, written.span, hint=hint)

    def compared(self, written: ast.Binary, scope: Scope) -> Expr | None:
        """Lower `count = 2`, `1 < count` and the like."""
        spelling = written.operator.row
        on_left = isinstance(written.left, ast.Count)
        count, other = (written.left, written.right) if on_left else (written.right, written.left)
        assert isinstance(count, ast.Count)
        number, body = self._number(other, scope), self._body(count, scope)
        if number is None or body is None:
            return None

        def holds(found: int) -> bool:
            sides = (found, number) if on_left is not spelling.swapped else (number, found)
            return bool(spelling.op.row.meaning(*sides)) is not spelling.negated

        return self._where(holds, number, *body, written.span)

    def member(self, written: ast.SetMember | ast.RangeMember, count: ast.Count, scope: Scope) -> Expr | None:
        """Lower `count in 1..2` and `count in { 0, 2 }`."""
        body = self._body(count, scope)
        if isinstance(written, ast.RangeMember):
            sort = self._checker.sort_of(written.type)
            if body is None or not isinstance(sort, RangeSort):
                return None
            return self._where(lambda found: sort.low <= found <= sort.high, sort.high, *body, written.span)
        numbers = [self._number(choice, scope) for choice in written.choices]
        known = [number for number in numbers if number is not None]
        if body is None or len(known) < len(numbers):
            return None
        return self._where(lambda found: found in known, max(known), *body, written.span)

    def _number(self, written: ast.Expr, scope: Scope) -> int | None:
        if isinstance(written, ast.Count):
            self.alone(written)
            return None
        found = self._checker.number(written, scope)
        if found is None or isinstance(found, core.Const):
            return None if found is None else found.value
        message = "a count can only be compared with a fixed number"
        hint = "where it varies, compare once for each value: 'limit = 1 and (count ...) <= 1 or ...'"
        self._checker.diagnostics.report(Code.E318, message, written.span, hint=hint)
        return None

    def _body(self, count: ast.Count, scope: Scope) -> tuple[tuple[Bound, ...], Expr] | None:
        bound = self._checker.bind(count.binders, scope)
        if bound is None:
            return None
        binders, inner = bound
        body = self._checker.formula(count.body, inner.within(binders))
        return None if body is None else (binders, body)

    def _where(
        self, holds: Callable[[int], bool], last: int, binders: tuple[Bound, ...], body: Expr, span: Span
    ) -> Expr | None:
        """`holds` of the number of elements with `body`. Requires: it says the same of all above `last`."""
        runs = _runs(holds, min(last, MOST_TOLD_APART))
        most = MOST_TOLD_APART
        if last > most or any(end is not None and end > most for _, end in runs):
            message = f"this speaks of more than {most} different elements at once"
            hint = f"at most {most} are possible: up to '<= {most - 1}' or '>= {most}'"
            self._checker.diagnostics.report(Code.E319, message, span, hint=hint)
            return None
        return core.disjunction(*(self._between(binders, body, *run) for run in runs))

    def _between(self, binders: tuple[Bound, ...], body: Expr, low: int, end: int | None) -> Expr:
        """`body` holds for `low` elements or more, but, unless `end` is None, fewer than `end`."""
        enough = self._at_least(binders, body, low)
        if end is None:
            return enough
        return core.conjunction(enough, core.negation(self._at_least(binders, body, end)))

    def _at_least(self, binders: tuple[Bound, ...], body: Expr, number: int) -> Expr:
        if number <= 0:
            return core.TRUE
        chosen = [self._fresh(binders) for _ in range(number)]
        different = [
            core.negation(core.conjunction(*map(core.equal, one, other)))
            for one, other in combinations(chosen, 2)
        ]
        each = [
            self._checker.refresh(core.substitute(body, dict(zip(binders, one, strict=True))))
            for one in chosen
        ]
        flat = tuple(binder for one in chosen for binder in one)
        return core.quantified(flat, core.conjunction(*different, *each), universal=False)

    def _fresh(self, binders: tuple[Bound, ...]) -> tuple[Bound, ...]:
        return tuple(Bound(self._checker.names.fresh(b.name), b.sort) for b in binders)


def _runs(holds: Callable[[int], bool], last: int) -> list[tuple[int, int | None]]:
    """The counts for which `holds`, as runs from the first to behind the last; None: it does not end."""
    runs: list[tuple[int, int | None]] = []
    start = None
    for found in range(max(last, -1) + 2):
        if holds(found) and start is None:
            start = found
        elif not holds(found) and start is not None:
            runs.append((start, found))
            start = None
    return runs if start is None else [*runs, (start, None)]
