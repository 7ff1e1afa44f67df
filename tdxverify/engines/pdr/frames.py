"""Frames: over-approximations of the states reachable in at most k steps, as sets of blocked cubes.

NOTE(delta): a lemma is stored only at the highest level at which it is known to hold; frame k is
everything stored at level k or above. NOTE(orbits): a lemma is always added together with all its
images, so every frame is closed under permutation of elements, and one query about one image
speaks for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tdxverify.budget import TooLarge
from tdxverify.engines.pdr.cubes import CellTable, Cube, subsumes
from tdxverify.logic.counting import counted

LARGEST_ORBIT = 50_000


class ClauseStore(Protocol):
    """Where frames keep their lemmas for the solver."""

    def add_blocked(self, level: int, cube: Cube) -> None: ...

    def is_blocked_from(self, level: int, cube: Cube) -> bool: ...


@dataclass
class Frames:
    """`levels[k]`: lemmas (one cube per orbit) whose highest known level is k; level 0 is unused."""

    table: CellTable
    store: ClauseStore
    levels: list[list[Cube]] = field(default_factory=lambda: [[], []])

    @property
    def top(self) -> int:
        return len(self.levels) - 1

    def extend(self) -> None:
        """Open one more frame, which knows nothing yet."""
        self.levels.append([])

    def add(self, cube: Cube, level: int) -> None:
        """No state of frame `level` (or below) lies in `cube` or one of its images."""
        if self.table.orbit_bound(cube) > LARGEST_ORBIT:
            about = " and ".join(
                f"{counted(len(e), 'element')} of {n}" for n, e in self.table.elements(cube).items()
            )
            count = self.table.orbit_bound(cube)
            raise TooLarge(f"a lemma about {about} at once has up to {count:,} symmetric images")
        images = list(self.table.orbit(cube))
        for image in images:
            self.store.add_blocked(level, image)
        for below in range(1, level + 1):
            kept = [c for c in self.levels[below] if not any(subsumes(image, c) for image in images)]
            self.levels[below] = kept
        self.levels[level].append(cube)

    def blocks(self, cube: Cube, level: int) -> bool:
        """Whether a lemma of frame `level` rules out `cube` without asking the solver."""
        return any(
            subsumes(image, cube)
            for stored in self.levels[level:]
            for lemma in stored
            for image in self.table.orbit(lemma)
        )

    def propagate(self) -> int | None:
        """Push lemmas up as far as they hold; the level of a frame that is inductive, if there is one."""
        for level in range(1, self.top):
            for cube in list(self.levels[level]):
                if cube in self.levels[level] and self.store.is_blocked_from(level, cube):
                    self.add(cube, level + 1)
            if not self.levels[level]:
                return level
        return None

    def above(self, level: int) -> Iterator[Cube]:
        """The lemmas of frame `level`, one per orbit."""
        for stored in self.levels[level:]:
            yield from stored
