"""The reference semantics against a direct reading of `Write` and `InitialValue`."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings

from tdxverify.budget import Budget, LimitReached
from tdxverify.logic.expr import TRUE, conjunction
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics, split_guard
from tdxverify.semantics.trace import Step
from tests.generated import problems
from tests.problems import CASES, choosing, common_model
from tests.semantics.reference import initial_pairs, steps

UNLIMITED = Budget(max_states=sys.maxsize)


Steps = list[tuple[Step, Valuation]]


def assert_stands_for(problem: Problem, found: Steps, every: Steps) -> None:
    """`found` is a part of `every`, in the same order, in which the least of choices that lead to the same
    state is never missing. Steps without choices are all there."""
    waiting = iter(every)
    assert all(one in waiting for one in found)
    least: dict[tuple[str, Valuation, Valuation], tuple[Step, Valuation]] = {}
    for step, after in every:
        action = problem.action_named[step.action]
        declared = step.arguments[: len(step.arguments) - action.hidden]
        least.setdefault((step.action, declared, after), (step, after))
    assert not [one for one in least.values() if one not in found]


@pytest.mark.parametrize("cells", [1, 16, 200])
def test_choices_that_nothing_looks_at_are_not_enumerated(cells: int) -> None:
    semantics = Semantics(choosing(0, cells))
    ((step, after),) = semantics.successors((), (0,) * (cells + 1))
    assert step.arguments == after[1:] == (0,) * cells


def test_choices_that_matter_are_all_made_the_least_first() -> None:
    found = [step.arguments for step, _ in Semantics(choosing(2, 16)).successors((), (0,) * 17)]
    assert found == [(one, two, *[0] * 14) for one in range(4) for two in range(4)]


def test_choices_that_matter_are_made_as_long_as_there_is_time() -> None:
    late = Semantics(choosing(16, 16), Budget(deadline=0.0)).successors((), (0,) * 17)
    with pytest.raises(LimitReached):
        for made, _ in enumerate(late):
            assert made < 2000


@settings(max_examples=100, deadline=None)
@given(problems())
def test_steps_and_initial_states_are_what_the_model_says(problem: Problem) -> None:
    semantics = Semantics(problem)
    found = [
        (rigid, state)
        for rigid in semantics.rigid_valuations(UNLIMITED)
        for state in semantics.initial_states(rigid, UNLIMITED)
    ]
    expected = initial_pairs(problem)
    assert found == expected
    for rigid, state in expected[:5]:
        assert_stands_for(
            problem, list(semantics.successors(rigid, state)), list(steps(problem, rigid, state))
        )
        assert semantics.assumed(rigid)
        assert semantics.is_initial(rigid, state)


def test_every_hand_made_problem_starts_where_brute_force_says() -> None:
    for case in CASES:
        if case.name.startswith("common_3"):
            continue  # 2^20 valuations are too many to try
        semantics = Semantics(case.problem)
        found = [
            (rigid, state)
            for rigid in semantics.rigid_valuations(UNLIMITED)
            for state in semantics.initial_states(rigid, UNLIMITED)
        ]
        assert found == initial_pairs(case.problem), case.name


def test_a_guard_is_split_at_its_parameters() -> None:
    """`f(i)` of the common model: preparing and mitigation need no parameter, nothing else is there."""
    problem = common_model(2, True, True)
    for action in problem.actions:
        free, rest = split_guard(action)
        assert conjunction(free, rest) == action.guard
    f, a = problem.action_named["f"], problem.action_named["a"]
    assert split_guard(f) == (f.guard, TRUE)
    assert TRUE not in split_guard(a)
