"""Two runs that take the same steps, and whether they really are told apart.

The evaluator decides, by two ordinary runs of the problem as it was asked; how pairs of runs are searched for
has no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Implicit
from tdxverify.logic.layout import Cell, Valuation, values_of
from tdxverify.logic.sorts import Value
from tdxverify.model.compared import Comparison, View
from tdxverify.questions.problems.doubling import common_choices, own_choices, second_input, second_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import WhyNot, state_after
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


@dataclass(frozen=True, slots=True)
class TwoRuns:
    """`first`, and beside each of its states and steps those of the second run; None where the second run
    leaves a step out."""

    first: Trace
    states: tuple[Valuation, ...]
    steps: tuple[Step | None, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """`view` has these two values in the two runs, for `elements`."""

    view: View
    elements: Valuation
    first: Value
    second: Value


@dataclass(frozen=True, slots=True)
class PossibleInOne:
    """`step` is possible in the first run (or else the second) only, and the other cannot choose the same."""

    step: Step
    in_first: bool


def two_runs_of(original: Problem, doubled: Problem, comparison: Comparison, trace: Trace) -> TwoRuns:
    """What `trace`, of the problem `doubled`, is as two runs of the `original` one."""
    position = {cell: place for place, cell in enumerate(doubled.state_layout.cells)}
    cells = original.state_layout.cells
    firsts = [position[cell] for cell in cells]
    seconds = [position.get(Cell(second_of(c.symbol), c.indices), position[c]) for c in cells]
    states = [tuple(state[place] for place in firsts) for state in trace.states]
    others = tuple(tuple(state[place] for place in seconds) for state in trace.states)
    pairs = [_steps(original, doubled, comparison, step) for step in trace.steps]
    first = Trace(trace.sizes, trace.rigid, tuple(states), tuple(one for one, _ in pairs))
    return TwoRuns(first, others, tuple(other for _, other in pairs))


def _steps(
    original: Problem, doubled: Problem, comparison: Comparison, step: Step
) -> tuple[Step, Step | None]:
    action, whole = original.action_named[step.action], doubled.action_named[step.action]
    bound = dict(zip(whole.parameters, step.arguments, strict=True))
    first = Step(step.action, tuple(bound[one] for one in action.parameters))
    if comparison.without is not None and action.actor == comparison.without:
        return first, None
    chosen = (bound.get(second_input(one), bound[one]) for one in action.parameters)
    return first, Step(step.action, tuple(chosen))


def two_runs_objection(original: Problem, comparison: Comparison, runs: TwoRuns) -> str | None:
    """Why `runs` are no two runs of `original` that are told apart; None where they are."""
    return next(_objections(Semantics(original), comparison, runs), None)


def _objections(semantics: Semantics, comparison: Comparison, runs: TwoRuns) -> Iterator[str]:
    rigid, first = runs.first.rigid, runs.first
    if not semantics.assumed(rigid):
        yield "the parameters are not allowed"
    for name, states in (("first", first.states), ("second", runs.states)):
        if not semantics.is_initial(rigid, states[0]):
            yield f"the {name} run does not begin in an initial state"
    yield from _start_objections(semantics, comparison, rigid, first.states[0], runs.states[0])
    for name, states, steps in (("first", first.states, first.steps), ("second", runs.states, runs.steps)):
        yield from _step_objections(semantics, rigid, name, states, steps)
    for step, other in zip(first.steps, runs.steps, strict=True):
        if not _is_same(semantics.problem, comparison, step, other):
            yield f"the runs do not take the same step {step.action}"
    for number, (state, beside) in enumerate(zip(first.states, runs.states, strict=True)):
        if any(seen(semantics, view, rigid, state, beside) for view in comparison.revealed):
            yield f"what may be known differs after {counted(number, 'step')}"
    if parting(semantics, comparison, runs) is None:
        yield "nothing tells the runs apart"


def _step_objections(
    semantics: Semantics,
    rigid: Valuation,
    name: str,
    states: tuple[Valuation, ...],
    steps: tuple[Step | None, ...],
) -> Iterator[str]:
    for number, step in enumerate(steps):
        after = states[number] if step is None else state_after(semantics, rigid, states[number], step)
        if isinstance(after, WhyNot):
            yield f"{after} in the {name} run"
        elif after != states[number + 1]:
            yield f"step {number + 1} of the {name} run leads elsewhere"


def _start_objections(
    semantics: Semantics, comparison: Comparison, rigid: Valuation, first: Valuation, second: Valuation
) -> Iterator[str]:
    """They start alike, but for secrets; a process where it can start alike."""
    secrets = {symbol.name for symbol in comparison.secrets}
    for place, cell in enumerate(semantics.problem.state_layout.cells):
        if first[place] == second[place] or cell.symbol.name in secrets:
            continue
        if cell.symbol.implicit is Implicit.COUNTER and not (
            semantics.is_initial(rigid, _with(second, place, first[place]))
            and semantics.is_initial(rigid, _with(first, place, second[place]))
        ):
            continue
        yield f"{cell} is no secret and starts differently"


def _with(state: Valuation, place: int, value: Value) -> Valuation:
    return (*state[:place], value, *state[place + 1 :])


def _is_same(problem: Problem, comparison: Comparison, step: Step, other: Step | None) -> bool:
    action = problem.action_named[step.action]
    is_alone = comparison.without is not None and action.actor == comparison.without
    if other is None or is_alone:
        return other is None and is_alone
    own = own_choices(action, comparison)
    pairs = zip(action.parameters, step.arguments, other.arguments, strict=True)
    return step.action == other.action and all(one == two for p, one, two in pairs if p not in own)


def parting(semantics: Semantics, comparison: Comparison, runs: TwoRuns) -> Seen | PossibleInOne | None:
    """What tells the runs apart in their last states; None where nothing does."""
    rigid, first, second = runs.first.rigid, runs.first.states[-1], runs.states[-1]
    for view in comparison.views:
        found = seen(semantics, view, rigid, first, second)
        if found is not None:
            return found
    return _only_one(semantics, comparison, rigid, first, second) if comparison.by_steps else None


def seen(
    semantics: Semantics, view: View, rigid: Valuation, first: Valuation, second: Valuation
) -> Seen | None:
    """The first elements for which `view` is not the same in both states; None where there are none."""
    value = semantics.evaluator.formula(view.value, view.binders)
    for elements in values_of(view.binders, semantics.problem.size_of):
        one, other = value(rigid, first, elements), value(rigid, second, elements)
        if one != other:
            return Seen(view, elements, one, other)
    return None


def _only_one(
    semantics: Semantics, comparison: Comparison, rigid: Valuation, first: Valuation, second: Valuation
) -> PossibleInOne | None:
    for action in semantics.problem.actions:
        for in_first, states in ((True, (first, second)), (False, (second, first))):
            taken = _Choosing(semantics, comparison, action.name, rigid)
            mine, others = (tuple(taken.steps(state)) for state in states)
            for step, choices in mine:
                if not any(taken.can_be_both(step, choices, *other) for other in others):
                    return PossibleInOne(step, in_first)
    return None


class _Choosing:
    """The steps of one action, and which choices are made in them."""

    def __init__(self, semantics: Semantics, comparison: Comparison, action: str, rigid: Valuation) -> None:
        self._semantics = semantics
        self._action = semantics.problem.action_named[action]
        self._common = common_choices(self._action, comparison)
        self._rigid = rigid

    def steps(self, state: Valuation) -> Iterator[tuple[Step, Mapping[int, Value]]]:
        """Each that is possible, with the choices that both runs have to make alike, by their numbers."""
        for arguments, _ in self._semantics.moves_named(self._action.name).steps(self._rigid, state):
            bound: dict[Bound, Value] = dict(zip(self._action.parameters, arguments, strict=True))
            made = {
                number: bound[choice.parameter]
                for number, choice in enumerate(self._common)
                if self._semantics.evaluator.evaluate(choice.condition, self._rigid, state, bound)
            }
            yield Step(self._action.name, arguments), made

    def can_be_both(
        self, step: Step, choices: Mapping[int, Value], other: Step, others: Mapping[int, Value]
    ) -> bool:
        declared = len(self._action.parameters) - self._action.hidden
        return step.arguments[:declared] == other.arguments[:declared] and all(
            choices[number] == others[number] for number in choices.keys() & others.keys()
        )


def as_found(doubled: Problem, original: Problem) -> Problem:
    """`original` about the parameters that `doubled` is about: what a claim alone reads is not fixed."""
    return replace(original, assumptions=doubled.assumptions)
