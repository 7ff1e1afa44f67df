"""How concrete states are stored: one int per cell, in a fixed order.

A cell is a symbol at concrete index values. Cells are ordered by symbol as declared, then by index
values, last index fastest. A `Layout` covers either the rigid symbols or the state symbols.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from tdxverify.logic.expr import Bound, Symbol
from tdxverify.logic.sorts import Sizes, Value, domain, show

Valuation: TypeAlias = tuple[Value, ...]  # one value per cell of a Layout


@dataclass(frozen=True, slots=True)
class Cell:
    symbol: Symbol
    indices: tuple[Value, ...]

    def __str__(self) -> str:
        if not self.indices:
            return self.symbol.name
        shown = ", ".join(show(s, v) for s, v in zip(self.symbol.indices, self.indices, strict=True))
        return f"{self.symbol.name}[{shown}]"


@dataclass(frozen=True)
class Layout:
    """`cells` in order; `offset[name]` is where a symbol's cells start; `strides[name]` one per index."""

    cells: tuple[Cell, ...]
    offset: dict[str, int]
    strides: dict[str, tuple[int, ...]]

    @staticmethod
    def of(symbols: Iterable[Symbol], sizes: Sizes) -> Layout:
        """Lay out `symbols`; `sizes` must give every index sort among their indices and sorts."""
        cells: list[Cell] = []
        offset: dict[str, int] = {}
        strides: dict[str, tuple[int, ...]] = {}
        for symbol in symbols:
            offset[symbol.name] = len(cells)
            ranges = [domain(sort, sizes) for sort in symbol.indices]
            strides[symbol.name] = _strides([len(r) for r in ranges])
            cells.extend(Cell(symbol, values) for values in product(*ranges))
        return Layout(tuple(cells), offset, strides)


def _strides(lengths: list[int]) -> tuple[int, ...]:
    strides: list[int] = []
    step = 1
    for length in reversed(lengths):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def cell_variables(symbol: Symbol) -> tuple[Bound, ...]:
    """A variable for each index of `symbol`, for a formula about all its cells. Their names have blanks in
    them, as no name of a spec has."""
    return tuple(Bound(f"cell {number} of {symbol.name}", sort) for number, sort in enumerate(symbol.indices))


def values_of(variables: Iterable[Bound], sizes: Sizes) -> Iterator[Valuation]:
    """Every choice of a value for each of `variables`, ascending."""
    return product(*(domain(variable.sort, sizes) for variable in variables))
