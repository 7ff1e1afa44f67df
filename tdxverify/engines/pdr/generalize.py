"""From one unreachable cube to a larger one: drop literals, then widen the values that are left.

A literal is dropped, or admits one value more, where the larger cube is still unreachable from the
frame below (relative to its own absence) and holds no initial state. Dropping first gives few
literals; widening turns `phase = run` and `phase = prep` as two lemmas into `phase != next` as one.
"""

from __future__ import annotations

from typing import Protocol

from tdxverify.engines.pdr.cubes import CellTable, Cube


class Blocking(Protocol):
    """What generalisation asks of the solver."""

    def unreachable_core(self, level: int, cube: Cube) -> Cube | None:
        """If no state of frame `level` outside `cube` steps into `cube`: a cube that contains it, has
        the same property, and no initial state. None if there is such a step, or an initial state.
        """
        ...


def generalize(blocking: Blocking, table: CellTable, level: int, cube: Cube) -> Cube:
    """A larger cube still blocked at `level + 1`. Requires: `cube` is."""
    return _widen(blocking, table, level, _drop(blocking, level, cube))


def _drop(blocking: Blocking, level: int, cube: Cube) -> Cube:
    position = 0
    while position < len(cube) and len(cube) > 1:
        smaller = blocking.unreachable_core(level, cube[:position] + cube[position + 1 :])
        if smaller is None:
            position += 1
        else:
            kept = cube[:position]
            cube = smaller
            # literals before `position` were found necessary; some may have gone with the core
            position = sum(1 for literal in cube if literal in kept)
    return cube


def _widen(blocking: Blocking, table: CellTable, level: int, cube: Cube) -> Cube:
    for cell, _ in cube:
        if len(table.values(cell)) <= 2:
            continue
        for value in table.values(cell):
            literals = dict(cube)
            wider = literals.get(cell, 0) | table.mask(cell, value)
            if cell not in literals or wider in (literals[cell], table.full(cell)):
                continue
            candidate = tuple(sorted({**literals, cell: wider}.items()))
            if blocking.unreachable_core(level, candidate) is not None:
                cube = candidate
    return cube
