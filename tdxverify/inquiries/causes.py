"""Other ways to the same end: a shortest trace for every different set of actions that suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import STEPS_A_SECOND, UNLIMITED, Budget
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Refuted, Unknown, Verdict
from tdxverify.inquiries.prevention import decided
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace

MOST_SEARCHES = 60
MOST_STATES = 50_000  # counted in each
WORK = 20 * STEPS_A_SECOND  # of solvers, for all of them together


@dataclass(frozen=True, slots=True)
class OtherTraces:
    """`complete`: every set of actions that leads there contains that of one of these, or of the first."""

    traces: tuple[Trace, ...]
    complete: bool


def other_traces(found: FoundTrace, budget: Budget = UNLIMITED) -> OtherTraces:
    """Traces, shortest first, none of which uses all actions of an earlier one or of `found`'s.

    Each is shortest among the runs without certain actions of the earlier ones. Where the searches or what
    may be done run out, there may be more. A deadlock has no others: without actions everything is one.
    """
    if not kind_of(found.question.property).has_other_causes:
        return OtherTraces((), complete=True)
    budget = replace(budget.working(WORK), max_states=MOST_STATES)
    causes = [actions_of(found.trace)]
    traces: list[Trace] = []
    waiting = [frozenset({action}) for action in sorted(causes[0])]
    seen = set(waiting)
    complete = True
    for _ in range(MOST_SEARCHES):
        if not waiting or budget.expired():
            break
        removed = waiting.pop(0)
        verdict = _without(found.problem, removed, budget)
        complete = complete and not isinstance(verdict, Unknown)
        if not isinstance(verdict, Refuted):
            continue
        trace = verdict.trace
        certified(found.problem, verdict, budget)
        used = actions_of(trace)
        if not any(cause <= used for cause in causes):
            causes.append(used)
            traces.append(trace)
        for action in sorted(used):
            larger = removed | {action}
            if larger not in seen:
                seen.add(larger)
                waiting.append(larger)
    return OtherTraces(_least(traces), complete and not waiting)


def _least(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Without those that another one makes superfluous: it is no longer and uses fewer actions."""
    kept = [
        one
        for one in traces
        if not any(actions_of(other) < actions_of(one) and len(other) <= len(one) for other in traces)
    ]
    return tuple(sorted(kept, key=len))


def actions_of(trace: Trace) -> frozenset[str]:
    return frozenset(step.action for step in trace.steps)


def _without(problem: Problem, removed: frozenset[str], budget: Budget) -> Verdict:
    kept = tuple(action for action in problem.actions if action.name not in removed)
    return decided(replace(problem, actions=kept), budget)
