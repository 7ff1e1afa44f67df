"""Cubes: what they say, their images under permutations of elements, and which one says more."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxverify.engines.pdr.cubes import CellTable, Cube, subsumes
from tdxverify.logic.expr import FALSE
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tests.building import problem, rigid, start, state

LINE, PAGE = IndexSort("Line"), IndexSort("Page")
HUE = EnumSort("Hue", ("red", "green", "blue"))
SYMBOLS = (
    state("dirty", BOOL, LINE),
    state("cursor", LINE),
    state("near", BOOL, LINE, LINE),
    state("heat", RangeSort(-1, 1), LINE),
    state("hue", HUE),
)


def subject(lines: int = 3, pages: int = 2) -> Problem:
    return problem(
        "cubes",
        [start(symbol) for symbol in SYMBOLS],
        (),
        FALSE,
        sizes=((LINE, lines), (PAGE, pages)),
        parameters=(rigid("page_of", PAGE, LINE),),
    )


TABLE = CellTable(subject())
VALUATIONS = {cell: TABLE.values(number) for number, cell in enumerate(TABLE.cells)}


def cube_of(**literals: list[int]) -> Cube:
    """`dirty_at_0=[1]`: the cell dirty[0] has one of the values."""
    found = []
    for name, values in literals.items():
        parts = name.split("_at_")
        indices = tuple(int(digit) for digit in parts[1]) if len(parts) > 1 else ()
        number = next(
            n for n, cell in enumerate(TABLE.cells) if (cell.symbol.name, cell.indices) == (parts[0], indices)
        )
        found.append((number, sum(TABLE.mask(number, value) for value in values)))
    return tuple(sorted(found))


def holds(cube: Cube, valuation: tuple[int, ...]) -> bool:
    return all(valuation[cell] in TABLE.allowed((cell, mask)) for cell, mask in cube)


def moved(valuation: tuple[int, ...], lines: tuple[int, ...], pages: tuple[int, ...]) -> tuple[int, ...]:
    """The same situation with elements exchanged: cell f[l] of the old is f[lines[l]] of the new."""
    images = {"Line": lines, "Page": pages}
    new = [0] * len(valuation)
    for number, cell in enumerate(TABLE.cells):
        indices = tuple(images[str(s)][i] for s, i in zip(cell.symbol.indices, cell.indices, strict=True))
        sort, value = cell.symbol.sort, valuation[number]
        image = images[sort.name][value] if isinstance(sort, IndexSort) else value
        target = next(
            n for n, c in enumerate(TABLE.cells) if c.symbol == cell.symbol and c.indices == indices
        )
        new[target] = image
    return tuple(new)


literals = st.dictionaries(
    st.integers(0, len(TABLE.cells) - 1), st.integers(1, 6), min_size=1, max_size=4
).map(lambda chosen: tuple((cell, mask % TABLE.full(cell) or 1) for cell, mask in sorted(chosen.items())))
valuations = st.tuples(*(st.sampled_from(values) for values in VALUATIONS.values()))


def test_values_and_masks_of_a_range_that_begins_below_zero() -> None:
    (literal,) = cube_of(heat_at_1=[-1, 1])
    assert TABLE.allowed(literal) == [-1, 1]
    assert TABLE.described(literal) == ([0], False)
    assert TABLE.full(literal[0]) == 0b111


@given(literals, valuations, st.permutations(range(3)), st.permutations(range(2)))
def test_a_permutation_moves_cube_and_states_alike(
    cube: Cube, valuation: tuple[int, ...], lines: list[int], pages: list[int]
) -> None:
    renaming = {"Line": dict(enumerate(lines)), "Page": dict(enumerate(pages))}
    image = TABLE.renamed(cube, renaming)
    assert holds(cube, valuation) == holds(image, moved(valuation, tuple(lines), tuple(pages)))


@given(literals)
def test_the_orbit_is_every_image_once(cube: Cube) -> None:
    everything = {
        TABLE.renamed(cube, {"Line": dict(enumerate(lines)), "Page": dict(enumerate(pages))})
        for lines, pages in product(permutations(range(3)), permutations(range(2)))
    }
    orbit = list(TABLE.orbit(cube))
    assert orbit[0] == cube
    assert len(orbit) == len(set(orbit)) <= TABLE.orbit_bound(cube)
    assert set(orbit) == everything


def test_a_constant_between_sorts_moves_with_both() -> None:
    assert len(list(TABLE.orbit(cube_of(page_of_at_0=[1], dirty_at_0=[1])))) == 3 * 2
    assert len(list(TABLE.orbit(cube_of(dirty_at_0=[1])))) == 3


@pytest.mark.parametrize(("values", "elements"), [([0], (0,)), ([1, 2], (0,)), ([0, 1], (2,))])
def test_elements_as_values_are_named_the_short_way(values: list[int], elements: tuple[int, ...]) -> None:
    assert TABLE.elements(cube_of(cursor=values)) == {"Line": elements}


@given(literals, literals, valuations)
def test_what_subsumes_contains(small: Cube, large: Cube, valuation: tuple[int, ...]) -> None:
    if subsumes(small, large) and holds(large, valuation):
        assert holds(small, valuation)


def test_subsumption() -> None:
    both = cube_of(dirty_at_0=[1], hue=[0])
    assert subsumes(cube_of(dirty_at_0=[1]), both)
    assert subsumes(cube_of(hue=[0, 1]), both)
    assert subsumes(both, both)
    assert not subsumes(both, cube_of(dirty_at_0=[1]))
    assert not subsumes(cube_of(hue=[1, 2]), both)
    assert not subsumes(cube_of(dirty_at_1=[1]), both)
