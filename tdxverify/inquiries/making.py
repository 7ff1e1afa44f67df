"""Written expressions that are made and not read, and taken apart."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Word


def conjuncts(written: ast.Expr) -> list[ast.Expr]:
    """The parts of `a and b and c`, from left to right."""
    if isinstance(written, ast.Binary) and written.operator is Word.AND:
        return [*conjuncts(written.left), *conjuncts(written.right)]
    return [written]


def name(text: str, span: Span) -> ast.NameExpr:
    """A variable, parameter or element by its name."""
    return ast.NameExpr(ast.Name(text, span=span), span=span)


def binary(word: Word, left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """`left` and `right` with an operator between them."""
    return ast.Binary(word, left, right, span=left.span)


def disjuncts(written: ast.Expr) -> list[ast.Expr]:
    """The parts of `a or b or c`, from left to right."""
    if isinstance(written, ast.Binary) and written.operator is Word.OR:
        return [*disjuncts(written.left), *disjuncts(written.right)]
    return [written]


def negation(written: ast.Expr) -> ast.Expr:
    """`not written`."""
    return ast.Unary(ast.UnaryOperator.NOT, written, span=written.span)


def conjunction(parts: Sequence[ast.Expr]) -> ast.Expr:
    """All of `parts`, at least one, joined by `and`."""
    return junction(Word.AND, parts)


def junction(word: Word, parts: Sequence[ast.Expr]) -> ast.Expr:
    """Balanced: there may be thousands."""
    if len(parts) == 1:
        return parts[0]
    middle = (len(parts) + 1) // 2
    return binary(word, junction(word, parts[:middle]), junction(word, parts[middle:]))
