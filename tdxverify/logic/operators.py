"""The operators of the core language: one row each says all that is uniform about them.

A member of `Op` is made from its row, so none can be without one. Beside it stand two tables that are
strangers on purpose: what solvers build (`smt/encode`) and what bit-vector scripts call it
(`evidence/scripts/bits`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import NamedTuple, TypeAlias

Interval: TypeAlias = tuple[int, int]  # the least and the greatest value


class Level(IntEnum):
    """How tightly the written language binds, loosest first."""

    QUANTIFIED = auto()
    IFF = auto()
    IMPLIES = auto()
    OR = auto()
    AND = auto()
    NOT = auto()
    COMPARISON = auto()
    SUM = auto()
    PRODUCT = auto()
    NEGATED = auto()
    PRIMARY = auto()


class PythonLevel(IntEnum):
    """How tightly Python binds; a text of a lower level needs parentheses in a higher one's place."""

    CONDITIONAL = auto()
    OR = auto()
    AND = auto()
    NOT = auto()
    COMPARE = auto()
    BIT_OR = auto()
    BIT_XOR = auto()
    BIT_AND = auto()
    SHIFT = auto()
    SUM = auto()
    PRODUCT = auto()
    ATOM = auto()


class Python(NamedTuple):
    """The text of a value in Python, and how tightly it and its operands have to bind."""

    text: str
    level: PythonLevel
    left: PythonLevel
    right: PythonLevel


class Saying(NamedTuple):
    """How two values are compared, as a sign and in words."""

    sign: str
    words: str


class Comparison(NamedTuple):
    """What to say of the left operand where the comparison holds and where it fails, and of the right one."""

    holds: Saying
    fails: Saying
    turned_holds: Saying
    turned_fails: Saying

    def said(self, *, holds: bool, turned: bool) -> Saying:
        if turned:
            return self.turned_holds if holds else self.turned_fails
        return self.holds if holds else self.fails


class Kind(Enum):
    """Of which sorts the operands are, and of which the result is."""

    CONNECTIVE = auto()  # formulas; a formula
    EQUALITY = auto()  # two values of one kind; a formula
    ORDER = (
        auto()
    )  # two numbers, members of one enum, or elements of one ordered index sort; a formula: falls in the left
    # one, grows in the right
    ARITHMETIC = auto()  # two numbers; a number
    CHOICE = auto()  # a formula and two values of one kind; such a value
    ELEMENT = auto()  # a value that may be none; a value that is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One row. `meaning` is that of numbers, formulas being 0 and 1."""

    name: str  # as it is written and stored
    kind: Kind
    meaning: Callable[..., int]
    smt: Callable[..., str]  # the SMT-LIB text of its operands', over integers
    level: Level
    arity: int | None = 2  # None: any number, at least two
    neutral: int | None = None  # the operand without effect, where there may be any number
    positive_right: bool = False  # the right operand is a number of a range without zero and below
    python: Python | None = None  # None: connectives and choices, which the translator merges
    comparison: Comparison | None = None
    interval: Callable[[Interval, Interval], Interval] | None = None  # of the result, by the operands'


def function(name: str) -> Callable[..., str]:
    """The text of an application in SMT-LIB, by those of the operands."""
    return lambda *operands: f"({name} {' '.join(operands)})"


def _infix(sign: str, level: PythonLevel, *, left: PythonLevel, right: PythonLevel) -> Python:
    return Python(f"{{}} {sign} {{}}", level, left, right)


def _compared(sign: str) -> Python:
    return _infix(sign, PythonLevel.COMPARE, left=PythonLevel.BIT_OR, right=PythonLevel.BIT_OR)


def _summed(sign: str) -> Python:
    return _infix(sign, PythonLevel.SUM, left=PythonLevel.SUM, right=PythonLevel.PRODUCT)


def _multiplied(sign: str) -> Python:
    return _infix(sign, PythonLevel.PRODUCT, left=PythonLevel.PRODUCT, right=PythonLevel.ATOM)


def _product(left: Interval, right: Interval) -> Interval:
    corners = [one * other for one in left for other in right]
    return min(corners), max(corners)


def _positive(divisors: Interval) -> Interval:
    """Where a value that has still to be checked takes the place of a divisor, only what passes matters."""
    return max(1, divisors[0]), max(1, divisors[1])


def _remainder(left: Interval, right: Interval) -> Interval:
    """Of positive divisors."""
    (low, high), (least, most) = left, _positive(right)
    if least == most and low // least == high // least:
        return low % least, high % least
    if low >= 0:
        return (low, high) if high < least else (0, min(high, most - 1))
    return 0, most - 1


def _quotient(left: Interval, right: Interval) -> Interval:
    """By positive divisors."""
    return min(left[0] // divisor for divisor in _positive(right)), max(
        left[1] // d for d in _positive(right)
    )


_IS, _IS_NOT = Saying("=", "is"), Saying("!=", "is not")
_LESS, _AT_LEAST = Saying("<", "is less than"), Saying(">=", "is at least")
_AT_MOST, _MORE = Saying("<=", "is at most"), Saying(">", "is more than")


class Op(Enum):
    """Operators. EQ compares two values of one sort (ranges may differ, and one may have `none`);
    ITE is (condition, then, else). THE takes `none` away from a value's sort.

    DIV and MOD round towards minus infinity. `value` is the name.
    """

    _value_: str
    row: Operator

    def __new__(cls, row: Operator) -> Op:
        member = object.__new__(cls)
        member._value_ = row.name
        member.row = row
        return member

    NOT = Operator(
        name="not",
        kind=Kind.CONNECTIVE,
        arity=1,
        meaning=lambda operand: 1 - operand,
        smt=function("not"),
        level=Level.NOT,
    )
    AND = Operator(
        name="and",
        kind=Kind.CONNECTIVE,
        arity=None,
        neutral=1,
        meaning=lambda *operands: min(operands),
        smt=function("and"),
        level=Level.AND,
    )
    OR = Operator(
        name="or",
        kind=Kind.CONNECTIVE,
        arity=None,
        neutral=0,
        meaning=lambda *operands: max(operands),
        smt=function("or"),
        level=Level.OR,
    )
    IMPLIES = Operator(
        name="implies", kind=Kind.CONNECTIVE, meaning=operator.le, smt=function("=>"), level=Level.IMPLIES
    )
    EQ = Operator(
        name="=",
        kind=Kind.EQUALITY,
        meaning=operator.eq,
        smt=function("="),
        level=Level.COMPARISON,
        python=_compared("=="),
        comparison=Comparison(_IS, _IS_NOT, _IS, _IS_NOT),
    )
    LT = Operator(
        name="<",
        kind=Kind.ORDER,
        meaning=operator.lt,
        smt=function("<"),
        level=Level.COMPARISON,
        python=_compared("<"),
        comparison=Comparison(_LESS, _AT_LEAST, _MORE, _AT_MOST),
    )
    LE = Operator(
        name="<=",
        kind=Kind.ORDER,
        meaning=operator.le,
        smt=function("<="),
        level=Level.COMPARISON,
        python=_compared("<="),
        comparison=Comparison(_AT_MOST, _MORE, _AT_LEAST, _LESS),
    )
    ADD = Operator(
        name="+",
        kind=Kind.ARITHMETIC,
        meaning=operator.add,
        smt=function("+"),
        level=Level.SUM,
        python=_summed("+"),
        interval=lambda left, right: (left[0] + right[0], left[1] + right[1]),
    )
    SUB = Operator(
        name="-",
        kind=Kind.ARITHMETIC,
        meaning=operator.sub,
        smt=function("-"),
        level=Level.SUM,
        python=_summed("-"),
        interval=lambda left, right: (left[0] - right[1], left[1] - right[0]),
    )
    MUL = Operator(
        name="*",
        kind=Kind.ARITHMETIC,
        meaning=operator.mul,
        smt=function("*"),
        level=Level.PRODUCT,
        python=_multiplied("*"),
        interval=_product,
    )
    DIV = Operator(
        name="div",
        kind=Kind.ARITHMETIC,
        meaning=operator.floordiv,
        smt=function("div"),
        level=Level.PRODUCT,
        positive_right=True,
        python=_multiplied("//"),
        interval=_quotient,
    )
    MOD = Operator(
        name="mod",
        kind=Kind.ARITHMETIC,
        meaning=operator.mod,
        smt=function("mod"),
        level=Level.PRODUCT,
        positive_right=True,
        python=_multiplied("%"),
        interval=_remainder,
    )
    ITE = Operator(
        name="ite",
        kind=Kind.CHOICE,
        arity=3,
        meaning=lambda condition, then, otherwise: then if condition else otherwise,
        smt=function("ite"),
        level=Level.QUANTIFIED,
    )
    # What stands where a value is needed and none could be. Of none it is the first value: using that is a
    # mistake of the spec, and what comes after a mistake is looked at by nobody.
    THE = Operator(
        name="the",
        kind=Kind.ELEMENT,
        arity=1,
        meaning=lambda operand: max(operand, 0),
        smt=lambda operand: f"(ite (< {operand} 0) 0 {operand})",
        level=Level.PRIMARY,
    )
