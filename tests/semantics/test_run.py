"""Steps are done as the plainest code does them, and what is impossible is told precisely."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tdxverify.semantics.run import Reason, WhyNot, run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tests.generated import random_problem
from tests.problems import common_model
from tests.semantics.reference import initial_pairs, steps

PROBLEM = common_model(2, True, False)
START = sorted(initial_pairs(PROBLEM))[-1]


@pytest.mark.parametrize("seed", range(20))
def test_a_step_leads_where_the_reference_says(seed: int) -> None:
    problem = random_problem(seed)
    semantics = Semantics(problem)
    for rigid, first in list(initial_pairs(problem))[:5]:
        for step, after in steps(problem, rigid, first):
            found = run(semantics, rigid, first, [step])
            assert isinstance(found, Trace)
            assert (found.sizes, found.states, found.steps) == (problem.sizes, (first, after), (step,))


def test_no_steps_are_a_run() -> None:
    assert run(Semantics(PROBLEM), *START, ()) == Trace(PROBLEM.sizes, START[0], (START[1],), ())


@pytest.mark.parametrize(
    ("step", "reason", "told"),
    [
        (Step("z", (1,)), Reason.ACTION, "step 2, z: there is no such action"),
        (Step("a", ()), Reason.ARGUMENTS, "step 2, a: it takes 1 argument"),
        (Step("a", (2,)), Reason.DOMAIN, "step 2, a: l is 2, which is not in Line"),
        (Step("g", ()), Reason.GUARD, "step 2, g: it is not possible there"),
    ],
)
def test_why_not(step: Step, reason: Reason, told: str) -> None:
    first = next(step for step, _ in steps(PROBLEM, *START))
    found = run(Semantics(PROBLEM), *START, [first, step, first])
    assert isinstance(found, WhyNot)
    assert (found.reason, found.number, found.step, str(found)) == (reason, 2, step, told)


def test_no_step_behind_an_impossible_one_is_asked_for() -> None:
    def asked() -> Iterator[Step]:
        yield Step("z", ())
        raise AssertionError

    assert isinstance(run(Semantics(PROBLEM), *START, asked()), WhyNot)
