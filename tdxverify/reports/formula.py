"""Core expressions as text, for places where nothing that was written says the same."""

from __future__ import annotations

from tdxverify.model.expr import Apply, Bound, Const, Expr, Op, Quantified, Read
from tdxverify.model.sorts import show

# How tightly an operator binds; operands that bind less tightly are put in parentheses.
_STRENGTH = {
    Op.IMPLIES: 1,
    Op.OR: 2,
    Op.AND: 3,
    Op.NOT: 4,
    Op.EQ: 5,
    Op.LT: 5,
    Op.LE: 5,
    Op.ADD: 6,
    Op.SUB: 6,
    Op.MUL: 7,
    Op.DIV: 7,
    Op.MOD: 7,
    Op.ITE: 0,
}
_TIGHT = 9


def formula_text(expr: Expr) -> str:
    """`expr` in the notation of specs."""
    match expr:
        case Const(value=value, sort=sort):
            return show(sort, value)
        case Bound(name=name):
            return name.partition("$")[0]  # fresh names are `l$1`
        case Read(symbol=symbol, indices=indices, primed=primed):
            shown = f"[{', '.join(map(formula_text, indices))}]" if indices else ""
            return f"{symbol.name}{chr(39) if primed else ''}{shown}"
        case Quantified(universal=universal, binders=binders, body=body):
            names = ", ".join(f"{b.name} : {b.sort}" for b in binders)
            return f"{'forall' if universal else 'exists'} {names}: {formula_text(body)}"
        case Apply():
            return _application(expr)


def _application(expr: Apply) -> str:
    strength = _STRENGTH[expr.op]
    if expr.op is Op.ITE:
        condition, then, otherwise = map(formula_text, expr.arguments)
        return f"if {condition} then {then} else {otherwise}"
    if expr.op is Op.NOT:
        inner = expr.arguments[0]
        if isinstance(inner, Apply) and inner.op is Op.EQ:
            left, right = (_operand(part, strength + 1) for part in inner.arguments)
            return f"{left} != {right}"
        return f"not {_operand(inner, strength)}"
    associative = expr.op in (Op.AND, Op.OR)
    return f" {expr.op.value} ".join(_operand(part, strength + (not associative)) for part in expr.arguments)


def _operand(expr: Expr, strength: int) -> str:
    text = formula_text(expr)
    if isinstance(expr, Apply):
        own = _STRENGTH[expr.op]
    else:
        own = 0 if isinstance(expr, Quantified) else _TIGHT
    return text if own >= strength else f"({text})"
