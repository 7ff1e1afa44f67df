"""Lemmas read back as formulas: exact at the instance they come from, and honest about elements."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tdxverify.engines.pdr.cubes import CellTable, Cube
from tdxverify.engines.pdr.readback import reading, readings
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import FALSE, Bound, Expr, Quantified, walk
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort
from tests.building import problem, rigid, start, state

LINE, CPU = IndexSort("Line"), IndexSort("Cpu")
HUE = EnumSort("Hue", ("red", "green", "blue"))
SYMBOLS = (state("dirty", BOOL, CPU, LINE), state("cursor", LINE), state("hue", HUE))


def table_of(lines: int, cpus: int = 2) -> CellTable:
    return CellTable(
        problem(
            "readback",
            [start(symbol) for symbol in SYMBOLS],
            (),
            FALSE,
            sizes=((LINE, lines), (CPU, cpus)),
            parameters=(rigid("home", CPU, LINE),),
        )
    )


TABLE = table_of(3)


def literal(table: CellTable, name: str, indices: tuple[int, ...], *values: int) -> tuple[int, int]:
    cells = enumerate(table.cells)
    number = next(n for n, cell in cells if (cell.symbol.name, cell.indices) == (name, indices))
    return number, sum(table.mask(number, value) for value in values)


def evaluate(table: CellTable, formula: Expr, valuation: tuple[int, ...]) -> bool:
    subject = table.problem
    evaluator = Evaluator(subject.rigid_layout, subject.state_layout, subject.size_of)
    first_state = len(subject.rigid_layout.cells)
    return bool(evaluator.formula(formula)(valuation[:first_state], valuation[first_state:], ()))


def is_in(table: CellTable, cube: Cube, valuation: tuple[int, ...]) -> bool:
    return all(valuation[cell] in table.allowed((cell, mask)) for cell, mask in cube)


masks = st.dictionaries(st.integers(0, len(TABLE.cells) - 1), st.integers(1, 6), min_size=1, max_size=4)
cubes = masks.map(lambda found: tuple((c, m % TABLE.full(c) or 1) for c, m in sorted(found.items())))
valuations = st.tuples(*(st.sampled_from(TABLE.values(cell)) for cell in range(len(TABLE.cells))))


@given(cubes, valuations)
def test_a_lemma_read_with_different_elements_is_its_orbit(cube: Cube, valuation: tuple[int, ...]) -> None:
    inside = any(is_in(TABLE, image, valuation) for image in TABLE.orbit(cube))
    assert evaluate(TABLE, reading(TABLE, cube, distinct=True), valuation) == (not inside)


@given(cubes, valuations)
def test_every_reading_speaks_of_bound_elements_only(cube: Cube, valuation: tuple[int, ...]) -> None:
    """A free variable would be an element by name, which means nothing at another size."""
    for formula in readings(TABLE, cube):
        evaluate(TABLE, formula, valuation)
        bound = {b for node in walk(formula) if isinstance(node, Quantified) for b in node.binders}
        assert {node for node in walk(formula) if isinstance(node, Bound)} <= bound


@given(cubes, valuations)
def test_the_strongest_reading_comes_first(cube: Cube, valuation: tuple[int, ...]) -> None:
    first, *_, last = [*readings(TABLE, cube), reading(TABLE, cube, distinct=True)]
    if evaluate(TABLE, first, valuation) and first == reading(TABLE, cube, distinct=False):
        assert evaluate(TABLE, last, valuation)


def shown(table: CellTable, *literals: tuple[int, int]) -> list[str]:
    return [show_expression(formula) for formula in readings(table, tuple(sorted(literals)))]


def test_what_is_offered() -> None:
    one_of_each = shown(TABLE, literal(TABLE, "dirty", (0, 1), 1), literal(TABLE, "hue", (), 0))
    assert one_of_each == [
        "not exists any_cpu : Cpu, any_line : Line: dirty[any_cpu, any_line] and hue = red"
    ]
    two = shown(TABLE, literal(TABLE, "dirty", (0, 0), 1), literal(TABLE, "dirty", (0, 1), 0))
    assert len(two) == 2
    assert two[1].endswith("any_line1 != any_line2")
    assert not two[0].endswith("any_line1 != any_line2")


def test_all_elements_in_the_same_situation_mean_all_elements() -> None:
    table = table_of(2)
    everywhere = shown(table, *(literal(table, "dirty", (1, line), 0) for line in range(2)))
    assert "not exists any_cpu : Cpu: forall any_line1 : Line: not dirty[any_cpu, any_line1]" in everywhere


def test_an_element_as_a_value_beside_all_elements_is_no_reading_of_all() -> None:
    table = table_of(2)
    literals = [literal(table, "dirty", (0, line), 1) for line in range(2)]
    found = shown(table, *literals, literal(table, "cursor", (), 1))
    assert found
    assert not any("forall" in text for text in found)


def test_few_values_and_all_but_few() -> None:
    assert shown(TABLE, literal(TABLE, "hue", (), 1, 2)) == ["hue = red"]
    assert shown(TABLE, literal(TABLE, "cursor", (), 0)) == ["not exists any_line : Line: cursor = any_line"]
    assert shown(TABLE, literal(TABLE, "cursor", (), 0, 2)) == [
        "not exists any_line : Line: cursor != any_line"
    ]


def test_sorts_whose_names_differ_in_the_first_letter_only() -> None:
    upper, lower = IndexSort("Line"), IndexSort("line")
    both = state("both", BOOL, upper, lower)
    table = CellTable(problem("names", [start(both)], (), FALSE, sizes=((upper, 2), (lower, 2))))
    for values in product(range(2), repeat=4):
        cube = (literal(table, "both", (0, 1), 1),)
        inside = any(is_in(table, image, values) for image in table.orbit(cube))
        assert evaluate(table, reading(table, cube, distinct=True), values) == (not inside)
    binders = {n for n in walk(reading(table, cube, distinct=True)) if isinstance(n, Bound)}
    assert len({binder.name for binder in binders}) == 2
