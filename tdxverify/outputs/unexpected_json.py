"""As JSON: what stands in the way of an answer that was expected, and where things are written."""

from __future__ import annotations

import msgspec

from tdxverify.telling.story import Location
from tdxverify.telling.unexpected import Part, Unexpected


class LocationDocument(msgspec.Struct, frozen=True):
    """A line of a spec, counted from 1."""

    file: str
    line: int


class PartDocument(msgspec.Struct, frozen=True):
    """A part of the model: `kind` ("when", "if", "row"), `text` ("update.start_gp: when waits"), where it is
    written (null: on the command line), and what is said of it there."""

    kind: str
    text: str
    at: LocationDocument | None
    description: str | None


class ObstacleDocument(msgspec.Struct, frozen=True):
    """Without `part` the steps `run` lead from a start to what was expected.

    `alone`: all else is as in the model, and the run begins with `before`; else the parts that the proof does
    not need are left out as well. `before`: steps that the model as it is can make from a start; null where
    it has not even the start of the run. `stopped`: the step that would come next; it is not `possible`
    there, or leads elsewhere. `never`: that the step which `part` guards never happens, where that is proved.
    `writers`: of a part that says how something starts, which steps assign it, and that none ever happens.
    `start`: values that the check leaves open, and with all of which `stopped` is stopped behind `before`.
    """

    part: PartDocument
    run: tuple[str, ...]
    alone: bool
    before: tuple[str, ...] | None
    stopped: str | None
    possible: bool
    never: str | None
    writers: tuple[str, ...]
    start: dict[str, str]


class UnexpectedDocument(msgspec.Struct, frozen=True):
    """Why an answer is not the expected one, found `at` some sizes ("for Line = 2"; empty: it has none).

    `obstacles` stand in the way of what was expected, the one to look at first comes first. `idle`: steps
    that never happen there, where no obstacle was found. `unassigned`: variables that the property speaks of
    and no step ever assigns. `excluding`: parts that alone leave no initial
    state, none of which can be spared. `start`: parameters and constants in an initial state that was not
    expected. `remark`: what was not found out, or what to try. `command` tells more.
    """

    at: str
    obstacles: tuple[ObstacleDocument, ...]
    idle: tuple[str, ...]
    unassigned: tuple[str, ...]
    excluding: tuple[PartDocument, ...]
    start: dict[str, str] | None
    remark: str | None
    command: str | None


def unexpected(told: Unexpected | None) -> UnexpectedDocument | None:
    """The same as it is written."""
    if told is None:
        return None
    return UnexpectedDocument(
        at=told.at,
        obstacles=tuple(
            ObstacleDocument(
                _part(o.part),
                o.run,
                o.alone,
                o.before,
                o.stopped,
                o.possible,
                o.never,
                o.writers,
                dict(o.start),
            )
            for o in told.obstacles
        ),
        idle=told.idle,
        unassigned=told.unassigned,
        excluding=tuple(map(_part, told.excluding)),
        start=None if told.start is None else dict(told.start),
        remark=told.remark,
        command=told.command,
    )


def _part(part: Part) -> PartDocument:
    return PartDocument(part.kind, part.text, location(part.at), part.description)


def location(at: Location | None) -> LocationDocument | None:
    """The same as it is written."""
    return None if at is None else LocationDocument(at.file, at.line)
