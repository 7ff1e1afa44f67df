"""How far a run of a weakened model is one of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdxverify.budget import Budget
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.telling.steps import declared_arguments


@dataclass(frozen=True, slots=True)
class Shared:
    """`steps`: so many the model has as well. `possible`: so is the next one, but it leads elsewhere."""

    steps: int
    possible: bool


def shared(model: Problem, weakened: Problem, trace: Trace, budget: Budget) -> Shared | None:
    """What of `trace`, without steps that only renew free values, is a run of `model` as well.

    None where it has not even the start.
    """
    rigid = _projected(model.rigid_layout, weakened.rigid_layout, trace.rigid)
    states = [_projected(model.state_layout, weakened.state_layout, state) for state in trace.states]
    semantics = Semantics(model)
    if not (semantics.assumed(rigid) and semantics.is_initial(rigid, states[0])):
        return None
    count = 0
    for step, before, after in zip(trace.steps, states, states[1:], strict=False):
        if step.action not in model.action_named:
            continue
        reached = _reached(model, weakened, step, rigid, before, budget)
        if after not in reached:
            return Shared(count, possible=bool(reached))
        count += 1
    return Shared(count, possible=False)


def _projected(wanted: Layout, given: Layout, values: Valuation) -> Valuation:
    """The values of the `wanted` cells, out of those of the `given` ones."""
    known = dict(zip(given.cells, values, strict=True))
    return tuple(known[cell] for cell in wanted.cells)


def _reached(
    model: Problem, weakened: Problem, step: Step, rigid: Valuation, before: Valuation, budget: Budget
) -> set[Valuation]:
    """Where the step leads in `model`, with whatever choices that have no name."""
    named = declared_arguments(weakened.action_named[step.action], step.arguments)
    action = model.action_named[step.action]
    alone = Semantics(replace(model, actions=(action,)), budget)
    return {
        after
        for taken, after in alone.successors(rigid, before)
        if declared_arguments(action, taken.arguments) == named
    }
