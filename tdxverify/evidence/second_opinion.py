"""A second opinion about proofs that Z3 has accepted: what they have to show as text, for other solvers.

invariant for any size      with quantifiers over open sorts (smtlib.py), for cvc5
invariant for stated sizes  in bits, without quantifiers (bits.py), for bitwuzla
k-induction                 in bits, a state per step (unrolled.py), for bitwuzla
no initial state            as the invariant `false`
enumeration, trace          nothing: no solver takes part, the evaluator does it all again
"""

from __future__ import annotations

from tdxverify.certify.bits import TooLarge, bit_script_for
from tdxverify.certify.smtlib import Script, script_for
from tdxverify.certify.undecided import NotRechecked
from tdxverify.certify.unrolled import induction_script_for
from tdxverify.diagnostics import Code, Diagnostic, InternalError
from tdxverify.model.expr import FALSE
from tdxverify.proofs.evidence import Evidence, NoStart
from tdxverify.results.certificate import Invariant, KInductive
from tdxverify.smt.second import ANY_LOGIC, contradictions, solver_for, version
from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable
from tdxverify.ts.problem import Problem

QUESTION_MS = 20_000


def missing() -> list[Diagnostic]:
    """What is wrong if there is no solver that can be asked about every proof."""
    if solver_for(ANY_LOGIC) is not None:
        return []
    hint = "pip install 'tdxverify[second]'"
    return [Diagnostic(Code.E805, "cvc5 is not installed: no second opinion was heard", hint=hint)]


def script_of(problem: Problem, evidence: Evidence) -> Script | None:
    """What has to be shown; None where solvers have no part in it. Raises TooLarge for k-induction."""
    match evidence:
        case Invariant():
            return _of_invariant(problem, evidence)
        case NoStart(any_size=any_size):  # false holds initially, so there is no initial state
            return _of_invariant(problem, Invariant((FALSE,), any_size))
        case KInductive():
            return induction_script_for(problem, evidence)
        case _:
            return None


def _of_invariant(problem: Problem, certificate: Invariant) -> Script:
    if not certificate.any_size:
        try:
            return bit_script_for(problem, certificate)
        except TooLarge:
            pass
    return script_for(problem, certificate)


def confirm(problem: Problem, evidence: Evidence) -> str | None:
    """Have another solver answer every question about `evidence`; its name and version.

    None where no solver has a part in the evidence. Raises InternalError where it disagrees with Z3, and
    NotRechecked where it gives up or there is none.
    """
    try:
        script = script_of(problem, evidence)
    except TooLarge as error:
        raise NotRechecked(str(error)) from None
    if script is None:
        return None
    solver = solver_for(script.logic)
    if solver is None:
        raise NotRechecked("no second solver is installed")
    _require_confirmed(problem, script, solver)
    return version(solver)


def _require_confirmed(problem: Problem, script: Script, solver: str) -> None:
    questions = [obligation.text for obligation in script.obligations]
    try:
        answers = contradictions(solver, script.logic, script.prelude, questions, QUESTION_MS)
    except Unreadable as error:
        raise _disagrees(problem, f"{solver} cannot read it: {error}", script.together()) from None
    if len(answers) != len(questions):
        raise _disagrees(problem, f"{solver} gave {len(answers)} answers", script.together())
    for obligation, answer in zip(script.obligations, answers, strict=True):
        if isinstance(answer, GaveUp):
            raise NotRechecked(f"{solver}, {obligation.name}: {answer.reason}")
        if not answer:
            raise _disagrees(problem, f"{solver} refuses {obligation.name}", script.alone(obligation))


def _disagrees(problem: Problem, how: str, text: str) -> InternalError:
    message = f"Z3 has accepted a proof of {problem.name}, {how}"
    return InternalError(message, {"problem": repr(problem), "script.smt2": text})
