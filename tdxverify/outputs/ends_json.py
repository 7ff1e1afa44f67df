"""How runs end that come to no single bad state, in the JSON document of a run: in a loop, in a trap."""

from __future__ import annotations

import msgspec

from tdxverify.telling.story import Loop, NoWay


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
