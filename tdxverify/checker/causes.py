"""Other ways to the same end: a shortest trace for every different set of actions that suffices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

from tdxverify.certify.replay import replay
from tdxverify.checker.options import Silent
from tdxverify.checker.tracing import FoundTrace
from tdxverify.engines.base import Budget
from tdxverify.engines.explicit import run
from tdxverify.results.trace import Trace
from tdxverify.results.verdict import Refuted
from tdxverify.syntax.ast import PropertyKind
from tdxverify.ts.problem import Problem

MOST_SEARCHES = 60
MOST_STATES = 200_000
SECONDS = 20.0  # for all of them together


def other_traces(found: FoundTrace) -> Iterator[Trace]:
    """Traces, shortest first, none of which uses all actions of an earlier one or of `found`'s.

    Each is shortest among the runs without certain actions of the earlier ones. Where the searches, the time
    or the states run out, there may be more. A deadlock has no others: without actions everything is one.
    """
    if found.property.kind is PropertyKind.NEVER_DEADLOCK:
        return
    deadline = monotonic() + SECONDS
    causes = [actions_of(found.trace)]
    traces: list[Trace] = []
    waiting = [frozenset({action}) for action in sorted(causes[0])]
    seen = set(waiting)
    for _ in range(MOST_SEARCHES):
        if not waiting or monotonic() >= deadline:
            break
        removed = waiting.pop(0)
        trace = _without(found.problem, removed, deadline)
        if trace is None:
            continue
        used = actions_of(trace)
        if not any(cause <= used for cause in causes):
            causes.append(used)
            traces.append(trace)
        for action in sorted(used):
            larger = removed | {action}
            if larger not in seen:
                seen.add(larger)
                waiting.append(larger)
    yield from sorted(traces, key=len)


def actions_of(trace: Trace) -> frozenset[str]:
    return frozenset(step.action for step in trace.steps)


def _without(problem: Problem, removed: frozenset[str], deadline: float) -> Trace | None:
    kept = tuple(action for action in problem.actions if action.name not in removed)
    verdict = run(replace(problem, actions=kept), Budget(deadline=deadline, max_states=MOST_STATES), Silent())
    if not isinstance(verdict, Refuted):
        return None
    replay(problem, verdict.trace)
    return verdict.trace
