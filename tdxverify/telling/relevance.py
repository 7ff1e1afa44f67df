"""What a trace depends on: values of which the same steps are a run into a bad state, whatever the rest is.

The rest are the other parameters and constants and the other cells of the start, with all values together
that the assumptions, the check's `where` and `init` allow. What is kept is enough by construction, since the
trace looks at nothing else; then one cell after another is left out where that stays so, what people know
least about first. Everything that is said of the result is checked again by code that did not find it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdxverify.diagnostics import InternalError
from tdxverify.logic.expr import Expr, Role, conjuncts, names_of
from tdxverify.logic.sorts import Value, domain
from tdxverify.model.model import Check, Model
from tdxverify.questions.problems.lower import stated
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.escaping import Allowed
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import is_of_spec
from tdxverify.telling.enough import is_enough
from tdxverify.telling.sufficient import Places, Scene, Sufficient
from tdxverify.telling.where_needed import Wanted

Lacks: TypeAlias = Callable[[Allowed], bool | None]  # whether values are not enough; None if not known


@dataclass(frozen=True, slots=True)
class Relevance:
    """`needed`: cells that have to be as they are, none of which can be left out. `perhaps`: cells that have
    to be kept beside them as long as nobody knows better. With both the trace is what it is, for all values
    of the others that the assumptions, the check and `init` allow: every machine that has a start has one
    with them, and from each such start the steps lead to where they lead.

    `asked` and `relations`: with these as well it is so whatever else the check's `where` would say. They
    are what it needs of its `where`: further cells, to which `where` leaves no other value; and where these
    are not enough, the parts of `where` that are needed beside them.

    `is_certain`: somebody else has found the same; where it is not, nothing is known of the others.
    """

    needed: Places
    perhaps: Places
    asked: Places
    relations: tuple[Expr, ...]
    is_certain: bool

    def kept(self) -> Places:
        """All cells that matter, or may."""
        return self.needed | self.perhaps | self.asked

    def rigid(self) -> frozenset[int]:
        """Positions of all rigid cells that matter, or may."""
        return _positions(self.kept(), Role.RIGID)

    def initial(self) -> frozenset[int]:
        """Positions of the state cells whose value at the start matters, or may."""
        return _positions(self.kept(), Role.STATE)


def _positions(places: Places, role: Role) -> frozenset[int]:
    return frozenset(place.position for place in places if place.role is role)


@dataclass(frozen=True, slots=True)
class Given:
    """What the file says, whichever check is asked: assumptions, the names of parameters and constants, and
    how parts of a `where` are written."""

    assumptions: tuple[Expr, ...] = ()
    parameters: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    written: tuple[tuple[Expr, str], ...] = ()

    @staticmethod
    def by(model: Model) -> Given:
        """What `model` says."""
        parameters, constants = (
            frozenset(info.symbol.name for info in model.symbols if info.origin == origin)
            for origin in ("param", "const")
        )
        written = tuple(pair for check in model.checks for pair in _written(check))
        return Given(model.assumptions, parameters, constants, written)


def _written(check: Check) -> Iterator[tuple[Expr, str]]:
    """The parts of `where` as they are written, where it is evident which is which."""
    parts = conjuncts(check.where)
    if len(parts) == len(check.where_parts):
        pairs = tuple(zip(parts, check.where_parts, strict=True))
        if all(names_of(part) <= set(re.findall(r"\w+", text)) for part, text in pairs):
            yield from pairs


def relevance(problem: Problem, trace: Trace, given: Given) -> Relevance:
    """Requires: `trace` is a run of `problem` that ends in a bad state; `given` is of the same model."""
    return Trials(problem, trace, given).relevance()


class Trials:
    """`trace` of `problem` from other starts."""

    def __init__(self, problem: Problem, trace: Trace, given: Given) -> None:
        self._problem = problem
        self._trace = trace
        self._parameters = given.parameters
        said = set(given.assumptions)
        self._given = tuple(part for part in problem.assumptions if part in said)
        self._where = tuple(part for part in stated(problem) if part not in said)
        self._scene = Scene(problem, trace, self._given, given.constants)

    def is_open(self, place: Place) -> bool:
        """Whether its value at the start does not follow from others."""
        return not self._scene.starts.follows(place)

    def may_differ(self, place: Place, found: Relevance) -> bool:
        """Whether a state cell can start with another value while all that the trace relies on is as it is,
        within what the assumptions, the check and `init` allow; False where that is not known."""
        if self._scene.starts.is_constant(place):
            return False
        sort, value = self._scene.starts.cell(place).symbol.sort, self._scene.value(place)
        others = [other for other in domain(sort, self._problem.size_of) if other != value]
        allowed = {**self._scene.as_it_is(found.kept()), place: others}
        question = Sufficient(self._scene, self._problem.assumptions)
        return bool(others) and question.is_possible(allowed)

    def relevance(self) -> Relevance:
        """What the trace depends on."""
        scene = self._scene
        order = sorted(self._read(), key=self._familiarity)
        question = Sufficient(scene, self._problem.assumptions)
        kept, perhaps = self._least(order, frozenset(), question.fails)
        if question.lacks_start(scene.as_it_is(kept | perhaps)) is not False:
            kept, perhaps = self._begun(order, kept | perhaps, question)
        asked: Places = frozenset()
        relations: tuple[Expr, ...] = ()
        if self._where:
            wanted = Wanted(scene, self._given, self._where)
            relations, pinned = wanted.needed(kept | perhaps, [*order, *scene.tied(kept | perhaps)])
            more, unknown = self._least(
                sorted(pinned, key=self._familiarity), kept | perhaps, wanted.under(relations).lacks
            )
            asked = more | unknown
        facts = (*self._given, *relations)
        certain = self._is_certain(scene.as_it_is(kept | perhaps | asked), facts)
        return Relevance(kept, perhaps, asked, relations, certain)

    def _read(self) -> Places:
        """The cells of the start that decide, as they are, that the trace is a run into a bad state."""
        scene, starts = self._scene, self._scene.starts
        places = (*scene.open_places(Role.RIGID), *scene.open_places(Role.STATE))
        starts.known = {place: scene.value(place) for place in places}
        starts.read = set()
        if not scene.run.ends_badly():
            raise InternalError("a trace is no run when only what matters is looked at")
        found, starts.read = frozenset(starts.read), None
        return found

    def _familiarity(self, place: Place) -> tuple[int, int]:
        """What is left out first is least: cells that nobody has declared, the start, constants, parameters;
        of these the last declared."""
        cell = self._scene.starts.cell(place)
        if place.role is Role.STATE:
            return 1 if is_of_spec(cell) else 0, -place.position
        return 3 if cell.symbol.name in self._parameters else 2, -place.position

    def _least(self, order: Sequence[Place], always: Places, lacks: Lacks) -> tuple[Places, Places]:
        """Of `order`, which is enough beside `always`, what is needed and what may be."""
        kept = dict.fromkeys((*always, *order))
        perhaps: set[Place] = set()
        for place in (place for place in order if place not in always):
            known = lacks(self._scene.as_it_is(other for other in kept if other != place))
            if known is None:
                perhaps.add(place)
            elif not known:
                del kept[place]
        found = frozenset(kept) - always
        return found - perhaps, frozenset(perhaps)

    def _begun(self, order: Sequence[Place], found: Places, question: Sufficient) -> tuple[Places, Places]:
        """The same where not every machine can start with the state cells of `found`: together with what
        makes that possible."""
        tied = sorted(set(self._scene.tied(found)) - set(order), key=self._familiarity)
        rigid = [*tied, *(place for place in order if place.role is Role.RIGID)]
        state = [place for place in order if place.role is Role.STATE and place in found]
        kept, perhaps = self._least(rigid, frozenset(state), question.lacks)
        rigid = [place for place in rigid if place in kept | perhaps]
        left, unknown = self._least(state, frozenset(rigid), question.lacks)
        if len(left | unknown) < len(state):
            kept, perhaps = self._least(rigid, left | unknown, question.lacks)
        return kept | left, perhaps | unknown

    # --- other values ------------------------------------------------------------------

    def alike(self, found: Relevance, wanted: Mapping[Place, Sequence[Value]]) -> dict[Place, list[Value]]:
        """Of the values `wanted` of some rigid cells those with which, in any combination, the same steps are
        such a run too, as long as all else that the trace relies on is as it is. Each has that of the trace.

        With each of them alone there is a start that the assumptions, the check and `init` allow.
        """
        scene, kept = self._scene, found.kept()
        allowed: dict[Place, list[Value]] = {place: [scene.value(place)] for place in kept}
        same = {place: [scene.value(place)] for place in wanted}
        question = Sufficient(scene, self._problem.assumptions)
        for place, values in wanted.items():
            for value in (value for value in values if value != scene.value(place)):
                if not question.is_possible({**scene.as_it_is(kept), place: (value,)}):
                    continue
                more = {**allowed, place: [*allowed[place], value]} if place in kept else allowed
                if found.is_certain if more is allowed else question.lacks(more) is False:
                    allowed = more
                    same[place].append(value)
        grown = any(len(values) > 1 for values in allowed.values())
        if grown and not self._is_certain(allowed, self._problem.assumptions):
            return {place: [scene.value(place)] for place in wanted}
        return {place: sorted(values) for place, values in same.items()}

    def allowed(self, place: Place, values: Iterable[Value]) -> tuple[Value, ...]:
        """`values` without those that no start has which the assumptions, the check and `init` allow, as far
        as that is found out."""
        question = Sufficient(self._scene, self._problem.assumptions)
        return tuple(value for value in values if question.is_possible({place: (value,)}, if_not_known=True))

    # --- the second opinion -------------------------------------------------------------

    def _is_certain(self, allowed: Allowed, facts: Sequence[Expr]) -> bool:
        return is_enough(replace(self._problem, assumptions=tuple(facts)), self._trace, allowed)
