"""A solver that gives up makes engines say less, never something wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.smt.solver import Answer, GaveUp, Solver
from tdxverify.smt.terms import Term
from tests.problems import CASES, Case
from tests.texts import Silent

SYMBOLIC = ["bmc", "k-induction"]
BOUND = 8


def give_up(monkeypatch: pytest.MonkeyPatch, decide: Callable[[int], bool]) -> list[bool]:
    """Let queries be given up where `decide` says so of their number; returns what was decided."""
    original, decided = Solver.check, list[bool]()

    def check(solver: Solver, assumptions: Iterable[Term] = ()) -> Answer:
        decided.append(decide(len(decided)))
        return GaveUp("injected") if decided[-1] else original(solver, assumptions)

    monkeypatch.setattr(Solver, "check", check)
    return decided


def is_sound(case: Case, verdict: Verdict) -> None:
    match verdict:
        case Proved():
            assert case.expected == "proved"
        case Vacuous():
            assert case.expected == "vacuous"
        case Refuted(trace=trace):
            assert (case.expected, case.length) == ("refuted", len(trace))
        case Unknown(clean_through=depth):
            assert case.expected != "vacuous" or depth is None
            assert case.length is None or depth is None or depth < case.length


@pytest.mark.parametrize("engine", SYMBOLIC)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_always(monkeypatch: pytest.MonkeyPatch, engine: str, case: Case) -> None:
    give_up(monkeypatch, lambda number: True)
    verdict = ENGINES[engine].run(case.problem, Budget(bound=BOUND), Silent())
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.clean_through) == (Why.SOLVER_GAVE_UP, None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bounded_search_stops_at_the_first_hole(monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    """Query 0 is about initial states, query n about depth n - 1; later ones settle the trace."""
    for hole in range(1, 5):
        with monkeypatch.context() as patched:
            give_up(patched, lambda number, hole=hole: number == hole)
            verdict = ENGINES["bmc"].run(case.problem, Budget(bound=BOUND), Silent())
        is_sound(case, verdict)
        if case.expected != "vacuous" and (case.length is None or case.length >= hole - 1):
            assert isinstance(verdict, Unknown)
            if verdict.why is Why.SOLVER_GAVE_UP:
                assert verdict.clean_through == (None if hole == 1 else hole - 2)
            else:
                assert verdict.why is Why.RUNS_END
                assert verdict.detail.startswith(("no run is longer", "no run takes a step"))


@pytest.mark.parametrize("engine", SYMBOLIC)
@pytest.mark.parametrize("seed", range(3))
def test_at_random(monkeypatch: pytest.MonkeyPatch, engine: str, seed: int) -> None:
    holes = 0
    for case in CASES:
        chance = Random(f"{seed} {case.name}")
        with monkeypatch.context() as patched:
            decided = give_up(patched, lambda number, chance=chance: chance.random() < 0.3)
            verdict = ENGINES[engine].run(case.problem, Budget(bound=BOUND), Silent())
        is_sound(case, verdict)
        holes += sum(decided)
    assert holes > 30


def test_a_step_that_gives_up_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the base is answered: nothing may be proved, though the base alone goes to the bound."""
    from tdxverify.engines import kinduction

    monkeypatch.setattr(kinduction._Step, "fails", lambda step, k, limit: GaveUp("injected"))
    for case in CASES:
        verdict = ENGINES["k-induction"].run(case.problem, Budget(bound=BOUND), Silent())
        assert not isinstance(verdict, Proved)
        is_sound(case, verdict)
        if case.expected == "proved":
            assert isinstance(verdict, Unknown)
            assert (verdict.why, verdict.clean_through) == (Why.SOLVER_GAVE_UP, BOUND)


def test_a_recheck_that_gives_up_is_no_acceptance(monkeypatch: pytest.MonkeyPatch) -> None:
    for hole in (0, 1):
        with monkeypatch.context() as patched:
            give_up(patched, lambda number, hole=hole: number == hole)
            case = next(case for case in CASES if case.name == "needs_two_steps")
            proof = Proved(KInductive(3, simple_path=False))
            assert isinstance(certified(case.problem, proof, Budget()), Unknown)
