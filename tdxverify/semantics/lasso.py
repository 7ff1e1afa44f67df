"""Runs that go round for ever: a stem and a loop, and whether one really breaks a promise, fairly.

The evaluator decides, on the problem as it was asked; how loops are searched for has no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tdxverify.diagnostics import InternalError
from tdxverify.logic.evaluate import Formula
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.looping import BEGIN, begun
from tdxverify.questions.problems.problem import Origin, Problem
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


@dataclass(frozen=True, slots=True)
class Lasso:
    """From its last state `trace` goes on as it did from state `begin` on, for ever; where these are the
    same, it stops. `elements`: for which values of its binders a promise is broken.
    """

    trace: Trace
    begin: int
    elements: Valuation

    @property
    def stops(self) -> bool:
        """Is there no step in the loop?"""
        return self.begin == len(self.trace)


def length_of(trace: Trace) -> int:
    """How many steps of the model it takes: to say that the loop begins is none."""
    return sum(step.action != BEGIN for step in trace.steps)


def begin_of(trace: Trace) -> int | None:
    """After how many steps the loop begins that the trace goes round, if one does. One that it begins with
    and does not go round counts as a step."""
    begun = [number for number, step in enumerate(trace.steps) if step.action == BEGIN]
    return begun[-1] if begun else None


def order_of(trace: Trace) -> tuple[int, int]:
    """What is compared where the shortest is wanted: how many steps there are before a loop begins, if one
    does, and then how many more; a trace without a loop comes before one whose loop begins at its end."""
    begin = begin_of(trace)
    return (len(trace), 0) if begin is None else (begin, len(trace) - begin)


def lasso_of(original: Problem, trace: Trace) -> Lasso | None:
    """What `trace`, of the problem with a loop, is as a run of the `original` one; None where no loop begins,
    since a value leaves its range. A run that is not the shortest may begin with a loop that it does not go
    round: the last one counts."""
    begun = [number for number, step in enumerate(trace.steps) if step.action == BEGIN]
    if not begun:
        return None
    width = len(original.state_layout.cells)
    behind = {number + 1 for number in begun}
    states = tuple(state[:width] for number, state in enumerate(trace.states) if number not in behind)
    steps = tuple(step for step in trace.steps if step.action != BEGIN)
    elements = trace.steps[begun[-1]].arguments
    return Lasso(Trace(trace.sizes, trace.rigid, states, steps), begun[-1] + 1 - len(begun), elements)


def run_with_loop(
    problem: Problem, origin: Origin, rigid: Valuation, first: Valuation, steps: Sequence[Step]
) -> Trace:
    """The run of `problem` from `first`, a state of its `origin`, which shows a loop if it is a step of
    `steps` that one begins. Requires that they are possible.
    """
    found = run(Semantics(problem), rigid, begun(problem, origin, first), steps)
    if isinstance(found, WhyNot):
        raise InternalError(f"a loop of {problem.name} cannot be shown: {found}", {"problem": repr(problem)})
    return found


def lasso_objection(
    original: Problem, promise: Promise, fairness: tuple[Fairness, ...], lasso: Lasso
) -> str | None:
    """Why `lasso` is no fair run of `original` that breaks `promise`; None where it is."""
    return next(_objections(Semantics(original), promise, fairness, lasso), None)


def _objections(
    semantics: Semantics, promise: Promise, fairness: tuple[Fairness, ...], lasso: Lasso
) -> Iterator[str]:
    trace = lasso.trace
    if not semantics.assumed(trace.rigid) or not semantics.is_initial(trace.rigid, trace.states[0]):
        yield "it does not begin in an initial state"
    again = run(semantics, trace.rigid, trace.states[0], trace.steps)
    if isinstance(again, WhyNot):
        yield str(again)
    elif again.states != trace.states:
        yield "its states are not those that the steps lead to"
    if trace.states[-1] != trace.states[lasso.begin]:
        yield "the loop does not come back to where it began"
    if not _is_broken(semantics, promise, lasso):
        yield "the promise is kept"
    for fair in fairness:
        if not Turns(semantics, fair, lasso).are_fair():
            yield f"it is not fair to {fair.name}"


def _is_broken(semantics: Semantics, promise: Promise, lasso: Lasso) -> bool:
    """Is what the promise asks for open in every state of the loop?"""
    return all(since is not None for since in _open_since(semantics, promise, lasso)[lasso.begin :])


def asked_in(semantics: Semantics, promise: Promise, lasso: Lasso) -> int:
    """The number of the state in which that is asked for which the loop leaves open."""
    since = _open_since(semantics, promise, lasso)[-1]
    assert since is not None
    return since


def _open_since(semantics: Semantics, promise: Promise, lasso: Lasso) -> list[int | None]:
    """For each state the first from which on something is asked for and not kept; None where nothing is."""
    rigid, elements = lasso.trace.rigid, lasso.elements
    kept = semantics.evaluator.formula(promise.kept, promise.binders)
    asked = None if promise.asked is None else semantics.evaluator.formula(promise.asked, promise.binders)
    since: int | None = 0 if asked is None else None
    found: list[int | None] = []
    for number, state in enumerate(lasso.trace.states):
        if since is None and asked is not None and asked(rigid, state, elements):
            since = number
        if kept(rigid, state, elements):
            since = None
        found.append(since)
    return found


class Turns:
    """What the loop of `lasso` has to do with one condition of fairness."""

    def __init__(self, semantics: Semantics, fair: Fairness, lasso: Lasso) -> None:
        self._semantics = semantics
        self._fair = fair
        self._rigid = lasso.trace.rigid
        self._states = lasso.trace.states[lasso.begin :]
        self._steps = lasso.trace.steps[lasso.begin :]
        self._conditions = {part.action: self._condition(part.action) for part in fair.parts}

    def _condition(self, action: str) -> Formula:
        part = next(part for part in self._fair.parts if part.action == action)
        parameters = self._semantics.problem.action_named[action].parameters
        return self._semantics.evaluator.formula(part.condition, (*self._fair.binders, *parameters))

    def are_fair(self) -> bool:
        """Whether each instance has its turn in the loop, or may go without."""
        return all(map(self._is_fair, self._instances()))

    def without_turn(self) -> Iterator[Valuation]:
        """The instances none of whose steps is in the loop."""
        return (instance for instance in self._instances() if not self._has_turn(instance))

    def _instances(self) -> Iterator[Valuation]:
        sizes = self._semantics.problem.size_of
        return values_of(self._fair.binders, sizes)

    def _is_fair(self, instance: Valuation) -> bool:
        if self._has_turn(instance):
            return True
        possible = [self._is_possible(state, instance) for state in self._states]
        return not any(possible) if self._fair.strong else not all(possible)

    def _has_turn(self, instance: Valuation) -> bool:
        done = zip(self._states, self._steps, strict=False)
        return any(self._belongs(state, step, instance) for state, step in done)

    def _belongs(self, state: Valuation, step: Step, instance: Valuation) -> bool:
        condition = self._conditions.get(step.action)
        return condition is not None and bool(condition(self._rigid, state, (*instance, *step.arguments)))

    def _is_possible(self, state: Valuation, instance: Valuation) -> bool:
        return any(
            self._belongs(state, Step(action, arguments), instance)
            for action in self._conditions
            for arguments, _ in self._semantics.moves_named(action).steps(self._rigid, state)
        )
