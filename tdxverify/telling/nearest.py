"""Steps off a trace, and where it goes with other parameter values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tdxverify.logic.layout import Valuation
from tdxverify.semantics.run import WhyNot, state_after
from tdxverify.semantics.steps import StepNames, declared_call
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


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
    """Where a trace first goes elsewhere: with step `number` (from 1), which `is_possible` or not, and leads
    to `state` if to one alone. 0: it does not begin like that. One more than there are steps: its end is not
    bad.

    `begins_otherwise`: it cannot begin exactly like that, but with all that it relies on. From each of these
    starts its steps are possible at most up to this one.
    """

    number: int
    is_possible: bool = False
    state: Valuation | None = None
    begins_otherwise: bool = False


def first_divergence(
    semantics: Semantics, names: StepNames, trace: Trace, rigid: Valuation
) -> Divergence | None:
    """Take the trace's steps with other parameter values, as far as they lead to the same states.

    A step is the same that makes the same choices, as far as they are told. What it chooses without saying
    so is chosen as it has to be. None: it is a run to a bad state. Raises LimitReached.
    """
    if not semantics.is_initial(rigid, trace.states[0]):
        return Divergence(0)
    for number, step in enumerate(trace.steps, 1):
        before, wanted = trace.states[number - 1], trace.states[number]
        told = names.choices_made(trace.rigid, before, step)
        found = list(
            dict.fromkeys(
                after
                for taken, after in _like(semantics, rigid, before, step)
                if told <= names.choices_made(rigid, before, taken)
            )
        )
        if wanted not in found:
            return Divergence(number, bool(found), found[0] if len(found) == 1 else None)
    return None if semantics.is_bad(rigid, trace.states[-1]) else Divergence(len(trace) + 1)


def is_possible(semantics: Semantics, trace: Trace, rigid: Valuation) -> bool:
    """Whether the actions of the trace lead from state to state as there, to a bad one, whatever else they
    choose. Raises LimitReached."""
    return (
        semantics.is_initial(rigid, trace.states[0])
        and all(
            trace.states[number] in (after for _, after in _like(semantics, rigid, before, step))
            for number, (before, step) in enumerate(zip(trace.states, trace.steps, strict=False), 1)
        )
        and semantics.is_bad(rigid, trace.states[-1])
    )


def _like(
    semantics: Semantics, rigid: Valuation, state: Valuation, like: Step
) -> Iterator[tuple[Step, Valuation]]:
    """The steps called like this one, whatever they choose, and where they lead; this one first."""
    after = state_after(semantics, rigid, state, like)
    if not isinstance(after, WhyNot):
        yield like, after
    name = declared_call(semantics.problem, like)
    for step, end in semantics.successors(rigid, state):
        if step.action == like.action and declared_call(semantics.problem, step) == name:
            yield step, end
