"""Where and why the parser stopped, without any of Lark's objects."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import SourceFile, Span

TOO_DEEP = "$DEEP"  # in place of a terminal: more brackets are open here than may be


@dataclass(frozen=True, slots=True)
class Complaint:
    """The terminal `terminal` ("" for a character that begins none) stands where only `accepted` may.

    `before` is the end of the token before it, `opened` the innermost bracket still open there.
    """

    source: SourceFile
    terminal: str
    start: int
    end: int
    accepted: frozenset[str]
    before: int
    opened: int | None

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def is_first_on_line(self) -> bool:
        line_start = self.source.text.rfind("\n", 0, self.start) + 1
        return not self.source.text[line_start : self.start].strip()


def too_deep(span: Span) -> Diagnostic:
    """What is said of nesting that nobody could read; `span` need only begin where it gets too deep."""
    return Diagnostic(
        Code.E106,
        "this is nested too deeply",
        Span(span.source, span.start, span.start + 1),
        hint="give parts of it a name with 'define', or split the statement",
    )
