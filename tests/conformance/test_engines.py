"""Every engine on every known problem: verdict, shortest length, the same trace, certified evidence."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tdxverify.budget import Budget, Why
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.problems.problem import Problem
from tests.forked import fork_workers
from tests.generated import problems, random_problem
from tests.problems import CASES, Case
from tests.texts import Silent, explicit, require_accepted
from tests.thorough import parts

BOUND = 20
SPREAD = range(60)  # seeds
# Engines that answer for the sizes asked; `any-size` chooses its own.
NAMES = sorted(name for name, info in ENGINES.items() if name != "any-size" and info.is_installed)


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of the engines themselves have them start processes as they do."""
    fork_workers(monkeypatch)


def ask(engine: str, problem: Problem, bound: int = BOUND) -> Verdict:
    return ENGINES[engine].run(problem, Budget(bound=bound), Silent())


@pytest.mark.parametrize("engine", NAMES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_problems(engine: str, case: Case) -> None:
    verdict = ask(engine, case.problem)
    match case.expected:
        case "refuted":
            assert isinstance(verdict, Refuted)
            assert len(verdict.trace) == case.length
            assert verdict == explicit(case.problem)
        case "vacuous":
            assert isinstance(verdict, Vacuous)
        case "proved" if ENGINES[engine].can_prove:
            assert isinstance(verdict, Proved)
        case _:
            assert isinstance(verdict, Unknown)
            assert verdict.why is (Why.BOUND_REACHED if verdict.longest is None else Why.RUNS_END)
            assert verdict.clean_through == BOUND
    require_accepted(case.problem, verdict, Budget())


def agree(problem: Problem) -> bool:
    """All engines with enumeration; where a bound is in the way they may not know, but not be wrong.

    Whether spacer knew: Z3 cannot turn every term into clauses of its own, and nothing is claimed then.
    """
    bound = 6
    truth = explicit(problem)
    length = len(truth.trace) if isinstance(truth, Refuted) else None
    answered = True
    for engine in NAMES:
        verdict = ask(engine, problem, bound)
        if isinstance(verdict, Unknown) and engine == "spacer" and verdict.why is Why.SOLVER_GAVE_UP:
            answered = False
            assert not isinstance(truth, Vacuous)
            assert verdict.clean_through == 0
            assert length != 0
        elif isinstance(verdict, Unknown):
            assert not isinstance(truth, Vacuous)
            assert length is None or length > bound
            assert verdict.clean_through == bound
        elif isinstance(verdict, Refuted):
            assert verdict == truth
        else:
            assert type(verdict) is type(truth)
        require_accepted(problem, verdict, Budget())
    return answered


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(problems())
def test_generated_problems(problem: Problem) -> None:
    agree(problem)


@pytest.mark.parametrize("seeds", parts(SPREAD, 24))
def test_generated_problems_evenly_spread(seeds: range) -> None:
    gave_up = [seed for seed in seeds if not agree(random_problem(seed))]
    assert gave_up == [], "spacer has answered all of them"


def test_what_spacer_cannot_encode_is_unknown() -> None:
    """Found by the generated problems: Z3 ended with "invalid mkbv operator", and nobody was told why."""
    verdict = ask("spacer", random_problem(516), 6)
    assert isinstance(verdict, Unknown | Proved)
    if isinstance(verdict, Unknown):
        assert verdict.why is Why.SOLVER_GAVE_UP
        assert "status" not in verdict.detail
