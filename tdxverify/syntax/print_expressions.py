"""Types and expressions -> text, with no more parentheses than needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import assert_never

from tdxverify.logic.operators import Level
from tdxverify.syntax.ast import (
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
    Name,
    NamedType,
    NameExpr,
    NextAfter,
    OptionalType,
    Quantified,
    RangeMember,
    RangeType,
    SetMember,
    Took,
    Type,
    Unary,
    UnaryOperator,
)
from tdxverify.syntax.chains import Chain, is_balanced, join, operands_of

_PRIME = {False: "", True: "'"}


@dataclass(frozen=True, slots=True)
class _Text:
    """Printed text; `is_open` if whatever followed it would be read as part of it."""

    text: str
    level: Level
    is_open: bool = False

    def at(self, level: Level, *, is_last: bool = False) -> str:
        """The text as an operand that must bind at least as tightly as `level`."""
        fits = self.level >= level and (is_last or not self.is_open)
        return self.text if fits else f"({self.text})"

    def stays_open(self, level: Level) -> bool:
        """Is it still open when it is the last operand at `level`?"""
        return self.level >= level and self.is_open


def print_expression(expr: Expr) -> str:
    """`expr` on one line."""
    return _print(expr).text


def print_type(type_: Type) -> str:
    match type_:
        case BoolType():
            return "bool"
        case NamedType(name=name):
            return name.text
        case RangeType(low=low, high=high):
            return f"{low}..{high}"
        case OptionalType(type=inner):
            return f"{print_type(inner)} or none"
        case _:
            assert_never(type_)


def print_binders(binders: Sequence[Binder]) -> str:
    """`l, m : Line, c : Cpu`: neighbours of one type share it."""
    groups = groupby(binders, key=lambda binder: print_type(binder.type))
    return ", ".join(
        f"{', '.join(binder.name.text for binder in group)} : {type_}" for type_, group in groups
    )


def _print(expr: Expr) -> _Text:
    match expr:
        case Binary():
            return _print_binary(expr)
        case Unary(operator=operator, operand=operand):
            return _print_unary(operator, _print(operand))
        case SetMember(element=element, choices=choices):
            return _Text(f"{_print(element).at(Level.SUM)} in {{ {_listed(choices)} }}", Level.COMPARISON)
        case RangeMember(element=element, type=type_):
            return _Text(f"{_print(element).at(Level.SUM)} in {print_type(type_)}", Level.COMPARISON)
        case NextAfter(later=later, earlier=earlier):
            sides = _print(later).at(Level.SUM), _print(earlier).at(Level.SUM)
            return _Text(f"{sides[0]} next after {sides[1]}", Level.COMPARISON)
        case IfExpr(condition=condition, then=then, otherwise=otherwise):
            parts = (print_expression(part) for part in (condition, then, otherwise))
            return _Text("if {} then {} else {}".format(*parts), Level.NOT, is_open=True)
        case Quantified(quantifier=quantifier, binders=binders, body=body):
            head = f"{quantifier.value} {print_binders(binders)}"
            return _Text(f"{head}: {print_expression(body)}", Level.NOT, is_open=True)
        case Count(binders=binders, body=body):
            head = f"count {print_binders(binders)}"
            return _Text(f"{head}: {print_expression(body)}", Level.NOT, is_open=True)
        case _:
            return _Text(_print_primary(expr), Level.PRIMARY)


def _print_unary(operator: UnaryOperator, operand: _Text) -> _Text:
    if operator is UnaryOperator.NEGATE:
        return _Text(f"-{operand.at(Level.NEGATED)}", Level.NEGATED)
    text = f"not {operand.at(Level.NOT, is_last=True)}"
    return _Text(text, Level.NOT, operand.stays_open(Level.NOT))


def _print_primary(
    expr: BoolLiteral | IntLiteral | NameExpr | IndexExpr | CallExpr | AtLabel | Took | IsDead,
) -> str:
    match expr:
        case BoolLiteral(value=value):
            return "true" if value else "false"
        case IntLiteral(value=value):
            return str(value)
        case NameExpr(name=name, qualifier=None, primed=primed):
            return f"{name.text}'" if primed else name.text
        case NameExpr(name=name, qualifier=qualifier):
            return f"{qualifier.text}.{name.text}" if qualifier else name.text
        case IndexExpr(name=name, indices=indices, primed=primed):
            return f"{name.text}{_PRIME[primed]}[{_listed(indices)}]"
        case CallExpr(name=name, arguments=arguments):
            return f"{name.text}({_listed(arguments)})"
        case AtLabel(process=process, indices=indices, label=label):
            return f"{print_instance(process, indices)} at {label.text}"
        case Took(actor=actor, indices=indices, outcome=outcome):
            return f"{print_instance(actor, indices) if actor else 'anyone'} took {outcome.text}"
        case IsDead(actor=actor, indices=indices):
            return f"{print_instance(actor, indices)} is dead"
        case _:
            assert_never(expr)


def print_instance(name: Name, indices: tuple[Expr, ...]) -> str:
    """`guest`, or `guest[t]` where it is the name of several."""
    return f"{name.text}[{_listed(indices)}]" if indices else name.text


def _listed(expressions: Iterable[Expr]) -> str:
    return ", ".join(print_expression(expression) for expression in expressions)


def _print_binary(expr: Binary) -> _Text:
    level = expr.operator.row.level
    sign = expr.operator.value
    if level is Level.COMPARISON:
        sides = _print(expr.left).at(Level.SUM), _print(expr.right).at(Level.SUM)
        return _Text(f"{sides[0]} {sign} {sides[1]}", level)
    if level is Level.IMPLIES:
        right = _print(expr.right)
        text = f"{_print(expr.left).at(Level.OR)} {sign} {right.at(level, is_last=True)}"
        return _Text(text, level, right.stays_open(level))
    return _print_chain(_chain(expr, level), level)


def _print_chain(chain: Chain, level: Level) -> _Text:
    tighter = Level(level + 1)
    *first, last = (_print(operand) for operand in chain.operands)
    may_end_open = level <= Level.AND
    words = [
        word
        for operand, operator in zip(first, chain.operators, strict=True)
        for word in (operand.at(tighter), operator.value)
    ]
    text = " ".join([*words, last.at(tighter, is_last=may_end_open)])
    return _Text(text, level, may_end_open and last.stays_open(tighter))


def _chain(expr: Binary, level: Level) -> Chain:
    """The longest chain whose canonical tree is `expr`; two operands at least."""
    flat = _flat(expr)
    if is_balanced(len(flat.operands), frozenset(flat.operators)) and join(flat) == expr:
        return flat
    leaning = _leaning(expr, level)
    if not is_balanced(len(leaning.operands), frozenset(leaning.operators)):
        return leaning
    return Chain([expr.left, expr.right], [expr.operator])


def _leaning(expr: Binary, level: Level) -> Chain:
    """What stands along the left side of the tree."""
    operands: list[Expr] = []
    operators: list[BinaryOperator] = []
    rest: Expr = expr
    while isinstance(rest, Binary) and rest.operator.row.level is level:
        operands.append(rest.right)
        operators.append(rest.operator)
        rest = rest.left
    return Chain([rest, *reversed(operands)], operators[::-1])


def _flat(expr: Binary) -> Chain:
    """Everything that one operator joins, from left to right."""
    operands = operands_of(expr, expr.operator)
    return Chain(operands, [expr.operator] * (len(operands) - 1))
