"""What is around a trace: the steps that were possible instead, and the parameters that would have cut it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tdxverify.budget import UNLIMITED, Budget, LimitReached, Why
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Value, show
from tdxverify.model.model import Model
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames, acting
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import told_changes
from tdxverify.telling.nearest import turns
from tdxverify.telling.otherwise import MOST_NAMED, Otherwise, least
from tdxverify.telling.story import Aside, Cut, Story

MOST_STATES = 5_000  # looked at for one trace, to find out which parameter values prevent all others like it


def with_surroundings(
    model: Model, problem: Problem, trace: Trace, story: Story, budget: Budget = UNLIMITED
) -> Story:
    """`story`, which tells `trace`, with its `asides` and `cuts`; without them where there is no time."""
    semantics = Semantics(problem, budget)
    otherwise = Otherwise(model, problem, trace, story)
    try:
        return replace(
            story,
            asides=tuple(_asides(semantics, trace)),
            cuts=tuple(_Cuts(semantics, trace, otherwise, budget).cuts()),
        )
    except LimitReached:
        return story


def _asides(semantics: Semantics, trace: Trace) -> Iterator[Aside]:
    """In the order of the states, then of the steps; one for each other state that is one step away."""
    problem = semantics.problem
    names = StepNames(problem)
    places = {state: number for number, state in reversed(list(enumerate(trace.states)))}
    for number, steps in turns(semantics, trace).items():
        for step, after in steps:
            yield Aside(
                at=number,
                step=names.called(trace.rigid, trace.states[number], step),
                actor=acting(problem.action_named[step.action], step.arguments),
                changes=tuple(told_changes(problem.state_layout, trace.states[number], after)),
                is_bad=semantics.is_bad(trace.rigid, after),
                leads_to=places.get(after),
            )


class _Cuts:
    """Other values, allowed by the spec's assumptions, of parameters that matter."""

    def __init__(self, semantics: Semantics, trace: Trace, otherwise: Otherwise, budget: Budget) -> None:
        self._problem = semantics.problem
        self._trace = trace
        self._otherwise = otherwise
        self._like = _Enumerating(semantics, budget)  # machines that are like that of the trace,
        self._others = _Enumerating(semantics, budget)  # and those in which more is otherwise

    def cuts(self) -> Iterator[Cut]:
        """At most one for each of them."""
        for at, values in self._otherwise.others():
            for value in values:
                cut = self._cut(at, value)
                if cut is not None:
                    yield cut

    def _cut(self, at: int, value: Value) -> Cut | None:
        """None where the trace is still one, or the assumptions exclude the machine like its own."""
        otherwise = self._otherwise
        alike = otherwise.few(otherwise.like(at, value)) or ()
        found = otherwise.departure(alike)
        if found is None or otherwise.is_possible(alike) is not False:
            return None
        cell = self._problem.rigid_layout.cells[at]
        step = min(max(found.number, 1), len(self._trace))
        some = otherwise.few(otherwise.machines(at, value)) or ()
        prevents = all(self._like.has_no_bad(one, startless=False) for one in alike)
        also = (
            self._needed(at, some)
            if prevents
            else ()
            if some and otherwise.is_possible(some) is False
            else None
        )
        meant = otherwise.like(at, value) if also is None else otherwise.machines(at, value, also)
        return Cut(
            step,
            show_cell(cell),
            show(cell.symbol.sort, value),
            prevents,
            otherwise.named(also or ()),
            is_like=also is None and otherwise.is_like_alone(at, value),
            is_excluded=otherwise.are_excluded(meant),
        )

    def _needed(self, at: int, machines: Sequence[Valuation]) -> tuple[int, ...] | None:
        """Positions of what has to be as in the trace besides, so that none of `machines` fails; None if many
        have to be, or there are too many machines."""
        rigid = self._trace.rigid

        def is_enough(also: tuple[int, ...]) -> bool:
            agreeing = (one for one in machines if all(one[place] == rigid[place] for place in also))
            return all(self._others.has_no_bad(one, startless=True) for one in agreeing)

        rest = self._otherwise.besides(at)
        also = least(rest, is_enough) if machines else rest
        return also if machines and len(also) <= MOST_NAMED else None


class _Enumerating:
    """Looks at all states that can be reached, as long as those of all questions together are few."""

    def __init__(self, semantics: Semantics, budget: Budget) -> None:
        self._semantics = semantics
        self._budget = budget
        self._left = MOST_STATES
        self._known: dict[Valuation, int | None] = {}

    def has_no_bad(self, rigid: Valuation, *, startless: bool) -> bool:
        """Whether it is certain that no bad state can be reached. There is a start, if that has to be."""
        if rigid not in self._known:
            self._known[rigid] = self._good(rigid)
        count = self._known[rigid]
        return count is not None and (count > 0 or startless)

    def _good(self, rigid: Valuation) -> int | None:
        """How many states can be reached; None if one of them is bad, or they are too many."""
        try:
            seen = dict.fromkeys(self._initial(rigid))
            states = list(seen)
            for state in states:  # grows
                if self._left <= 0 or self._semantics.is_bad(rigid, state):
                    return None
                self._left -= 1
                for _, after in self._semantics.successors(rigid, state):
                    if after not in seen:
                        seen[after] = None
                        states.append(after)
        except LimitReached as reached:
            if reached.why is Why.TIMEOUT:
                raise
            return None
        return len(states)

    def _initial(self, rigid: Valuation) -> Iterator[Valuation]:
        for number, state in enumerate(self._semantics.initial_states(rigid, self._budget)):
            if number >= self._left:
                raise LimitReached(Why.STATE_SPACE)
            yield state
