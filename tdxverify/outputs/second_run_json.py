"""The second of two runs that are compared, as a part of the document of a run."""

from __future__ import annotations

from typing import Any

import msgspec

from tdxverify.outputs.ends_json import loop_document
from tdxverify.telling.story import SecondRun, Story


class BesideDocument(msgspec.Struct, frozen=True):
    """What is otherwise in the second run: what it `chose` by itself in the step, which it may have
    `left_out`, and the cells that `differ` after it, [value in the first run, value in the second]."""

    chose: tuple[str, ...]
    left_out: bool
    differ: dict[str, tuple[str, str]]


class SecondRunDocument(msgspec.Struct, frozen=True):
    """The run that `trace` is compared with: what is otherwise in it at the start and after each step, and
    what tells the two apart in the end. `without`: an actor whose steps it leaves out."""

    without: str | None
    states: tuple[BesideDocument, ...]
    told: str


def second_run(second: SecondRun) -> SecondRunDocument:
    """`second` as it stands in the document of a run."""
    states = (
        BesideDocument(
            one.chosen,
            one.is_left_out,
            {difference.cell.text: (difference.first, difference.second) for difference in one.differences},
        )
        for one in second.beside
    )
    return SecondRunDocument(second.without, tuple(states), second.told)


def of_runs(story: Story | None) -> dict[str, Any]:
    """What is said of a run that goes on for ever, and of one that is compared."""
    found: dict[str, Any] = {}
    if story is not None and story.loop is not None:
        found["loop"] = loop_document(story.loop)
    if story is not None and story.second_run is not None:
        found["second_run"] = second_run(story.second_run)
    return found
