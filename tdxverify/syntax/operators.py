"""The operators that can be written: one row each, with the operator of the core language that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tdxverify.logic.operators import Level, Op


@dataclass(frozen=True, slots=True)
class Spelling:
    """`sign` means `op`, `negated`, or of the operands the other way round (`swapped`).

    Long chains of an `associative` operator become balanced trees.
    """

    sign: str
    op: Op
    level: Level
    associative: bool = False
    negated: bool = False
    swapped: bool = False


def _spelled(op: Op, *, associative: bool = False) -> Spelling:
    """As the core language has it."""
    return Spelling(op.row.name, op, op.row.level, associative)


class UnaryOperator(Enum):
    NOT = "not"
    NEGATE = "-"


class BinaryOperator(Enum):
    """`value` is the sign."""

    _value_: str
    row: Spelling

    def __new__(cls, row: Spelling) -> BinaryOperator:
        member = object.__new__(cls)
        member._value_ = row.sign
        member.row = row
        return member

    IFF = Spelling("iff", Op.EQ, Level.IFF, associative=True)  # `=` of formulas
    IMPLIES = _spelled(Op.IMPLIES)
    OR = _spelled(Op.OR, associative=True)
    AND = _spelled(Op.AND, associative=True)
    EQUAL = _spelled(Op.EQ)
    UNEQUAL = Spelling("!=", Op.EQ, Level.COMPARISON, negated=True)
    LESS = _spelled(Op.LT)
    AT_MOST = _spelled(Op.LE)
    GREATER = Spelling(">", Op.LT, Level.COMPARISON, swapped=True)
    AT_LEAST = Spelling(">=", Op.LE, Level.COMPARISON, swapped=True)
    ADD = _spelled(Op.ADD, associative=True)
    SUBTRACT = _spelled(Op.SUB)
    MULTIPLY = _spelled(Op.MUL, associative=True)
    DIVIDE = _spelled(Op.DIV)
    MODULO = _spelled(Op.MOD)


BY_SIGN: Mapping[str, BinaryOperator] = {operator.row.sign: operator for operator in BinaryOperator}
