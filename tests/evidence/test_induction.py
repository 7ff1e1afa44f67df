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


NO_BASE = "a bad state is reachable within k - 1 steps"
NO_STEP = "k good states can be followed by a bad one"
NO_DEPTH = "k must be at least 1"


def require_refused(problem: Problem, verdict: Verdict, reason: str) -> None:
    """Its evidence is refused for `reason` and no other, with all it takes to see that again."""
    assert not isinstance(verdict, Unknown)
    with pytest.raises(InternalError) as raised:
        require_accepted(problem, verdict, Budget())
    assert str(raised.value) == f"{verdict.evidence.kind} of {problem.name} refused: {reason}"
    assert set(raised.value.bundle) == {"problem", "evidence"}


def require_no_induction(problem: Problem, k: int, reason: str, *, simple_path: bool) -> None:
    require_refused(problem, Proved(KInductive(k, simple_path)), reason)


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_a_smaller_k_is_no_proof(case: Case) -> None:
    least = least_certificate(case.problem)
    reason = NO_STEP if least.k > 1 else NO_DEPTH
    require_no_induction(case.problem, least.k - 1, reason, simple_path=least.simple_path)


def test_paths_that_repeat_a_state_are_left_out_only_where_it_is_said() -> None:
    simple = {case.name: least_certificate(case.problem) for case in PROVED}
    needing = [case for case in PROVED if simple[case.name].simple_path]
    assert "needs_simple_path" in [case.name for case in needing]
    for case in needing:
        require_no_induction(case.problem, simple[case.name].k, NO_STEP, simple_path=False)


@pytest.mark.parametrize("case", REFUTED, ids=lambda case: case.name)
def test_what_is_false_has_no_proof(case: Case) -> None:
    """As soon as k is beyond the shortest trace the base fails; before that, the step does."""
    assert case.length is not None
    require_no_induction(case.problem, case.length + 1, NO_BASE, simple_path=True)
    require_no_induction(case.problem, case.length + 3, NO_BASE, simple_path=False)
    for k in range(1, case.length + 1):
        require_no_induction(case.problem, k, NO_STEP, simple_path=True)


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_an_initial_state_that_is_bad_is_seen(case: Case) -> None:
    require_no_induction(replace(case.problem, bad=TRUE), 1, NO_BASE, simple_path=False)


def test_no_time_is_neither_accepted_nor_refused() -> None:
    problem = common_model(4, False, False)
    brief = Budget(deadline=monotonic() + 0.05)
    assert isinstance(checked(problem, KInductive(19, simple_path=True), brief), Undecided)


# --- certify: each kind of evidence goes where it belongs ---------------------------


def test_every_verdict_of_the_explicit_engine_is_certified() -> None:
    for case in CASES:
        verdict = enumerate_all(case.problem, Budget(), Silent())
        assert certified(case.problem, verdict, Budget()) == verdict


def _wrong_verdicts() -> Iterator[tuple[Problem, Verdict, str]]:
    """Verdicts about the wrong problem, or not quite right, and why each is refused."""
    good, faulty = common_model(2, True, True), common_model(2, True, False)
    refuted, proved = (enumerate_all(problem, Budget(), Silent()) for problem in (faulty, good))
    assert isinstance(refuted, Refuted)
    assert isinstance(proved, Proved)
    trace = refuted.trace
    first = f"the initial state {trace.states[0]} under {trace.rigid}"
    yield good, refuted, "its parameters violate the assumptions"
    yield faulty, proved, f"{first} is missing"
    yield faulty, Proved(KInductive(6, simple_path=True)), NO_BASE
    yield faulty, Vacuous(""), "there is an initial state"
    other_step = replace(trace, steps=(*trace.steps[:-1], Step("d", (1,))))
    cells = ("host_mc", "next_mc")
    told = ", ".join(f"{cell} (computed false, in the trace true)" for cell in cells)
    yield faulty, Refuted(other_step), f"step 5, d(l = Line1): the next state differs at {told}"
    too_short = replace(trace, steps=trace.steps[:-1], states=trace.states[:-1])
    yield faulty, Refuted(too_short), "its last state is not bad"
    late = replace(trace, steps=trace.steps[1:], states=trace.states[1:])
    yield faulty, Refuted(late), "its first state is not an initial state"


def test_wrong_verdicts_are_refused_each_for_its_own_reason() -> None:
    for problem, verdict, reason in _wrong_verdicts():
        require_refused(problem, verdict, reason)


def test_unknown_claims_nothing() -> None:
    unknown = Unknown(Why.TIMEOUT, 3)
    assert certified(common_model(2, True, False), unknown, Budget()) == unknown


def test_a_closed_set_that_cannot_be_checked_in_time() -> None:
    problem = common_model(2, True, True)
    verdict = enumerate_all(problem, Budget(), Silent())
    assert isinstance(certified(problem, verdict, Budget(deadline=monotonic() - 1)), Unknown)


def test_a_vacuous_verdict_that_cannot_be_checked_in_time() -> None:
    assert isinstance(certified(pigeons(14), Vacuous(""), Budget(query_ms=100)), Unknown)
