"""Written expressions that are made and not read. What is made from a part stands where the part stands."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Word


def name(text: str, span: Span) -> ast.NameExpr:
    """A variable, parameter or element by its name."""
    return ast.NameExpr(ast.Name(text, span=span), span=span)


def binary(word: Word, left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """`left` and `right` with an operator between them."""
    return ast.Binary(word, left, right, span=left.span)


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
