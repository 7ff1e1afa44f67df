"""Of runs that go round, the one whose loop begins soonest: every engine is asked for it in the same way.

An engine that searches for bad states finds the trace with the fewest steps. What is wanted is one whose loop
begins after as few steps as possible, and of those one with the shortest loop; so where a loop begins after n
steps, it is asked again about those that begin sooner, until there are none. The last that was found has the
fewest steps of all that begin no later, so its loop is the shortest. Enumeration finds that one at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tdxverify.budget import STEPS_A_SECOND, Budget, LimitReached
from tdxverify.evidence.verdict import Refuted, Unknown, Verdict
from tdxverify.questions.problems.looping import beginning_within, origin_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import order_of
from tdxverify.semantics.trace import Trace

WORK = 20 * STEPS_A_SECOND  # of solvers, to find that no loop begins sooner

Search = Callable[[Problem, Budget], Verdict]


def soonest(problem: Problem, verdict: Verdict, search: Search, budget: Budget) -> Verdict:
    """`verdict`, with the trace of `problem` whose loop begins soonest, as far as `search` finds that out.

    Anything but a refutation of a question about whole runs stays as it is.
    """
    if not isinstance(verdict, Refuted) or problem.origin is None or origin_of(problem) is None:
        return verdict
    limited = budget.working(WORK)
    while begins := order_of(verdict.trace)[0]:
        try:
            found = search(beginning_within(problem, begins - 1), _bounded(limited, verdict.trace))
        except LimitReached as reached:
            return replace(verdict, unsure=reached.told)
        if isinstance(found, Unknown) and found.longest is None:
            return replace(verdict, unsure=found.told)
        if not isinstance(found, Refuted):
            break
        verdict = Refuted(_without_count(found.trace), found.unsure)
    return verdict


def _bounded(budget: Budget, trace: Trace) -> Budget:
    """For searches that end at a depth: loops that are much longer are not looked for."""
    return replace(budget, bound=min(budget.bound, 2 * len(trace) + 2))


def _without_count(trace: Trace) -> Trace:
    return replace(trace, states=tuple(state[:-1] for state in trace.states))
