"""The engine `bdd`: all reachable states as a binary decision diagram. Needs the package `dd`.

Exact, like `explicit`, where the diagrams stay small: that depends on how the cells hang together and
not on how many states there are. Counting, parity and long runs cost it little, wide arithmetic and
tables that mix everything with everything cost it all. A proof is the set of reachable states as an
invariant, a trace the least of the shortest ones. `Budget.bound` does not apply.
"""

from __future__ import annotations

from tdxverify.budget import Budget, Why
from tdxverify.engines.base import Observer
from tdxverify.engines.bdd.backend import version
from tdxverify.evidence.verdict import Unknown, Verdict
from tdxverify.questions.problems.problem import Problem

NAME = "bdd"


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Decide `problem` at its sizes."""
    if version() is None:
        return Unknown(Why.UNSUPPORTED, None, "dd is not installed: pip install 'tdxverify[bdd]'")
    if budget.expired():
        return Unknown(Why.TIMEOUT, None)
    from tdxverify.engines.bdd.process import decide

    return decide(problem, budget.seconds_left, lambda text: observer.progress(NAME, text))
