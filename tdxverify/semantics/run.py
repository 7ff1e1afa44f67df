"""Doing given steps, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


class Reason(Enum):
    """What may be wrong with something that is to be a run into its first bad state."""

    SIZES = "sizes"  # it has others than the problem
    SHAPE = "shape"  # states, steps and values are not as many as they have to be
    DOMAIN = "domain"  # a value or an argument is not of its sort
    ASSUMPTION = "assumption"  # the parameters are not allowed
    START = "start"  # the first state is not initial
    ACTION = "action"  # there is none of that name
    ARGUMENTS = "arguments"  # too many or too few
    GUARD = "guard"  # the step is not possible there
    STATE = "state"  # the step leads elsewhere
    BAD_BEFORE = "bad before"  # an earlier state is bad
    NOT_BAD = "not bad"  # the last state is not


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`detail` is a clause; `number` (from 1) and `step` are there where it is a step that is wrong. `name`
    finds out what that step is called, where there can be one like it."""

    reason: Reason
    detail: str
    number: int | None = None
    step: Step | None = None
    name: Callable[[], str] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        if self.step is None:
            return self.detail
        return f"{self.step_told()}: {self.detail}"

    def step_told(self) -> str:
        """`step 2, burn(l = Line0)`. Requires: it is a step that is wrong."""
        assert self.step is not None
        return f"step {self.number}, {self.step.action if self.name is None else self.name()}"


def run(semantics: Semantics, rigid: Valuation, first: Valuation, steps: Iterable[Step]) -> Trace | WhyNot:
    """The trace of `steps` from `first`, any state, or why one of them, the first such, is not possible.

    No step behind that one is asked for.
    """
    states, taken = [first], list[Step]()
    for number, step in enumerate(steps, 1):
        after = state_after(semantics, rigid, states[-1], step, number)
        if isinstance(after, WhyNot):
            return after
        states.append(after)
        taken.append(step)
    return Trace(semantics.problem.sizes, rigid, tuple(states), tuple(taken))


def state_after(
    semantics: Semantics, rigid: Valuation, state: Valuation, step: Step, number: int = 1
) -> Valuation | WhyNot:
    """Where `step` leads from `state`, or why it is not possible there, as step `number`."""
    problem = semantics.problem
    action = problem.action_named.get(step.action)
    if action is None:
        return WhyNot(Reason.ACTION, "there is no such action", number, step)
    if len(step.arguments) != len(action.parameters):
        return WhyNot(
            Reason.ARGUMENTS, f"it takes {counted(len(action.parameters), 'argument')}", number, step
        )
    for parameter, value in zip(action.parameters, step.arguments, strict=True):
        if value not in domain(parameter.sort, problem.size_of):
            told = f"{parameter.name} is {value}, which is not in {parameter.sort}"
            return WhyNot(Reason.DOMAIN, told, number, step)
    after = semantics.after(action.name, rigid, state, step.arguments)
    if after is not None:
        return after
    name = named(problem, rigid, state, step)
    return WhyNot(Reason.GUARD, "it is not possible there", number, step, name)


def named(problem: Problem, rigid: Valuation, before: Valuation, step: Step) -> Callable[[], str]:
    """What finds out what `step`, taken in `before`, is called."""
    return lambda: StepNames(problem).called(rigid, before, step)
