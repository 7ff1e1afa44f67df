"""What a proof file holds, as plain values; nothing of it is believed.

The evidence stays as it was written until there is a problem to read it against (`tdxverify.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.evidence.item import Item

ANY_SIZE = "any size"


class OutOfDate(Exception):
    """Stored evidence is about another question than the one that is asked now.

    Raised where it is read; whoever asks for a judgement gets `Stale`.
    """


@dataclass(frozen=True, slots=True)
class Key:
    """Which check an entry belongs to: its property, and its `for`, `where` and `assuming` as they are shown.

    `sizes`: `any size`, or sort and `2` or `1..3`.
    """

    property: str
    where: str
    sizes: str | tuple[tuple[str, str], ...]
    assuming: str = ""

    def __lt__(self, other: Key) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[str, str, str, str]:
        return self.property, self.where, repr(self.sizes), self.assuming


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
