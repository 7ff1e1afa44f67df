"""What a run that goes round for ever is said to need: what it is not said to need may be anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.looping import with_loop
from tdxverify.semantics.lasso import Lasso, Turns, lasso_of
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.loop_slicing import slice_lasso
from tdxverify.telling.slicing import START, Slice
from tests.building import SPAN
from tests.fair_loops import Promised, promised
from tests.texts import Silent
from tests.thorough import parts


def goes_round(asked: Promised, rigid: Valuation, state: Valuation, lasso: Lasso) -> bool:
    """From another start: the same steps, back to where the loop began, fairly, never kept in the loop."""
    semantics = Semantics(asked.problem)
    trace = run(semantics, rigid, state, lasso.trace.steps)
    if isinstance(trace, WhyNot) or trace.states[-1] != trace.states[lasso.begin]:
        return False
    again = replace(lasso, trace=trace)
    kept = semantics.evaluator.formula(asked.promise.kept, asked.promise.binders)
    return all(Turns(semantics, fair, again).are_fair() for fair in asked.fairness) and not any(
        kept(rigid, one, lasso.elements) for one in trace.states[lasso.begin :]
    )


def others(layout: Layout, sizes: dict[str, int], values: Valuation, position: int) -> list[Valuation]:
    known = domain(layout.cells[position].symbol.sort, sizes)
    return [(*values[:position], v, *values[position + 1 :]) for v in known if v != values[position]]


def check_needs(asked: Promised, lasso: Lasso, sliced: Slice) -> int:
    """How many other starts were tried."""
    trace, sizes, tried = lasso.trace, asked.problem.size_of, 0
    for need in sliced.needs:
        since = range(need.producer, need.at + 1)
        assert len({trace.states[number][need.position] for number in since}) == 1
    needed = {need.position for need in sliced.needs if need.producer == START}
    for position in set(range(len(trace.states[0]))) - needed:
        for state in others(asked.problem.state_layout, sizes, trace.states[0], position):
            assert goes_round(asked, trace.rigid, state, lasso)
            tried += 1
    parameters = {place for places in sliced.parameters.values() for place in places}
    for position in set(range(len(trace.rigid))) - parameters:
        for rigid in others(asked.problem.rigid_layout, sizes, trace.rigid, position):
            assert goes_round(asked, rigid, trace.states[0], lasso)
            tried += 1
    return tried


@pytest.mark.parametrize("seeds", parts(range(800), 100))
def test_what_a_loop_does_not_need_may_be_anything(seeds: range) -> None:
    tried = 0
    for seed in seeds:
        asked = promised(seed)
        asked = replace(asked, problem=replace(asked.problem, range_monitor=None))
        problem = with_loop(asked.problem, asked.promise, asked.fairness, SPAN)
        verdict = explicit.run(problem, Budget(), Silent())
        lasso = lasso_of(asked.problem, verdict.trace) if isinstance(verdict, Refuted) else None
        if lasso is not None:
            sliced = slice_lasso(asked.problem, asked.promise, asked.fairness, lasso)
            tried += check_needs(asked, lasso, sliced)
    assert tried > 5
