"""Graphs with marked edges: where one can go round fairly, and why that is not possible elsewhere.

Nodes are ints. An edge is an int as well: where it leads, with its marks in the lowest `width` bits.
A way round is fair if, for each mark that is `weak`, an edge on it has the mark or a node on it has no edge
with it; and for each that is `strong`, an edge on it has the mark or no node on it has an edge with it.

Parts that are strongly connected are looked at one by one; what a strong mark forbids is taken out, and what
is left is taken apart again. Emerson and Lei, "Modalities for model checking: branching time logic strikes
back", Science of Computer Programming 8, 1987.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Edges: TypeAlias = Mapping[int, Sequence[int]]
Rank: TypeAlias = tuple[int, ...]

_CLOSED = 1 << 62  # later than any number of a node


class Reason(NamedTuple):
    """Why nobody goes round fairly in a part. `weak`: no edge inside has this mark, and every node has one
    with it; `strong`: no edge inside has one of these, so nobody comes back to a node that has one. Neither:
    there is no edge inside."""

    weak: int
    strong: int


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks never increase along an edge, compared number by number. Where all begin with the same numbers
    that is a part; `reasons` has one for each. A node that a strong mark takes out has no further number."""

    of: dict[int, Rank] = field(default_factory=dict)
    reasons: dict[Rank, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """Which marks ask for what, as sets of bits."""

    width: int
    weak: int
    strong: int


def possible(edges: Sequence[int], width: int) -> int:
    """The marks of all of them together."""
    found = 0
    for edge in edges:
        found |= edge
    return found & ((1 << width) - 1)


def taken_apart(
    nodes: Collection[int], edges: Edges, marks: Marks, look: Callable[[], None]
) -> tuple[Ranks, list[set[int]]]:
    """Ranks of all `nodes`, between which one may go; and the parts in which a fair way leads through all
    nodes, which have no reason. `look` is called now and then, and may raise."""
    parts = _Parts(edges, marks, look)
    parts.take_apart(nodes, ())
    return parts.ranks, parts.fair


class _Parts:
    def __init__(self, edges: Edges, marks: Marks, look: Callable[[], None]) -> None:
        self._edges = edges
        self._marks = marks
        self._look = look
        self.ranks = Ranks()
        self.fair: list[set[int]] = []

    def take_apart(self, nodes: Collection[int], above: Rank) -> None:
        width, inside = self._marks.width, nodes if isinstance(nodes, set) else set(nodes)
        onward = {
            node: [edge >> width for edge in self._edges[node] if edge >> width in inside] for node in nodes
        }
        for number, members in enumerate(components(nodes, onward)):
            self._look()
            rank = (*above, number)
            for node in members:
                self.ranks.of[node] = rank
            if len(members) > 1 or members[0] in onward[members[0]]:
                self._judge(set(members), members, rank)
            else:
                self.ranks.reasons[rank] = Reason(0, 0)

    def _judge(self, inside: set[int], members: Sequence[int], rank: Rank) -> None:
        width, taken, some, every = self._marks.width, 0, 0, -1
        for node in members:
            edges = self._edges[node]
            here = possible(edges, width)
            some |= here
            every &= here
            for edge in edges:
                if edge >> width in inside:
                    taken |= edge
        never = self._marks.weak & every & ~taken
        unfair = self._marks.strong & some & ~taken
        if never:
            self.ranks.reasons[rank] = Reason(never & -never, 0)
        elif unfair:
            self.ranks.reasons[rank] = Reason(0, unfair)
            left = [node for node in members if not possible(self._edges[node], width) & unfair]
            self.take_apart(left, rank)
        else:
            self.fair.append(inside)


def components(nodes: Iterable[int], onward: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """The strongly connected parts, each before all from which it can be reached.

    Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1, 1972.
    """
    found: list[list[int]] = []
    earliest: dict[int, int] = {}  # the first node that is known to be reached from there, by its number
    open_ones: list[int] = []
    for root in nodes:
        if root in earliest:
            continue
        way = [(root, len(earliest), iter(onward[root]))]
        earliest[root] = way[0][1]
        open_ones.append(root)
        while way:
            node, number, left = way[-1]
            for after in left:
                if after not in earliest:
                    way.append((after, len(earliest), iter(onward[after])))
                    earliest[after] = len(earliest)
                    open_ones.append(after)
                    break
                if earliest[after] < earliest[node]:
                    earliest[node] = earliest[after]
            else:
                way.pop()
                if earliest[node] == number:
                    found.append(_closed(node, open_ones, earliest))
                elif way and earliest[node] < earliest[way[-1][0]]:
                    earliest[way[-1][0]] = earliest[node]
    return found


def _closed(first: int, open_ones: list[int], earliest: dict[int, int]) -> list[int]:
    members: list[int] = []
    while not members or members[-1] != first:
        members.append(open_ones.pop())
        earliest[members[-1]] = _CLOSED
    return members
