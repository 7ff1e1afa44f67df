"""What formulas say of single cells, as far as their shape shows it."""

from __future__ import annotations

from tdxverify.logic.expr import FALSE, TRUE, Apply, Const, Expr, Read
from tdxverify.logic.operators import Op


def fixed_by(expr: Expr) -> tuple[Read, Const] | None:
    """The cell and its value, where `expr` says of one cell what it is: `p`, `not p`, `p = constant`."""
    match expr:
        case Read():
            return expr, TRUE
        case Apply(op=Op.NOT, arguments=(Read() as cell,)):
            return cell, FALSE
        case Apply(op=Op.EQ, arguments=(Read() as cell, Const() as value)):
            return cell, value
        case Apply(op=Op.EQ, arguments=(Const() as value, Read() as cell)):
            return cell, value
        case _:
            return None


def equated(expr: Expr) -> tuple[tuple[Read, Expr], ...]:
    """Cells of which `expr` says what they are, with that: `x = e`, `x iff e`, `x`, `not x`."""
    fact = fixed_by(expr)
    if fact is not None:
        return (fact,)
    match expr:
        case Apply(op=Op.EQ, arguments=(left, right)):
            sides = (left, right), (right, left)
            return tuple((one, other) for one, other in sides if isinstance(one, Read))
        case _:
            return ()
