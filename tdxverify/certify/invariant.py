"""An inductive invariant proved again from nothing: initiation, consecution, safety.

The questions are text (certify/smtlib.py), answered by a fresh Z3 (smt/text.py). No encoding,
context or solver is shared with the engine that found the invariant.
"""

from __future__ import annotations

from typing import NoReturn

from tdxverify.budget import Budget
from tdxverify.certify.smtlib import script_for
from tdxverify.certify.undecided import NotRechecked
from tdxverify.diagnostics import InternalError
from tdxverify.results.certificate import DecisionDiagram, Invariant
from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable, contradictions
from tdxverify.ts.problem import Problem


def recheck_invariant(problem: Problem, certificate: Invariant | DecisionDiagram, limits: Budget) -> None:
    """Accept the certificate, or raise: NotRechecked without an answer, InternalError on a refusal."""
    script = script_for(problem, certificate)
    answers = contradictions(script.prelude, (o.text for o in script.obligations), limits.remaining_ms)
    try:
        for obligation, answer in zip(script.obligations, answers, strict=True):
            if isinstance(answer, GaveUp):
                raise NotRechecked(f"{obligation.name}: {answer.reason}")
            if not answer:
                _refuse(problem, certificate, obligation.name, script.alone(obligation))
    except Unreadable as error:
        _refuse(problem, certificate, f"Z3 cannot read it: {error}", script.prelude)


def _refuse(problem: Problem, certificate: Invariant | DecisionDiagram, reason: str, text: str) -> NoReturn:
    bundle = {"problem": repr(problem), "certificate": repr(certificate), "obligation.smt2": text}
    raise InternalError(f"an invariant of {problem.name} was refused: {reason}", bundle)
