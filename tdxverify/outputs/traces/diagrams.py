"""A story as sequence diagram text, for Mermaid and PlantUML."""

from __future__ import annotations

from collections.abc import Iterator
from sys import maxsize

from tdxverify.characters import visible
from tdxverify.telling.sequence import Message, Sequence, sequence
from tdxverify.telling.story import Story

AGAIN = "again and again"
_NEVER = maxsize


def mermaid_text(story: Story) -> str:
    """https://mermaid.js.org/syntax/sequenceDiagram.html."""
    drawn = sequence(story)
    names = _names(drawn)
    lines = ["sequenceDiagram", "  autonumber"]
    lines.extend(f"  participant {names[line]} as {_mermaid(line)}" for line in drawn.lifelines)
    begin, step = _begin(story), 0
    for message in drawn.messages:
        if step < begin <= message.step:
            lines.append(f"  loop {AGAIN}")
        step = message.step
        arrow = "--x" if message.fault else "-->>" if message.reply else "->>"
        text = _mermaid(message.text)
        lines.append(f"  {names[message.sender]}{arrow}{names[message.receiver]}: {text}")
    lines += ["  end"] if begin < _NEVER else []
    lines.extend(f"  Note over {_over(drawn, names)}: {_mermaid(text)}" for text in _ending(story, drawn))
    return "\n".join(lines) + "\n"


def plantuml_text(story: Story) -> str:
    """https://plantuml.com/sequence-diagram."""
    drawn = sequence(story)
    names = _names(drawn)
    lines = ["@startuml"]
    lines.extend(f'participant "{_plantuml(line)}" as {names[line]}' for line in drawn.lifelines)
    begin, step = _begin(story), 0
    for message in drawn.messages:
        if step < begin <= message.step:
            lines.append(f"loop {AGAIN}")
        if message.step != step:
            step = message.step
            lines.append(f"== {step} ==")
        lines.append(
            f"{names[message.sender]} {_arrow(message)} {names[message.receiver]}: {_plantuml(message.text)}"
        )
    lines += ["end"] if begin < _NEVER else []
    lines.extend(f"note over {_over(drawn, names)}: {_plantuml(text)}" for text in _ending(story, drawn))
    return "\n".join([*lines, "@enduml"]) + "\n"


def _begin(story: Story) -> int:
    """The first step that is done again and again."""
    return _NEVER if story.loop is None or story.loop.stops else story.loop.begin + 1


def _names(drawn: Sequence) -> dict[str, str]:
    """Names that are no keyword of either language."""
    return {line: f"p{position}" for position, line in enumerate(drawn.lifelines, 1)}


def _over(drawn: Sequence, names: dict[str, str]) -> str:
    ends = dict.fromkeys((names[drawn.lifelines[0]], names[drawn.lifelines[-1]]))
    return ",".join(ends)


def _ending(story: Story, drawn: Sequence) -> Iterator[str]:
    if story.loop is not None and story.loop.stops and drawn.lifelines:
        yield "it stops here"
    if story.violation is not None and drawn.lifelines:
        yield f"broken: {story.violation.formula}"


def _arrow(message: Message) -> str:
    if message.fault:
        return "-[#red]->x"
    return "-->" if message.reply else "->"


def _mermaid(text: str) -> str:
    """Characters that mean something there are written as entities."""
    return "".join(f"#{ord(c)};" if c in '#;<>&"%{}' else c for c in _one_line(text))


def _plantuml(text: str) -> str:
    """The same there, for what opens markup, colours or escapes."""
    return "".join(f"&#{ord(c)};" if c in '\\"<>&#~' else c for c in _one_line(text))


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
