"""The engine `any-size`: what its invariants are, that they are small, and that giving up claims nothing."""

from __future__ import annotations

from random import Random
from time import monotonic

import pytest
import z3

from tdxverify.budget import Budget, Why
from tdxverify.engines import anysize
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.base import Refused, Undecided
from tdxverify.evidence.certifying import checked
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.logic.show import show_expression
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.smt.solver import GaveUp, Solver
from tests.building import action, problem, read, start, state, write
from tests.differential.sized_specs import PROVED, REFUTED, SPECS
from tests.problems import CASES, common_model
from tests.texts import Silent, problem_of, require_accepted


def decide(subject: Problem, **limits: float) -> anysize.AnySize:
    return anysize.decide(subject, Budget(**limits), Silent())  # type: ignore[arg-type]


def invariant(subject: Problem) -> tuple[str, ...]:
    found = decide(subject)
    assert isinstance(found.verdict, Proved)
    assert isinstance(found.verdict.certificate, Invariant)
    require_accepted(found.problem, found.verdict, Budget())
    return tuple(show_expression(formula) for formula in found.verdict.certificate.formulas)


def test_the_common_model() -> None:
    assert set(invariant(common_model(5, True, True))) == {
        "not exists any_line : Line: poison[any_line] and phase = next",
        "not next_mc",
    }
    assert invariant(common_model(5, False, None))


def test_what_does_not_matter_is_left_out() -> None:
    text = """
    index Line
    state a[Line] : bool = false
    state b[Line] : bool = false
    action one(l : Line) when b[l] { a[l] := true }
    action two(l : Line) when a[l] and b[l] { b[l] := false }
    property p never exists l : Line: a[l] and not b[l]
    check p
    """
    assert len(invariant(problem_of(text))) <= 2


@pytest.mark.parametrize("name", PROVED)
def test_no_formula_of_a_certificate_can_be_left_out(name: str) -> None:
    found = decide(problem_of(SPECS[name]))
    assert isinstance(found.verdict, Proved)
    certificate = found.verdict.certificate
    assert isinstance(certificate, Invariant)
    for formula in certificate.formulas:
        rest = tuple(other for other in certificate.formulas if other != formula)
        judged = checked(found.problem, Invariant(rest, any_size=True), Budget(query_ms=2_000))
        assert isinstance(judged, Refused | Undecided)


def test_the_sizes_of_the_question_do_not_matter() -> None:
    verdicts = [decide(common_model(size, True, False)).verdict for size in (1, 7)]
    assert verdicts[0] == verdicts[1]
    assert isinstance(verdicts[0], Refuted)
    assert verdicts[0].trace.sizes == (("Line", 1),)


def test_without_index_sorts_it_is_an_ordinary_proof() -> None:
    flag = state("flag")
    stay = problem("stay", [start(flag, FALSE)], [action("stay", TRUE, write(flag, FALSE))], read(flag))
    found = decide(stay)
    assert isinstance(found.verdict, Proved)
    require_accepted(found.problem, found.verdict, Budget())
    for case in CASES:
        if not case.problem.sizes:
            verdict = decide(case.problem).verdict
            assert type(verdict).__name__.lower() == case.expected
            require_accepted(case.problem, verdict, Budget())


def test_no_time_no_answer() -> None:
    for name in (PROVED[0], *list(REFUTED)[:1]):
        found = decide(problem_of(SPECS[name]), deadline=monotonic())
        assert isinstance(found.verdict, Unknown)
        assert found.verdict.why is Why.TIMEOUT


def test_the_bound_of_a_search_is_not_one_of_every_size() -> None:
    found = decide(common_model(2, True, False), bound=2)
    assert isinstance(found.verdict, Unknown)
    assert (found.verdict.why, found.verdict.clean_through) == (Why.BOUND_REACHED, None)
    assert "clean in the first 2 steps for 2 elements of each sort" in found.verdict.detail


# --- giving up -----------------------------------------------------------------------


def test_questions_about_every_size_that_are_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnsizedQuestions, "_check", lambda *asked: GaveUp("tired"))
    for name in ("transfer_safe", "lock", "token"):
        verdict = decide(problem_of(SPECS[name])).verdict
        assert isinstance(verdict, Unknown)
        assert verdict.why is Why.NO_GENERAL_PROOF
        assert "gave up" in verdict.detail
        assert "proved for 1, 2, 3 and 4 elements of each sort" in verdict.detail
    found = decide(problem_of(SPECS["no_size_at_all"])).verdict
    assert not isinstance(found, Vacuous)


@pytest.mark.parametrize("seed", range(3))
def test_questions_about_every_size_that_are_sometimes_answered(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = Random(seed)
    original = UnsizedQuestions._check

    def check(questions: UnsizedQuestions, assumptions: list[z3.BoolRef], effort: int) -> object:
        return GaveUp("tired") if chance.random() < 0.3 else original(questions, assumptions, effort)

    monkeypatch.setattr(UnsizedQuestions, "_check", check)
    for name in PROVED:
        found = decide(problem_of(SPECS[name]))
        assert isinstance(found.verdict, Proved | Unknown)
        require_accepted(found.problem, found.verdict, Budget())
    for name in REFUTED:
        assert isinstance(decide(problem_of(SPECS[name])).verdict, Refuted)


@pytest.mark.parametrize("seed", range(3))
def test_questions_of_pdr_that_are_sometimes_answered(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    original = Solver.check
    for case in CASES:
        chance = Random(f"{seed} {case.name}")

        def check(solver: Solver, assumptions: object = (), chance: Random = chance) -> object:
            return GaveUp("injected") if chance.random() < 0.05 else original(solver, assumptions)  # type: ignore[arg-type]

        truth = explicit.run(case.problem, Budget(), Silent())
        with monkeypatch.context() as patched:
            patched.setattr(Solver, "check", check)
            verdict = pdr.run(case.problem, Budget(), Silent())
        if isinstance(verdict, Unknown):
            assert verdict.why is Why.SOLVER_GAVE_UP
            assert case.length is None or verdict.clean_through is None or verdict.clean_through < case.length
        else:
            assert type(verdict) is type(truth)
            require_accepted(case.problem, verdict, Budget())


def test_questions_of_pdr_that_are_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Solver, "check", lambda solver, assumptions=(): GaveUp("injected"))
    for case in CASES:
        assert pdr.run(case.problem, Budget(), Silent()) == Unknown(Why.SOLVER_GAVE_UP, None, "injected")
        verdict = decide(case.problem).verdict
        assert isinstance(verdict, Unknown)
        assert verdict.why is Why.NO_GENERAL_PROOF
