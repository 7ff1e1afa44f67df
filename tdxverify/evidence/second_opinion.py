"""A second opinion about proofs that Z3 has accepted: what they have to show as text, for other solvers.

What is written in bits is for bitwuzla, what has quantifiers for cvc5. Evidence in which no solver takes
part has nothing to ask: the evaluator does it all again.
"""

from __future__ import annotations

from tdxverify.budget import TooLarge
from tdxverify.diagnostics import Code, Diagnostic, InternalError
from tdxverify.evidence.base import Evidence, Undecided
from tdxverify.evidence.scripts.inductive import Script
from tdxverify.logic.counting import counted
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.other_solvers import ANY_LOGIC, contradictions, solver_for, version
from tdxverify.smt.solver import GaveUp
from tdxverify.smt.text import Unreadable

QUESTION_MS = 20_000


def missing() -> list[Diagnostic]:
    """What is wrong if there is no solver that can be asked about every proof."""
    if solver_for(ANY_LOGIC) is not None:
        return []
    hint = "pip install 'tdxverify[second]'"
    return [Diagnostic(Code.E805, "cvc5 is not installed: no second opinion was heard", hint=hint)]


def confirm(problem: Problem, evidence: Evidence) -> str | Undecided | None:
    """Have another solver answer every question about `evidence`; its name and version.

    None where no solver has a part in the evidence, Undecided where it gives up or there is none. Raises
    InternalError where it disagrees with Z3.
    """
    try:
        script = evidence.script(problem)
    except TooLarge as error:
        return Undecided(str(error))
    if script is None:
        return None
    solver = solver_for(script.logic)
    if solver is None:
        return Undecided("no second solver is installed")
    return _asked(problem, script, solver)


def _asked(problem: Problem, script: Script, solver: str) -> str | Undecided:
    questions = [obligation.text for obligation in script.obligations]
    try:
        answers = contradictions(solver, script.logic, script.prelude, questions, QUESTION_MS)
    except Unreadable as error:
        raise _disagrees(problem, f"{solver} cannot read it: {error}", script.together()) from None
    if len(answers) != len(questions):
        raise _disagrees(problem, f"{solver} gave {counted(len(answers), 'answer')}", script.together())
    for obligation, answer in zip(script.obligations, answers, strict=True):
        if isinstance(answer, GaveUp):
            return Undecided(f"{solver}, {obligation.name}: {answer.reason}")
        if not answer:
            raise _disagrees(problem, f"{solver} refuses {obligation.name}", script.alone(obligation))
    return version(solver)


def _disagrees(problem: Problem, how: str, text: str) -> InternalError:
    message = f"Z3 has accepted a proof of {problem.name}, {how}"
    return InternalError(message, {"problem": repr(problem), "script.smt2": text})
