"""Runs to a goal, against the known answers of the conformance cases."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import assume, given

from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.engines.registry import decide
from tdxverify.evidence.replay import objection
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step
from tdxverify.semantics.walk import Walk, beginning_at, carried_over, nearest_start
from tests.generated import problems
from tests.problems import CASES, Case, choosing

LIMITS = Budget(max_states=200_000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_shortest_run_from_every_start_is_as_long_as_the_shortest_trace(case: Case) -> None:
    problem, semantics = case.problem, Semantics(case.problem)
    found: list[int] = []
    for rigid in semantics.rigid_valuations(LIMITS):
        for initial in semantics.initial_states(rigid, LIMITS):
            pinned = beginning_at(problem, rigid, initial)
            verdict = decide("explicit", pinned, LIMITS, Silent()).verdict
            assert isinstance(verdict, Refuted | Proved)
            if isinstance(verdict, Refuted):
                walk = Walk(problem, rigid, initial)
                assert walk.follow(verdict.trace.steps) and walk.is_bad
                assert carried_over(walk.trace, problem, problem) == walk.trace
                found.append(len(verdict.trace))
    assert min(found, default=None) == case.length


@given(problems())
def test_the_nearest_start_is_one_and_as_near_as_one_cell_makes_it(problem: Problem) -> None:
    verdict = decide("explicit", problem, LIMITS, Silent()).verdict
    assume(isinstance(verdict, Refuted))
    assert isinstance(verdict, Refuted)
    semantics, trace = Semantics(problem), verdict.trace
    for rigid in islice(semantics.rigid_valuations(LIMITS), 4):
        for initial in islice(semantics.initial_states(rigid, LIMITS), 4):
            near = nearest_start(problem, trace, rigid, initial)
            assert near.steps == trace.steps and objection(problem, near) is None
            theirs, ours = (*trace.rigid, *trace.states[0]), (*near.rigid, *near.states[0])
            for before, after, there in zip(theirs, ours, (*rigid, *initial), strict=True):
                assert after in (before, there)


def test_a_step_that_is_not_possible_is_not_followed() -> None:
    case = next(case for case in CASES if case.length is not None and case.length > 1)
    semantics = Semantics(case.problem)
    rigid = next(semantics.rigid_valuations(LIMITS))
    initial = next(semantics.initial_states(rigid, LIMITS))
    verdict = decide("explicit", beginning_at(case.problem, rigid, initial), LIMITS, Silent()).verdict
    assert isinstance(verdict, Refuted)
    way = verdict.trace.steps
    walk = Walk(case.problem, rigid, initial)
    assert not walk.follow([*way, Step("no such action", ())])
    assert walk.state == initial and len(walk.trace) == 0
    assert walk.follow(way) and len(walk.trace) == len(way)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdxverify.semantics.walk.MOST_CHOICES", 3)
    problem = choosing(1, 1)
    semantics = Semantics(problem)
    rigid, initial = next(
        (r, s) for r in semantics.rigid_valuations(LIMITS) for s in semantics.initial_states(r, LIMITS)
    )
    assert Walk(problem, rigid, initial).choices().stopped is None
    monkeypatch.setattr("tdxverify.semantics.walk.MOST_CHOICES", 2)
    choices = Walk(problem, rigid, initial).choices()
    assert len(choices.steps) == 2 and choices.stopped is not None
