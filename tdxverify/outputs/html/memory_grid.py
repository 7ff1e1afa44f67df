"""A story's states as grids: elements on one side, their fields on the other, and what changed last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tdxverify.logic.expr import Implicit
from tdxverify.outputs.text.trace_text import relevant_cells
from tdxverify.telling.story import Story, ToldCell


@dataclass(frozen=True, slots=True)
class GridCell:
    """`before` is the value that the last step replaced, None where it left the cell alone."""

    value: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A variable; `implicit` where no declaration writes it down."""

    name: str
    implicit: Implicit | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Fields that are indexed by the same elements. `rows` are (field, a cell for each element)."""

    elements: tuple[str, ...]
    rows: tuple[tuple[Field, tuple[GridCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state. `single` are the cells that belong to no element; `steady` those that no step changes."""

    single: tuple[tuple[str, GridCell], ...]
    grids: tuple[Grid, ...]
    steady: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where every cell that matters stands; the same for all states of one story."""

    single: tuple[ToldCell, ...]
    grids: tuple[tuple[tuple[str, ...], tuple[Field, ...]], ...]  # elements, fields
    cell_of: Mapping[tuple[Field, str], ToldCell]  # by field and element


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
    steady = frozenset(cell.text for cell in shape.single if cell not in changed)
    return tuple(replace(state, steady=steady) for state in found)


def shown_variables(state: Snapshot) -> frozenset[str]:
    """The names of the variables that `state` shows cells of."""
    fields = (field.name for grid in state.grids for field, _ in grid.rows)
    return frozenset((*(name for name, _ in state.single), *fields))


def unchanging(story: Story) -> tuple[tuple[ToldCell, str], ...]:
    """The cells that no snapshot shows, with the value they always have."""
    shape = _shape(story)
    shown = {*shape.single, *shape.cell_of.values()}
    return tuple(pair for pair in story.initial if pair[0] not in shown)


def _shape(story: Story) -> _Shape:
    fields: dict[Field, dict[str, ToldCell]] = {}
    single: list[ToldCell] = []
    relevant = relevant_cells(story)
    wanted = {cell.variable for cell in relevant}
    for cell, _ in story.initial:
        if not cell.elements:
            single.extend([cell] if cell in relevant else [])
        elif cell.variable in wanted:
            fields.setdefault(Field(cell.variable, cell.implicit), {})[", ".join(cell.elements)] = cell
    together: dict[tuple[str, ...], list[Field]] = {}
    for field, cells in fields.items():
        together.setdefault(tuple(cells), []).append(field)
    cell_of = {(field, index): cell for field, cells in fields.items() for index, cell in cells.items()}
    return _Shape(tuple(single), tuple((e, tuple(found)) for e, found in together.items()), cell_of)


def _snapshot(shape: _Shape, values: Mapping[ToldCell, str], before: Mapping[ToldCell, str]) -> Snapshot:
    def cell(told: ToldCell) -> GridCell:
        return GridCell(values[told], before.get(told))

    def row(field: Field, elements: Iterable[str]) -> tuple[Field, tuple[GridCell, ...]]:
        return field, tuple(cell(shape.cell_of[field, element]) for element in elements)

    grids = (Grid(elements, tuple(row(f, elements) for f in fields)) for elements, fields in shape.grids)
    return Snapshot(tuple((told.text, cell(told)) for told in shape.single), tuple(grids))
