"""Whether a trace's steps are a run into a bad state as long as some cells are as they are: found by trying.

That is so where every machine that has a start at all has one with the values of these cells, and from all
such starts the steps are such a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Expr, Role
from tdxverify.logic.sorts import Value
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.beginning import Beginning, Ties, ties
from tdxverify.semantics.escaping import Allowed, Escaping
from tdxverify.semantics.needed_run import Known, NeededRun, Place, Starts
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace

MOST_RUNS = 2_000  # tried for one trace,
MOST_PER_CELL = 300  # and of these to find out about one cell

Places: TypeAlias = frozenset[Place]


class Scene:
    """`trace` of `problem` from other starts. `facts` are what the file says of all machines; where they say
    what a symbol of `constants` is, it is not looked at."""

    def __init__(
        self, problem: Problem, trace: Trace, facts: tuple[Expr, ...], constants: frozenset[str]
    ) -> None:
        self.problem = replace(problem, assumptions=facts)
        self.trace = trace
        self.starts = Starts(Semantics(self.problem), constants)
        self.run = NeededRun(self.starts, trace.steps)
        self.left = MOST_RUNS
        self._constants = constants
        self._ties: dict[Places, Ties] = {}

    def value(self, place: Place) -> Value:
        """In the trace."""
        values = self.trace.rigid if place.role is Role.RIGID else self.trace.states[0]
        return values[place.position]

    def as_it_is(self, places: Iterable[Place]) -> Allowed:
        """Their values in the trace."""
        return {place: (self.value(place),) for place in places}

    def open_places(self, role: Role) -> list[Place]:
        """The cells whose value at the start does not follow from others."""
        layout = self.problem.rigid_layout if role is Role.RIGID else self.problem.state_layout
        places = (Place(role, position) for position in range(len(layout.cells)))
        return [place for place in places if not self.starts.follows(place)]

    def ties(self, places: Iterable[Place]) -> Ties:
        """Of the state cells among them."""
        state = frozenset(place for place in places if place.role is Role.STATE)
        if state not in self._ties:
            self._ties[state] = ties(self.problem, state, self._constants)
        return self._ties[state]

    def tied(self, places: Iterable[Place]) -> list[Place]:
        """The rigid cells that may decide whether the state cells among `places` can start as they do."""
        names = self.ties(places).rigid
        return [p for p in self.open_places(Role.RIGID) if self.starts.cell(p).symbol.name in names]

    def asked(self, question: Callable[[int], Known | None], tried: Callable[[], int]) -> Known | None:
        """The answer, with what is left for it. Raises NotDecided."""
        try:
            return question(min(MOST_PER_CELL, self.left))
        finally:
            self.left -= tried()


class Sufficient:
    """For the machines of `scene` that satisfy `facts`."""

    def __init__(self, scene: Scene, facts: Sequence[Expr]) -> None:
        self._scene = scene
        self._search = Escaping(scene.starts, scene.run, (*facts, *scene.problem.constraints))
        self._beginning = Beginning(scene.starts, self._search, facts, scene.trace.states[0])

    def lacks(self, allowed: Allowed) -> bool | None:
        """Whether it is not enough that cells have `allowed` values, one each of state cells; None where that
        is not known."""
        fails, lacks = self.fails(allowed), self.lacks_start(allowed)
        if fails or lacks:
            return True
        return None if fails is None or lacks is None else False

    def fails(self, allowed: Allowed) -> bool | None:
        """Whether from some start with `allowed` values the steps are no run into a bad state."""
        try:
            search = self._search
            start = self._scene.asked(lambda most: search.start(allowed, most), lambda: search.tried)
        except NotDecided:
            return None
        if start is None:
            return False
        return True if self._escapes(start) else None

    def lacks_start(self, allowed: Allowed) -> bool | None:
        """Whether some machine has a start, but none with the `allowed` values of state cells."""
        if all(len(allowed.get(place, ())) == 1 for place in self._scene.tied(allowed)):
            return False
        tied, beginning = self._scene.ties(allowed), self._beginning
        try:
            machine = self._scene.asked(
                lambda most: beginning.machine(allowed, tied, most), lambda: beginning.tried
            )
        except NotDecided:
            return None
        if machine is None:
            return False
        return True if self._search.is_start(*self._scene.starts.filled(machine)) else None

    def is_possible(self, allowed: Allowed, *, if_not_known: bool = False) -> bool:
        """Whether there is a start with `allowed` values."""
        try:
            return self._search.some(allowed, MOST_PER_CELL) is not None
        except NotDecided:
            return if_not_known

    def _escapes(self, start: Known) -> bool:
        """Whether what `start` leaves open can be filled in, and then the steps are no such run."""
        rigid, first = self._scene.starts.filled(start)
        if not self._search.is_start(rigid, first):
            return False
        semantics = self._scene.starts.semantics
        found = run(semantics, rigid, first, self._scene.trace.steps)
        return not (isinstance(found, Trace) and semantics.is_bad(rigid, found.states[-1]))
