"""Cells and their values, told; monitors, which no spec knows of, are left out."""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.logic.expr import Implicit
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import show
from tdxverify.telling.story import Change, ToldCell


def told_cell(cell: Cell) -> ToldCell:
    symbol = cell.symbol
    elements = tuple(show(sort, value) for sort, value in zip(symbol.indices, cell.indices, strict=True))
    return ToldCell(show_cell(cell), symbol.name, elements, symbol.implicit, symbol.about)


def told_values(layout: Layout, values: Valuation) -> Iterator[tuple[ToldCell, str]]:
    """Each cell of a spec with its value."""
    for cell, value in zip(layout.cells, values, strict=True):
        if is_of_spec(cell):
            yield told_cell(cell), show(cell.symbol.sort, value)


def told_changes(layout: Layout, before: Valuation, after: Valuation) -> Iterator[Change]:
    """The cells that have another value in `after`."""
    for cell, old, new in zip(layout.cells, before, after, strict=True):
        if old != new and is_of_spec(cell):
            sort = cell.symbol.sort
            yield Change(told_cell(cell), show(sort, old), show(sort, new))


def is_of_spec(cell: Cell) -> bool:
    return cell.symbol.implicit is not Implicit.MONITOR
