"""What is said of characters in a spec that a reader cannot see, or that hide others from a reader."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import category, name

from tdxverify.characters import refused_places
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import SourceFile, Span

_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = frozenset("\x0b\x0c\r\x85\u2028\u2029")
_NAMES = {
    "\x08": "BACKSPACE",
    "\x0b": "VERTICAL TAB",
    "\x0c": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}


def hidden_characters(source: SourceFile) -> Iterator[Diagnostic]:
    """One diagnostic for each, wherever in the text it stands."""
    for place in refused_places(source.text):
        sign = source.text[place]
        yield Diagnostic(Code.E110, _message(sign), Span(source, place, place + 1), hint=_hint(sign))


def _message(sign: str) -> str:
    called = _NAMES.get(sign) or name(
        sign, "a control character" if category(sign) == "Cc" else "no character"
    )
    return f"U+{ord(sign):04X} ({called}) {_effect(sign)}"


def _effect(sign: str) -> str:
    if sign in _LINE_ENDS:
        return "begins a new line for some programs and not for others"
    if sign in _DIRECTIONS:
        return "makes editors show text in another order than it has"
    return "cannot be seen"


def _hint(sign: str) -> str:
    if sign == "\r":
        return "lines end with LF, or with CR and LF"
    return "end the line with LF, or delete the character" if sign in _LINE_ENDS else "delete it"
