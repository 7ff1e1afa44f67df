"""An inductive invariant proved again from nothing: initiation, consecution, safety.

Each question is a text of its own (certify/smtlib.py), answered by a fresh Z3 (smt/text.py). No
encoding, context or solver is shared with the engine that found the invariant.
"""

from __future__ import annotations

from tdxverify.certify.limits import NotRechecked, TimeLimits
from tdxverify.certify.smtlib import obligations
from tdxverify.diagnostics import InternalError
from tdxverify.results.certificate import Invariant
from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import is_unsatisfiable
from tdxverify.ts.problem import Problem


def recheck_invariant(problem: Problem, certificate: Invariant, limits: TimeLimits) -> None:
    """Accept the certificate, or raise: NotRechecked without an answer, InternalError on a refusal."""
    for obligation in obligations(problem, certificate):
        answer = is_unsatisfiable(obligation.text, limits.remaining_ms())
        if isinstance(answer, GaveUp):
            raise NotRechecked(f"{obligation.name}: {answer.reason}")
        if not answer:
            bundle = {
                "problem": repr(problem),
                "certificate": repr(certificate),
                "obligation": obligation.text,
            }
            raise InternalError(f"an invariant of {problem.name} was refused: {obligation.name}", bundle)
