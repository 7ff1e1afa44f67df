"""Conditions typed in: every cell that is shown can be asked about, in the words in which it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import Code, SpecError
from tdxverify.logic.expr import Implicit
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import Value, domain, show
from tdxverify.questions.conditions import condition, grown_condition
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, in_file, smallest
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.walk import Walk, carried_over, first_start
from tdxverify.telling.cells import before_value, is_of_spec

SIZES = {"Line": 2, "Cpu": 2}
SPEC = """\
index Line
index Cpu
enum Mode { off, busy }
actor k
fault #MC fatal
state used[Line] : bool = false
state count[Cpu, Line] : 0..2 = 0
state last : Line
state mode[Cpu] : Mode = off
access read(l : Line) { used[l] -> fault #MC  otherwise -> ok { used[l] := true  last := l } }
action load(l : Line) by k { read(l) }
action raise_it(c : Cpu, l : Line) when count[c, l] < 2 { count[c, l] := count[c, l] + 1  mode[c] := busy }
process flush(c : Cpu) { first: { mode[c] := busy } second: { } }
process whole { only: { } }
property p never k is dead
property q never k took #MC
check p, q
"""


@pytest.fixture
def asked(tmp_path: Path) -> Question:
    path = tmp_path / "spec.tdx"
    path.write_text(SPEC, encoding="utf-8")
    return in_file(path, Options(), None)[0]


def holds(asked: Question, walk: Walk, text: str) -> bool:
    goal = condition(asked, text, walk.problem.size_of)
    problem, formula = smallest(goal, walk.problem.size_of), goal.property.formula
    trace = carried_over(walk.trace, walk.problem, problem)
    assert formula is not None and trace is not None
    return bool(Semantics(problem).evaluator.formula(formula)(trace.rigid, trace.states[-1], ()))


def shown(cell: Cell, value: Value) -> str:
    return f"{before_value(cell)}{show(cell.symbol.sort, value)}"


def walk_of(asked: Question, steps: int) -> Walk:
    problem = smallest(asked, SIZES)
    start = first_start(Semantics(problem), Budget())
    assert start is not None
    walk = Walk(problem, *start)
    for number in range(steps):
        choices = walk.choices().steps
        walk.take(*choices[(7 * number + 3) % len(choices)])
    return walk


@pytest.mark.parametrize("steps", [0, 1, 4, 7])
def test_a_shown_cell_is_a_condition_that_means_the_same(asked: Question, steps: int) -> None:
    walk = walk_of(asked, steps)
    for cell, value in zip(walk.problem.state_layout.cells, walk.state, strict=True):
        if not is_of_spec(cell) or cell.symbol.implicit is Implicit.PROGRESS:
            continue
        for other in domain(cell.symbol.sort, walk.problem.size_of):
            assert holds(asked, walk, shown(cell, other)) is (other == value), shown(cell, other)


def test_elements_are_names_in_any_condition(asked: Question) -> None:
    walk = walk_of(asked, 0)
    assert holds(asked, walk, "forall l : Line: l = Line0 or l = Line1")
    assert holds(
        asked, walk, "last = Line0 and not (exists c : Cpu: count[c, Line1] > 0 or mode[Cpu1] = busy)"
    )
    assert not holds(asked, walk, "Line0 = Line1")


@pytest.mark.parametrize("text", ["used[Line00]", "used[Line9876543210123]", "used[Lines0]", "used[Cpu0]"])
def test_what_is_no_element_is_refused(asked: Question, text: str) -> None:
    with pytest.raises(SpecError) as caught:
        condition(asked, text, SIZES)
    assert {d.code for d in caught.value.diagnostics} <= {Code.E201, Code.E304}


def test_an_element_beyond_the_size_is_named_with_the_sizes_that_have_it(asked: Question) -> None:
    with pytest.raises(SpecError) as caught:
        condition(asked, "used[Line0] and (used[Line2] or mode[Cpu11] = busy)", SIZES)
    first, second = sorted(caught.value.diagnostics, key=lambda d: d.message)
    assert first.code is second.code is Code.E712
    assert first.message == "there is no 'Cpu11' for Cpu = 2, which has Cpu0 and Cpu1"
    assert second.message == "there is no 'Line2' for Line = 2, which has Line0 and Line1"
    assert second.hint == "there is one for Line = 3 or more: --size Line=3"
    assert first.span is not None and first.span.text == "Cpu11" and first.span.start == 37


def test_sizes_grow_for_the_elements_that_are_named_where_they_may(asked: Question) -> None:
    text = "used[Line3] or mode[Cpu0] = busy or count[Cpu1, Line2] = 1"
    assert grown_condition(asked, text, SIZES, {"Line": None})[1] == {"Line": 4, "Cpu": 2}
    assert grown_condition(asked, text, SIZES, {"Line": 4, "Cpu": 3})[1] == {"Line": 4, "Cpu": 2}
    with pytest.raises(SpecError) as caught:
        grown_condition(asked, text, SIZES, {"Line": 3, "Cpu": None})
    assert [d.code for d in caught.value.diagnostics] == [Code.E712]


def test_what_the_spec_calls_so_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    text = "index Line\nparam Line0 : bool\nstate a[Line] : bool = false\nproperty p never Line0\ncheck p\n"
    path.write_text(text, encoding="utf-8")
    asked = in_file(path, Options(), None)[0]
    goal = condition(asked, "Line0 and a[Line1]", SIZES)
    assert {info.symbol.name for info in goal.spec.model.symbols} >= {"Line0", "a"}
    with pytest.raises(SpecError):
        condition(asked, "a[Line0]", SIZES)
