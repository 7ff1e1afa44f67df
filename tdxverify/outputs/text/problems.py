"""Diagnostics as text: message, place, the line of source with the mistake underlined, notes, hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.characters import visible, visible_line
from tdxverify.diagnostics import Diagnostic, Note
from tdxverify.logic.counting import counted
from tdxverify.outputs.text.layout import EMPTY, Line, Piece, Style, line, shorten, width_of
from tdxverify.source import Span

SNIPPET_WIDTH = 100  # characters of a source line that are shown at most
MESSAGE_LIMIT = 2000
TAB_WIDTH = 4


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those without a place first, then by file and position."""
    return sorted(
        diagnostics, key=lambda d: ("", 0) if d.span is None else (d.span.source.path, d.span.start)
    )


def problem_lines(diagnostics: Iterable[Diagnostic]) -> list[Line]:
    """All diagnostics, sorted, and a closing line that counts them. Nothing for none."""
    ordered = in_order(diagnostics)
    if not ordered:
        return []
    lines: list[Line] = []
    for diagnostic in ordered:
        lines.extend((*diagnostic_lines(diagnostic), EMPTY))
    pointer = f"; more about it: tdxverify explain {ordered[0].code.name}"
    return [*lines, (*_counts(ordered), Piece(pointer))]


def _counts(diagnostics: Sequence[Diagnostic]) -> Line:
    """`2 errors, 1 warning`."""
    warnings = sum(diagnostic.code.is_warning for diagnostic in diagnostics)
    pieces: list[Piece] = []
    for what, count in (("error", len(diagnostics) - warnings), ("warning", warnings)):
        if count:
            pieces.extend([Piece(", ")] if pieces else [])
            pieces.append(Piece(counted(count, what), _style(what)))
    return tuple(pieces)


def _severity(diagnostic: Diagnostic) -> str:
    return "warning" if diagnostic.code.is_warning else "error"


def _style(severity: str) -> Style:
    return Style.DOUBT if severity == "warning" else Style.BAD


def diagnostic_lines(diagnostic: Diagnostic) -> list[Line]:
    """One diagnostic with its notes and its hint."""
    spans = [diagnostic.span, *(note.span for note in diagnostic.notes)]
    gutter = max((len(str(span.line)) for span in spans if span is not None), default=1)
    severity = _severity(diagnostic)
    head = (
        Piece(f"{severity}[{diagnostic.code.name}]", _style(severity)),
        Piece(": " + _message(diagnostic.message), Style.STRONG),
    )
    lines: list[Line] = [head]
    if diagnostic.span is not None:
        lines.extend(_snippet(diagnostic.span, gutter, _style(severity)))
    lines.extend(_notes(diagnostic.notes, gutter))
    if diagnostic.hint is not None:
        margin = " " * (gutter + 1)
        lines.append(
            (Piece(f"{margin}= ", Style.GUIDE), Piece("hint: ", Style.GOOD), *_pieces(diagnostic.hint))
        )
    return lines


def _message(text: str) -> str:
    return visible_line(shorten(text, MESSAGE_LIMIT))


def _pieces(text: str) -> Line:
    return line(_message(text))


def _notes(notes: Sequence[Note], gutter: int) -> list[Line]:
    lines: list[Line] = []
    margin = " " * (gutter + 1)
    for note in notes:
        if note.span is None:
            lines.append(
                (Piece(f"{margin}= ", Style.GUIDE), Piece("note: ", Style.GUIDE), *_pieces(note.message))
            )
        else:
            lines.append((Piece("note", Style.GUIDE), Piece(": " + _message(note.message))))
            lines.extend(_snippet(note.span, gutter, Style.GUIDE))
    return lines


def _snippet(span: Span, gutter: int, style: Style) -> list[Line]:
    """Place, source line and underline. Of a span over several lines the first is shown."""
    number, column = span.source.position(span.start)
    margin = " " * gutter
    before, marked, after = _window(span, number, column)
    underline = "^" * max(1, width_of(marked))
    return [
        (Piece(f"{margin}--> ", Style.GUIDE), Piece(f"{visible_line(span.source.path)}:{number}:{column}")),
        line(f"{margin} |", Style.GUIDE),
        (Piece(f"{number:>{gutter}} | ", Style.GUIDE), *line(before + marked + after)),
        (Piece(f"{margin} | ", Style.GUIDE), Piece(" " * width_of(before)), Piece(underline, style)),
    ]


def _window(span: Span, number: int, column: int) -> tuple[str, str, str]:
    """The source line as shown: before the span, in it, behind it; long lines cut around the span."""
    text = span.source.line_text(number)
    start = min(column - 1, len(text))
    end = min(start + max(0, span.end - span.start), len(text))
    first, last = 0, len(text)
    if len(text) > SNIPPET_WIDTH:
        shown = min(end - start, SNIPPET_WIDTH // 2)
        first = max(0, min(start - (SNIPPET_WIDTH - shown) // 2, len(text) - SNIPPET_WIDTH))
        last = first + SNIPPET_WIDTH
    before = _visible(text[first:start])
    marked = _visible(text[start : min(end, last)])
    after = _visible(text[min(end, last) : last])
    return ("..." if first else "") + before, marked, after + ("..." if last < len(text) else "")


def _visible(text: str) -> str:
    return visible(text.replace("\t", " " * TAB_WIDTH))
