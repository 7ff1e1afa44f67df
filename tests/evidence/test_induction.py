"""Certificates are proved again, and wrong ones refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit.engine import run as enumerate_all
from tdxverify.engines.kinduction import run
from tdxverify.evidence.base import Undecided
from tdxverify.evidence.certifying import certified, checked
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict, Why
from tdxverify.logic.expr import TRUE
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Step
from tests.problems import CASES, Case, common_model
from tests.smt.pigeons import pigeons
from tests.texts import Silent, require_accepted

PROVED = [case for case in CASES if case.expected == "proved"]
REFUTED = [case for case in CASES if case.expected == "refuted"]


def least_certificate(problem: Problem) -> KInductive:
    verdict = run(problem, Budget(bound=20), Silent())
    assert isinstance(verdict, Proved)
    assert isinstance(verdict.certificate, KInductive)
    return verdict.certificate


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_proofs_are_accepted_and_stay_proofs_for_larger_k(case: Case) -> None:
    certificate = least_certificate(case.problem)
    require_accepted(case.problem, Proved(certificate), Budget())
    require_accepted(case.problem, Proved(replace(certificate, k=certificate.k + 1)), Budget())


def _mutants() -> Iterator[tuple[Problem, KInductive]]:
    """Claims that are wrong, each for one reason."""
    for case in PROVED:
        certificate = least_certificate(case.problem)
        yield case.problem, replace(certificate, k=certificate.k - 1)
        if certificate.simple_path:
            yield case.problem, replace(certificate, simple_path=False)
    for case in REFUTED:
        assert case.length is not None
        # From here on the base fails; before, the step must.
        yield case.problem, KInductive(case.length + 1, simple_path=True)
        yield case.problem, KInductive(max(1, case.length), simple_path=True)
        yield case.problem, KInductive(case.length + 3, simple_path=False)
    # An invariant proof is worth nothing without its initial state being good.
    for case in PROVED:
        yield replace(case.problem, bad=TRUE), KInductive(1, simple_path=False)


def test_mutants_are_refused() -> None:
    refused = 0
    for problem, certificate in _mutants():
        with pytest.raises(InternalError) as raised:
            require_accepted(problem, Proved(certificate), Budget())
        assert set(raised.value.bundle) == {"problem", "evidence"}
        refused += 1
    assert refused > 100


def test_no_time_is_neither_accepted_nor_refused() -> None:
    problem = common_model(4, False, False)
    brief = Budget(deadline=monotonic() + 0.05)
    assert isinstance(checked(problem, KInductive(19, simple_path=True), brief), Undecided)


# --- certify: each kind of evidence goes where it belongs ---------------------------


def test_every_verdict_of_the_explicit_engine_is_certified() -> None:
    for case in CASES:
        verdict = enumerate_all(case.problem, Budget(), Silent())
        assert certified(case.problem, verdict, Budget()) == verdict


def _wrong_verdicts() -> Iterator[tuple[Problem, Verdict]]:
    good, faulty = common_model(2, True, True), common_model(2, True, False)
    refuted, proved = (enumerate_all(problem, Budget(), Silent()) for problem in (faulty, good))
    assert isinstance(refuted, Refuted)
    assert isinstance(proved, Proved)
    yield good, refuted
    yield faulty, proved
    yield faulty, Proved(KInductive(6, simple_path=True))
    yield faulty, Vacuous("")
    steps = (*refuted.trace.steps[:-1], Step("d", (1,)))
    yield faulty, Refuted(replace(refuted.trace, steps=steps))


@pytest.mark.parametrize("number", range(5))
def test_wrong_verdicts_are_refused(number: int) -> None:
    problem, verdict = list(_wrong_verdicts())[number]
    with pytest.raises(InternalError):
        require_accepted(problem, verdict, Budget())


def test_unknown_claims_nothing() -> None:
    unknown = Unknown(Why.TIMEOUT, 3)
    assert certified(common_model(2, True, False), unknown, Budget()) == unknown


def test_a_closed_set_that_cannot_be_checked_in_time() -> None:
    problem = common_model(2, True, True)
    verdict = enumerate_all(problem, Budget(), Silent())
    assert isinstance(certified(problem, verdict, Budget(deadline=monotonic() - 1)), Unknown)


def test_a_vacuous_verdict_that_cannot_be_checked_in_time() -> None:
    assert isinstance(certified(pigeons(14), Vacuous(""), Budget(query_ms=100)), Unknown)
