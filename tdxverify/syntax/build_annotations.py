"""What anything may carry: descriptions, citations, lines of a reproducer -> nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.source import Span
from tdxverify.syntax.ast import Annotations, Emit


def annotated(span: Span, children: list[Any]) -> Annotations:
    description = next((child for child in children if isinstance(child, str)), None)
    citations = next((child for child in children if isinstance(child, tuple)), ())
    require_once((one.identifier, one.span) for one in citations)
    return Annotations(description, citations)


def merged(span: Span, *parts: Annotations | None) -> Annotations:
    """What was said before and behind the body, as one; only one of them may describe."""
    given = [part for part in parts if part is not None]
    descriptions = [part.description for part in given if part.description is not None]
    if len(descriptions) > 1:
        raise SpecError([_described_twice(span)])
    citations = tuple(citation for part in given for citation in part.citations)
    require_once((one.identifier, one.span) for one in citations)
    return Annotations(descriptions[0] if descriptions else None, citations)


def require_once(said: Iterable[tuple[str, Span]]) -> None:
    """Raises SpecError (E224) where what is said in one declaration is said there again."""
    first: dict[str, Span] = {}
    again = [(text, span) for text, span in said if first.setdefault(text, span) is not span]
    if again:
        raise SpecError([_said_twice(text, span, first[text]) for text, span in again])


def _said_twice(text: str, span: Span, first: Span) -> Diagnostic:
    note = Note("said here already", first)
    return Diagnostic(Code.E224, f"'{text}' is said twice", span, notes=(note,), hint="once is enough")


def _described_twice(span: Span) -> Diagnostic:
    return Diagnostic(
        Code.E111,
        "this is described twice",
        span,
        hint="keep one description; citations may stand in several places",
    )


def emit(span: Span, children: list[Any]) -> Emit:
    target, *lines = children
    return Emit(target, tuple(lines), span=span)


def split(children: list[Any]) -> tuple[list[Any], tuple[Emit, ...]]:
    """What templates stand at the end, apart from the rest."""
    emits = tuple(child for child in children if isinstance(child, Emit))
    return children[: len(children) - len(emits)], emits
