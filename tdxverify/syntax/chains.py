"""How a chain of operators of one level becomes binary nodes.

Short chains lean to the left, as everyone expects. A long chain of one associative operator becomes
a balanced tree instead, so that ten thousand conjuncts are fourteen levels deep and no later
traversal runs out of stack. The builder makes these shapes and the printer recognises them, so
that printing and parsing again gives the same tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tdxverify.source import Span
from tdxverify.syntax.ast import Binary, BinaryOperator, Expr

LONGEST_LEANING = 8  # operands of a chain that still leans to the left


@dataclass(frozen=True, slots=True)
class Chain:
    """`operands[0] operators[0] operands[1] ...`; one operator fewer than operands."""

    operands: Sequence[Expr]
    operators: Sequence[BinaryOperator]


def joined(operator: BinaryOperator, operands: Sequence[Expr]) -> Expr:
    """`operands`, at least one, joined by `operator` as the parser does it."""
    return join(Chain(operands, [operator] * (len(operands) - 1)))


def operands_of(expr: Expr, operator: BinaryOperator) -> list[Expr]:
    """Everything that `operator` joins in `expr`, from left to right; `expr` itself if it is not joined."""
    operands: list[Expr] = []
    pending = [expr]
    while pending:
        node = pending.pop()
        if isinstance(node, Binary) and node.operator is operator:
            pending += [node.right, node.left]
        else:
            operands.append(node)
    return operands


def is_balanced(length: int, operators: frozenset[BinaryOperator]) -> bool:
    """Does a chain of `length` operands joined by these operators become a balanced tree?"""
    return length > LONGEST_LEANING and len(operators) == 1 and all(one.row.associative for one in operators)


def height(length: int, operators: frozenset[BinaryOperator]) -> int:
    """Levels of binary nodes that a chain of `length` operands makes."""
    return (length - 1).bit_length() if is_balanced(length, operators) else length - 1


def join(chain: Chain) -> Expr:
    """The tree of `chain`, in the canonical shape."""
    operands, operators = chain.operands, chain.operators
    if is_balanced(len(operands), frozenset(operators)):
        return _balanced(operators[0], operands)
    tree = operands[0]
    for operator, operand in zip(operators, operands[1:], strict=True):
        tree = _binary(operator, tree, operand)
    return tree


def _balanced(operator: BinaryOperator, operands: Sequence[Expr]) -> Expr:
    if len(operands) == 1:
        return operands[0]
    middle = (len(operands) + 1) // 2
    return _binary(operator, _balanced(operator, operands[:middle]), _balanced(operator, operands[middle:]))


def _binary(operator: BinaryOperator, left: Expr, right: Expr) -> Binary:
    first, last = left.span, right.span
    # What a refinement adds stands in a file of its own, and that is where to look.
    span = Span(first.source, first.start, last.end) if first.source is last.source else last
    return Binary(operator, left, right, span=span)
