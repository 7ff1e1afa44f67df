"""How far a run of a weakened model is one of the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdxverify.budget import Budget
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames, declared_arguments, declared_call
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


@dataclass(frozen=True, slots=True)
class Shared:
    """`run`: the steps that the model has as well, those of `trace`. `stopped`: the `next` one, if there is
    one; where it is `possible` in the model, it leads elsewhere, whatever it chooses."""

    trace: Trace
    run: tuple[str, ...]
    next: Step | None = None
    stopped: str | None = None
    possible: bool = False


def shared(model: Problem, weakened: Problem, trace: Trace, budget: Budget) -> Shared | None:
    """What of `trace`, without steps that only renew free values, is a run of `model` as well.

    None where it has not even the start.
    """
    rigid = _projected(model.rigid_layout, weakened.rigid_layout, trace.rigid)
    states = [_projected(model.state_layout, weakened.state_layout, state) for state in trace.states]
    semantics = Semantics(model)
    if not (semantics.assumed(rigid) and semantics.is_initial(rigid, states[0])):
        return None
    run: list[str] = []
    names, way = StepNames(model), Trace(trace.sizes, rigid, (states[0],), ())
    for step, before, after in zip(trace.steps, states, states[1:], strict=False):
        if step.action not in model.action_named:
            continue
        reached = _reached(model, weakened, step, rigid, before, budget)
        if after not in reached:
            stopped = declared_call(weakened, step)
            return Shared(way, tuple(run), step, stopped, possible=bool(reached))
        run.append(names.listed(rigid, before, reached[after]))
        way = replace(way, states=(*way.states, after), steps=(*way.steps, reached[after]))
    return Shared(way, tuple(run))


def _projected(wanted: Layout, given: Layout, values: Valuation) -> Valuation:
    """The values of the `wanted` cells, out of those of the `given` ones."""
    known = dict(zip(given.cells, values, strict=True))
    return tuple(known[cell] for cell in wanted.cells)


def _reached(
    model: Problem, weakened: Problem, step: Step, rigid: Valuation, before: Valuation, budget: Budget
) -> dict[Valuation, Step]:
    """Where the step leads in `model`, whatever it chooses, with the first that leads there."""
    named = declared_arguments(weakened.action_named[step.action], step.arguments)
    action = model.action_named[step.action]
    alone = Semantics(replace(model, actions=(action,)), budget)
    found: dict[Valuation, Step] = {}
    for taken, after in alone.successors(rigid, before):
        if declared_arguments(action, taken.arguments) == named:
            found.setdefault(after, taken)
    return found
