"""Whether two runs are told apart, asked as a question about single states: compared with all pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.two_runs import comparison_of, single_run, two_runs_in
from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.finding import find
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tdxverify.semantics.two_runs import TwoRuns, two_runs_objection, two_runs_of
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.differential.comparing import wrong_verdict
from tests.differential.reference.world import TooLarge
from tests.texts import Silent
from tests.thorough import parts
from tests.two_run_specs import reference_answer, spec_of

SEEDS = range(400)
ENGINES = ("pdr", "bmc", "k-induction", "bdd", "any-size")


def question(text: str) -> Question:
    model = build_model((parse(SourceFile("main.tdx", text)),))
    return Question(Spec(Path("main.tdx"), model), model.checks[0], Options())


def at_size(asked: Question, size: int) -> Problem:
    return lower(asked.spec.model, asked.check, {"Page": size})


@pytest.mark.parametrize("seeds", parts(SEEDS, 12))
@pytest.mark.parametrize("size", [1, 2])
def test_two_runs_are_told_apart_where_some_pair_is(seeds: range, size: int) -> None:
    kinds = {compared(seed, size) for seed in seeds}
    assert {Refuted, Proved} <= kinds


@pytest.mark.parametrize("size", [3, 4])
def test_the_same_at_larger_sizes(size: int) -> None:
    for seed in range(8):
        compared(seed, size)


def compared(seed: int, size: int) -> type | None:
    """The kind of the verdict; None where there are too many pairs."""
    text = spec_of(seed)
    try:
        truth = reference_answer(text, {"Page": size})
    except TooLarge:
        return None
    asked = question(text)
    problem = at_size(asked, size)
    verdict = certified(problem, explicit.run(problem, Budget(), Silent()), Budget())
    assert isinstance(verdict, Refuted | Proved | Vacuous), seed
    assert not wrong_verdict("explicit", verdict, truth, f"seed {seed}, Page = {size}")
    if isinstance(verdict, Refuted) and two_runs_in(asked, problem, verdict.trace) is not None:
        refused(asked, problem, verdict, Random(seed))
    return type(verdict)


def refused(asked: Question, problem: Problem, verdict: Refuted, random: Random) -> None:
    """What is no pair of runs that are told apart is refused."""
    comparison, original = comparison_of(asked), single_run(asked, problem)
    assert comparison is not None
    runs = two_runs_of(original, problem, comparison, verdict.trace)
    assert two_runs_objection(original, comparison, runs) is None
    for wrong in spoilt(runs, random):
        assert two_runs_objection(original, comparison, wrong) is not None


def spoilt(runs: TwoRuns, random: Random) -> list[TwoRuns]:
    """The first run twice; and a state of the second that is another."""
    place = random.randrange(len(runs.states[-1]))
    last = runs.states[-1]
    other = (*last[:place], 1 - min(last[place], 1), *last[place + 1 :])
    alone = replace(runs, states=runs.first.states, steps=runs.first.steps)
    return [alone, replace(runs, states=(*runs.states[:-1], other))] if runs.first.steps else [alone]


@pytest.mark.parametrize("seeds", parts(range(60), 2))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_says_the_same(engine: str, seeds: range) -> None:
    for seed in seeds:
        problem = at_size(question(spec_of(seed)), 2)
        truth = explicit.run(problem, Budget(), Silent())
        every = engine == "any-size"
        budget = Budget(bound=8).working(2_000_000)
        verdict = find(engine, problem, budget, Silent(), every_size=every).verdict
        if isinstance(verdict, Refuted) and not every:
            assert isinstance(truth, Refuted) and len(truth.trace) == len(verdict.trace), seed
        elif isinstance(verdict, Proved):
            assert isinstance(truth, Proved), seed
        else:
            assert isinstance(verdict, Refuted | Unknown | Vacuous), seed


NAMES = """
index Page
state second : bool = false
state run : bool = false
state the[Page] : bool
secret the
observer wire sees second, run
action mix(p : Page) { if the[p] { run := any } second := run }
property claim wire cannot tell
check claim
"""


def test_a_choice_that_one_run_alone_makes_is_made_in_that_run_alone() -> None:
    """In one run `any` is not come to, in the other it may be what it likes."""
    verdict = explicit.run(at_size(question(NAMES), 1), Budget(), Silent())
    assert isinstance(verdict, Refuted) and len(verdict.trace) == 1


def test_what_no_secret_reaches_is_there_once() -> None:
    text = NAMES.replace("if the[p] { run := any }", "run := any")
    problem = at_size(question(text), 2)
    names = [symbol.name for symbol in problem.state_symbols]
    assert names == ["second", "run", "the", "the in the second run"]
    assert isinstance(explicit.run(problem, Budget(), Silent()), Proved)


def test_a_value_that_does_not_fit_in_one_run_is_found() -> None:
    text = """
state key : 0..3
state sum : 0..3 = 0
secret key
observer wire sees sum = 9
action add { sum := sum + key }
property claim wire cannot tell
check claim
"""
    asked = question(text)
    problem = lower(asked.spec.model, asked.check, {})
    verdict = explicit.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted) and len(verdict.trace) == 2
    assert two_runs_in(asked, problem, verdict.trace) is None


WAITING = """
state key : bool
state sent : bool = false
secret key
observer wire sees sent
action send when key { sent := true }
property plain wire cannot tell
property strict wire cannot tell even by steps
property known wire cannot tell even by steps more than key
"""


@pytest.mark.parametrize(("name", "told"), [("plain", Proved), ("strict", Refuted), ("known", Proved)])
def test_a_step_that_one_run_alone_can_take(name: str, told: type) -> None:
    asked = question(f"{WAITING}check {name}\n")
    problem = lower(asked.spec.model, asked.check, {})
    assert isinstance(explicit.run(problem, Budget(), Silent()), told)


BEGINNING = """
state key : bool
state at_work : bool = false
secret key
observer wire sees work at other
process work { if key { goto other } first: { } other: { } }
property claim wire cannot tell
check claim
"""


def test_where_a_process_begins_may_depend_on_a_secret() -> None:
    asked = question(BEGINNING)
    problem = lower(asked.spec.model, asked.check, {})
    verdict = explicit.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted) and len(verdict.trace) == 0
    assert two_runs_in(asked, problem, verdict.trace) is not None
