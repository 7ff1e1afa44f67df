"""Characters that cannot be seen, or that change how others are seen: which they are, and how they are shown.

A spec may hold none of them, and every output writes them out, because text has other ways in as well: names
of files, stored proofs, saved traces, the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Unicode's Default_Ignorable_Code_Point, without those that join or vary what stands before them.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_LINES = "\u2028\u2029"  # ends of lines for some programs only, as are some of the controls
_NO_TEXT = "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Emoji and some scripts need these, behind a character that can be seen. Behind ASCII they would only part
# two signs, such as those that end a comment, without a trace.
_JOINERS = "\u200c\u200d"
_VARIANTS = "\ufe00-\ufe0f"
_PATTERN = (
    f"[{_CONTROLS}{_LINES}{_IGNORABLE}{_NO_TEXT}]"
    f"|(?<![^\\x00-\\x7f{_VARIANTS}{_JOINERS}])[{_VARIANTS}]"
    f"|(?<![^\\x00-\\x7f{_JOINERS}])[{_JOINERS}]"
)
_UNSEEN = re.compile(_PATTERN)
_REFUSED = re.compile(_PATTERN.replace("\x0b-\x1f", "\x0b\x0c\x0e-\x1f") + "|\r(?!\n)")


def visible(text: str) -> str:
    r"""`text` with such characters spelled out, as `\x1b` or `\u202e`; tabs and ends of lines stay."""
    return text if text.isprintable() else _UNSEEN.sub(lambda found: _spelled(found.group()), text)


def visible_line(text: str) -> str:
    r"""The same, and ends of lines and tabs as `\n` and `\t`, where `text` is one line or less."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def visible_json(text: str) -> str:
    """A JSON document with such characters in JSON's own escapes: it means what it meant."""
    return text if text.isprintable() else _UNSEEN.sub(lambda found: _in_json(found.group()), text)


def refused_places(text: str) -> Iterator[int]:
    """Where in `text`, of which LF and CRLF end lines, such characters stand."""
    return (found.start() for found in _REFUSED.finditer(text))


def _spelled(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of the name of a file that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _in_json(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
