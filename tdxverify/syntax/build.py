"""Lark's tree -> ast nodes. No checks beyond shape, no look-ups.

The tree is walked with a stack of our own, never by recursion, and a tree that is too deep is
refused on the way (E106): whoever gets a `Module` may recurse over it.
"""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Tree

from tdxverify.diagnostics import Code, Diagnostic, InternalError, SpecError
from tdxverify.source import SourceFile, Span
from tdxverify.syntax.ast import Citation, Module, Name
from tdxverify.syntax.build_declarations import DECLARATION_RULES
from tdxverify.syntax.build_expressions import CHAIN_OPERATORS, EXPRESSION_RULES
from tdxverify.syntax.build_processes import PROCESS_RULES
from tdxverify.syntax.chains import height
from tdxverify.syntax.complaint import too_deep
from tdxverify.syntax.operators import BY_SIGN

RULES = {**EXPRESSION_RULES, **DECLARATION_RULES, **PROCESS_RULES}

DEEPEST = 150  # levels of nodes; no branch of the ast is deeper
LARGEST_NUMBER = 10**9
_ESCAPE = re.compile(r"\\(.)")


def build(tree: Tree[Token], source: SourceFile) -> Module:
    """The module of `source`, of which `tree` is the parse; SpecError for what only shape can tell."""
    builder = _Builder(source)
    module = builder.fold(_bottom_up(tree, source))
    if builder.problems:
        raise SpecError(builder.problems)
    if not isinstance(module, Module):
        raise InternalError(f"the grammar's start rule built {type(module).__name__}, not a module")
    return module


def _bottom_up(tree: Tree[Token], source: SourceFile) -> list[Any]:
    """All nodes and leaves, children before their parents; SpecError where the tree is too deep."""
    order: list[Any] = []
    pending: list[tuple[Any, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        order.append(node)
        if isinstance(node, Tree):
            depth += _levels(node)
            if depth > DEEPEST:
                raise SpecError([too_deep(Span(source, node.meta.start_pos, node.meta.end_pos))])
            pending.extend((child, depth) for child in node.children)
    order.reverse()
    return order


def _levels(node: Tree[Token]) -> int:
    """How many levels of the ast `node` makes: chains of operators make more than one."""
    if node.data in ("if_statement", "bare_if", "if_item"):
        return len(node.children) - 2  # each 'else if' is an 'if' in the branch before it
    if node.data not in CHAIN_OPERATORS:
        return 1
    operator = CHAIN_OPERATORS[node.data]
    if operator is not None:
        return height(len(node.children), frozenset({operator}))
    signs = frozenset(BY_SIGN[str(sign)] for sign in node.children[1::2])
    return height((len(node.children) + 1) // 2, signs)


class _Builder:
    """Builds one file; collects the problems that do not keep it from going on."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []

    def fold(self, order: list[Any]) -> object:
        """The value of the last node, each built from the values of its children."""
        values: list[Any] = []
        for node in order:
            if isinstance(node, Tree):
                count = len(node.children)
                children = values[len(values) - count :]
                del values[len(values) - count :]
                values.append(self._node(node, children))
            else:
                values.append(self._leaf(node) if isinstance(node, Token) else node)
        return values[-1]

    def _node(self, node: Tree[Token], children: list[Any]) -> object:
        rule = RULES.get(node.data)
        if rule is None:
            raise InternalError(f"the grammar's rule '{node.data}' has no builder")
        meta = node.meta
        span = Span(self.source, 0, 0) if meta.empty else Span(self.source, meta.start_pos, meta.end_pos)
        try:
            return rule(span, children)
        except SpecError as error:
            self.problems.extend(error.diagnostics)
            return None

    def _leaf(self, token: Token) -> object:
        """Names, numbers, strings and citations as values; other tokens as they are."""
        match token.type:
            case "NAME" | "FAULT_NAME":
                return Name(str(token), span=self._span(token))
            case "CITATION":
                return Citation(str(token), span=self._span(token))
            case "INT":
                return self._number(token)
            case "STRING":
                return unquoted(token)
            case _:
                return token

    def _span(self, token: Token) -> Span:
        return Span(self.source, token.start_pos or 0, token.end_pos or 0)

    def _number(self, token: Token) -> int:
        digits = token.lstrip("0") or "0"
        if len(digits) <= len(str(LARGEST_NUMBER)) and int(digits) <= LARGEST_NUMBER:
            return int(digits)
        self.problems.append(
            Diagnostic(
                Code.E119,
                f"this number is larger than {LARGEST_NUMBER}",
                self._span(token),
                hint="a model checker looks at every value: use a small range that shows the same effect",
            )
        )
        return 0


def unquoted(literal: str) -> str:
    """What a string literal stands for; the only escapes are \\" and \\\\."""
    return _ESCAPE.sub(r"\1", literal[1:-1])
