"""Styled lines of text: what every text report is made of, before anybody decides about colour.

Only ASCII decoration is used, because reports end up in mails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from tdxverify.characters import visible


class Style(Enum):
    """What a piece of text is; the terminal decides how that looks."""

    PLAIN = "plain"
    STRONG = "strong"
    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"
    FAINT = "faint"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one style. Characters that cannot be seen are spelled out in whatever text it is made of."""

    text: str
    style: Style = Style.PLAIN

    def __post_init__(self) -> None:
        if not self.text.isprintable():
            object.__setattr__(self, "text", visible(self.text))


Line: TypeAlias = tuple[Piece, ...]

EMPTY: Line = ()
NO_BREAK = "\u00a0"


def line(text: str, style: Style = Style.PLAIN) -> Line:
    """A line of one piece."""
    return (Piece(text, style),) if text else EMPTY


def plain(lines: Iterable[Line]) -> str:
    """The text alone, each line without trailing blanks and ended by a newline."""
    return "".join(text_of(pieces).rstrip() + "\n" for pieces in lines)


def text_of(pieces: Line) -> str:
    """The text of one line; an end of line within it is spelled out."""
    return "".join(piece.text for piece in pieces).replace("\n", "\\n")


def width_of(text: str) -> int:
    """Terminal cells that `text` takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def line_width(pieces: Line) -> int:
    return sum(width_of(piece.text) for piece in pieces)


def pad(pieces: Line, width: int, *, right: bool = False) -> Line:
    """Fill up with blanks to `width` cells; `right` aligns to the right."""
    missing = width - line_width(pieces)
    if missing <= 0:
        return pieces
    blanks = Piece(" " * missing)
    return (blanks, *pieces) if right else (*pieces, blanks)


def indent(lines: Iterable[Line], margin: str) -> list[Line]:
    return [(Piece(margin), *pieces) if pieces else EMPTY for pieces in lines]


def wrap(pieces: Line, width: int, hanging: int = 0) -> list[Line]:
    """Break so that no line exceeds `width` cells: at blanks, or in a word that is longer than a line.

    Continued lines are indented by `hanging`. Runs of blanks inside a line are kept. A NO_BREAK is a
    blank at which no line is broken.
    """
    lines: list[Line] = []
    current: list[Piece] = []
    used = 0
    words = [part for gap, word in _words(pieces) for part in _broken(gap, word, width - hanging)]
    for gap, word in words:
        gap_width, word_width = line_width(gap), line_width(word)
        if current and used + gap_width + word_width > width:
            lines.append(_finished(current))
            current, used = ([Piece(" " * hanging)] if hanging else []), hanging
        elif used + gap_width + word_width <= width:
            current.extend(gap)
            used += gap_width
        current.extend(word)
        used += word_width
    return [*lines, _finished(current)] if current else [EMPTY]


def _finished(pieces: Iterable[Piece]) -> Line:
    """The pieces of a line, neighbours of one style joined, every NO_BREAK a blank."""
    joined: list[Piece] = []
    for piece in pieces:
        text = piece.text.replace(NO_BREAK, " ")
        if joined and joined[-1].style is piece.style:
            joined[-1] = Piece(joined[-1].text + text, piece.style)
        else:
            joined.append(Piece(text, piece.style))
    return tuple(joined)


def _broken(gap: Line, word: Line, width: int) -> list[tuple[Line, Line]]:
    """`word` in parts of at most `width` cells; broken behind a sign where there is one, else anywhere."""
    parts: list[tuple[Line, Line]] = []
    while line_width(word) > width:
        text = "".join(piece.text for piece in word)
        end = max(1, next(i for i in range(len(text), 0, -1) if width_of(text[:i]) <= max(width, 2)))
        signs = [m.end() for m in re.finditer(r"[^\w]|_", text[:end])]
        if signs and signs[-1] > end // 2:
            end = signs[-1]
        first, word = _cut(word, end)
        parts.append((gap, first))
        gap = EMPTY
    return [*parts, (gap, word)] if word else parts


def _cut(pieces: Line, position: int) -> tuple[Line, Line]:
    """The first `position` characters, and the rest."""
    before: list[Piece] = []
    after: list[Piece] = []
    for piece in pieces:
        before.append(Piece(piece.text[:position], piece.style))
        after.append(Piece(piece.text[position:], piece.style))
        position = max(0, position - len(piece.text))
    return tuple(p for p in before if p.text), tuple(p for p in after if p.text)


def _words(pieces: Line) -> list[tuple[Line, Line]]:
    """Pairs of (blanks before, word); a word may consist of pieces of several styles."""
    words: list[tuple[Line, Line]] = []
    gap: list[Piece] = []
    word: list[Piece] = []
    for piece in pieces:
        for token in re.findall(r"[ \t\n]+|[^ \t\n]+", piece.text):
            if token.isspace():
                if word:
                    words.append((tuple(gap), tuple(word)))
                    gap, word = [], []
                gap.append(Piece(token, piece.style))
            else:
                word.append(Piece(token, piece.style))
    return [*words, (tuple(gap), tuple(word))] if word else words


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `rows`: its width in cells, and whether its cells stand at the right."""

    width: int
    right: bool = False


def beside(cells: Sequence[Sequence[Line]], columns: Sequence[Column], gap: str = "  ") -> list[Line]:
    """Lay several blocks of lines side by side."""
    height = max(len(cell) for cell in cells)
    lines: list[Line] = []
    for i in range(height):
        row: list[Piece] = []
        for cell, column in zip(cells, columns, strict=True):
            if row:
                row.append(Piece(gap))
            row.extend(pad(cell[i] if i < len(cell) else EMPTY, column.width, right=column.right))
        lines.append(tuple(row))
    return lines


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters: the middle of a longer text is left out."""
    if len(text) <= limit:
        return text
    half = (limit - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"
