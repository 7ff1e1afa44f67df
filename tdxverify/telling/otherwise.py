"""Machines with another value of one parameter than that of a trace.

Of the other parameters and constants those are as in the trace that are shown with it, since it relies on
them. All others are open, within the assumptions of the file; what nobody is told is not taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from tdxverify.budget import Budget, LimitReached, NotDecided
from tdxverify.logic.expr import TRUE, Expr, Role, names_of
from tdxverify.logic.grounding import exactly
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Value, domain, show
from tdxverify.model.model import Model
from tdxverify.questions.problems.lower import assuming, stated
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.escaping import Allowed, Escaping
from tdxverify.semantics.needed_run import NeededRun, Place, Starts
from tdxverify.semantics.run import run
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import told_cell
from tdxverify.telling.nearest import Divergence, first_divergence, is_possible
from tdxverify.telling.story import Story

MOST_MACHINES = 64  # that are looked at one by one
MOST_RUNS = 300  # tried in one of them, from starts that differ
MOST_NAMED = 4  # values that are named besides
_LOOKING = Budget(max_states=2_000)  # for one that the check is about


@dataclass(frozen=True, slots=True)
class Machines:
    """Those of which `facts` are true, with the question about them."""

    facts: tuple[Expr, ...]
    problem: Problem


class Otherwise:
    """Requires: `story` tells `trace`, a run of `problem`, which is one of `model`.

    `shown`: positions of the rigid cells whose values are shown, since the trace relies on them; `unshown`:
    of the others those that something of the model reads. The file gives the value of neither. `asked`: what
    the check adds to it, which may read still others.
    """

    def __init__(self, model: Model, problem: Problem, trace: Trace, story: Story) -> None:
        self._model = model
        self._problem = problem
        self._trace = trace
        said = set(model.assumptions)
        self.asked = tuple(part for part in stated(problem) if part not in said)
        self._semantics = Semantics(problem)
        self._names = StepNames(problem)
        self._story = story
        reliance, cells = story.reliance, list(map(show_cell, problem.rigid_layout.cells))
        names = cells if reliance is None else reliance.names()
        given = frozenset(at for at, name in enumerate(cells) if name in story.fixed)
        told = frozenset(at for at, name in enumerate(cells) if name in names)
        self.shown = told - given
        self.unshown = tuple(at for at in self._read() if at not in told | given)
        only_asked = frozenset(self._reading(self.asked)) - given - told - frozenset(self.unshown)
        self._only_asked = tuple(sorted(only_asked))
        tied = () if reliance is None else reliance.tied
        self._again = _Again(self._semantics, trace, story)
        self._tied = frozenset(at for at in self.unshown if cells[at] in tied)

    def _read(self) -> Iterator[int]:
        """Positions of the rigid cells that something of the model reads."""
        free = replace(self._problem, assumptions=())
        yield from self._reading((*free.expressions(), *self._model.assumptions))

    def _reading(self, parts: Iterable[Expr]) -> Iterator[int]:
        """Positions of the rigid cells that these read."""
        names = frozenset[str]().union(*map(names_of, parts))
        for at, cell in enumerate(self._problem.rigid_layout.cells):
            if cell.symbol.name in names:
                yield at

    def is_all_shown(self) -> bool:
        """Whether nothing that a step or the bad states look at is open beside what is shown."""
        if self.unshown or self._story.reliance is None:
            return False
        reliance = self._story.reliance
        needed = {one.cell for one in self._story.dependences if one.producer == 0}
        hidden = {cell for cell, _ in reliance.initial if cell not in needed}.union(reliance.accidental)
        parts = (self._problem.bad, *(part for one in self._problem.actions for part in one.expressions))
        read = frozenset[str]().union(*map(names_of, parts))
        return not any(cell.variable in read for cell in hidden)

    def others(self) -> Iterator[tuple[int, list[Value]]]:
        """Parameters that are shown, or of which a part of `where` is, by position, with all their other
        values."""
        parameters = {info.symbol.name for info in self._model.symbols if info.origin == "param"}
        for at, cell in enumerate(self._problem.rigid_layout.cells):
            if at in self.shown | self._tied and cell.symbol.name in parameters:
                values = domain(cell.symbol.sort, self._problem.size_of)
                yield at, [value for value in values if value != self._trace.rigid[at]]

    def besides(self, at: int) -> tuple[int, ...]:
        """`unshown`, without the position `at`."""
        return tuple(place for place in self.unshown if place != at)

    def like(self, at: int, value: Value) -> Machines:
        """The machine with `value` at the position `at` that is like that of the trace in
        all else, down to what only the check reads; whatever the check says of it."""
        return self.machines(at, value, (*self.besides(at), *self._only_asked))

    def is_like_alone(self, at: int, value: Value) -> bool:
        """Whether that is said of less than all machines with what is shown."""
        like, shown = self.like(at, value), self.machines(at, value)
        return bool(self.besides(at)) or self.are_excluded(like) != self.are_excluded(shown)

    def machines(self, at: int, value: Value, also: Iterable[int] = ()) -> Machines:
        """The machines with `value` at the position `at`, and all that is shown, and what stands at the
        positions `also`, as in the trace; whatever the check says of them."""
        return self._with((*self._model.assumptions, *self._equal(at, value, also)))

    def of_check(self, machines: Machines) -> Machines:
        """Those of them that the check is about."""
        return self._with((*machines.facts, *self.asked))

    def _with(self, facts: tuple[Expr, ...]) -> Machines:
        return Machines(facts, assuming(self._problem, facts))

    def _equal(self, at: int, value: Value, also: Iterable[int]) -> Iterator[Expr]:
        rigid = (*self._trace.rigid[:at], value, *self._trace.rigid[at + 1 :])
        kept = self.shown.union(also, (at,))
        facts = enumerate(exactly(self._problem.rigid_layout, rigid))
        return (fact for place, fact in facts if place in kept)

    def are_excluded(self, machines: Machines) -> bool:
        """Whether the check is certainly about none of them."""
        if not self.asked:
            return False
        try:
            return not any(
                True for _ in Semantics(self.of_check(machines).problem).rigid_valuations(_LOOKING)
            )
        except LimitReached:
            return False

    def few(self, machines: Machines) -> list[Valuation] | None:
        """All of them, as far as they differ in something that is read; None if they are many."""
        try:
            found = Semantics(machines.problem).rigid_valuations(_LOOKING)
            some = list(islice(found, MOST_MACHINES + 1))
        except LimitReached:
            return None
        return some if len(some) <= MOST_MACHINES else None

    def departure(self, machines: Iterable[Valuation]) -> Divergence | None:
        """Where the trace goes elsewhere; None if that is not the same in all of them, or it is one there."""
        found = set(map(self._departure, machines))
        return next(iter(found)) if len(found) == 1 else None

    def _departure(self, rigid: Valuation) -> Divergence | None:
        found = first_divergence(self._semantics, self._names, self._trace, rigid)
        return found if found is None or found.number else self._again.departure(rigid)

    def is_possible(self, machines: Iterable[Valuation]) -> bool | None:
        """Whether the trace is a run to a bad state in one of them, though its steps may choose otherwise, or
        its steps are from another start that has what the trace relies on; None if that is not known."""
        known = list(machines)
        if any(is_possible(self._semantics, self._trace, rigid) for rigid in known):
            return True
        found = [self._again.leads_on(rigid) for rigid in known]
        return True if True in found else None if None in found else False

    def still_fails(self, at: int, value: Value) -> bool:
        """Whether the steps of the trace lead from its start to a bad state, perhaps another one, with
        `value` at the position `at`, all else as there."""
        semantics, trace = self._semantics, self._trace
        rigid = (*trace.rigid[:at], value, *trace.rigid[at + 1 :])
        again = run(semantics, rigid, trace.states[0], trace.steps)
        return (
            isinstance(again, Trace)
            and semantics.is_initial(rigid, trace.states[0])
            and semantics.is_bad(rigid, again.states[-1])
        )

    def named(self, places: Iterable[int]) -> tuple[tuple[str, str], ...]:
        """(name, value) in the trace of what stands at these positions."""
        cells, rigid = self._problem.rigid_layout.cells, self._trace.rigid
        return tuple((show_cell(cells[at]), show(cells[at].symbol.sort, rigid[at])) for at in sorted(places))


class _Again:
    """The steps of a trace, with their choices, from every start with the values that it relies on."""

    def __init__(self, semantics: Semantics, trace: Trace, story: Story) -> None:
        starts = Starts(semantics, frozenset())
        self._search = Escaping(starts, NeededRun(starts, trace.steps), semantics.problem.constraints)
        self._problem, self._steps = semantics.problem, trace.steps
        relied = None if story.reliance is None else {cell for cell, _ in story.reliance.initial}
        self._kept = {
            Place(Role.STATE, at): (trace.states[0][at],)
            for at, cell in enumerate(semantics.problem.state_layout.cells)
            if relied is None or told_cell(cell) in relied
        }

    def leads_on(self, rigid: Valuation) -> bool | None:
        """Whether from one of them they are a run to a bad state with these values; None if not known."""
        try:
            return self._search.leading(self._allowed(rigid), MOST_RUNS) is not None
        except NotDecided:
            return None

    def departure(self, rigid: Valuation) -> Divergence | None:
        """The first step that none of them lets happen; 0 if there is no such start, one more than there are
        steps if all happen. None if not known."""
        starts = Starts(Semantics(replace(self._problem, bad=TRUE)), frozenset())
        count = len(self._steps)
        try:
            for number in range(count + 1):
                some = NeededRun(starts, self._steps[:number])
                search = Escaping(starts, some, self._problem.constraints)
                if search.leading(self._allowed(rigid), MOST_RUNS) is None:
                    return Divergence(number, begins_otherwise=number > 0)
        except NotDecided:
            return None
        return Divergence(count + 1, begins_otherwise=True)

    def _allowed(self, rigid: Valuation) -> Allowed:
        return {**{Place(Role.RIGID, at): (value,) for at, value in enumerate(rigid)}, **self._kept}


def least(candidates: tuple[int, ...], is_enough: Callable[[tuple[int, ...]], bool]) -> tuple[int, ...]:
    """Those of `candidates`, which are enough together, that are enough, none of which can be left out.

    Requires: more of them are enough, too, where fewer are. QuickXplain (Junker, AAAI 2004).
    """

    def search(given: tuple[int, ...], left: tuple[int, ...], *, is_new: bool) -> tuple[int, ...]:
        if is_new and is_enough(given):
            return ()
        if len(left) == 1:
            return left
        first, second = left[: len(left) // 2], left[len(left) // 2 :]
        of_second = search((*given, *first), second, is_new=True)
        of_first = search((*given, *of_second), first, is_new=bool(of_second))
        return (*of_first, *of_second)

    return search((), candidates, is_new=True)
