"""Core expressions as text: what the user wrote comes back, with no more parentheses than needed."""

from __future__ import annotations

import pytest

from tdxverify.logic.expr import Bound, Read
from tdxverify.logic.layout import Layout
from tdxverify.logic.show import show_cell, show_expression, written_name
from tdxverify.logic.sorts import IndexSort
from tdxverify.model.model import Model
from tests.texts import model_of

DECLARATIONS = """
index Line
index Cpu
enum Mode { off, idle, broken }
fault #MC fatal
actor host, guest
param strict : bool
const limit : 0..7
state a : bool = false
state b : bool = false
state x : 0..7 = 0
state y : -3..3 = 0
state mode : Mode = off
state used[Line] : bool = false
state count[Cpu, Line] : 0..7 = 0
access touch(l : Line) { used[l] -> fault #MC  otherwise -> ok }
process run(c : Cpu) by host { first: { a := true }  second: { b := true } }
process once by guest { only: { b := true } }
action look(l : Line) by host { touch(l) }
"""

FORMULAS = [
    "a",
    "not a",
    "a and b and strict",
    "a or b and not strict",
    "(a or b) and strict",
    "a implies b implies strict",
    "(a implies b) implies strict",
    "(a iff b) and strict",
    "not (a and b)",
    "x = 3",
    "x != 3",
    "x < limit",
    "x <= limit + 1",
    "x > 3",
    "x >= 3",
    "x + y - 2 = limit",
    "x - (y - 2) = limit",
    "(x + y) * 2 = 4",
    "x + y * 2 = 4",
    "x div 2 = y mod 3",
    "y = -2",
    "mode = broken",
    "mode != off and a",
    "forall l : Line: used[l]",
    "exists l, m : Line, c : Cpu: l != m and count[c, l] = count[c, m]",
    "(forall l : Line: used[l]) implies a",
    "a and (exists l : Line: used[l])",
    "forall l : Line: exists c : Cpu: count[c, l] > 2",
    "(if a then x else y) = 2",
    "x = (if a then 1 else 2)",
    "host took #MC",
    "not host took #MC",
    "host is dead",
    "forall c : Cpu: run[c] at second",
    "forall c : Cpu: not run[c] at done",
    "once at only",
    "not once at only and a",
]


def spec(formula: str) -> Model:
    return model_of(f"{DECLARATIONS}\nproperty p never {formula}\ncheck p")


def shown(formula: str) -> str:
    expr = spec(formula).properties[0].formula
    assert expr is not None
    return show_expression(expr)


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_was_written_comes_back(formula: str) -> None:
    assert shown(formula) == formula


def test_redundant_parentheses_disappear() -> None:
    assert shown("((a) and ((b)))") == "a and b"
    assert shown("not (x = 3)") == "x != 3"
    assert shown("not (x < 3)") == "x >= 3"
    assert shown("3 < x") == "x > 3"


def test_primed_reads() -> None:
    model = model_of(f"{DECLARATIONS}\nproperty p step forall c : Cpu, l : Line: x' <= count'[c, l]\ncheck p")
    formula = model.properties[0].formula
    assert formula is not None
    assert show_expression(formula) == "forall c : Cpu, l : Line: x' <= count'[c, l]"


def test_cells() -> None:
    model = spec("a")
    layout = Layout.of([info.symbol for info in model.symbols], {"Line": 2, "Cpu": 1})
    names = [show_cell(cell) for cell in layout.cells]
    assert "count[Cpu0, Line1]" in names
    assert "run[Cpu0] at" in names
    assert "once at" in names
    assert "mode" in names
    assert len(set(names)) == len(names)


def test_names_of_variables() -> None:
    first, second = Bound("l", IndexSort("Line")), Bound("l$4", IndexSort("Line"))
    assert written_name(first) == written_name(second) == "l"
    used = next(info.symbol for info in spec("a").symbols if info.symbol.name == "used")
    assert show_expression(Read(used, (second,)), {second: "l2"}) == "used[l2]"
