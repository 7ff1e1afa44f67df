"""The run that stays with a trace as long as possible and then does something else, and does not fail."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import WhyNot, state_after
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


@dataclass(frozen=True, slots=True)
class Turn:
    """The same as the trace for `kept` steps; then `step` instead, which leads to `state`."""

    kept: int
    step: Step
    state: Valuation


def nearest_turn(problem: Problem, trace: Trace, budget: Budget = UNLIMITED) -> Turn | None:
    """The latest turn to a state that is not bad and on no state of the trace; None where there is none.

    Raises LimitReached.
    """
    semantics = Semantics(problem, budget)
    on_trace = set(trace.states)
    for kept in range(len(trace) - 1, -1, -1):
        for step, state in semantics.successors(trace.rigid, trace.states[kept]):
            if state not in on_trace and not semantics.is_bad(trace.rigid, state):
                return Turn(kept, step, state)
    return None


def turns(semantics: Semantics, trace: Trace) -> dict[int, list[tuple[Step, Valuation]]]:
    """For each state of the trace, by number, all steps that lead off it; each other state once."""
    found: dict[int, list[tuple[Step, Valuation]]] = {}
    for number, state in enumerate(trace.states):
        seen = {state} | ({trace.states[number + 1]} if number < len(trace) else set())
        for step, after in semantics.successors(trace.rigid, state):
            if after not in seen:
                seen.add(after)
                found.setdefault(number, []).append((step, after))
    return found


@dataclass(frozen=True, slots=True)
class Divergence:
    """Step `number` (from 1) is the first that goes elsewhere: to `state`, None if it is not possible."""

    number: int
    state: Valuation | None


def first_divergence(problem: Problem, trace: Trace, rigid: Valuation) -> Divergence | None:
    """Take the trace's steps with other parameter values, as far as the states stay the same."""
    semantics = Semantics(problem)
    for number, step in enumerate(trace.steps, 1):
        after = state_after(semantics, rigid, trace.states[number - 1], step)
        if after != trace.states[number]:
            return Divergence(number, None if isinstance(after, WhyNot) else after)
    return None
