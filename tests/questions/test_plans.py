"""Whether something stays possible: every engine against looking at all states, and its evidence spoilt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.finding import find
from tdxverify.evidence.bad_run import BadRun
from tdxverify.evidence.base import Accepted, Evidence
from tdxverify.evidence.certifying import certified, checked
from tdxverify.evidence.distances import Distances
from tdxverify.evidence.plans import Plans
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.questions.problems.problem import Problem
from tests.possibilities import asked, nearest_trap
from tests.texts import Silent
from tests.thorough import parts

SEEDS = range(1500)
ENGINES = ("pdr", "bmc", "k-induction", "auto")


@pytest.mark.parametrize("seeds", parts(SEEDS, 60))
def test_what_has_no_way_is_a_trap(seeds: range) -> None:
    kinds = {compared(seed) for seed in seeds}
    assert {Refuted, Proved, Vacuous} <= kinds


def compared(seed: int) -> type:
    problem = asked(seed)
    begins, nearest = nearest_trap(problem)
    verdict = certified(problem, explicit.run(problem, Budget(), Silent()), Budget())
    match verdict:
        case Refuted(trace=trace):
            assert len(trace) == nearest, seed
        case Proved():
            assert begins and nearest is None, seed
        case Vacuous():
            assert not begins, seed
        case Unknown():
            raise AssertionError(seed)
    if not isinstance(verdict, Vacuous):
        for wrong in spoilt(verdict.evidence):
            assert not isinstance(checked(problem, wrong, Budget()), Accepted), (seed, wrong)
    return type(verdict)


@pytest.mark.parametrize("seeds", parts(SEEDS, 12))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_says_the_same(engine: str, seeds: range) -> None:
    for seed in seeds:
        problem = asked(seed)
        begins, nearest = nearest_trap(problem)
        verdict = find(engine, problem, Budget(bound=8), Silent()).verdict
        match verdict:
            case Refuted(trace=trace):
                assert len(trace) == nearest, seed
                assert isinstance(verdict.evidence, Trap | BadRun)
            case Proved():
                assert begins and nearest is None, seed
                if isinstance(verdict.evidence, Plans):
                    for wrong in spoilt(verdict.evidence):
                        assert not isinstance(checked(problem, wrong, Budget()), Accepted), seed
            case Vacuous():
                assert not begins, seed
            case Unknown(clean_through=through):
                assert engine != "auto", seed
                assert nearest is None or through is None or through < nearest, seed


def spoilt(evidence: Evidence) -> list[Evidence]:
    """What no longer shows anything."""
    match evidence:
        case Distances(states=states, farthest=farthest):
            numbers = (states + 1, farthest), (states - 1, farthest), (states, farthest + 1)
            return [Distances(*one) for one in numbers]
        case Trap(trace=trace, closed=closed):
            return [BadRun(trace), closed]
        case Plans(plans=plans) if any(plan.steps for plan in plans):
            shorter = tuple(replace(plan, steps=plan.steps[:-1]) for plan in plans)
            return [replace(evidence, plans=shorter)]
        case _:
            return []


def test_evidence_about_nothing_that_is_wanted() -> None:
    """None of it is accepted where nothing is to stay possible."""
    for seed in range(20):
        problem = asked(seed)
        found = explicit.run(problem, Budget(), Silent())
        plain: Problem = replace(problem, possible=None)
        if isinstance(found, Proved | Refuted) and isinstance(found.evidence, Trap | Distances):
            assert not isinstance(checked(plain, found.evidence, Budget()), Accepted), seed
