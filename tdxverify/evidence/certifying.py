"""A verdict is believed once its evidence has been checked by code that did not find it.

Only what is needed is imported: checking a trace or a closed set loads no solver.
"""

from __future__ import annotations

from typing import assert_never

from tdxverify.budget import Budget, LimitReached, Why, held
from tdxverify.diagnostics import InternalError
from tdxverify.evidence.base import Accepted, Evidence, Judgement, Refused, Undecided, refused
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.verdict import Unknown, Verdict
from tdxverify.questions.problems.problem import Problem


def checked(problem: Problem, evidence: Evidence, limits: Budget) -> Judgement:
    """Whether `evidence` holds for `problem`; the work of a search is no limit. Raises nothing but
    KeyboardInterrupt."""
    limits = limits.uncounted()
    try:
        with held(limits):
            return evidence.check(problem, limits)
    except Unusable as error:
        return refused(problem, evidence, str(error))
    except LimitReached as reached:
        return Undecided(reached.told)


def certified(problem: Problem, verdict: Verdict, limits: Budget) -> Verdict:
    """`verdict` where its evidence holds; Unknown where that could not be found out.

    Unknown claims nothing but `clean_through`, for which there is no evidence. Raises InternalError, with a
    bundle, where the evidence is refused: whoever has found it is wrong, or who has checked it.
    """
    if isinstance(verdict, Unknown):
        return verdict
    match checked(problem, verdict.evidence, limits):
        case Accepted():
            return verdict
        case Undecided(reason=reason):
            return Unknown(Why.TIMEOUT, None, f"an answer was found but not certified, {reason}")
        case Refused(reason=reason, bundle=bundle):
            raise InternalError(reason, dict(bundle))
        case never:
            assert_never(never)
