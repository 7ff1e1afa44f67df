"""How runs end that come to no single bad state, in the JSON document of a run: in a loop, in a trap,
or in what another run tells apart."""

from __future__ import annotations

from typing import Any

import msgspec

from tdxverify.outputs.second_run_json import second_run
from tdxverify.telling.story import Loop, NoWay, Story


class LoopDocument(msgspec.Struct, frozen=True):
    """It goes on as behind step `begin`, for ever, or `stops`; `stuck`: since no step is possible there. It
    is not fair to any of `excluded_by`, nor strongly fair to any of `excluded_strongly`."""

    begin: int
    stops: bool
    excluded_by: tuple[str, ...]
    excluded_strongly: tuple[str, ...]
    stuck: bool


class TrapDocument(msgspec.Struct, frozen=True):
    """From the end of the trace `wanted` is out of reach for `elements`. `always` holds there and in all
    states that can still come, of which there are `states` (null where they were not counted)."""

    wanted: str
    elements: dict[str, str]
    always: tuple[str, ...]
    states: int | None


def loop_document(loop: Loop) -> LoopDocument:
    """What there is to say of `loop`."""
    return LoopDocument(loop.begin, loop.stops, loop.excluded_by, loop.excluded_strongly, loop.is_stuck)


def trap_document(way: NoWay) -> TrapDocument:
    """What there is to say of `way`."""
    return TrapDocument(way.wanted, dict(way.elements), way.always, way.states)


def end_documents(story: Story | None) -> dict[str, Any]:
    """The parts of the document of a run that say how it ends, by their names; none of a run that comes to a
    bad state."""
    found: dict[str, Any] = {}
    if story is not None and story.loop is not None:
        found["loop"] = loop_document(story.loop)
    if story is not None and story.no_way is not None:
        found["trap"] = trap_document(story.no_way)
    if story is not None and story.second_run is not None:
        found["second_run"] = second_run(story.second_run)
    return found
