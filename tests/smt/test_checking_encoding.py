"""The second encoding of steps agrees with enumeration, independently of the first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdxverify.budget import Budget
from tdxverify.engines.explicit.engine import run
from tdxverify.evidence.verdict import Refuted, Vacuous
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.checking_encoding import bad_within, starts
from tdxverify.smt.solver import Sat, Unsat
from tests.generated import random_problem
from tests.problems import CASES, Case
from tests.texts import Silent


def agree(subject: Problem, deepest: int) -> None:
    verdict = run(subject, Budget(), Silent())
    assert isinstance(starts(subject, lambda: None), Unsat) == isinstance(verdict, Vacuous)
    length = len(verdict.trace) if isinstance(verdict, Refuted) else deepest + 1
    for steps in range(deepest + 1):
        expected = Sat if steps >= length else Unsat
        assert isinstance(bad_within(subject, steps, lambda: None), expected), (subject.name, steps)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_problems(case: Case) -> None:
    agree(case.problem, 1 + (case.length or 2))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6).map(random_problem))
def test_generated_problems(subject: Problem) -> None:
    agree(subject, 4)
