"""What a trace depends on: values of which the same steps are a run into a bad state, whatever the rest is.

The rest are the other parameters and constants and the other cells of the start, with all values together
that the assumptions, the check's `where` and `init` allow. What is kept is enough by construction, since the
trace looks at nothing else; then one cell after another is left out where that stays so, what people know
least about first. Everything that is said of the result is checked again by code that did not find it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdxverify.budget import NotDecided
from tdxverify.diagnostics import InternalError
from tdxverify.logic.expr import Expr, Role, conjuncts, fixed_by
from tdxverify.logic.layout import Layout
from tdxverify.logic.sorts import Value
from tdxverify.model.model import Model
from tdxverify.questions.problems.lower import stated
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.escaping import Allowed, Escaping
from tdxverify.semantics.needed_run import Known, NeededRun, Place, Starts
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import is_of_spec
from tdxverify.telling.enough import is_enough

MOST_RUNS = 2_000  # tried for one trace,
MOST_PER_CELL = 300  # and of these to find out about one cell

Places: TypeAlias = frozenset[Place]


@dataclass(frozen=True, slots=True)
class Relevance:
    """`needed`: cells that have to be as they are, none of which can be left out. `perhaps`: cells that have
    to be kept beside them as long as nobody knows better. With both the trace is what it is, for all values
    of the others that the assumptions, the check and `init` allow.

    `asked`: further cells that make it so whatever the check's `where` would say of the others. They
    are what it needs of its `where`.

    `is_certain`: somebody else has found the same; where it is not, nothing is known of the others.
    """

    needed: Places
    perhaps: Places
    asked: Places
    is_certain: bool

    def rigid(self) -> frozenset[int]:
        """Positions of all rigid cells that matter, or may."""
        return _positions(self.needed | self.perhaps | self.asked, Role.RIGID)

    def initial(self) -> frozenset[int]:
        """Positions of the state cells whose value at the start matters, or may."""
        return _positions(self.needed | self.perhaps | self.asked, Role.STATE)


def _positions(places: Places, role: Role) -> frozenset[int]:
    return frozenset(place.position for place in places if place.role is role)


@dataclass(frozen=True, slots=True)
class Given:
    """What the file says, whichever check is asked: assumptions, the names of parameters and constants."""

    assumptions: tuple[Expr, ...] = ()
    parameters: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()

    @staticmethod
    def by(model: Model) -> Given:
        """What `model` says."""
        parameters, constants = (
            frozenset(info.symbol.name for info in model.symbols if info.origin == origin)
            for origin in ("param", "const")
        )
        return Given(model.assumptions, parameters, constants)


def relevance(problem: Problem, trace: Trace, given: Given) -> Relevance:
    """Requires: `trace` is a run of `problem` that ends in a bad state; `given` is of the same model."""
    return Trials(problem, trace, given).relevance()


class Trials:
    """`trace` of `problem` from other starts."""

    def __init__(self, problem: Problem, trace: Trace, given: Given) -> None:
        self._problem = problem
        self._trace = trace
        self._parameters = given.parameters
        self._starts = Starts(Semantics(problem), given.constants)
        self._run = NeededRun(self._starts, trace.steps)
        said = set(given.assumptions)
        self._given = tuple(part for part in problem.assumptions if part in said)
        self._is_asked_more = bool(set(stated(problem)) - said)
        self._left = MOST_RUNS

    def is_open(self, place: Place) -> bool:
        """Whether its value at the start does not follow from others."""
        return not self._starts.follows(place)

    def relevance(self) -> Relevance:
        """What the trace depends on."""
        order = sorted(self._read(), key=self._familiarity)
        kept, perhaps = self._least(order, (), self._problem.assumptions)
        asked: Places = frozenset()
        if self._is_asked_more and len(kept) + len(perhaps) < len(order):
            more, unknown = self._least(order, kept | perhaps, self._given)
            asked = more | unknown
        return Relevance(kept, perhaps, asked, self._is_agreed(kept | perhaps, asked))

    def _is_agreed(self, kept: Places, asked: Places) -> bool:
        """Whether both that `kept` is enough, and with `asked` for every `where`, has been found once more.

        The second says the first where the check states all of `asked` in so many words, or there is none.
        """
        if not self._is_certain(self._as_it_is(kept | asked), self._given):
            return False
        facts = [fixed_by(part) for fact in self._problem.assumptions for part in conjuncts(fact)]
        stated = {fact[0].symbol.name for fact in facts if fact is not None and not fact[0].indices}
        named = (self._starts.cell(place).symbol.name for place in asked)
        return stated.issuperset(named) or self._is_certain(self._as_it_is(kept), self._problem.assumptions)

    def _read(self) -> Places:
        """The cells of the start that decide, as they are, that the trace is a run into a bad state."""
        starts = self._starts
        places = (Place(role, at) for role, layout in self._layouts() for at in range(len(layout.cells)))
        starts.known = {place: self._value(place) for place in places if not starts.follows(place)}
        starts.read = set()
        if not self._run.ends_badly():
            raise InternalError("a trace is no run when only what matters is looked at")
        found, starts.read = frozenset(starts.read), None
        return found

    def _layouts(self) -> tuple[tuple[Role, Layout], ...]:
        return (Role.RIGID, self._problem.rigid_layout), (Role.STATE, self._problem.state_layout)

    def _value(self, place: Place) -> Value:
        values = self._trace.rigid if place.role is Role.RIGID else self._trace.states[0]
        return values[place.position]

    def _familiarity(self, place: Place) -> tuple[int, int]:
        """What is left out first is least: cells that nobody has declared, the start, constants, parameters;
        of these the last declared."""
        cell = self._starts.cell(place)
        if place.role is Role.STATE:
            return 1 if is_of_spec(cell) else 0, -place.position
        return 3 if cell.symbol.name in self._parameters else 2, -place.position

    def _as_it_is(self, places: Iterable[Place]) -> Allowed:
        return {place: (self._value(place),) for place in places}

    def _least(
        self, order: Sequence[Place], always: Iterable[Place], facts: Sequence[Expr]
    ) -> tuple[Places, Places]:
        """Of `order`, which is enough, what is needed and what may be, beside `always`, under `facts`."""
        kept = dict.fromkeys((*always, *order))
        search = Escaping(self._starts, self._run, (*facts, *self._problem.constraints))
        perhaps: set[Place] = set()
        for place in (place for place in order if place not in set(always)):
            rest = self._as_it_is(other for other in kept if other != place)
            known = self._is_needed(search, rest)
            if known is None:
                perhaps.add(place)
            elif not known:
                del kept[place]
        found = frozenset(kept) - frozenset(always)
        return found - perhaps, frozenset(perhaps)

    def _is_needed(self, search: Escaping, rest: Allowed) -> bool | None:
        """Whether `rest` is not enough; None where that is not known."""
        try:
            start = self._start(search, rest)
        except NotDecided:
            return None
        if start is None:
            return False
        return True if self._escapes(search, start) else None

    def _start(self, search: Escaping, allowed: Allowed) -> Known | None:
        """Raises NotDecided."""
        most = min(MOST_PER_CELL, self._left)
        try:
            return search.start(allowed, most)
        finally:
            self._left -= search.tried

    def _escapes(self, search: Escaping, start: Known) -> bool:
        """Whether what `start` leaves open can be filled in, and then the steps are no such run."""
        rigid, first = self._starts.filled(start)
        if not search.is_start(rigid, first):
            return False
        semantics = self._starts.semantics
        found = run(semantics, rigid, first, self._trace.steps)
        return not (isinstance(found, Trace) and semantics.is_bad(rigid, found.states[-1]))

    # --- other values ------------------------------------------------------------------

    def alike(self, found: Relevance, wanted: Mapping[Place, Sequence[Value]]) -> dict[Place, list[Value]]:
        """Of the values `wanted` of some cells those with which, in any combination, the same steps are such
        a run too, as long as all else that the trace relies on is as it is. Each has that of the trace.

        With each of them alone there is a start that the assumptions, the check and `init` allow.
        """
        kept = found.needed | found.perhaps | found.asked
        allowed: dict[Place, list[Value]] = {place: [self._value(place)] for place in kept}
        same = {place: [self._value(place)] for place in wanted}
        search = Escaping(self._starts, self._run, (*self._problem.assumptions, *self._problem.constraints))
        for place, values in wanted.items():
            for value in (value for value in values if value != self._value(place)):
                if not self._is_possible(search, {**self._as_it_is(kept), place: (value,)}):
                    continue
                more = {**allowed, place: [*allowed[place], value]} if place in kept else allowed
                if found.is_certain if more is allowed else self._is_still_one(search, more):
                    allowed = more
                    same[place].append(value)
        grown = any(len(values) > 1 for values in allowed.values())
        if grown and not self._is_certain(allowed, self._problem.assumptions):
            return {place: [self._value(place)] for place in wanted}
        return {place: sorted(values) for place, values in same.items()}

    def allowed(self, place: Place, values: Iterable[Value]) -> tuple[Value, ...]:
        """`values` without those that no start has which the assumptions, the check and `init` allow, as far
        as that is found out."""
        facts = (*self._problem.assumptions, *self._problem.constraints)
        search = Escaping(self._starts, self._run, facts)
        return tuple(value for value in values if not self._is_excluded(search, {place: (value,)}))

    def _is_excluded(self, search: Escaping, allowed: Allowed) -> bool:
        try:
            return search.some(allowed, MOST_PER_CELL) is None
        except NotDecided:
            return False

    def _is_possible(self, search: Escaping, allowed: Allowed) -> bool:
        """Whether there is such a start; False where that is not known."""
        try:
            return search.some(allowed, MOST_PER_CELL) is not None
        except NotDecided:
            return False

    def _is_still_one(self, search: Escaping, allowed: Allowed) -> bool:
        try:
            return self._start(search, allowed) is None
        except NotDecided:
            return False

    # --- the second opinion -------------------------------------------------------------

    def _is_certain(self, allowed: Allowed, facts: Sequence[Expr]) -> bool:
        return is_enough(replace(self._problem, assumptions=tuple(facts)), self._trace, allowed)
