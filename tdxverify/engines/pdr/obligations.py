"""Proof obligations: cubes that lead to a bad state and have to be shown unreachable, lowest frame first."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from tdxverify.engines.pdr.cubes import Cube


@dataclass(frozen=True, slots=True, order=True)
class Obligation:
    """Show that `cube` is unreachable within `level` steps. `distance` is how many steps it is from a
    bad state. Ordered by level; the serial number keeps the order of equals fixed.
    """

    level: int
    serial: int
    distance: int = field(compare=False)
    cube: Cube = field(compare=False)


@dataclass
class Obligations:
    """A queue of obligations."""

    _heap: list[Obligation] = field(default_factory=list)
    _serial: int = 0

    def add(self, level: int, distance: int, cube: Cube) -> None:
        self._serial += 1
        heappush(self._heap, Obligation(level, self._serial, distance, cube))

    def pop(self) -> Obligation | None:
        return heappop(self._heap) if self._heap else None
