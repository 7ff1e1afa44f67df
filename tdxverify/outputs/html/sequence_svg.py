"""A sequence diagram as SVG without styles of its own: the page's style sheet gives it its colours.

What is the same in all of them is in the style sheet as well: there are hundreds on a page.
"""

from __future__ import annotations

from tdxverify.outputs.html.markup import Markup, element, joined
from tdxverify.telling.sequence import LONGEST, Message, Sequence

_CHARACTER = 7.3  # advance of the monospaced 12 px font, rounded up
_TOP = 46
_BEAT = 34
_MARGIN = 34
WIDE = 760  # pixels; what is wider is not made to fit beside the steps at any price


def sequence_svg(drawn: Sequence, title: str, again: int | None = None) -> Markup:
    """`g.beat[data-step]` holds what belongs to one step. From step `again` on all is done for ever."""
    columns, width = _columns(drawn)
    height = _TOP + _BEAT * len(drawn.messages) + 14
    lines = [_lifeline(name, columns[name], height) for name in drawn.lifelines]
    beats: dict[int, list[Markup]] = {}
    for position, message in enumerate(drawn.messages):
        y = _TOP + _BEAT * position + 22
        first = message.step not in beats
        beats.setdefault(message.step, []).append(_arrow(message, columns, y, numbered=first))
    groups = [element("g", parts, class_="beat", data_step=step) for step, parts in beats.items()]
    before = [message for message in drawn.messages if again is not None and message.step < again]
    if again is not None and len(before) < len(drawn.messages):
        groups.append(_way_back(_TOP + _BEAT * len(before) + 22, height - 14 - _BEAT + 22, width))
        width += 30
    return picture(title, [*lines, *groups], "sequence", width, height)


def _way_back(top: int, bottom: int, x: int) -> Markup:
    """From the last message, at that height, to the first that comes again, which may be the same."""
    way = f"M{x},{bottom + 4}h18V{top - 6}H{x}M{x},{top - 6}l8-4v8z"
    return element("g", element("title", "again and again"), element("path", d=way), class_="round")


def picture(title: str, parts: list[Markup], kind: str, width: int, height: int) -> Markup:
    """An `svg` of that size in pixels, for the eye and for screen readers."""
    return element(
        "svg",
        element("title", title),
        parts,
        class_=kind if width <= WIDE else f"{kind} wide",
        role="img",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
    )


def _columns(drawn: Sequence) -> tuple[dict[str, int], int]:
    """Where each lifeline stands, and the width of the picture: no label leaves it."""
    columns: dict[str, int] = {}
    x = _MARGIN + 30
    previous: str | None = None
    for name in drawn.lifelines:
        if previous is not None:
            half = (len(_short(previous)) + len(_short(name))) / 2 * _CHARACTER + 34
            x = round(x + max(half, 130))
        columns[name] = x
        previous = name
    columns = _shifted(columns, drawn.lifelines)
    right = [columns[name] + len(_short(name)) * _CHARACTER / 2 + 16 for name in drawn.lifelines]
    for message in drawn.messages:
        right.append(_label_at(message, columns) + len(_short(message.text)) * _CHARACTER + 12)
    return columns, round(max(right, default=100))


def _shifted(columns: dict[str, int], names: tuple[str, ...]) -> dict[str, int]:
    """Moved right as far as the first head needs."""
    need = max(0, round(len(_short(names[0])) * _CHARACTER / 2) + 14 - columns[names[0]]) if names else 0
    return {name: x + need for name, x in columns.items()}


def _lifeline(name: str, x: int, height: int) -> Markup:
    width = round(len(_short(name)) * _CHARACTER) + 20
    return element(
        "g",
        element("path", d=f"M{x},34V{height - 4}"),
        element("rect", x=x - width // 2, width=width),
        element("text", _short(name), x=x, y=26),
        class_="lifeline",
    )


def _arrow(message: Message, columns: dict[str, int], y: int, *, numbered: bool) -> Markup:
    start, end = columns[message.sender], columns[message.receiver]
    kind = "fault" if message.fault else "reply" if message.reply else None
    if start == end:
        back = element("path", d=_head(start, y + 4, left=True))
        arrow = joined([element("path", d=f"M{start},{y - 5}h16v9h-10", class_="shaft"), back])
    else:
        arrow = element("path", d=f"M{start},{y}H{end}{_head(end, y, left=end < start)}")
    label = element("text", _short(message.text), x=_label_at(message, columns), y=y - 6)
    parts = [arrow, label]
    if numbered:
        parts.append(element("circle", cy=y - 2))
        parts.append(element("text", message.step, x=14, y=y + 2, class_="number"))
    return element("g", parts, class_=kind)


def _head(x: int, y: int, *, left: bool) -> str:
    """The rest of a path: a triangle that points to (x, y)."""
    back = 8 if left else -8
    return f"M{x},{y}l{back}-4v8z"


def _label_at(message: Message, columns: dict[str, int]) -> int:
    start, end = columns[message.sender], columns[message.receiver]
    return min(start, end) + (22 if start == end else 8)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
