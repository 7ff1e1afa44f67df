"""Bounded search: depths, bounds, time, and what it may not claim."""

from __future__ import annotations

from pathlib import Path
from re import fullmatch

import pytest

from tdxverify.answers.deciding import answer
from tdxverify.budget import UNLIMITED, Budget, Why
from tdxverify.engines.bmc import BoundedSearch, run
from tdxverify.evidence.verdict import Refuted, Unknown, Vacuous
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tests.problems import CASES, Case, common_model, counters
from tests.smt.pigeons import pigeons
from tests.texts import Silent, model_of

REFUTED = [case for case in CASES if case.expected == "refuted"]
named = {case.name: case.problem for case in CASES}


@pytest.mark.parametrize("case", REFUTED, ids=lambda case: case.name)
def test_the_bound_is_the_largest_depth_searched(case: Case) -> None:
    assert case.length is not None
    assert isinstance(run(case.problem, Budget(bound=case.length), Silent()), Refuted)
    if case.length > 0:
        verdict = run(case.problem, Budget(bound=case.length - 1), Silent())
        assert isinstance(verdict, Unknown)
        assert (verdict.why, verdict.clean_through) == (Why.BOUND_REACHED, case.length - 1)


def test_no_proof_even_where_every_run_ends() -> None:
    verdict = run(named["true_not_inductive"], Budget(bound=50), Silent())
    assert verdict == Unknown(Why.RUNS_END, 50, "no run is longer than 3 steps", longest=3)


@pytest.mark.parametrize(
    ("bound", "start", "told", "through"),
    [
        (100, 0, "every run was searched to its end, but .*: no run is longer than 2 steps", 2),
        (100, 1, "every run was searched to its end, but .*: no run is longer than 1 step", 1),
        (100, 2, "every run was searched to its end, but .*: no run takes a step", 0),
        (1, 0, "the bound was reached", 1),
    ],
)
def test_what_is_said_of_runs_that_end(bound: int, start: int, told: str, through: int) -> None:
    """The bound is not named where every run ends before it."""
    model = model_of(
        f"state n : 0..3 = {start} action up when n < 2 {{ n := n + 1 }} property p never n = 3 check p"
    )
    spec = Spec(Path("ends.tdx"), model)
    options = Options(engine="bmc", bound=bound)
    (check,) = model.checks
    run_of = answer(Question(spec, check, options), UNLIMITED, Silent()).answer
    assert run_of.reason is not None and fullmatch(told, run_of.reason)
    assert run_of.clean_through == through


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("contradictory_assumptions", "no values of the parameters are allowed"),
        ("empty_init", "no state satisfies what is said about the initial state"),
    ],
)
def test_vacuous_says_what_contradicts(name: str, detail: str) -> None:
    assert run(named[name], Budget(), Silent()) == Vacuous(detail)


def test_no_time_at_all() -> None:
    past = Budget(deadline=0.0)
    assert run(common_model(2, True, False), past, Silent()) == Unknown(Why.TIMEOUT, None)


def test_a_deadline_is_kept() -> None:
    verdict = run(pigeons(14), Budget.of(0.5), Silent())
    assert verdict == Unknown(Why.TIMEOUT, None)


def test_a_query_limit_is_the_solver_giving_up() -> None:
    verdict = run(pigeons(14), Budget(query_ms=200), Silent())
    assert verdict == Unknown(Why.SOLVER_GAVE_UP, None, "at depth 0: timeout")


def test_a_search_is_taken_up_where_it_ended() -> None:
    budget = Budget(bound=20)
    search = BoundedSearch(common_model(2, True, False), budget)
    assert [search.advance() for _ in range(3)] == [None, None, None]
    assert search.clean_through == 2
    late = search.advance(Budget(deadline=0.0))
    assert late == Unknown(Why.TIMEOUT, 2)
    assert (search.advance(), search.advance()) == (None, None)
    found = search.advance()
    assert isinstance(found, Refuted)
    assert found == run(common_model(2, True, False), budget, Silent())


def test_a_long_trace() -> None:
    verdict = run(counters(2, 8, reach_top=True), Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 14


def test_every_depth_is_announced() -> None:
    heard: list[tuple[str, str]] = []

    class Listener:
        def progress(self, engine: str, text: str) -> None:
            heard.append((engine, text))

    run(common_model(1, True, False), Budget(), Listener())
    assert heard == [("bmc", f"depth {depth}") for depth in range(6)]
