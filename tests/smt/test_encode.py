"""The encoding of expressions means what the evaluator says, known values or not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Expr, Read, Role, Symbol, arithmetic, conditional, equal, less
from tdxverify.logic.layout import Valuation as Values
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import RangeSort, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.solver import Sat, Solver
from tdxverify.smt.terms import Terms
from tdxverify.smt.valuation import Valuation, fresh_rigid, fresh_state
from tests.building import number, problem, read, start, state
from tests.generated import Author


def decoded(subject: Problem, rigid: Values, values: Values, expr: Expr) -> int:
    """The value of `expr` that Z3 finds where all cells are unknowns constrained to the given values."""
    terms = Terms()
    cells = Valuation.of(subject, terms, fresh_rigid(subject, terms), fresh_state(subject, terms, ""))
    solver = Solver(terms, lambda: None)
    solver.add(cells.assumptions(), cells.typed())
    layouts = (
        (subject.rigid_layout, cells.rigid, rigid),
        (subject.state_layout, cells.state, values),
    )
    for layout, unknowns, known in layouts:
        for cell, unknown, value in zip(layout.cells, unknowns, known, strict=True):
            solver.add(terms.equal(unknown, value, cell.symbol.sort, subject.size_of))
    encoded = cells.encoder.encode(expr, {})
    answer = solver.check()
    assert isinstance(answer, Sat)
    return answer.model.value(encoded, expr.sort)


def folded(subject: Problem, rigid: Values, values: Values, expr: Expr) -> object:
    """The encoding of `expr` where all cells are known, which must be known as well."""
    terms = Terms()
    cells = Valuation.of(subject, terms, rigid, values)
    return cells.encoder.encode(expr, {})


def evaluated(subject: Problem, rigid: Values, values: Values, expr: Expr) -> int:
    evaluator = Evaluator(subject.rigid_layout, subject.state_layout, subject.size_of)
    return int(evaluator.evaluate(expr, rigid, values))


def check(subject: Problem, rigid: Values, values: Values, expr: Expr) -> None:
    expected = evaluated(subject, rigid, values, expr)
    assert folded(subject, rigid, values, expr) == expected
    assert decoded(subject, rigid, values, expr) == expected


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_generated_expressions(data: st.DataObject) -> None:
    author = Author(lambda low, high: data.draw(st.integers(low, high)))
    rigid = author.declare(Role.RIGID, 2, 100)
    states = author.declare(Role.STATE, 4, 10_000)
    author.symbols = [*rigid, *states]
    sizes = tuple(author.sizes.items())
    subject = Problem("expressions", sizes, (*rigid, *states), (), (), (), (), equal(number(0), number(1)))
    expr = author.formula((), 4) if author.maybe() else author.integer((), 3)

    def values(cells: tuple[object, ...], sorts: list[range]) -> Values:
        return tuple(data.draw(st.sampled_from(sort)) for sort in sorts)

    layouts = (subject.rigid_layout, subject.state_layout)
    chosen = [
        values(layout.cells, [domain(cell.symbol.sort, subject.size_of) for cell in layout.cells])
        for layout in layouts
    ]
    check(subject, chosen[0], chosen[1], expr)


@st.composite
def ranges(draw: st.DrawFn, least: int = -70) -> RangeSort:
    low = draw(st.integers(least, 70))
    return RangeSort(low, low + draw(st.integers(0, 70)))


def _low(sort: object) -> int:
    assert isinstance(sort, RangeSort)
    return sort.low


def integers(symbols: tuple[Symbol, ...]) -> st.SearchStrategy[Expr]:
    leaves = st.sampled_from([read(symbol) for symbol in symbols]) | st.integers(-9, 9).map(number)
    divisors = st.sampled_from([read(symbol) for symbol in symbols if _low(symbol.sort) > 0])

    def larger(smaller: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        ring = st.builds(arithmetic, st.sampled_from([Op.ADD, Op.SUB, Op.MUL]), smaller, smaller)
        positive = divisors | st.integers(1, 12).map(number)
        quotient = st.builds(arithmetic, st.sampled_from([Op.DIV, Op.MOD]), smaller, positive)
        order = st.builds(less, st.sampled_from([Op.LT, Op.LE]), smaller, smaller)
        condition = order | st.builds(equal, smaller, smaller)
        return ring | quotient | st.builds(conditional, condition, smaller, smaller)

    return st.recursive(leaves, larger, max_leaves=4)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_arithmetic_never_wraps(data: st.DataObject) -> None:
    by = state("by", data.draw(ranges(1)))
    symbols = (*(state(name, data.draw(ranges())) for name in ("x", "y", "z")), by)
    subject = problem("arithmetic", [start(symbol) for symbol in symbols], (), read(symbols[0]))
    values = tuple(data.draw(st.sampled_from(domain(symbol.sort, {}))) for symbol in symbols)
    left, right = data.draw(integers(symbols)), data.draw(integers(symbols))
    for expr in (left, less(Op.LT, left, right), less(Op.LE, left, right), equal(left, right)):
        check(subject, (), values, expr)


def test_a_read_at_an_index_with_negative_numbers() -> None:
    at = RangeSort(-3, 2)
    table, index = state("table", RangeSort(-5, 9), at), state("index", at)
    subject = problem("table", [start(table), start(index)], (), read(index))
    values = (4, -5, 9, 0, 7, -1)
    for place in range(-3, 3):
        check(subject, (), (*values, place), Read(table, (read(index),)))
        assert evaluated(subject, (), (*values, place), Read(table, (read(index),))) == values[place + 3]


def test_shared_subexpressions_are_encoded_once() -> None:
    """Forty doublings are a tree of 2 ** 40 nodes; it must not be walked as one."""
    x = state("x", RangeSort(0, 1))
    subject = problem("shared", [start(x)], (), equal(read(x), number(1)))
    expr: Expr = read(x)
    for _ in range(40):
        expr = arithmetic(Op.MOD, arithmetic(Op.ADD, expr, expr), number(2))
    terms = Terms()
    cells = Valuation.of(subject, terms, (), fresh_state(subject, terms, ""))
    assert cells.encoder.encode(expr, {}) is cells.encoder.encode(expr, {})
