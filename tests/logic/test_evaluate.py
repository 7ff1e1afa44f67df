"""The evaluator against Python's own meaning of each operator, and against expansion."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers, lists

from tdxverify.logic.evaluate import Evaluator, slots_needed
from tdxverify.logic.expr import BOOL, Apply, Bound, Const, Expr, Quantified, Read
from tdxverify.logic.grounding import conjuncts, expand
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import Combinations, EnumSort, IndexSort, RangeSort, domain
from tdxverify.questions.problems.problem import Problem
from tests.building import every, number, primed, read, rigid, some, state
from tests.generated import problems
from tests.semantics.reference import all_valuations

LINE, CPU = IndexSort("Line"), IndexSort("Cpu")
line, other, cpu = Bound("line", LINE), Bound("other", LINE), Bound("cpu", CPU)
x, y = state("x", RangeSort(-5, 5)), state("y", RangeSort(-5, 5))
p, q = state("p"), state("q")
SIZES = {"Line": 3, "Cpu": 2}


def value(expr: Expr, *values: int) -> int:
    """`expr` over the state symbols it reads, in the order x, y, p, q, with these values."""
    return Evaluator.of((x, y, p, q), SIZES).evaluate(expr, (), values)


ARITHMETIC: list[tuple[Op, Callable[[int, int], int]]] = [
    (Op.ADD, operator.add),
    (Op.SUB, operator.sub),
    (Op.MUL, operator.mul),
    (Op.EQ, operator.eq),
    (Op.LT, operator.lt),
    (Op.LE, operator.le),
]


@pytest.mark.parametrize(("op", "meaning"), ARITHMETIC)
def test_operators_on_numbers(op: Op, meaning: Callable[[int, int], int]) -> None:
    sort = BOOL if op in (Op.EQ, Op.LT, Op.LE) else RangeSort(-25, 25)
    for a, b in product(range(-5, 6), repeat=2):
        assert value(Apply(op, (read(x), read(y)), sort), a, b, 0, 0) == meaning(a, b)


@pytest.mark.parametrize("divisor", [1, 2, 3, 7])
def test_division_rounds_towards_minus_infinity(divisor: int) -> None:
    for a in range(-5, 6):
        quotient = value(Apply(Op.DIV, (read(x), number(divisor)), RangeSort(-5, 5)), a, 0, 0, 0)
        remainder = value(Apply(Op.MOD, (read(x), number(divisor)), RangeSort(0, 6)), a, 0, 0, 0)
        assert 0 <= remainder < divisor
        assert quotient * divisor + remainder == a


BOOLEAN: list[tuple[Op, Callable[[bool, bool], bool]]] = [
    (Op.AND, lambda a, b: a and b),
    (Op.OR, lambda a, b: a or b),
    (Op.IMPLIES, lambda a, b: not a or b),
    (Op.EQ, lambda a, b: a == b),
]


@pytest.mark.parametrize(("op", "meaning"), BOOLEAN)
def test_operators_on_truth_values(op: Op, meaning: Callable[[bool, bool], bool]) -> None:
    for a, b in product((0, 1), repeat=2):
        assert value(Apply(op, (read(p), read(q)), BOOL), 0, 0, a, b) == meaning(bool(a), bool(b))
        assert value(Apply(Op.NOT, (read(p),), BOOL), 0, 0, a, b) == 1 - a
        chosen = Apply(Op.ITE, (read(p), read(x), read(y)), RangeSort(-5, 5))
        assert value(chosen, 3, 4, a, b) == (3 if a else 4)


def test_junctions_of_three() -> None:
    for a, b in product((0, 1), repeat=2):
        three = (read(p), read(q), Const(1, BOOL))
        assert value(Apply(Op.AND, three, BOOL), 0, 0, a, b) == (a and b)
        assert value(Apply(Op.OR, (*three[:2], Const(0, BOOL)), BOOL), 0, 0, a, b) == (a or b)


def test_quantifiers_range_over_every_element_and_alternate() -> None:
    """For every matrix of truth values: forall-exists and exists-forall as Python's all and any."""
    dirty = state("dirty", BOOL, CPU, LINE)
    evaluator = Evaluator.of((dirty,), SIZES)
    both = every(line, some(cpu, Read(dirty, (cpu, line)))), some(cpu, every(line, Read(dirty, (cpu, line))))
    for values in product((0, 1), repeat=6):
        rows = [values[:3], values[3:]]
        expected = all(any(row[k] for row in rows) for k in range(3)), any(all(row) for row in rows)
        assert tuple(bool(evaluator.evaluate(e, (), values)) for e in both) == expected


def test_a_quantifier_inside_does_not_disturb_the_variables_outside() -> None:
    """forall line: (exists other: other != line) and marked[line]: `line` is read again after the search."""
    marked = state("marked", BOOL, LINE)
    another = some(other, Apply(Op.NOT, (Apply(Op.EQ, (other, line), BOOL),), BOOL))
    formula = Quantified(True, (line,), Apply(Op.AND, (another, read(marked, line)), BOOL))
    evaluator = Evaluator.of((marked,), SIZES)
    for values in product((0, 1), repeat=3):
        assert evaluator.evaluate(formula, (), values) == int(all(values))
    assert slots_needed(formula) == 2


def test_primed_reads_look_at_the_next_state() -> None:
    grown = Apply(Op.LT, (read(x), primed(x)), BOOL)
    evaluator = Evaluator.of((x,), {})
    assert evaluator.evaluate(grown, (), (1,), successor=(2,)) == 1
    assert evaluator.evaluate(grown, (), (2,), successor=(1,)) == 0


def test_rigid_and_state_symbols_are_kept_apart() -> None:
    page_of, used = rigid("page_of", CPU, LINE), state("used", BOOL, CPU)
    evaluator = Evaluator.of((page_of, used), SIZES)
    formula = read(used, read(page_of, line))
    for at, page in product(range(3), range(2)):
        mapping = tuple(page if k == at else 1 - page for k in range(3))
        state_values = tuple(int(k == page) for k in range(2))
        assert evaluator.evaluate(formula, mapping, state_values, {line: at}) == 1
        assert evaluator.formula(formula, (line,))(mapping, state_values, (at,)) == 1


def test_arrays_indexed_by_ranges_that_do_not_begin_with_zero() -> None:
    """Two indices, one from -1 to 1, one an enum: each cell is read where the layout puts it."""
    mode = EnumSort("Mode", ("on", "off"))
    around = RangeSort(-1, 1)
    cell = state("cell", RangeSort(0, 9), around, mode)
    evaluator = Evaluator.of((state("before"), cell), {})
    values = (0, 1, 2, 3, 4, 5, 6)
    a, b = Bound("a", around), Bound("b", mode)
    for position, at in enumerate(product(domain(around, {}), domain(mode, {}))):
        bound = dict(zip((a, b), at, strict=True))
        assert evaluator.evaluate(Read(cell, (a, b)), (), values, bound) == position + 1


@settings(max_examples=150, deadline=None)
@given(problems())
def test_expansion_means_the_same(problem: Problem) -> None:
    """Without quantifiers, and split into conjuncts, every formula keeps its value."""
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    formulas = [problem.bad, *problem.assumptions, *problem.constraints]
    formulas += [action.guard for action in problem.actions if not action.parameters]
    for rigid_values, values in _some_valuations(problem):
        for formula in formulas:
            meant = evaluator.evaluate(formula, rigid_values, values)
            expanded = expand(formula, problem.size_of)
            assert evaluator.evaluate(expanded, rigid_values, values) == meant
            parts = conjuncts(formula, problem.size_of, 100)
            assert all(evaluator.evaluate(part, rigid_values, values) for part in parts) == bool(meant)


def _some_valuations(problem: Problem) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    rigid_ones = list(all_valuations(problem.rigid_layout, problem))
    states = list(all_valuations(problem.state_layout, problem))
    return list(product(rigid_ones[:: max(1, len(rigid_ones) // 3)], states[:: max(1, len(states) // 7)]))


def test_quantifiers_over_many_variables_are_not_listed_beforehand() -> None:
    """4^60 values: listing them would be the last thing this process does."""
    names = tuple(Bound(f"v{n}", RangeSort(0, 3)) for n in range(60))
    formula = Evaluator.of((x, y, p, q), SIZES).formula(Quantified(True, names, read(p)))
    assert formula((), (0, 0, 0, 0), ()) == 0


@given(domains=lists(integers(0, 3).map(range), max_size=4), listed=booleans())
def test_combinations_are_those_of_the_library(domains: list[range], listed: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tdxverify.logic.sorts.MOST_LISTED", 1000 if listed else 0)
        found = Combinations(domains)
        expected = list(product(*domains))
        assert list(found) == list(found) == expected
        assert list(reversed(found)) == expected[::-1]
