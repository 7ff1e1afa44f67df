"""Cells and their values, told; monitors and second runs, which no spec knows of, are left out."""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.logic.expr import Implicit
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import show
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.telling.story import Change, ToldCell

_NOBODYS = (Implicit.MONITOR, Implicit.SECOND)


def told_cell(cell: Cell) -> ToldCell:
    symbol = cell.symbol
    elements = tuple(show(sort, value) for sort, value in zip(symbol.indices, cell.indices, strict=True))
    return ToldCell(show_cell(cell), symbol.name, elements, symbol.implicit, symbol.about)


def before_value(cell: Cell) -> str:
    """What makes a condition with a value behind it: `poison[Line0] = `, `kexec at `."""
    return f"{show_cell(cell)} " if cell.symbol.implicit is Implicit.COUNTER else f"{show_cell(cell)} = "


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


def is_idle(problem: Problem, action: Action, before: Valuation, after: Valuation) -> bool:
    """Whether nothing changed but where processes stand, in a step of `action` that can change something."""
    places = (Implicit.COUNTER, Implicit.PROGRESS)
    changed = [
        cell.symbol.implicit
        for cell, old, new in zip(problem.state_layout.cells, before, after, strict=True)
        if old != new
    ]
    can = any(write.symbol.implicit not in (*places, *_NOBODYS) for write in action.writes)
    return can and bool(changed) and all(implicit in places for implicit in changed)


def is_of_spec(cell: Cell) -> bool:
    return cell.symbol.implicit not in _NOBODYS
