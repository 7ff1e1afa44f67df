"""The explicit engine: enumerate every reachable state. Exact, and the oracle for the others.

All parameter valuations are explored at once, level by level, so a refutation is shortest over all
of them. `Budget.bound` does not apply: the search ends when there is nothing new.
"""

from __future__ import annotations

from math import prod

from tdxverify.budget import Budget, LimitReached
from tdxverify.engines.base import Observer
from tdxverify.explore.reach import Reached, Start, explore, prepare, shortest_trace
from tdxverify.explore.successors import Semantics
from tdxverify.model.expr import conjuncts, fixed_by
from tdxverify.model.sorts import domain
from tdxverify.results.certificate import ClosedSet
from tdxverify.results.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.ts.problem import Problem

NAME = "explicit"


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Enumerate; Proved carries the set of all reachable pairs, `states` is their exact number."""
    found: Reached | None = None
    try:
        budget.check_time()
        semantics = Semantics(problem, budget)
        start = prepare(problem, semantics, budget)
        if not start.initial:
            return _vacuous(start)
        found = explore(start, budget, lambda text: observer.progress(NAME, text))
        if found.bad:
            return Refuted(shortest_trace(problem, semantics, start, found))
    except LimitReached as reached:
        return Unknown(reached.why, None if found is None else found.clean_through, reached.detail)
    if found.stopped is not None:
        return Unknown(found.stopped.why, found.clean_through, found.stopped.detail)
    return Proved(ClosedSet(start.system.packing, frozenset(found.visited)), states=len(found.visited))


def _vacuous(start: Start) -> Vacuous:
    if not start.rigid:
        return Vacuous("the assumptions on the parameters contradict one another")
    return Vacuous("no state satisfies what is said about the initial state")


def estimate(problem: Problem) -> int:
    """An upper bound of the number of reachable (rigid, state) pairs, without enumerating anything.

    Cells that never change count with their initial choices, parameters that an assumption equates
    with a constant count once.
    """
    written = {write.symbol for action in problem.actions for write in action.writes}
    facts = (fixed_by(part) for assumption in problem.assumptions for part in conjuncts(assumption))
    known = {fact[0].symbol for fact in facts if fact is not None and not fact[0].indices}
    factors: list[int] = []
    for cell in problem.rigid_layout.cells:
        factors.append(1 if cell.symbol in known else len(domain(cell.symbol.sort, problem.size_of)))
    options = {start.symbol: start.choices for start in problem.initial}
    for cell in problem.state_layout.cells:
        values = len(domain(cell.symbol.sort, problem.size_of))
        choices = options[cell.symbol]
        if cell.symbol not in written and choices is not None:
            values = min(values, len(choices))
        factors.append(values)
    return prod(factors)
