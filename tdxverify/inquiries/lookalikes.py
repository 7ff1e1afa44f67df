"""Characters of a spec that can be seen, and taken for others, in comments and descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import bidirectional, name

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.source import SourceFile, Span

# Letters of other alphabets that most fonts draw like Latin ones.
_CYRILLIC = (
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0405\u0406\u0408"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d"
)
_GREEK = "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd"
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
_LATIN_LOOKING = re.compile(f"[{_CYRILLIC}{_GREEK}]")
_SLASHES = "\u2044\u2215\u2571\u29f8\uff0f"
_STARS = "\u204e\u2217\u22c6\ufe61\uff0a"
_END_OF_COMMENT = re.compile(rf"[*{_STARS}](?P<first>[{_SLASHES}])|(?P<last>[{_STARS}])/")
_FOREIGN = re.compile(r"[^\x00-\u058f]")  # no script before Hebrew runs from right to left


def lookalikes(source: SourceFile) -> Iterator[Diagnostic]:
    """A finding for each word or sign that may deceive, and for each line of which a part runs backwards."""
    if source.text.isascii():
        return
    for found in _WORD.finditer(source.text):
        letter = _LATIN_LOOKING.search(found.group())
        if letter is not None and _LATIN.search(found.group()):
            message = (
                f"'{found.group()}' has {_called(letter.group())} in it, which looks like a Latin letter"
            )
            yield _finding(source, found.span(), message, "use letters of one alphabet within a word")
    for found in _END_OF_COMMENT.finditer(source.text):
        sign = found["first"] or found["last"]
        message = f"this looks like the end of a comment, but is written with {_called(sign)}"
        yield _finding(source, found.span(), message, "what follows is read as part of the comment or string")
    yield from _backwards(source)


def _backwards(source: SourceFile) -> Iterator[Diagnostic]:
    lines = set[int]()
    for found in _FOREIGN.finditer(source.text):
        line = source.position(found.start())[0]
        if bidirectional(found.group()) in ("R", "AL") and line not in lines:
            lines.add(line)
            message = f"text from {_called(found.group())} on runs from right to left"
            hint = "editors may show what stands around it in another order than it has"
            yield _finding(source, found.span(), message, hint)


def _called(sign: str) -> str:
    return f"U+{ord(sign):04X} ({name(sign, 'without a name')})"


def _finding(source: SourceFile, place: tuple[int, int], message: str, hint: str) -> Diagnostic:
    return Diagnostic(Code.W114, message, Span(source, *place), hint=hint)
