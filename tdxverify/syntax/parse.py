"""Text -> Module."""

from __future__ import annotations

from itertools import islice

from lark import Token, Tree

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.source import SourceFile, Span
from tdxverify.syntax.ast import Module
from tdxverify.syntax.build import build
from tdxverify.syntax.hidden import hidden_characters
from tdxverify.syntax.parse_errors import explain
from tdxverify.syntax.reading import MOST_COMPLAINTS, read_tree


def parse(source: SourceFile) -> Module:
    """What `source` says, or SpecError with a diagnostic for every broken declaration.

    Characters that cannot be seen are refused before anything else, in comments and strings as well: with
    them a reader of the file and this program could see different specs.
    """
    hidden = list(islice(hidden_characters(source), MOST_COMPLAINTS))
    if hidden:
        raise SpecError(hidden)
    tree, complaints = read_tree(source)
    if complaints or tree is None:
        raise SpecError(_in_order([*map(explain, complaints), *_wrong_shapes(tree, source)]))
    module = build(tree, source)
    if not module.declarations and not module.imports:
        raise SpecError([_declares_nothing(source)])
    return module


def _wrong_shapes(tree: Tree[Token] | None, source: SourceFile) -> tuple[Diagnostic, ...]:
    """What is wrong with declarations that could be read."""
    try:
        if tree is not None:
            build(tree, source)
    except SpecError as error:
        return error.diagnostics
    return ()


def _in_order(found: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda one: -1 if one.span is None else one.span.start)


def _declares_nothing(source: SourceFile) -> Diagnostic:
    return Diagnostic(
        Code.E120,
        "this file declares nothing",
        Span(source, 0, 0),
        hint="a spec needs at least a state variable, an action, a property and a check",
    )
