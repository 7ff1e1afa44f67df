"""The engine `spacer`: Z3's own IC3/PDR, asked about the problem with its sizes fixed.

Spacer's word is not taken for it: its invariant is read back as a certificate like any other, and a
counterexample is confirmed, and made shortest, by bounded search. Where its answer cannot be read
back nothing is claimed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from tdxverify.budget import Budget, Why
from tdxverify.engines import bmc
from tdxverify.engines.base import Observer
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Unknown, Verdict
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.horn import Closed, Reachable, ask
from tdxverify.smt.solver import GaveUp

NAME = "spacer"


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Decide `problem` at its sizes."""
    start = bmc.run(problem, replace(budget, bound=0), observer)
    if not (isinstance(start, Unknown) and start.why in (Why.BOUND_REACHED, Why.RUNS_END)):
        return start
    observer.progress(NAME, "asking Spacer")
    answer = ask(problem, budget.remaining_ms())
    match answer:
        case GaveUp(reason=reason):
            return Unknown(Why.TIMEOUT if budget.expired() else Why.SOLVER_GAVE_UP, 0, reason)
        case Closed(invariant=invariant):
            return Proved(Invariant((invariant,), any_size=False))
        case Reachable():
            return bmc.run(problem, budget, observer)
        case _:
            assert_never(answer)
