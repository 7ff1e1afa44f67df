"""The dynamic slice: what it leaves out really may be different."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace, find_traces
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import domain
from tdxverify.questions.options import Options
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.slicing import START, slice_trace
from tests.traces import EXAMPLES, trace_of

NAMES = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.tdx"))


def still_bad(found: FoundTrace, rigid: Valuation, state: Valuation) -> bool:
    """The same steps from another start."""
    semantics = Semantics(found.problem)
    for step in found.trace.steps:
        after = semantics.after(step.action, rigid, state, step.arguments)
        if after is None:
            return False
        state = after
    return semantics.is_bad(rigid, state)


def changed(found: FoundTrace, layout: Layout, values: Valuation, position: int) -> list[Valuation]:
    others = domain(layout.cells[position].symbol.sort, found.problem.size_of)
    return [(*values[:position], v, *values[position + 1 :]) for v in others if v != values[position]]


@pytest.mark.parametrize("name", NAMES)
def test_what_nothing_needs_may_be_anything(name: str) -> None:
    found = trace_of(name)
    if found.story.loop is not None:
        pytest.skip("what a loop needs is another question: test_loop_slicing.py")
    if found.story.second_run is not None:
        pytest.skip("what two runs need to differ is asked of both")
    sliced = slice_trace(found.problem, found.trace)
    assert sliced.steps == set(range(1, len(found.trace) + 1)), "a shortest trace has no idle step"
    state, rigid = found.trace.states[0], found.trace.rigid
    needed = {need.position for need in sliced.needs if need.producer == START}
    for position in set(range(len(state))) - needed:
        for other in changed(found, found.problem.state_layout, state, position):
            assert still_bad(found, rigid, other), show_cell(found.problem.state_layout.cells[position])
    parameters = {place for places in sliced.parameters.values() for place in places}
    for position in set(range(len(rigid))) - parameters:
        for other in changed(found, found.problem.rigid_layout, rigid, position):
            assert still_bad(found, other, state), show_cell(found.problem.rigid_layout.cells[position])


def test_producers_really_wrote_and_nobody_wrote_after_them() -> None:
    found = trace_of("04-missing-flush.tdx")
    states = found.trace.states
    for need in slice_trace(found.problem, found.trace).needs:
        value = states[need.consumer - 1][need.position]
        assert all(states[k][need.position] == value for k in range(need.producer, need.consumer))
        if need.producer != START:
            action = found.problem.action_named[found.trace.steps[need.producer - 1].action]
            symbol = found.problem.state_layout.cells[need.position].symbol
            assert symbol in {write.symbol for write in action.writes}


FORMULAS = """\
state a : bool = true  state b : bool = true  state c : bool = true  state n : 0..3 = 2
index Line  memory Line { hit : bool = false  miss : bool = false }
action touch(l : Line) when n > 1 and (a or b) { if c then_never { } hit[l] := true }
property safe always (forall l : Line: not hit[l]) and (a implies b) and (if c then n = 2 else a)
check safe for Line = 2 expect refuted in 1
""".replace("if c then_never { } ", "")


def test_only_deciding_parts_count(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_text(FORMULAS, encoding="utf-8")
    (found,) = find_traces(path, Options(), None, Silent())
    told = [(d.consumer, str(d.cell), d.value, d.producer) for d in found.story.dependences]
    assert told == [(2, "hit[Line0]", "true", 1), (1, "a", "true", 0), (1, "n", "2", 0)]


AGAIN = """\
state x : bool = false  state y : bool = false  state z : bool = {start}  state bad : bool = false
action f {{ x := true }}
action g when x and not y {{ y := true  x := {value} }}
action h when y and x {{ bad := true }}
property p never bad
check p
"""


@pytest.mark.parametrize(("value", "maker"), [("true", 1), ("any {true}", 1), ("x and z", 2), ("z", 2)])
def test_who_assigned_the_same_again_did_not_make_it(tmp_path: Path, value: str, maker: int) -> None:
    """Unless it looked at something with which the value would have been another."""
    path = tmp_path / "a.tdx"
    path.write_text(AGAIN.format(value=value, start="true"), encoding="utf-8")
    (found,) = find_traces(path, Options(), None, Silent())
    makers = {d.producer for d in found.story.dependences if d.consumer == 3 and d.cell.text == "x"}
    assert makers == {maker}
