"""What a trace depends on, compared with trying every other value by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.replay import objection
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.layout import Layout
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling import relevance as module
from tdxverify.telling.relevance import relevance
from tests.generated import random_problem
from tests.problems import CASES
from tests.texts import Silent, problem_of

SPEC = """
index Line
param erratum : bool
param level : 0..3
param unused : bool
state dirty[Line] : bool
state other[Line] : bool
state taken : bool = false
action read(l : Line) when dirty[l] and erratum and level >= 2 { taken := true }
action clean(l : Line) { other[l] := false }
property p never taken
check p
"""


def refuted(problem: Problem) -> Trace:
    verdict = explicit.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    return verdict.trace


def names(layout: Layout, positions: frozenset[int]) -> set[str]:
    return {str(layout.cells[position]) for position in positions}


def test_what_a_trace_needs() -> None:
    problem = problem_of(SPEC)
    found = relevance(problem, refuted(problem))
    assert names(problem.rigid_layout, found.rigid) == {"erratum", "level"}
    assert len(names(problem.state_layout, found.initial)) == 1
    (cell,) = names(problem.state_layout, found.initial)
    assert cell.startswith("dirty[")


def test_a_bad_start_needs_what_makes_it_bad() -> None:
    problem = problem_of("state a : bool state b : bool property p never a check p")
    found = relevance(problem, refuted(problem))
    assert names(problem.state_layout, found.initial) == {"a"}
    assert found.rigid == frozenset()


def test_a_value_that_is_overwritten_does_not_matter() -> None:
    problem = problem_of(
        "state a : bool = false state b : bool action go { a := true b := true } "
        "property p never a and b check p"
    )
    assert relevance(problem, refuted(problem)).initial == frozenset()


def _still_bad(problem: Problem, trace: Trace, rigid: tuple[int, ...], first: tuple[int, ...]) -> bool:
    """Whether the same steps from another start are a run into a bad state, by replaying them.

    Neither the start itself nor the states on the way are judged.
    """
    from tdxverify.semantics.successors import Semantics

    semantics = Semantics(problem)
    state = first
    for step in trace.steps:
        after = semantics.after(step.action, rigid, state, step.arguments)
        if after is None:
            return False
        state = after
    return semantics.is_bad(rigid, state)


@pytest.mark.parametrize("seed", range(40))
def test_against_trying_everything(seed: int) -> None:
    problem = random_problem(seed)
    verdict = explicit.run(problem, Budget(), Silent())
    if not isinstance(verdict, Refuted):
        return
    trace = verdict.trace
    assert objection(problem, trace) is None
    found = relevance(problem, trace)
    for layout, values, mattering in (
        (problem.rigid_layout, trace.rigid, found.rigid),
        (problem.state_layout, trace.states[0], found.initial),
    ):
        for position, cell in enumerate(layout.cells):
            others = [v for v in domain(cell.symbol.sort, problem.size_of) if v != values[position]]
            changed = ((*values[:position], other, *values[position + 1 :]) for other in others)
            fails = any(
                not (
                    _still_bad(problem, trace, new, trace.states[0])
                    if layout is problem.rigid_layout
                    else _still_bad(problem, trace, trace.rigid, new)
                )
                for new in changed
            )
            assert (position in mattering) == fails


def test_traces_of_known_problems() -> None:
    seen = 0
    for case in CASES:
        if case.expected == "refuted":
            found = relevance(case.problem, refuted(case.problem))
            seen += bool(found.initial or found.rigid)
    assert seen > 5


def test_beyond_the_trials_nothing_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(SPEC)
    monkeypatch.setattr(module, "MOST_TRIALS", 1)
    found = relevance(problem, refuted(problem))
    assert len(found.rigid) + len(found.initial) <= 1


def test_a_trace_that_is_none_is_found_out_elsewhere() -> None:
    """`relevance` requires a run; it is `objection` that checks."""
    problem = problem_of(SPEC)
    trace = refuted(problem)
    assert objection(problem, replace(trace, rigid=tuple(0 for _ in trace.rigid))) is not None
