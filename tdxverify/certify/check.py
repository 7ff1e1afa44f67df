"""A verdict is believed once its evidence has been checked by code that did not find it.

Only what is needed is imported: checking a trace or a closed set loads no solver.
"""

from __future__ import annotations

from typing import assert_never

from tdxverify.budget import Budget
from tdxverify.certify.undecided import NotRechecked
from tdxverify.model.expr import FALSE
from tdxverify.results.certificate import Certificate, ClosedSet, DecisionDiagram, Invariant, KInductive
from tdxverify.results.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.ts.problem import Problem


def certify(problem: Problem, verdict: Verdict, limits: Budget) -> None:
    """Return if the evidence for `verdict` holds. `limits` may be a Budget.

    Raises NotRechecked if that could not be found out, and InternalError (with a bundle) if it does not
    hold. Unknown claims nothing but `clean_through`, for which there is no evidence to check.
    """
    match verdict:
        case Refuted(trace=trace):
            from tdxverify.certify.replay import replay

            replay(problem, trace)
        case Proved(certificate=certificate):
            _certify_proof(problem, certificate, limits)
        case Vacuous(any_size=True):
            from tdxverify.certify.invariant import recheck_invariant

            recheck_invariant(problem, Invariant((FALSE,), any_size=True), limits)
        case Vacuous():
            from tdxverify.certify.induction import recheck_vacuous

            recheck_vacuous(problem, limits)
        case Unknown():
            pass
        case _:
            assert_never(verdict)


def _certify_proof(problem: Problem, certificate: Certificate, limits: Budget) -> None:
    match certificate:
        case KInductive():
            from tdxverify.certify.induction import recheck

            recheck(problem, certificate, limits)
        case Invariant() | DecisionDiagram():
            from tdxverify.certify.invariant import recheck_invariant

            recheck_invariant(problem, certificate, limits)
        case ClosedSet():
            from tdxverify.certify.closure import Closure, check_closure

            if check_closure(problem, certificate, limits.deadline) is not Closure.ACCEPTED:
                raise NotRechecked("the time ran out")
        case _:
            assert_never(certificate)
