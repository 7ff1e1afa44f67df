"""A k-inductive certificate proved again from nothing.

A fresh context, a fresh solver that is asked one question per case, and an encoding of steps that shares
no code with the one that engines search with (`smt.plain`). Base: no bad state within k - 1 steps. Step:
no bad state behind k good ones.
"""

from __future__ import annotations

from typing import NoReturn, assert_never

from tdxverify.budget import Budget
from tdxverify.certify.undecided import NotRechecked
from tdxverify.diagnostics import InternalError
from tdxverify.results.certificate import KInductive
from tdxverify.smt.plain import bad_after, bad_within, starts
from tdxverify.smt.solver import Answer, GaveUp, Sat, Unsat
from tdxverify.ts.problem import Problem


def recheck(problem: Problem, certificate: KInductive, limits: Budget) -> None:
    """Accept the certificate, or raise: NotRechecked without an answer, InternalError on a refusal."""
    if certificate.k < 1:
        _refuse(problem, certificate, "k must be at least 1")
    base = bad_within(problem, certificate.k - 1, limits.remaining_ms)
    _expect_unsat(base, problem, certificate, "a bad state is reachable within k - 1 steps")
    step = bad_after(problem, certificate.k, limits.remaining_ms, different=certificate.simple_path)
    _expect_unsat(step, problem, certificate, "k good states can be followed by a bad one")


def recheck_vacuous(problem: Problem, limits: Budget) -> None:
    """The same for the claim that there is no initial state."""
    _expect_unsat(starts(problem, limits.remaining_ms), problem, None, "there is an initial state")


def _expect_unsat(answer: Answer, problem: Problem, certificate: KInductive | None, complaint: str) -> None:
    match answer:
        case Unsat():
            return
        case Sat():
            _refuse(problem, certificate, complaint)
        case GaveUp(reason=reason):
            raise NotRechecked(reason)
        case _:
            assert_never(answer)


def _refuse(problem: Problem, certificate: KInductive | None, complaint: str) -> NoReturn:
    claim = "vacuous" if certificate is None else repr(certificate)
    bundle = {"problem": repr(problem), "claim": claim}
    raise InternalError(f"{claim} of {problem.name} refused: {complaint}", bundle)
