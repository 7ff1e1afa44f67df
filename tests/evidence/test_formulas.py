"""Formulas survive being written and read, and what is no formula is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.formulas import FormulaReader, symbols_in, to_json
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.expr import (
    Bound,
    Const,
    Expr,
    Quantified,
    children,
    less,
    negation,
    quantified,
    rebuild,
    walk,
)
from tdxverify.logic.layout import cell_variables
from tdxverify.logic.operators import Op
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tests.building import action, member, number, problem, read, rigid, start, state, write
from tests.evidence.mutating import changes
from tests.generated import random_problem
from tests.problems import CASES
from tests.texts import Silent

LINE = IndexSort("Line")
COLOUR = EnumSort("Colour", ("red", "green"))
line, other = Bound("l", LINE), Bound("m", LINE)
flag, hue = state("flag"), state("hue", COLOUR, LINE)
count, link = state("count", RangeSort(0, 7)), state("link", BOOL, LINE, LINE)
first = rigid("first", LINE)


def subject() -> Problem:
    toggle = action("toggle", read(flag), write(flag, negation(read(flag))))
    starts = (start(flag), start(hue), start(count), start(link))
    return problem("subject", starts, (toggle,), read(flag), sizes=((LINE, 2),), parameters=(first,))


def again(whole: Problem, formula: Expr) -> Expr:
    return FormulaReader(whole).formula(json.loads(json.dumps(to_json(formula))))


def folded(expr: Expr) -> Expr:
    """`expr` with what is constant worked out, as reading does."""
    return rebuild(expr, tuple(folded(part) for part in children(expr)))


def exotic(whole: Problem, formula: Expr) -> bool:
    """Whether it has an enum that no symbol has. Invariants speak of symbols and of nothing else."""
    known = {sort for symbol in whole.symbols for sort in (symbol.sort, *symbol.indices)}
    nodes = [node for node in walk(formula) if isinstance(node, Const | Quantified)]
    sorts = [s for n in nodes for s in ((n.sort,) if isinstance(n, Const) else (b.sort for b in n.binders))]
    return any(isinstance(sort, EnumSort) and sort not in known for sort in sorts)


def test_formulas_of_the_problems_themselves_survive() -> None:
    seen = 0
    problems = [case.problem for case in CASES] + [random_problem(seed) for seed in range(200)]
    for whole in problems:
        parts = [whole.bad, *whole.constraints, *whole.assumptions]
        for formula in [*parts, *(changed for part in parts for _, changed in changes(part))]:
            if formula.sort == BOOL and formula == folded(formula) and not exotic(whole, formula):
                seen += 1
                assert show_expression(again(whole, formula)) == show_expression(formula)
                # What is written does not depend on how often it was read.
                assert to_json(again(whole, formula)) == to_json(again(whole, again(whole, formula)))
    assert seen > 500


def test_invariants_survive() -> None:
    for case in CASES:
        verdict = pdr.run(case.problem, Budget(), Silent())
        if isinstance(verdict, Proved) and isinstance(verdict.certificate, Invariant):
            for formula in verdict.certificate.formulas:
                found = again(case.problem, formula)
                assert show_expression(found) == show_expression(formula)


def test_variables_of_one_name_are_told_apart() -> None:
    one, two = Bound("l$1", LINE), Bound("l$2", LINE)
    formula = quantified((one, two), negation(read(link, one, two)), universal=True)
    written = to_json(formula)
    assert written == ["forall", [["l", "Line"], ["l_2", "Line"]], ["not", ["read", "link", "l", "l_2"]]]
    assert show_expression(again(subject(), formula)) == "forall l, l_2 : Line: not link[l, l_2]"


def test_variables_are_not_called_like_symbols() -> None:
    bound = Bound("flag", LINE)
    formula = quantified((bound,), negation(read(link, bound, bound)), universal=True)
    assert to_json(formula) == ["forall", [["flag", "Line"]], ["not", ["read", "link", "flag", "flag"]]]
    with pytest.raises(Unusable):  # `link` alone is read: only the reader knows all symbols
        again(subject(), formula)


@pytest.mark.parametrize("name", ["dirty", "flush.cpus progress before", "kernel took #PF"])
def test_variables_for_all_cells_of_a_symbol_are_read_back(name: str) -> None:
    """A promise is broken where all cells are again as they were: such formulas may be part of its proof."""
    symbol = state(name, BOOL, LINE, LINE)
    whole = problem("whole", (start(symbol),), (), read(flag), sizes=((LINE, 2),))
    cells = cell_variables(symbol)
    formula = quantified(cells, read(symbol, *cells), universal=True)
    assert again(whole, formula) == formula


def test_symbols_are_found_without_reading() -> None:
    gone = ["nonsense", ["read", "gone"]]
    data: Any = ["and", ["read", "flag"], ["read", "hue", ["read", "first"]], gone]
    assert symbols_in(data) == {"flag", "hue", "first", "gone"}


GOOD: list[Any] = [
    True,
    ["read", "flag"],
    ["=", ["read", "hue", ["read", "first"]], ["member", "Colour", "green"]],
    ["<", ["+", ["read", "count"], 1], ["*", 2, ["read", "count"]]],
    ["<=", ["mod", ["read", "count"], 3], ["div", ["read", "count"], 2]],
    ["=", ["ite", ["read", "flag"], 1, 2], 2],
    ["read", "link", ["element", "Line", 1], ["read", "first"]],
    ["exists", [["n", "0..3"], ["b", "bool"], ["c", "Colour"]], ["and", "b", ["=", "n", 0]]],
    ["or", ["read", "flag"], True, False],
    ["implies", ["read", "flag"], ["<", ["-", 1, ["read", "count"]], 1]],
]

BAD: list[Any] = [
    None,
    1,
    1.5,
    "l",
    {},
    [],
    [[]],
    ["read"],
    ["read", "nothing"],
    ["read", "flag", 1],
    ["read", "link", ["read", "first"]],
    ["read", "hue", 0],
    ["read", "hue", ["read", "first"]],
    ["member", "Colour", "red"],
    ["=", ["member", "Colour", "blue"], ["member", "Colour", "red"]],
    ["=", ["member", "Line", "red"], ["member", "Colour", "red"]],
    ["=", ["element", "Line", 2], ["read", "first"]],
    ["=", ["element", "Line", -1], ["read", "first"]],
    ["=", ["element", "Page", 0], ["read", "first"]],
    ["=", ["read", "flag"], 1],
    ["=", ["read", "first"], 0],
    ["=", 1],
    ["not"],
    ["not", 1],
    ["not", True, True],
    ["and", True],
    ["and", True, 1],
    ["implies", True, True, True],
    ["<", True, False],
    ["<", ["read", "first"], ["read", "first"]],
    ["div", ["read", "count"], 2],
    ["=", ["div", ["read", "count"], 0], 0],
    ["=", ["mod", ["read", "count"], ["read", "count"]], 0],
    ["ite", True, True],
    ["ite", True, True, 1],
    ["=", 10**30, 0],
    ["exists", [], True],
    ["exists", [["l", "Nothing"]], True],
    ["exists", [["l", "3..1"]], True],
    ["exists", [["l"]], True],
    ["exists", [["l l", "Line"]], True],
    ["exists", [["l'", "Line"]], True],
    ["exists", [["", "Line"]], True],
    ["exists", [["l|", "Line"]], True],
    ["exists", [["flag", "Line"]], True],
    ["exists", [["l", "Line"], ["l", "Line"]], True],
    ["exists", [["l", "Line"]], ["exists", [["l", "Line"]], True]],
    ["exists", [["l", "Line"]], "l"],
    ["and", ["exists", [["l", "bool"]], "l"], "l"],
    ["believe", True],
]


@pytest.mark.parametrize("data", GOOD, ids=str)
def test_formulas_are_read(data: Any) -> None:
    assert FormulaReader(subject()).formula(data).sort == BOOL


@pytest.mark.parametrize("data", BAD, ids=lambda data: json.dumps(data)[:60])
def test_what_is_no_formula_is_refused(data: Any) -> None:
    with pytest.raises(Unusable):
        FormulaReader(subject()).formula(data)


def test_constants_keep_their_meaning() -> None:
    three = FormulaReader(subject()).formula(["<", ["read", "count"], 3])
    assert show_expression(three) == "count < 3"
    assert three == less(Op.LT, read(count), number(3))
    assert to_json(member(COLOUR, "green")) == ["member", "Colour", "green"]
