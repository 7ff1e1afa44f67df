"""A condition that somebody types in, in the words of a spec and with its checks of names and sorts."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.questions.question import Question, anywhere
from tdxverify.source import SourceFile, Span
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model

_NAME = "condition at the prompt"  # no name of a spec has blanks
_BEFORE = "init "  # makes a declaration of an expression


def condition(question: Question, text: str) -> Question:
    """Is a state reachable of which `text` holds? The file of the spec is read again.

    Its problem has the actions of the old one and all its cells that a spec can speak of, perhaps more: a
    condition can ask what no property has asked, such as who has taken a fault. Raises SpecError, with
    places in `text`.
    """
    shown = SourceFile("condition", text)
    try:
        written = _expression(shown)
        declared = ast.PropertyDecl(
            ast.Name(_NAME, span=written.span),
            ast.PropertyKind.REACHABLE,
            written,
            None,
            None,
            span=written.span,
            claim=written.span,
        )
        modules = load(question.spec.path)
        extra = ast.Module(None, (), (declared,), span=written.span)
        model = build_model((*modules[:-1], extra, modules[-1]))
    except SpecError as error:
        raise SpecError(_moved(diagnostic, shown) for diagnostic in error.diagnostics) from None
    check = replace(question.check, property=_NAME)
    return anywhere(replace(question, spec=replace(question.spec, model=model), check=check))


def _expression(shown: SourceFile) -> ast.Expr:
    module = parse(SourceFile(shown.path, _BEFORE + shown.text))
    match module.declarations:
        case (ast.InitDecl(condition=condition, annotations=annotations),) if (
            annotations == ast.Annotations()
        ):
            return condition
        case _:
            message = "a condition is one expression, and nothing else"
            raise SpecError([Diagnostic(Code.E111, message, Span(shown, 0, len(shown.text)))])


def _moved(diagnostic: Diagnostic, shown: SourceFile) -> Diagnostic:
    """Where it is about the condition: without what was put before it."""
    notes = tuple(Note(note.message, _within(note.span, shown)) for note in diagnostic.notes)
    span = _within(diagnostic.span, shown)
    message = diagnostic.message
    if span is not None and span.source is shown:
        message = message.replace("the file ends", "the condition ends")
    return replace(diagnostic, message=message, span=span, notes=notes)


def _within(span: Span | None, shown: SourceFile) -> Span | None:
    if span is None or span.source.path != shown.path or span.source.text != _BEFORE + shown.text:
        return span
    start, end = (max(0, place - len(_BEFORE)) for place in (span.start, span.end))
    return Span(shown, start, end)
