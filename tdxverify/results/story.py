"""A trace told for people: everything already turned into text, nothing left to look up.

Built by `tdxverify.ts.narrate` with the evaluator; reports only lay it out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that the step changed: `poison[Line0]`, `false`, `true`."""

    cell: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """The row of an access table that decided: `host_read(Line0)`, row number from 1, guard, outcome."""

    access: str
    row: int
    guard: str
    outcome: str
    citations: tuple[str, ...]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class FaultTaken:
    actor: str
    fault: str
    handled: bool


@dataclass(frozen=True, slots=True)
class StoryStep:
    """Step `number` (from 1). `parameters` are (name, shown value) of the declared ones."""

    number: int
    action: str
    parameters: tuple[tuple[str, str], ...]
    actor: str | None
    description: str | None
    citations: tuple[str, ...]
    rows: tuple[DecidedRow, ...]
    faults: tuple[FaultTaken, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """Why the last state is bad: the property as written, the false conjunct, and for which elements."""

    property: str
    description: str | None
    formula: str
    conjunct: str
    elements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dependence:
    """Step `consumer` (the end: one more than the last step) needs `cell` to be `value`.

    `producer` is the step that made it so, 0 for the start, None where `cell` is a parameter.
    """

    consumer: int
    cell: str
    value: str
    producer: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """`parameters`: every rigid cell and its value. `initial`: every state cell and its value at the start.

    `violation` is None for the witness of a `reachable` property. What matters are the parameters and
    the initially set cells without which the same steps would not lead there; None if not known.
    `dependences` are those of a trace that ends in a bad state, latest consumer first; a step that is
    nobody's producer plays no part.
    """

    sizes: tuple[tuple[str, int], ...]
    parameters: tuple[tuple[str, str], ...]
    initial: tuple[tuple[str, str], ...]
    steps: tuple[StoryStep, ...]
    violation: Violation | None
    parameters_that_matter: tuple[str, ...] | None = None
    cells_that_matter: tuple[str, ...] = ()
    dependences: tuple[Dependence, ...] = ()
