"""Whether a promise is broken, asked as a question about single states: compared with all loops there are."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.finding import find
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.questions.problems.looping import with_loop
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso, lasso_objection, lasso_of
from tdxverify.semantics.trace import Trace
from tests.building import SPAN
from tests.fair_loops import Promised, is_broken, promised
from tests.texts import Silent
from tests.thorough import parts

SEEDS = range(1500)
ENGINES = ("pdr", "bmc", "k-induction", "bdd")


def looping(asked: Promised) -> Problem:
    return with_loop(asked.problem, asked.promise, asked.fairness, SPAN)


@pytest.mark.parametrize("seeds", parts(SEEDS, 60))
def test_a_promise_is_broken_where_a_fair_loop_breaks_it(seeds: range) -> None:
    kinds = {compared(seed) for seed in seeds}
    assert {Refuted, Proved, Vacuous} <= kinds


def compared(seed: int) -> type:
    asked = promised(seed)
    problem = looping(asked)
    verdict = certified(problem, explicit.run(problem, Budget(), Silent()), Budget())
    assert isinstance(verdict, Refuted) == is_broken(asked), seed
    assert isinstance(verdict, Refuted | Proved | Vacuous), seed
    lasso = lasso_of(asked.problem, verdict.trace) if isinstance(verdict, Refuted) else None
    if lasso is not None:
        assert lasso_objection(asked.problem, asked.promise, asked.fairness, lasso) is None, seed
        for wrong in spoilt(lasso, Random(seed)):
            assert lasso_objection(asked.problem, asked.promise, asked.fairness, wrong) is not None, seed
    return type(verdict)


@pytest.mark.parametrize("seeds", parts(SEEDS, 6))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_says_the_same(engine: str, seeds: range) -> None:
    for seed in seeds:
        problem = looping(promised(seed))
        truth = explicit.run(problem, Budget(), Silent())
        verdict = find(engine, problem, Budget(bound=8), Silent()).verdict
        if isinstance(verdict, Refuted):
            assert verdict == truth, seed
        elif not isinstance(verdict, Unknown):
            assert type(verdict) is type(truth), seed


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
