"""A trace among its neighbours as SVG: its states from top to bottom, and beside each the steps not taken.

Without styles of its own, like the sequence diagram: the page's style sheet gives it its colours.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.logic.counting import counted
from tdxverify.outputs.html.markup import Content, Markup, element, joined
from tdxverify.outputs.html.sequence_svg import picture
from tdxverify.outputs.html.surroundings import cut_class, cut_text
from tdxverify.outputs.text.trace_text import relevant_cells
from tdxverify.telling.story import Aside, Change, Cut, Story, told_call

_CHARACTER = 7.3  # advance of the monospaced 12 px font, rounded up
_LINE = 17
_LEFT = 16
_PATH = 34  # characters of a state
_BESIDE = 40  # characters of what stands beside it
_MOST_LINES = 5  # of a state
_MOST_ASIDES = 4  # of a state that are told one by one
_STATE_WIDTH = round(_PATH * _CHARACTER) + 44
_ASIDE_LEFT = _LEFT + _STATE_WIDTH + 64
_LABEL = 64  # characters of a step; nothing stands beside it
_CUT = 110  # characters of what would have cut it there


def state_graph_svg(story: Story, title: str) -> Markup:
    """`g.beat[data-step]` holds a state of the trace and the step that led to it."""
    groups: list[Markup] = []
    beside: list[Markup] = []
    y = 12
    last = len(story.steps)
    places: list[int] = []
    for number in range(last + 1):
        places.append(y)
        lines = _state_lines(story, number)
        height = len(lines) * _LINE + 12
        arrow = _arrow(story, number, y) if number else None
        kind = "bad" if number == last and story.violation is not None else "good"
        groups.append(
            element(
                "g",
                arrow,
                _state(number, lines, y, height),
                class_=f"beat state {kind}",
                data_step=number,
            )
        )
        told, used = _beside(story, number, y)
        beside += told
        y += max(height, used) + _gap(story, number + 1)
    width, height = _width(story), y - _gap(story, last + 1) + 14
    if story.loop is not None:
        groups.append(_way_back(places[-1], places[story.loop.begin]))
        width = max(width, _LEFT + _STATE_WIDTH + 40)
    return picture(title, [*beside, *groups], "sequence graph", width, height)


def _way_back(last: int, begin: int) -> Markup:
    """From the last state, at that height, to the one that it is equal to, which may be itself."""
    x = _LEFT + _STATE_WIDTH
    top, bottom = begin + 9, last + 20
    way = f"M{x},{bottom}h26V{top}H{x}M{x},{top}l8-4v8z"
    return element("g", element("title", "and so on for ever"), element("path", d=way), class_="round")


def _width(story: Story) -> int:
    beside = _ASIDE_LEFT + round(_BESIDE * _CHARACTER) if story.asides else 0
    steps = (min(len(told_call(step)), _LABEL) for step in story.steps)
    cuts = (min(len(_cut_text(story, cut)), _CUT) for cut in story.cuts)
    longest = max((*steps, *cuts), default=0)
    return max(beside, _LEFT + _STATE_WIDTH, _LEFT + 32 + round(longest * _CHARACTER)) + 12


def _state_lines(story: Story, number: int) -> list[str]:
    """What the step changed; of the start what is not false, of the variables that play a part."""
    if number:
        changes = story.steps[number - 1].changes
        lines = [f"{change.cell} = {change.after}" for change in changes]
        lines = lines or ["a mistake" if story.steps[number - 1].is_mistaken else "nothing changes"]
    else:
        relevant = relevant_cells(story)
        lines = [f"{c} = {v}" for c, v in story.initial if c in relevant and v != "false"]
        lines = lines or ["the start: all is false"]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} more"]
    return lines


def _state(number: int, lines: Sequence[str], y: int, height: int) -> Markup:
    box = element("rect", x=_LEFT, y=y, width=_STATE_WIDTH, height=height, class_="box")
    texts = [
        element("text", _short(text, _PATH), x=_LEFT + 38, y=y + _LINE * (k + 1) + 1)
        for k, text in enumerate(lines)
    ]
    return joined(
        [
            box,
            element("circle", cx=_LEFT + 18, cy=y + 15),
            element("text", number, x=_LEFT + 18, y=y + 19, class_="number"),
            texts,
        ]
    )


def _cuts(story: Story, step: int) -> list[Cut]:
    return [cut for cut in story.cuts if cut.step == step]


def _gap(story: Story, step: int) -> int:
    """Room between a state and the next one: for the arrow, and for what would have cut it."""
    return 40 + _LINE * len(_cuts(story, step))


def _arrow(story: Story, number: int, y: int) -> Markup:
    """From the state above to the one at `y`."""
    step = story.steps[number - 1]
    x = _LEFT + 18
    top = y - _gap(story, number) + 2
    texts = [_words(told_call(step), x + 14, top + 21, _LABEL)]
    for position, cut in enumerate(_cuts(story, number)):
        look = cut_class(cut.prevents, story.violation is None)
        texts.append(_words(_cut_text(story, cut), x + 14, top + 21 + _LINE * (position + 1), _CUT, look))
    way = f"M{x},{_above(story, number, top)}V{y}M{x},{y}l-4-8h8z"
    return joined([element("path", d=way, class_="arrow"), texts])


def _cut_text(story: Story, cut: Cut) -> str:
    return cut_text(cut, sought=story.violation is None)


def _above(story: Story, number: int, top: int) -> int:
    """Where the state above ends: higher than `top` where more stands beside it than in it."""
    before = number - 1
    height = len(_state_lines(story, before)) * _LINE + 12
    _, used = _beside(story, before, 0)
    return top - 2 - max(0, used - height)


def _beside(story: Story, number: int, y: int) -> tuple[list[Markup], int]:
    """The steps that were possible instead in the state of that number, and the height they take."""
    asides = [aside for aside in story.asides if aside.at == number]
    sought = story.violation is None
    told = list(asides[:_MOST_ASIDES])
    more = len(asides) - len(told)
    parts: list[Markup] = []
    top = y
    for aside in told:
        parts.append(_aside(aside, y, top, sought=sought))
        top += 2 * _LINE + 8
    if more:
        text = f"and {counted(more, 'other step')}"
        parts.append(_words(text, _ASIDE_LEFT, top + 14, _BESIDE, "aside"))
        top += _LINE + 8
    return parts, top - y


def _aside(aside: Aside, y: int, top: int, *, sought: bool) -> Markup:
    x, start = _ASIDE_LEFT - 12, _LEFT + _STATE_WIDTH
    middle = top + 15
    curve = f"M{start},{y + 15} C{start + 28},{y + 15} {x - 32},{middle} {x - 9},{middle}"
    if aside.leads_to is not None:
        end = f"leads to state {aside.leads_to} as well"
    else:
        end = _effects(aside.changes)
    bad = "gets there as well" if sought else "also broken"
    told = f"{bad}: {end}" if aside.is_bad else end
    by = f" by {aside.actor}" if aside.actor else ""
    whole = f"{aside.step}{by}: {told}" if len(told) > _BESIDE or len(aside.step) > _BESIDE else None
    return element(
        "g",
        element("title", whole) if whole else None,
        element("path", d=curve, class_="shaft"),
        element("circle", cx=x - 4, cy=middle),
        _words(aside.step, _ASIDE_LEFT, top + 14, _BESIDE),
        _words(told, _ASIDE_LEFT, top + 14 + _LINE, _BESIDE, "less"),
        class_="aside bad" if aside.is_bad and not sought else "aside",
    )


def _effects(changes: Sequence[Change]) -> str:
    return ", ".join(f"{change.cell} = {change.after}" for change in changes) or "nothing changes"


def _words(text: str, x: int, y: int, most: int, kind: str | None = None) -> Markup:
    content: Content = _short(text, most)
    return element("text", content, x=x, y=y, class_=kind)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
