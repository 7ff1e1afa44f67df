"""Cubes: sets of states given by the values that some cells may have, and their images under symmetry.

A literal says that one cell has one of some values, kept as a bit mask (bit v - low for value v). A
cube is a conjunction of literals, at most one per cell, sorted by cell. Cells are numbered through
the rigid layout first and the state layout behind it.

Elements of an index sort are interchangeable where nothing names one, or compares them in an order. So a
permutation of elements maps runs to runs, and whatever is proved unreachable takes its whole orbit with it.
(Goel and Sakallah, "On Symmetry and Quantification", NFM 2021.) Elements of other sorts stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product
from math import perm
from typing import TypeAlias

from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import NONE, Sort, domain, element_sort, lowest
from tdxverify.questions.problems.problem import Problem

Literal: TypeAlias = tuple[int, int]  # cell number, mask of allowed values
Cube: TypeAlias = tuple[Literal, ...]
Elements: TypeAlias = dict[str, tuple[int, ...]]  # index sort -> elements


@dataclass(frozen=True)
class CellTable:
    """The cells of a problem by number, and how permutations of elements move them."""

    problem: Problem

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.problem.rigid_layout.cells, *self.problem.state_layout.cells)

    @cached_property
    def number(self) -> dict[Cell, int]:
        return {cell: number for number, cell in enumerate(self.cells)}

    def low(self, cell: int) -> int:
        """The value that bit 0 of a mask stands for."""
        return lowest(self.cells[cell].symbol.sort)

    def values(self, cell: int) -> range:
        return domain(self.cells[cell].symbol.sort, self.problem.size_of)

    def mask(self, cell: int, value: int) -> int:
        return 1 << (value - self.low(cell))

    def full(self, cell: int) -> int:
        return (1 << len(self.values(cell))) - 1

    def allowed(self, literal: Literal) -> list[int]:
        """The values that the literal admits, ascending."""
        cell, mask = literal
        return [value for value in self.values(cell) if mask & self.mask(cell, value)]

    def described(self, literal: Literal) -> tuple[list[int], bool]:
        """The shortest way to say it: the values that it admits (True), or those that it excludes (False).

        For a cell whose values are elements this decides which elements the literal mentions: "not
        Line0" is about one line, however many there are.
        """
        admitted = self.allowed(literal)
        excluded = [value for value in self.values(literal[0]) if value not in admitted]
        return (excluded, False) if len(excluded) < len(admitted) else (admitted, True)

    # --- symmetry -----------------------------------------------------------------

    def elements(self, cube: Cube) -> Elements:
        """The interchangeable elements in `cube`, as indices or as values, in order of occurrence."""
        fixed = self.problem.ordered_sorts
        found: dict[str, dict[int, None]] = {}

        def note(sort: Sort, value: int) -> None:
            element = element_sort(sort)
            if element is not None and value != NONE and element.name not in fixed:
                found.setdefault(element.name, {})[value] = None

        for literal in cube:
            cell = self.cells[literal[0]]
            for sort, value in zip(cell.symbol.indices, cell.indices, strict=True):
                note(sort, value)
            if element_sort(cell.symbol.sort) is not None:
                for value in self.described(literal)[0]:
                    note(cell.symbol.sort, value)
        return {name: tuple(values) for name, values in found.items()}

    def orbit_bound(self, cube: Cube) -> int:
        """An upper bound on the number of different images of `cube`."""
        sizes = self.problem.size_of
        bound = 1
        for name, used in self.elements(cube).items():
            bound *= perm(sizes[name], len(used))
        return bound

    def orbit(self, cube: Cube) -> Iterator[Cube]:
        """All images of `cube` under permutations of elements, without repetition, `cube` first."""
        sizes = self.problem.size_of
        used = self.elements(cube)
        seen = {cube}
        yield cube
        images = (permutations(range(sizes[name]), len(elements)) for name, elements in used.items())
        for chosen in product(*images):
            renaming = {
                name: dict(zip(elements, image, strict=True))
                for (name, elements), image in zip(used.items(), chosen, strict=True)
            }
            image_cube = self.renamed(cube, renaming)
            if image_cube not in seen:
                seen.add(image_cube)
                yield image_cube

    def renamed(self, cube: Cube, renaming: dict[str, dict[int, int]]) -> Cube:
        """`cube` with elements exchanged as `renaming` says (it must cover all that can be)."""

        def moved(sort: Sort, value: int) -> int:
            element = element_sort(sort)
            if element is None or value == NONE or element.name in self.problem.ordered_sorts:
                return value
            return renaming[element.name][value]

        literals = []
        for literal in cube:
            cell = self.cells[literal[0]]
            indices = tuple(moved(s, v) for s, v in zip(cell.symbol.indices, cell.indices, strict=True))
            number = self.number[Cell(cell.symbol, indices)]
            mask = literal[1]
            if element_sort(cell.symbol.sort) is not None:
                values, admitted = self.described(literal)
                mask = sum(self.mask(number, moved(cell.symbol.sort, value)) for value in values)
                mask = mask if admitted else self.full(number) & ~mask
            literals.append((number, mask))
        return tuple(sorted(literals))


def subsumes(small: Cube, large: Cube) -> bool:
    """Whether every state of `large` is one of `small`: the clause against `small` is the stronger one."""
    if len(small) > len(large):
        return False
    masks = dict(large)
    return all(cell in masks and masks[cell] & ~mask == 0 for cell, mask in small)
