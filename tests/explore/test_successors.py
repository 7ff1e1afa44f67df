"""The reference semantics against a direct reading of `Write` and `InitialValue`."""

from __future__ import annotations

import sys

from hypothesis import given, settings

from tdxverify.explore.limits import Limits
from tdxverify.explore.successors import Semantics, split_guard
from tdxverify.model.expr import TRUE, conjunction
from tdxverify.ts.problem import Problem
from tests.explore.reference import initial_pairs, steps
from tests.generated import problems
from tests.problems import CASES, common_model

UNLIMITED = Limits(None, sys.maxsize)


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
        assert list(semantics.successors(rigid, state)) == list(steps(problem, rigid, state))
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
