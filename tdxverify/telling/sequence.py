"""Who did what to which memory, in order: a story as messages between lifelines, laid out by nobody yet.

The HTML report draws them; Mermaid and PlantUML texts are made of the same messages.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import Implicit
from tdxverify.telling.story import Story, StoryStep, told_call

NOBODY = "(environment)"
MEMORY = "memory"
LONGEST = 52  # characters of a label with its effects


@dataclass(frozen=True, slots=True)
class Message:
    """`receiver` equals `sender` for what concerns no memory. `fault` is true where a fault comes back."""

    step: int
    sender: str
    receiver: str
    text: str
    reply: bool = False
    fault: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """`lifelines` in the order in which they first take part, memory last."""

    lifelines: tuple[str, ...]
    messages: tuple[Message, ...]


def sequence(story: Story) -> Sequence:
    messages = tuple(message for step in story.steps for message in _messages(step))
    actors = dict.fromkeys(step.actor or NOBODY for step in story.steps)
    memory = any(message.receiver == MEMORY for message in messages)
    return Sequence((*actors, *((MEMORY,) if memory else ())), messages)


def _messages(step: StoryStep) -> list[Message]:
    actor = step.actor or NOBODY
    effects = _effects(step)
    if not step.rows:
        touched = any(change.cell.elements for change in step.changes)
        text = _with(told_call(step), effects)
        return [Message(step.number, actor, MEMORY if touched else actor, text)]
    found: list[Message] = []
    for position, row in enumerate(step.rows):
        text = f"{step.action}: {row.access}" if position == 0 else row.access
        answer = _with(row.outcome, effects) if position == len(step.rows) - 1 else row.outcome
        found.append(Message(step.number, actor, MEMORY, text))
        found.append(Message(step.number, MEMORY, actor, answer, reply=True, fault=row.is_fault))
    return found


def _effects(step: StoryStep) -> str:
    """What changed, without what the fault and the place of a process say already."""
    silent = (Implicit.COUNTER, Implicit.PROGRESS, Implicit.DEAD, Implicit.HALTED)
    shown = (change for change in step.other_changes() if change.cell.implicit not in silent)
    return ", ".join(f"{change.cell} = {change.after}" for change in shown)


def _with(text: str, effects: str) -> str:
    """Both where they are short enough to be read in a picture."""
    return f"{text}; {effects}" if effects and len(text) + len(effects) + 2 <= LONGEST else text
