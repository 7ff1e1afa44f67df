"""Text -> Module."""

from __future__ import annotations

from itertools import islice

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
    if tree is None:
        raise SpecError(explain(complaint) for complaint in complaints)
    module = build(tree, source)
    if not module.declarations and not module.imports:
        raise SpecError([_declares_nothing(source)])
    return module


def _declares_nothing(source: SourceFile) -> Diagnostic:
    return Diagnostic(
        Code.E120,
        "this file declares nothing",
        Span(source, 0, 0),
        hint="a spec needs at least a state variable, an action, a property and a check",
    )
