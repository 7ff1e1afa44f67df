"""Whether a promise is broken, asked as a question about single states: compared with all loops there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.finding import find
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.problems.looping import with_loop
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso, lasso_objection, lasso_of, order_of
from tdxverify.semantics.trace import Trace
from tests.building import SPAN
from tests.fair_loops import Promised, is_broken, promised, shortest, tabled
from tests.texts import Silent, problem_of
from tests.thorough import parts

SEEDS = range(1500)
ENGINES = ("pdr", "bmc", "k-induction", "bdd")


def looping(asked: Promised) -> Problem:
    return with_loop(asked.problem, asked.promise, asked.fairness, SPAN)


@pytest.mark.parametrize("seeds", parts(SEEDS, 60))
def test_a_promise_is_broken_where_a_fair_loop_breaks_it(seeds: range) -> None:
    kinds = {compared(seed) for seed in seeds}
    assert {Refuted, Proved, Vacuous} <= kinds


@pytest.mark.parametrize("seeds", parts(SEEDS, 120))
def test_promises_that_are_kept_because_of_who_has_turns(seeds: range) -> None:
    found = [compared(seed, tabled) for seed in seeds]
    assert {Refuted, Proved} <= set(found)
    kept = [looping(tabled(seed)) for seed, kind in zip(seeds, found, strict=True) if kind is Proved]
    assert max(map(deepest, kept)) > 1  # what is left without some states was taken apart again


def deepest(problem: Problem) -> int:
    """How many numbers the longest rank has."""
    verdict = explicit.run(problem, Budget(), Silent())
    assert isinstance(verdict.evidence, Ranking)  # type: ignore[union-attr]
    return max((len(rank) for ranks in verdict.evidence.ranks for rank in ranks.of.values()), default=0)  # type: ignore[union-attr]


def compared(seed: int, made_up: Callable[[int], Promised] = promised) -> type:
    asked = made_up(seed)
    problem = looping(asked)
    verdict = certified(problem, explicit.run(problem, Budget(), Silent()), Budget())
    assert isinstance(verdict, Refuted) == is_broken(asked), seed
    assert isinstance(verdict, Refuted | Proved | Vacuous), seed
    lasso = lasso_of(asked.problem, verdict.trace) if isinstance(verdict, Refuted) else None
    assert shortest(asked) == lengths(asked, verdict), seed
    if lasso is not None:
        assert lasso_objection(asked.problem, asked.promise, asked.fairness, lasso) is None, seed
        for wrong in spoilt(lasso, Random(seed)):
            assert lasso_objection(asked.problem, asked.promise, asked.fairness, wrong) is not None, seed
    return type(verdict)


def lengths(asked: Promised, verdict: Verdict) -> tuple[int, int | None] | None:
    """As `shortest`."""
    if not isinstance(verdict, Refuted):
        return None
    lasso = lasso_of(asked.problem, verdict.trace)
    return (len(verdict.trace), None) if lasso is None else (lasso.begin, len(lasso.trace) - lasso.begin)


@pytest.mark.parametrize("seeds", parts(SEEDS, 6))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_says_the_same(engine: str, seeds: range) -> None:
    for seed in seeds:
        problem = looping(promised(seed))
        truth = explicit.run(problem, Budget(), Silent())
        verdict = find(engine, problem, Budget(bound=8), Silent()).verdict
        if isinstance(verdict, Refuted):
            assert isinstance(truth, Refuted), seed
            assert verdict == truth or (verdict.unsure and is_longer(verdict, truth)), seed
        elif not isinstance(verdict, Unknown):
            assert type(verdict) is type(truth), seed


def is_longer(found: Refuted, shortest: Refuted) -> bool:
    """Of one of which it is not sure that it is the shortest."""
    return order_of(found.trace) >= order_of(shortest.trace)


@pytest.mark.parametrize("engine", ["pdr", "bdd"])
def test_engines_agree_about_tables(engine: str) -> None:
    """The very same run: whose loop begins soonest, and of those the shortest."""
    for seed in range(6):
        problem = looping(tabled(seed))
        verdict = find(engine, problem, Budget(), Silent()).verdict
        truth = explicit.run(problem, Budget(), Silent())
        assert verdict == truth if isinstance(truth, Refuted) else type(verdict) is type(truth), seed


def spoilt(lasso: Lasso, random: Random) -> list[Lasso]:
    """What is no longer the run, or does not close."""
    trace = lasso.trace
    found = [
        replace(lasso, trace=Trace(trace.sizes, trace.rigid, (*trace.states, trace.states[-1]), trace.steps))
    ]
    if trace.steps:
        short = Trace(trace.sizes, trace.rigid, trace.states[:-1], trace.steps)
        found.append(replace(lasso, trace=short, begin=0))
    for begin in range(len(trace.states)):
        if trace.states[begin] != trace.states[-1]:
            found.append(replace(lasso, begin=begin))
    return random.sample(found, min(3, len(found)))


@pytest.mark.parametrize("steps", ["n := n", "n := 1 - n"])
@pytest.mark.parametrize("most", [5, 60, 100_000])
def test_a_round_that_is_not_the_shortest_ends_where_it_first_can(steps: str, most: int) -> None:
    """Many turns in few states: which of them were had is too much to keep."""
    text = f"""
        state n : 0..1 = 0
        fair action go(i : 0..6) {{ {steps} }}
        property p eventually n > 1
        check p
    """
    problem = problem_of(text)
    verdict = explicit.run(problem, Budget(max_states=most), Silent())
    assert isinstance(verdict, Refuted)
    assert bool(verdict.unsure) == (most < 100_000)
    assert certified(problem, verdict, Budget()) == verdict


@pytest.mark.parametrize("seeds", parts(range(300), 60))
def test_a_round_that_may_be_longer_is_a_loop_all_the_same(seeds: range) -> None:
    for seed in seeds:
        problem = looping(promised(seed))
        for most in (2, 5, 10):
            verdict = explicit.run(problem, Budget(max_states=most), Silent())
            assert certified(problem, verdict, Budget()) == verdict, seed
