"""What a proof file holds, as plain values; nothing of it is believed.

The evidence stays as it was written until there is a problem to read it against (`evidence.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

ANY_SIZE = "any size"


class Unusable(Exception):
    """Stored evidence that is none: malformed, about something else, or refused when it was checked."""


class Stale(Exception):
    """Stored evidence about another question than the one that is asked now."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which check an entry belongs to: its property, and its `for` and `where` as they are shown.

    `sizes`: `any size`, or sort and `2` or `1..3`.
    """

    property: str
    where: str
    sizes: str | tuple[tuple[str, str], ...]

    def __lt__(self, other: Key) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[str, str, str]:
        return self.property, self.where, repr(self.sizes)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence. `sizes` None: for any size. `content`: what its `kind` needs.

    `checked_by`: who accepted it when it was written, with versions; for people, and not believed.
    """

    kind: str
    sizes: tuple[tuple[str, int], ...] | None
    fingerprint: str
    checked_by: tuple[str, ...]
    content: tuple[tuple[str, Json], ...]

    def part(self, name: str) -> Json:
        """A part of the content; raises Unusable where it is missing."""
        for key, value in self.content:
            if key == name:
                return value
        raise Unusable(f"the {self.kind} has no '{name}'")


@dataclass(frozen=True, slots=True)
class Entry:
    """One check and its evidence: a trace, or an item per combination of sizes. `outcome` is the answer."""

    key: Key
    outcome: str
    evidence: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ProofFile:
    """Everything stored about one spec; entries sorted by key, no key twice."""

    spec: str
    entries: tuple[Entry, ...]

    def entry(self, key: Key) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)
