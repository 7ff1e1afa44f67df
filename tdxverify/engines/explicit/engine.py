"""The explicit engine: enumerate every reachable state. Exact, and the oracle for the others.

All parameter valuations are explored at once, level by level, so a refutation is shortest over all
of them. `Budget.bound` does not apply: the search ends when there is nothing new, or at `deepest`.
"""

from __future__ import annotations

from tdxverify.budget import Budget, LimitReached
from tdxverify.engines.base import Observer
from tdxverify.engines.explicit import lassos, possible
from tdxverify.engines.explicit.reach import Reached, explore, prepare, shortest_trace, vacuous
from tdxverify.evidence.enumeration import ClosedSet, Enumeration
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.questions.problems.looping import origin_of
from tdxverify.questions.problems.problem import Origin, Problem
from tdxverify.semantics.successors import Semantics

NAME = "explicit"


def run(problem: Problem, budget: Budget, observer: Observer, deepest: int | None = None) -> Verdict:
    """Enumerate; Proved carries the set of all reachable pairs, `states` is their exact number.

    What is about whole runs is decided on these (`lassos`). With `deepest`, no state that is more steps away:
    what ends there is Unknown.
    """
    if problem.possible is not None:
        return possible.run(problem, budget, lambda text: observer.progress(NAME, text), deepest)
    found: Reached | None = None
    try:
        budget.check_time()
        origin = origin_of(problem) if deepest is None else None
        if origin is not None:
            return _of_runs(problem, origin, budget, observer)
        semantics = Semantics(problem, budget)
        start = prepare(problem, semantics, budget)
        if not start.initial:
            return vacuous(start)
        found = explore(start, budget, lambda text: observer.progress(NAME, text), deepest)
        if found.bad:
            return Refuted(shortest_trace(problem, semantics, start, found))
    except LimitReached as reached:
        return Unknown(reached.why, None if found is None else found.clean_through, reached.detail)
    if found.stopped is not None:
        return Unknown(found.stopped.why, found.clean_through, found.stopped.detail)
    return Proved(
        Enumeration.of(ClosedSet(start.system.packing, frozenset(found.visited))), states=len(found.visited)
    )


def _of_runs(problem: Problem, origin: Origin, budget: Budget, observer: Observer) -> Verdict:
    """On the states of `origin`, of which there are far fewer. May raise LimitReached."""
    start = prepare(origin.problem, Semantics(origin.problem, budget), budget)
    if not start.initial:
        return vacuous(start)
    return lassos.decide(problem, origin, start, budget, lambda text: observer.progress(NAME, text))
