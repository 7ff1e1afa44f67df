"""Grammar rules of types and expressions -> nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tdxverify.source import Span
from tdxverify.syntax.ast import (
    AnyValue,
    AtLabel,
    Binary,
    BinaryOperator,
    Binder,
    BoolLiteral,
    BoolType,
    CallExpr,
    Count,
    Expr,
    IfExpr,
    IndexExpr,
    IntLiteral,
    IsDead,
    NamedType,
    NameExpr,
    NextAfter,
    OptionalType,
    Quantified,
    Quantifier,
    RangeMember,
    RangeType,
    SetMember,
    Took,
    Unary,
    UnaryOperator,
)
from tdxverify.syntax.chains import Chain, join, joined
from tdxverify.syntax.operators import BY_SIGN

Rule: TypeAlias = Callable[[Span, list[Any]], object]  # where it stands, its built children

# The word operators are filtered out of the tree, so the rule says which one it was; signs stay.
CHAIN_OPERATORS: Mapping[str, BinaryOperator | None] = {
    "equivalence": BinaryOperator.IFF,
    "open_equivalence": BinaryOperator.IFF,
    "disjunction": BinaryOperator.OR,
    "open_disjunction": BinaryOperator.OR,
    "conjunction": BinaryOperator.AND,
    "open_conjunction": BinaryOperator.AND,
    "sum": None,
    "product": None,
}


def _words(operator: BinaryOperator) -> Rule:
    return lambda span, operands: joined(operator, operands)


def _signs(span: Span, children: list[Any]) -> Expr:
    return join(Chain(children[::2], [BY_SIGN[str(sign)] for sign in children[1::2]]))


def _chain(name: str) -> Rule:
    operator = CHAIN_OPERATORS[name]
    return _signs if operator is None else _words(operator)


def _implication(span: Span, children: list[Any]) -> Expr:
    left, right = children
    return Binary(BinaryOperator.IMPLIES, left, right, span=span)


def _comparison(span: Span, children: list[Any]) -> Expr:
    left, sign, right = children
    return Binary(BY_SIGN[str(sign)], left, right, span=span)


def _signed(span: Span, children: list[Any]) -> int:
    minus, magnitude = children
    value: int = magnitude
    return value if minus is None else -value


def _binder_group(span: Span, children: list[Any]) -> tuple[Binder, ...]:
    *names, type_ = children
    return tuple(
        Binder(name, type_, span=Span(span.source, name.span.start, type_.span.end)) for name in names
    )


def _quantified(quantifier: Quantifier) -> Rule:
    return lambda span, children: Quantified(quantifier, children[0], children[1], span=span)


def _at_label(span: Span, children: list[Any]) -> AtLabel:
    process, indices, label = children
    return AtLabel(process, indices or (), label, span=span)


def _sequence(span: Span, children: list[Any]) -> tuple[Any, ...]:
    """Whatever a bracketed list holds; an empty list comes as one None."""
    return tuple(child for child in children if child is not None)


EXPRESSION_RULES: Mapping[str, Rule] = {
    **{name: _chain(name) for name in CHAIN_OPERATORS},
    "bool_type": lambda span, children: BoolType(span=span),
    "named_type": lambda span, children: NamedType(children[0], span=span),
    "optional_type": lambda span, children: OptionalType(children[0], span=span),
    "range_type": lambda span, children: RangeType(children[0], children[1], span=span),
    "signed": _signed,
    "binder_group": _binder_group,
    "binders": lambda span, children: tuple(binder for group in children for binder in group),
    "any_value": lambda span, children: AnyValue(_sequence(span, children), span=span),
    "implication": _implication,
    "open_implication": _implication,
    "logical_not": lambda span, children: Unary(UnaryOperator.NOT, children[0], span=span),
    "negated": lambda span, children: Unary(UnaryOperator.NEGATE, children[1], span=span),
    "forall": _quantified(Quantifier.FORALL),
    "exists": _quantified(Quantifier.EXISTS),
    "count": lambda span, children: Count(children[-2], children[-1], span=span),
    "conditional": lambda span, children: IfExpr(children[0], children[1], children[2], span=span),
    "comparison": _comparison,
    "set_member": lambda span, children: SetMember(children[0], tuple(children[1:]), span=span),
    "next_after": lambda span, children: NextAfter(children[0], children[1], span=span),
    "range_member": lambda span, children: RangeMember(children[0], children[1], span=span),
    "true": lambda span, children: BoolLiteral(True, span=span),
    "false": lambda span, children: BoolLiteral(False, span=span),
    "integer": lambda span, children: IntLiteral(children[0], span=span),
    "name": lambda span, children: NameExpr(children[0], span=span),
    "primed_name": lambda span, children: NameExpr(children[0], primed=True, span=span),
    "qualified_name": lambda span, children: NameExpr(children[1], qualifier=children[0], span=span),
    "indexed": lambda span, children: IndexExpr(children[0], children[1], span=span),
    "primed_indexed": lambda span, children: IndexExpr(children[0], children[1], primed=True, span=span),
    "call": lambda span, children: CallExpr(children[0], children[1], span=span),
    "at_label": _at_label,
    "took": lambda span, children: Took(children[0], children[1] or (), children[2], span=span),
    "anyone_took": lambda span, children: Took(None, (), children[0], span=span),
    "is_dead": lambda span, children: IsDead(children[0], children[1] or (), span=span),
    "indices": _sequence,
    "arguments": _sequence,
}
