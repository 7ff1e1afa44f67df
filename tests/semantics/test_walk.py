"""Runs to a goal, against the known answers of the conformance cases."""

from __future__ import annotations

import pytest

from tdxverify.budget import Budget, LimitReached
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step
from tdxverify.semantics.walk import Walk, carried_over, shortest_way
from tests.problems import CASES, Case

LIMITS = Budget(max_states=200_000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_shortest_way_is_as_long_as_the_shortest_trace(case: Case) -> None:
    problem, semantics = case.problem, Semantics(case.problem)
    found: list[int] = []
    for rigid in semantics.rigid_valuations(LIMITS):
        for initial in semantics.initial_states(rigid, LIMITS):
            way = shortest_way(problem, problem.bad, rigid, initial, LIMITS)
            if way is not None:
                walk = Walk(problem, rigid, initial)
                assert walk.follow(way) and walk.is_bad
                assert carried_over(walk.trace, problem, problem) == walk.state
                found.append(len(way))
    assert min(found, default=None) == case.length


def test_a_step_that_is_not_possible_is_not_followed() -> None:
    case = next(case for case in CASES if case.length is not None and case.length > 1)
    semantics = Semantics(case.problem)
    rigid = next(semantics.rigid_valuations(LIMITS))
    initial = next(semantics.initial_states(rigid, LIMITS))
    way = shortest_way(case.problem, case.problem.bad, rigid, initial, LIMITS)
    assert way is not None
    walk = Walk(case.problem, rigid, initial)
    assert not walk.follow([*way, Step("no such action", ())])
    assert walk.state == initial and len(walk.trace) == 0
    assert walk.follow(way) and len(walk.trace) == len(way)


def test_limits() -> None:
    case = next(case for case in CASES if case.expected == "proved")
    semantics = Semantics(case.problem)
    rigid = next(semantics.rigid_valuations(LIMITS))
    initial = next(semantics.initial_states(rigid, LIMITS))
    with pytest.raises(LimitReached):
        shortest_way(case.problem, case.problem.bad, rigid, initial, Budget(max_states=0))
