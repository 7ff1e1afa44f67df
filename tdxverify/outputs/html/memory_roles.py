"""What the fields of a memory say about whose it is, whether it is poisoned, and whether a cache is dirty.

Only for colours and marks: nothing depends on it. A field is known by the words of its name, and as the
owner also by having values of an enum, which say in what hands an element is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tdxverify.outputs.html.memory_grid import Field, Grid, Snapshot

HUES = 6  # that the style sheet has


class FieldRole(Enum):
    """The value is the mark that stands beside a true value and at the element."""

    POISON = "☠"
    DIRTY = "✎"
    OWNER = "■"
    OTHER = ""


_WORDS = {
    "poison": FieldRole.POISON,
    "poisoned": FieldRole.POISON,
    "dirty": FieldRole.DIRTY,
    "stale": FieldRole.DIRTY,
    "cached": FieldRole.DIRTY,
    "owned": FieldRole.OWNER,
    "owner": FieldRole.OWNER,
    "private": FieldRole.OWNER,
    "managed": FieldRole.OWNER,
}


@dataclass(frozen=True, slots=True)
class Palette:
    """`roles` of the fields, and the hue (from 0) of each value that an owner field takes."""

    roles: dict[Field, FieldRole]
    hues: dict[tuple[Field, str], int]

    def role(self, field: Field) -> FieldRole:
        return self.roles.get(field, FieldRole.OTHER)

    def hue(self, field: Field, value: str) -> int | None:
        return self.hues.get((field, value))


def palette(states: Iterable[Snapshot]) -> Palette:
    """One for all states of a story, so that a colour means the same in all of them."""
    values: dict[Field, dict[str, None]] = {}
    for state in states:
        for grid in state.grids:
            for field, cells in grid.rows:
                values.setdefault(field, {}).update(dict.fromkeys(cell.value for cell in cells))
    roles = {field: _role(field, found) for field, found in values.items()}
    shown = [
        (field, value)
        for field, found in values.items()
        if roles[field] is FieldRole.OWNER
        for value in found
        if value != "false"
    ]
    return Palette(roles, {pair: position % HUES for position, pair in enumerate(shown)})


def owner_of(grid: Grid, column: int, colours: Palette) -> int | None:
    """The hue of the element: that of its first owner field that has one."""
    for field, cells in grid.rows:
        hue = colours.hue(field, cells[column].value)
        if hue is not None:
            return hue
    return None


def marks_of(grid: Grid, column: int, colours: Palette) -> tuple[FieldRole, ...]:
    """Poison and dirtiness of the element."""
    found = {colours.role(field) for field, cells in grid.rows if cells[column].value == "true"}
    return tuple(role for role in (FieldRole.POISON, FieldRole.DIRTY) if role in found)


def _role(field: Field, values: Iterable[str]) -> FieldRole:
    for word in re.split(r"[_ ]", field.name):
        if word in _WORDS:
            return _WORDS[word]
    if field.implicit or not all(re.fullmatch(r"[A-Za-z]\w*", v) for v in values):
        return FieldRole.OTHER
    return FieldRole.OTHER if set(values) <= {"true", "false"} else FieldRole.OWNER
