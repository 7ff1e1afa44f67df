"""k-induction as text: the same answers as those of the recheck that shares nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines import kinduction
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts.inductive import Script
from tdxverify.evidence.scripts.unrolled import induction_script_for
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.logic.expr import TRUE
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import other_solvers as second
from tests.evidence.test_bits import SOLVERS, answers
from tests.evidence.test_induction import PROVED, REFUTED, least_certificate
from tests.generated import random_problem
from tests.problems import Case
from tests.texts import Silent, require_accepted

FASTEST = SOLVERS[1] if len(SOLVERS) > 1 else SOLVERS[0]


def accepted(subject: Problem, certificate: KInductive, solver: str = FASTEST) -> bool:
    try:
        script = induction_script_for(subject, certificate)
    except Unusable:
        return False
    return all(answer is True for answer in answers(script, solver))


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_proofs_are_accepted_and_stay_proofs_for_larger_k(case: Case) -> None:
    certificate = least_certificate(case.problem)
    assert accepted(case.problem, certificate)
    assert accepted(case.problem, replace(certificate, k=certificate.k + 1))


def wrong_claims() -> Iterator[tuple[Problem, KInductive]]:
    """Each is wrong for one reason."""
    for case in PROVED:
        certificate = least_certificate(case.problem)
        yield case.problem, replace(certificate, k=certificate.k - 1)
        if certificate.simple_path:
            yield case.problem, replace(certificate, simple_path=False)
    for case in REFUTED:
        assert case.length is not None
        yield case.problem, KInductive(case.length + 1, simple_path=True)
        yield case.problem, KInductive(max(1, case.length), simple_path=True)
        yield case.problem, KInductive(case.length + 3, simple_path=False)
    for case in PROVED:
        yield replace(case.problem, bad=TRUE), KInductive(1, simple_path=False)


def test_mutants_are_refused() -> None:
    refused = 0
    for subject, certificate in wrong_claims():
        assert not accepted(subject, certificate), (subject.name, certificate)
        refused += 1
    assert refused > 100


def failing(script: Script) -> list[str]:
    found = zip(script.obligations, answers(script, FASTEST), strict=True)
    return [obligation.name for obligation, answer in found if answer is not True]


@pytest.mark.parametrize("case", REFUTED, ids=lambda case: case.name)
def test_the_base_fails_where_the_trace_ends(case: Case) -> None:
    """One question per depth; the first that is not answered `unsat` is that of the shortest trace."""
    assert case.length is not None
    script = induction_script_for(case.problem, KInductive(case.length + 1, simple_path=False))
    assert failing(script)[0] == f"base {case.length}"


def test_bad_from_the_start() -> None:
    case = PROVED[0]
    script = induction_script_for(replace(case.problem, bad=TRUE), KInductive(2, simple_path=False))
    assert "base 0" in failing(script)


def test_generated_problems_agree_with_the_recheck() -> None:
    """Whatever k is claimed: both accept it, or neither does."""
    counts = {True: 0, False: 0}
    for seed in range(0, 240, 3):
        subject = random_problem(seed)
        for k, simple_path in ((1, False), (2, True), (3, False)):
            claimed = KInductive(k, simple_path)
            try:
                require_accepted(subject, Proved(claimed), Budget())
                right = True
            except InternalError:
                right = False
            assert accepted(subject, claimed) is right, (seed, claimed)
            counts[right] += 1
    assert min(counts.values()) > 30


def test_what_the_engine_finds_is_accepted() -> None:
    found = 0
    for seed in range(1, 150, 4):
        subject = random_problem(seed)
        verdict = kinduction.run(subject, Budget(bound=6), Silent())
        if isinstance(verdict, Proved) and isinstance(verdict.certificate, KInductive):
            assert accepted(subject, verdict.certificate), seed
            found += 1
        elif isinstance(verdict, Refuted):
            assert not accepted(subject, KInductive(len(verdict.trace) + 1, simple_path=True)), seed
    assert found > 10


@pytest.mark.skipif(second.solver_for(second.ANY_LOGIC) is None, reason="cvc5 is not installed")
def test_another_solver_reads_it_too() -> None:
    for case in PROVED[::4]:
        assert accepted(case.problem, least_certificate(case.problem), second.CVC5)


def test_an_induction_of_depth_zero_is_none() -> None:
    with pytest.raises(Unusable):
        induction_script_for(PROVED[0].problem, KInductive(0, simple_path=True))
