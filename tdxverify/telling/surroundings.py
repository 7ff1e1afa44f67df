"""What is around a trace: the steps that were possible instead, and the parameters that would have cut it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdxverify.budget import UNLIMITED, Budget, LimitReached, Why
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import domain, show
from tdxverify.model.model import Model
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import told_changes
from tdxverify.telling.nearest import first_divergence, turns
from tdxverify.telling.steps import StepNames
from tdxverify.telling.story import Aside, Cut, Story

MOST_STATES = 5_000  # looked at for one trace, to find out which parameter values prevent all others like it


def with_surroundings(
    model: Model, problem: Problem, trace: Trace, story: Story, budget: Budget = UNLIMITED
) -> Story:
    """`story`, which tells `trace`, with its `asides` and `cuts`; without them where there is no time."""
    semantics = Semantics(problem, budget)
    try:
        return replace(
            story,
            asides=tuple(_asides(semantics, trace)),
            cuts=tuple(_cuts(model, semantics, trace, story, budget)),
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
                actor=problem.action_named[step.action].actor,
                changes=tuple(told_changes(problem.state_layout, trace.states[number], after)),
                is_bad=semantics.is_bad(trace.rigid, after),
                leads_to=places.get(after),
            )


def _cuts(model: Model, semantics: Semantics, trace: Trace, story: Story, budget: Budget) -> Iterator[Cut]:
    """One for every other value, allowed by the spec's assumptions, of a parameter that matters."""
    problem = semantics.problem
    parameters = {info.symbol.name for info in model.symbols if info.origin == "param"}
    matter = story.parameters_that_matter
    assumed = [semantics.evaluator.formula(part) for part in model.assumptions]
    enumerating = _Enumerating(semantics, budget)
    for place, cell in enumerate(problem.rigid_layout.cells):
        name = cell.symbol.name
        if name not in parameters or (matter is not None and name not in matter):
            continue
        for value in domain(cell.symbol.sort, problem.size_of):
            rigid = (*trace.rigid[:place], value, *trace.rigid[place + 1 :])
            if value == trace.rigid[place] or not all(holds(rigid, (), ()) for holds in assumed):
                continue
            found = first_divergence(semantics, trace, rigid)
            if found is not None:
                step = min(max(found.number, 1), len(trace))
                shown = show(cell.symbol.sort, value)
                yield Cut(step, show_cell(cell), shown, enumerating.has_no_bad(rigid))


class _Enumerating:
    """Looks at all states that can be reached, as long as those of all questions together are few."""

    def __init__(self, semantics: Semantics, budget: Budget) -> None:
        self._semantics = semantics
        self._budget = budget
        self._left = MOST_STATES

    def has_no_bad(self, rigid: Valuation) -> bool:
        """Whether it is certain that no bad state can be reached, and that there is an initial one."""
        try:
            seen = dict.fromkeys(self._initial(rigid))
            states = list(seen)
            for state in states:  # grows
                if self._left <= 0 or self._semantics.is_bad(rigid, state):
                    return False
                self._left -= 1
                for _, after in self._semantics.successors(rigid, state):
                    if after not in seen:
                        seen[after] = None
                        states.append(after)
        except LimitReached as reached:
            if reached.why is Why.TIMEOUT:
                raise
            return False
        return bool(states)

    def _initial(self, rigid: Valuation) -> Iterator[Valuation]:
        for number, state in enumerate(self._semantics.initial_states(rigid, self._budget)):
            if number >= self._left:
                raise LimitReached(Why.STATE_SPACE)
            yield state
