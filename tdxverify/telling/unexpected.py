"""Why an answer that nobody expected came out as it did: everything already turned into text.

Found by `tdxverify.inquiries.unexpected`; reports only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.telling.story import Location


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the model: `kind` ("when", "row"), `text` ("update.start_gp: when waits"), where it is
    written (None: on the command line), and what is said of it there."""

    kind: str
    text: str
    at: Location | None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Without `part` the steps `run` lead from a start to what was expected.

    `alone`: all else is as in the model, and the run begins with `before`. Else the parts that the proof does
    not need are left out as well. `before`: steps that the model as it is can make from a start; None where
    it has not even the start of the run. `stopped`: the step that would come next; it is not `possible`
    there, or leads elsewhere than in the run. `never`: "update.start_gp never happens at any size", of the
    step that `part` guards; None where that is not certain. `writers`: of a part that says how something
    starts, the steps that assign it, and why none of them ever does ("boom assigns bad, and never happens").
    `start`: values that the check leaves open, and with all of which `stopped` is stopped behind `before`.
    """

    part: Part
    run: tuple[str, ...]
    alone: bool
    before: tuple[str, ...] | None
    stopped: str | None = None
    possible: bool = False
    never: str | None = None
    writers: tuple[str, ...] = ()
    start: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unexpected:
    """What was found out about an unexpected answer, `at` some sizes ("for Line = 2", or nothing).

    `obstacles`: of an answer that something never happens; the one to look at first comes first. `idle`:
    steps that never happen there, where no obstacle was found. `unassigned`: variables that the property
    speaks of and no step ever assigns.
    `excluding`: of one that there is no initial state; these parts alone leave none, and none of them can be
    spared. `start`: values of parameters and constants in an initial state that nobody expected.
    `remark`: what was not found out, or what to try. `command` tells more.
    """

    at: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    idle: tuple[str, ...] = ()
    unassigned: tuple[str, ...] = ()
    excluding: tuple[Part, ...] = ()
    start: tuple[tuple[str, str], ...] | None = None
    remark: str | None = None
    command: str | None = None
