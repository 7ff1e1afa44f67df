"""One state as HTML: the memory as a grid of elements, coloured by whose they are, poison and dirtiness.

Colours say nothing alone: every cell has its value as text, and what is coloured has a mark as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.outputs.html.markup import Content, Markup, element
from tdxverify.outputs.html.memory_grid import Field, Grid, GridCell, Snapshot
from tdxverify.outputs.html.memory_roles import FieldRole, Palette, marks_of, owner_of

_MOST_COLUMNS = 4  # elements side by side; more of them stand below one another
_CLASSES = {FieldRole.POISON: "poison", FieldRole.DIRTY: "dirty"}
_MEANT = {FieldRole.POISON: "poisoned", FieldRole.DIRTY: "modified in a cache"}


def state_markup(state: Snapshot, colours: Palette, *, start: bool = False) -> Markup | None:
    """All variables of `state` that play a part; those that no step changes only at the start."""
    single = [pair for pair in state.single if start or pair[0] not in state.steady]
    parts = [_single(single)] if single else []
    parts.extend(_grid(grid, colours) for grid in state.grids)
    if not parts and not start:
        return None
    if not parts:
        return element("p", "no variable changes", class_="faint")
    wide = any(len(grid.elements) > 1 for grid in state.grids)  # it may have to be scrolled
    if not wide:
        return element("div", parts, class_="memory")
    return element("div", parts, class_="memory", role="region", aria_label="State", tabindex=0)


def legend_markup(colours: Palette) -> Markup | None:
    """What the colours and marks of the grids mean; None where there are none."""
    items: list[Markup] = []
    for (field, value), hue in colours.hues.items():
        told = field.name if value == "true" else f"{field.name} = {value}"
        items.append(_legend_item(f"swatch hue{hue}", FieldRole.OWNER.value, told))
    for role, name in _CLASSES.items():
        fields = [field.name for field, found in colours.roles.items() if found is role]
        if fields:
            items.append(_legend_item(f"swatch {name}", role.value, f"{_MEANT[role]} ({', '.join(fields)})"))
    if not items:
        return None
    items.append(_legend_item("swatch changed", "→", "changed by the step"))
    return element("ul", items, class_="legend", aria_label="Colours and marks")


def _legend_item(kind: str, mark: str, text: str) -> Markup:
    return element("li", element("span", mark, class_=kind, aria_hidden="true"), " ", text)


def _single(cells: Iterable[tuple[str, GridCell]]) -> Markup:
    rows = [element("tr", element("th", name), _value(cell, None)) for name, cell in cells]
    return element("table", element("tbody", rows), class_="grid")


def _grid(grid: Grid, colours: Palette) -> Markup:
    """Fields down and elements across, or the other way round where there are many elements."""
    fields = [element("th", field.name, scope="row") for field, _ in grid.rows]
    elements = [_element(grid, column, colours, scope="col") for column in range(len(grid.elements))]
    cells = [[_value(cell, _look(colours, field, cell)) for cell in row] for field, row in grid.rows]
    head, side = elements, fields
    if len(elements) > _MOST_COLUMNS and len(elements) > len(fields):
        head = [element("th", field.name, scope="col") for field, _ in grid.rows]
        side = [_element(grid, column, colours, scope="row") for column in range(len(grid.elements))]
        cells = [list(column) for column in zip(*cells, strict=True)]
    rows = [element("tr", name, row) for name, row in zip(side, cells, strict=True)]
    return element(
        "table",
        element("thead", element("tr", element("td"), head)),
        element("tbody", rows),
        class_="grid",
    )


def _element(grid: Grid, column: int, colours: Palette, scope: str) -> Markup:
    """Its name, in the colour of its owner, with its marks."""
    hue = owner_of(grid, column, colours)
    marks: list[Content] = [
        element("span", f" {role.value}", class_=_CLASSES[role], title=_MEANT[role])
        for role in marks_of(grid, column, colours)
    ]
    return element(
        "th", grid.elements[column], marks, scope=scope, class_=None if hue is None else f"hue{hue}"
    )


def _look(colours: Palette, field: Field, cell: GridCell) -> str | None:
    """The class of a cell, by what it says about its element."""
    role = colours.role(field)
    hue = colours.hue(field, cell.value)
    if hue is not None:
        return f"hue{hue}"
    return _CLASSES.get(role) if cell.value == "true" else None


def _value(cell: GridCell, look: str | None) -> Markup:
    kinds = [cell.value] if cell.value in ("true", "false") else []
    kinds += [look] if look is not None else []
    shown: Content = cell.value
    mark = next((f"{role.value} " for role, name in _CLASSES.items() if name == look), None)
    if cell.before is not None:
        kinds.append("changed")
        shown = [element("del", cell.before), " → ", element("ins", mark, cell.value)]
    elif mark is not None:
        shown = [mark, cell.value]
    return element("td", shown, class_=" ".join(kinds) or None)
