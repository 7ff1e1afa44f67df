"""Evidence for `proved`, checkable without the engine that found it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.model.layout import Valuation
from tdxverify.model.packing import Packing


@dataclass(frozen=True, slots=True)
class KInductive:
    """No bad state within the first `k` steps (depths 0..k-1), and no k+1 consecutive states of
    which the first k are good and the last is bad; with `simple_path` the states are pairwise
    different. Sheeran, Singh and Stålmarck, FMCAD 2000. `k` is at least 1 (plain induction).
    """

    k: int
    simple_path: bool


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """All reachable (rigid, state) pairs: holds every initial state, closed under steps, none bad.

    Kept packed, one int per pair: a million tuples would need some 300 MB.
    """

    packing: Packing
    packed: frozenset[int]

    def __len__(self) -> int:
        return len(self.packed)

    def __iter__(self) -> Iterator[tuple[Valuation, Valuation]]:
        return map(self.packing.unpack, self.packed)


Certificate: TypeAlias = KInductive | ClosedSet
