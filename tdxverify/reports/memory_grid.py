"""A story's states as grids: elements on one side, their fields on the other, and what changed last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tdxverify.reports.trace_text import relevant_cells
from tdxverify.results.story import Story

_CELL = re.compile(r"(?P<name>[^\[]*)\[(?P<index>[^\]]*)\](?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class GridCell:
    """`before` is the value that the last step replaced, None where it left the cell alone."""

    value: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Fields that are indexed by the same elements. `rows` are (field, a cell for each element)."""

    elements: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GridCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state. `single` are the cells that belong to no element; `steady` those that no step changes."""

    single: tuple[tuple[str, GridCell], ...]
    grids: tuple[Grid, ...]
    steady: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where every cell that matters stands; the same for all states of one story."""

    single: tuple[str, ...]
    grids: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # elements, fields
    cell_of: Mapping[tuple[str, str], str]  # field and element to the cell's name


def snapshots(story: Story) -> tuple[Snapshot, ...]:
    """The state at the start, then the one after each step; only of variables that play a part."""
    shape = _shape(story)
    values = dict(story.initial)
    found = [_snapshot(shape, values, {})]
    for step in story.steps:
        before = {change.cell: change.before for change in step.changes}
        values.update((change.cell, change.after) for change in step.changes)
        found.append(_snapshot(shape, values, before))
    changed = {change.cell for step in story.steps for change in step.changes}
    steady = frozenset(shape.single) - changed
    return tuple(replace(state, steady=steady) for state in found)


def shown_variables(state: Snapshot) -> frozenset[str]:
    """The names of the variables that `state` shows cells of."""
    fields = (field for grid in state.grids for field, _ in grid.rows)
    return frozenset((*(name for name, _ in state.single), *fields))


def unchanging(story: Story) -> tuple[tuple[str, str], ...]:
    """The cells that no snapshot shows, with the value they always have."""
    shape = _shape(story)
    shown = {*shape.single, *shape.cell_of.values()}
    return tuple(pair for pair in story.initial if pair[0] not in shown)


def split_cell(cell: str) -> tuple[str, str | None]:
    """`poison[Line0]` as (`poison`, `Line0`); None where the cell belongs to no element."""
    match = _CELL.fullmatch(cell)
    return (cell, None) if match is None else (match["name"] + match["rest"], match["index"])


def _shape(story: Story) -> _Shape:
    fields: dict[str, dict[str, str]] = {}
    single: list[str] = []
    relevant = relevant_cells(story)
    wanted = {split_cell(cell)[0] for cell in relevant}
    for cell, _ in story.initial:
        name, index = split_cell(cell)
        if index is None:
            single.extend([cell] if cell in relevant else [])
        elif name in wanted:
            fields.setdefault(name, {})[index] = cell
    together: dict[tuple[str, ...], list[str]] = {}
    for name, cells in fields.items():
        together.setdefault(tuple(cells), []).append(name)
    cell_of = {(name, index): cell for name, cells in fields.items() for index, cell in cells.items()}
    return _Shape(tuple(single), tuple((e, tuple(names)) for e, names in together.items()), cell_of)


def _snapshot(shape: _Shape, values: Mapping[str, str], before: Mapping[str, str]) -> Snapshot:
    def cell(name: str) -> GridCell:
        return GridCell(values[name], before.get(name))

    def row(field: str, elements: Iterable[str]) -> tuple[str, tuple[GridCell, ...]]:
        return field, tuple(cell(shape.cell_of[field, element]) for element in elements)

    grids = (Grid(elements, tuple(row(f, elements) for f in fields)) for elements, fields in shape.grids)
    return Snapshot(tuple((name, cell(name)) for name in shape.single), tuple(grids))
