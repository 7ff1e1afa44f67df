"""The run that stays clear of a bad state for good, against brute force on generated models."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import find_traces
from tdxverify.budget import Budget, LimitReached
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Refuted
from tdxverify.inquiries import closest_run as closest
from tdxverify.inquiries.closest_run import ClosestRun, Way, closest_run
from tdxverify.logic.layout import Valuation
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tests.generated import random_problem
from tests.inquiries.conftest import WriteSpec

Graph = dict[Valuation, set[Valuation]]


def trace_of(problem: Problem) -> Trace | None:
    verdict = ENGINES["explicit"].run(problem, Budget(max_states=100_000), Silent())
    return verdict.trace if isinstance(verdict, Refuted) else None


class Brute:
    """All states behind the first of a trace, as far as runs stay good, and what is true of each."""

    def __init__(self, problem: Problem, trace: Trace) -> None:
        self.semantics = Semantics(problem)
        self.rigid = trace.rigid
        self.after: Graph = {}
        waiting = [trace.states[0]]
        while waiting:
            state = waiting.pop()
            if state not in self.after:
                bad = self.semantics.is_bad(trace.rigid, state)
                ends = () if bad else self.semantics.successors(trace.rigid, state)
                self.after[state] = {end for _, end in ends}
                waiting += self.after[state]
        self.bad = {state for state in self.after if self.semantics.is_bad(trace.rigid, state)}
        self.failing = self.leading_to(self.bad)

    def leading_to(self, targets: set[Valuation]) -> set[Valuation]:
        found = set(targets)
        while True:
            more = {state for state, ends in self.after.items() if state not in found and ends & found}
            if not more:
                return found
            found |= more

    def distance_to_safety(self, start: Valuation) -> int | None:
        """Steps from `start` to a state where nothing bad can be reached, through good ones."""
        level, seen, number = {start}, {start}, 0
        while level:
            if level - self.failing:
                return number
            level = {end for state in level - self.bad for end in self.after[state]} - seen
            seen |= level
            number += 1
        return None

    def has_cycle(self) -> bool:
        """Some state that good steps lead to can come to itself, staying good."""
        left = set(self.after) - self.bad
        while True:
            stuck = {state for state in left if not self.after[state] & left}
            if not stuck:
                return bool(left)
            left -= stuck


def checked(problem: Problem, trace: Trace, found: ClosestRun) -> Way:
    brute = Brute(problem, trace)
    distances = [brute.distance_to_safety(state) for state in trace.states[:-1]]
    known = [number for number, distance in enumerate(distances) if distance is not None]
    if len(trace) == 0:
        assert found.way is Way.NO_STEP
    elif known:
        assert found.way is Way.SAFE and found.kept == known[-1]
        assert len(found.steps) == distances[found.kept]
        taken = run(brute.semantics, trace.rigid, trace.states[found.kept], found.steps)
        assert isinstance(taken, Trace) and taken.states[-1] == found.end
        assert not any(brute.semantics.is_bad(trace.rigid, state) for state in taken.states)
        assert found.end not in brute.failing
        assert taken.states[1] != trace.states[found.kept + 1]
    elif brute.has_cycle():
        assert found.way is Way.ROUND
    else:
        others = [
            end
            for number, state in enumerate(trace.states[:-1])
            for end in brute.after[state] - {trace.states[number + 1]}
        ]
        at_once = bool(others) and set(others) <= brute.bad
        assert found.way is (Way.AT_ONCE if at_once else Way.ONLY_STOPPING)
    return found.way


def test_what_is_said_is_so_of_many() -> None:
    seen: Counter[Way] = Counter()
    for seed in range(400):
        problem = random_problem(seed)
        trace = trace_of(problem)
        if trace is not None:
            seen[checked(problem, trace, closest_run(problem, trace))] += 1
    assert min(seen[way] for way in (Way.SAFE, Way.ROUND, Way.NO_STEP)) > 5, seen
    assert seen[Way.ONLY_STOPPING] + seen[Way.AT_ONCE] > 2, seen


def test_where_states_are_too_many_less_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pdr proves is so; a single step that is named is none to a bad state."""
    seen: Counter[Way] = Counter()
    monkeypatch.setattr(closest, "MOST_STATES", 3)
    for seed in range(150):
        problem = random_problem(seed)
        trace = trace_of(problem)
        if trace is None:
            continue
        found = closest_run(problem, trace)
        seen[found.way] += 1
        if found.way not in (Way.OPEN, Way.PERHAPS_NOT_CLOSEST):
            checked(problem, trace, found)
        elif found.steps:
            brute = Brute(problem, trace)
            assert found.end in brute.after[trace.states[found.kept]] - brute.bad
            assert found.way is Way.OPEN or found.end not in brute.failing
    assert seen[Way.OPEN], seen


CORRIDOR = """\
state left : bool = false
state broken : bool = false
state n : 0..30 = 0
action leave when not left and not broken { left := true }
action walk when left and n < 30 { n := n + 1 }
action turn when n = 30 and SAFE { broken := true }
action break_it when not left { broken := true }
property safe never broken
check safe expect refuted in 1
"""


@pytest.mark.parametrize(("safe", "way"), [("left", Way.OPEN), ("not left", Way.PERHAPS_NOT_CLOSEST)])
def test_pdr_tells_whether_a_turn_is_safe(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch, safe: str, way: Way
) -> None:
    monkeypatch.setattr(closest, "MOST_STATES", 10)
    path = write_spec(CORRIDOR.replace("SAFE", safe))
    found = next(find_traces(path, Options(), None, Silent()))
    what = closest_run(found.problem, found.trace)
    assert (what.way, what.kept, [step.action for step in what.steps]) == (way, 0, ["leave"])
    monkeypatch.undo()
    exact = closest_run(found.problem, found.trace)
    assert exact.way is (Way.SAFE if way is Way.PERHAPS_NOT_CLOSEST else Way.ONLY_STOPPING)


def test_out_of_time_nothing_is_said() -> None:
    problem = next(p for p in map(random_problem, range(100)) if (t := trace_of(p)) is not None and len(t))
    trace = trace_of(problem)
    assert trace is not None
    assert closest_run(problem, trace, Budget.of(0.0)) == ClosestRun(Way.OPEN)


def test_only_the_way_to_the_first_bad_state_counts() -> None:
    """A run that has been taken further, as one from `simulate` may be."""
    for seed in range(200):
        problem = random_problem(seed)
        trace = trace_of(problem)
        if trace is None:
            continue
        semantics = Semantics(problem)
        step, after = next(semantics.successors(trace.rigid, trace.states[-1]), (None, None))
        if step is None or after is None:
            continue
        longer = replace(trace, states=(*trace.states, after), steps=(*trace.steps, step))
        assert closest_run(problem, longer) == closest_run(problem, trace)


def test_a_limit_is_not_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object, **__: object) -> None:
        raise LimitReached(closest.Why.SOLVER_GAVE_UP)

    monkeypatch.setattr(closest, "MOST_STEPS", 1)
    monkeypatch.setattr(closest, "find", ends)
    for seed in range(60):
        problem = random_problem(seed)
        trace = trace_of(problem)
        if trace is not None and len(trace):
            assert closest_run(problem, trace).way is not Way.PERHAPS_NOT_CLOSEST
