"""k-induction: the k it needs, simple paths, bounds, and the turns of base and step."""

from __future__ import annotations

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.engines import kinduction
from tdxverify.engines.kinduction import Induction, run
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.smt.solver import GaveUp
from tests.problems import CASES, common_model
from tests.smt.pigeons import pigeons
from tests.texts import Silent

named = {case.name: case.problem for case in CASES}


@pytest.mark.parametrize(
    ("name", "certificate"),
    [
        ("self_loop", KInductive(1, simple_path=False)),
        ("unreachable_bad", KInductive(2, simple_path=False)),
        ("needs_two_steps", KInductive(3, simple_path=False)),
        ("true_not_inductive", KInductive(4, simple_path=False)),
        ("needs_simple_path", KInductive(2, simple_path=True)),
        ("common_2_00", KInductive(8, simple_path=True)),
        ("common_2_11", KInductive(2, simple_path=True)),
        ("no_symbol", KInductive(1, simple_path=False)),
    ],
)
def test_the_least_k(name: str, certificate: KInductive) -> None:
    assert run(named[name], Budget(), Silent()) == Proved(certificate)


def test_simple_paths_are_only_required_where_they_help() -> None:
    """Needed in `needs_simple_path`, and not claimed in a proof that does without."""
    proofs = [run(case.problem, Budget(bound=20), Silent()) for case in CASES if case.expected == "proved"]
    certificates = [proof.certificate for proof in proofs if isinstance(proof, Proved)]
    claimed = [c.simple_path for c in certificates if isinstance(c, KInductive)]
    assert len(claimed) == len(proofs)
    assert 0 < sum(claimed) < len(claimed)


@pytest.mark.parametrize(("bound", "is_proved"), [(6, False), (7, True)])
def test_the_bound_limits_k(bound: int, is_proved: bool) -> None:
    verdict = run(common_model(2, False, False), Budget(bound=bound), Silent())
    if is_proved:
        assert verdict == Proved(KInductive(8, simple_path=True))
    else:
        assert verdict == Unknown(Why.BOUND_REACHED, 6, "not k-inductive up to k = 7")


def test_no_time_at_all() -> None:
    past = Budget(deadline=0.0)
    assert run(common_model(2, True, True), past, Silent()) == Unknown(Why.TIMEOUT, None)


def test_a_deadline_is_kept() -> None:
    assert run(pigeons(14), Budget.of(0.5), Silent()) == Unknown(Why.TIMEOUT, None)


def test_an_attempt_goes_on_where_it_ended() -> None:
    problem, budget = common_model(2, False, False), Budget()
    attempt = Induction(problem, budget, Silent())
    first = attempt.run(4, budget, patient=False)
    assert isinstance(first, Unknown)
    assert first.detail == "not k-inductive up to k = 4"
    assert attempt.run(20, budget, patient=False) == Proved(KInductive(8, simple_path=True))


def test_steps_that_are_cut_short_are_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time for steps the base goes to its end; then the largest k decides for all."""
    patient: list[int] = []
    original = kinduction._Step.fails

    def fails(step: kinduction._Step, k: int, limit: Budget) -> object:
        if limit.query_ms is not None:
            return GaveUp("injected")
        patient.append(k)
        return original(step, k, limit)

    monkeypatch.setattr(kinduction._Step, "fails", fails)
    verdict = run(common_model(2, True, True), Budget(bound=6), Silent())
    assert verdict == Proved(KInductive(7, simple_path=True))
    assert patient == [7]


def test_a_refutation_comes_from_the_base() -> None:
    verdict = run(common_model(2, True, False), Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 5
