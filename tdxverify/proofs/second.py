"""A second opinion about invariants that Z3 has accepted: the same obligations, answered by cvc5."""

from __future__ import annotations

from tdxverify.certify.limits import NotRechecked
from tdxverify.certify.smtlib import script_for
from tdxverify.diagnostics import InternalError
from tdxverify.model.expr import FALSE
from tdxverify.proofs.evidence import Evidence, NoStart
from tdxverify.results.certificate import Invariant
from tdxverify.smt.second import contradictions, version
from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable
from tdxverify.ts.problem import Problem

QUESTION_MS = 20_000


def obligations_of(evidence: Evidence) -> Invariant | None:
    """`evidence` as an invariant, whose obligations are text; None where it is something else."""
    match evidence:
        case Invariant():
            return evidence
        case NoStart(any_size=True):  # false holds initially, so there is no initial state
            return Invariant((FALSE,), any_size=True)
        case _:
            return None


def confirm(problem: Problem, certificate: Invariant) -> str:
    """Have cvc5 answer every obligation; its name and version. Requires: it is installed.

    Raises InternalError where it disagrees with Z3, and NotRechecked where it gives up.
    """
    script = script_for(problem, certificate)
    try:
        answers = contradictions(script.together(), QUESTION_MS)
    except Unreadable as error:
        raise _disagrees(problem, f"cannot read it: {error}", script.together()) from None
    if len(answers) != len(script.obligations):
        raise _disagrees(problem, f"gave {len(answers)} answers", script.together())
    for obligation, answer in zip(script.obligations, answers, strict=True):
        if isinstance(answer, GaveUp):
            raise NotRechecked(f"{obligation.name}: {answer.reason}")
        if not answer:
            raise _disagrees(problem, f"refuses {obligation.name}", script.alone(obligation))
    name = version()
    assert name is not None
    return name


def _disagrees(problem: Problem, how: str, text: str) -> InternalError:
    message = f"Z3 has accepted an invariant of {problem.name}, cvc5 {how}"
    return InternalError(message, {"problem": repr(problem), "script.smt2": text})
