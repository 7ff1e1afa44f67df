"""Bounded search: depths, bounds, time, and what it may not claim."""

from __future__ import annotations

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.bmc import BoundedSearch, run
from tdxverify.results.verdict import Refuted, Unknown, Vacuous, Why
from tests.problems import CASES, Case, common_model, counters
from tests.smt.pigeons import pigeons
from tests.texts import Silent

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
    assert verdict == Unknown(Why.BOUND_REACHED, 50, "no run is longer than 3 steps")


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("contradictory_assumptions", "the assumptions on the parameters contradict one another"),
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
