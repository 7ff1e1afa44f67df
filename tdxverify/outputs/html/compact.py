"""The same HTML in fewer bytes: a browser builds the same document of it."""

from __future__ import annotations

import re

from tdxverify.outputs.html.markup import Markup

# The standard lets these be left out wherever `element` puts them, which is within lists and tables only.
_ENDED_BY_WHAT_FOLLOWS = re.compile(r"</(?:td|th|tr|li|dt|dd|thead|tbody)>")
_END_OF_PARAGRAPH = re.compile(
    r"</p>(?=<(?:p|div|ul|ol|dl|table|section|details)[ >]|</(?:div|li|dd|section)>)"
)
_QUOTED = re.compile(r'="([\w.:#,+/-]+)"')
_PART = re.compile(r"<[^>]*>|[^<]+")


def compact(markup: Markup) -> Markup:
    """`markup` must be put together by `element` and have no style or script within."""
    text = _END_OF_PARAGRAPH.sub("", markup.text)
    text = _ENDED_BY_WHAT_FOLLOWS.sub("", text)
    return Markup(_PART.sub(lambda found: _part(found.group()), text))


def _part(part: str) -> str:
    if not part.startswith("<"):
        return part.replace("&quot;", '"').replace("&#x27;", "'")
    if '="' not in part:
        return part
    closed = part.endswith("/>")
    shorter = _QUOTED.sub(r"=\1", part[:-2] if closed else part)
    if not closed:
        return shorter
    return f"{shorter}/>" if shorter.endswith('"') else f"{shorter} />"
