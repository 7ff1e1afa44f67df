"""Which row of an access table decides.

Rows whose guards hold together have the same result, or the table is refused. The access still happens
once: the first of them decides, and its effects, its fault and the handler are done once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, Apply, Const, Expr
from tdxverify.logic.operators import Op
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_statements

Result: TypeAlias = tuple[str, str | None, str | None, str]


def result_of(row: ast.AccessRow) -> Result:
    """Outcome, detail, fault and effects of `row`, however they are laid out in the text."""
    fault = row.fault.text if row.fault else None
    return (row.result, row.detail, fault, print_statements(row.effects))


def deciding(
    rows: Sequence[ast.AccessRow], guards: Sequence[Expr], *, whatever_they_do: bool = False
) -> list[Expr]:
    """When each of `rows` decides: its guard holds, and that of no earlier row with the same result.

    `guards` are those of the rows, `otherwise` made explicit. `whatever_they_do`: nor that of any other
    earlier row, since nobody knows whether rows with different results overlap.
    """
    decides: list[Expr] = []
    earlier: dict[Result | None, list[Expr]] = {}
    for row, guard in zip(rows, guards, strict=True):
        same = earlier.setdefault(None if whatever_they_do else result_of(row), [])
        overlapping = [] if row.guard is None else [g for g in same if not _exclude_each_other(g, guard)]
        decides.append(core.conjunction(guard, core.negation(core.disjunction(FALSE, *overlapping))))
        same.append(guard)
    return decides


def _exclude_each_other(left: Expr, right: Expr) -> bool:
    """Whether that is plain to see: a part of one contradicts a part of the other.

    To answer no costs a longer condition, nothing else.
    """
    pairs = product(core.conjuncts(left), core.conjuncts(right))
    return any(one == core.negation(other) or _differ(one, other) for one, other in pairs)


def _differ(left: Expr, right: Expr) -> bool:
    """Both say which constant one and the same term equals, and the constants differ."""
    match left, right:
        case (
            Apply(op=Op.EQ, arguments=(one, Const(value=first))),
            Apply(op=Op.EQ, arguments=(other, Const(value=second))),
        ):
            return one == other and first != second
    return False
