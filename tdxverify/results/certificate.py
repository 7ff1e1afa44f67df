"""Evidence for `proved`, checkable without the engine that found it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from tdxverify.model.expr import Expr
from tdxverify.model.layout import Cell, Valuation
from tdxverify.model.packing import Packing
from tdxverify.model.sorts import Value


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


@dataclass(frozen=True, slots=True)
class Invariant:
    """Closed formulas over one state that together hold initially, are kept by every step, and exclude
    every bad state: at the problem's sizes, or (`any_size`) for any number of elements of each index sort.
    """

    formulas: tuple[Expr, ...]
    any_size: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a diagram: on to `then` where cell number `cell` has one of `values`, else to `otherwise`."""

    cell: int
    values: tuple[Value, ...]
    then: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class DecisionDiagram:
    """An inductive invariant at the problem's sizes as a set of states: those from which `root` leads to IN.

    `nodes[k]` has the number k + FIRST and leads to smaller numbers only. `cells` are those asked for.
    """

    cells: tuple[Cell, ...]
    nodes: tuple[Branch, ...]
    root: int

    OUT: ClassVar[int] = 0
    IN: ClassVar[int] = 1
    FIRST: ClassVar[int] = 2

    def __len__(self) -> int:
        return len(self.nodes)


Certificate: TypeAlias = KInductive | ClosedSet | Invariant | DecisionDiagram
