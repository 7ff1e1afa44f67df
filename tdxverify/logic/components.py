"""Graphs with marked edges: where one can go round fairly, and why that is not possible elsewhere.

Nodes are ints. An edge is an int as well: where it leads, with its marks in the lowest `width` bits.
A way round is fair if, for each mark that is `weak`, an edge on it has the mark or a node on it has no edge
with it; and for each that is `strong`, an edge on it has the mark or no node on it has an edge with it.

Parts that are strongly connected are looked at one by one; what a strong mark forbids is taken out, and what
is left is taken apart again. Emerson and Lei, "Modalities for model checking: branching time logic strikes
back", Science of Computer Programming 8, 1987.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Edges: TypeAlias = Mapping[int, Sequence[int]]
Rank: TypeAlias = tuple[int, ...]

_NEW, _CLOSED = -1, 1 << 62  # before and after any number of a node


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
        """Often something is true of all `nodes` together; only else is it asked which are connected."""
        self._look()
        inside = set(nodes)
        if not inside or self._judge(inside, (*above, 0)):
            return
        for number, members in enumerate(components(nodes, self._edges, self._marks.width)):
            self._look()
            rank = (*above, number)
            if len(members) == 1 and not self._is_round(members[0]):
                self.ranks.of[members[0]] = rank
                self.ranks.reasons[rank] = Reason(0, 0)
            elif len(members) == len(inside) or not self._judge(set(members), rank):
                self.fair.append(set(members))

    def _is_round(self, node: int) -> bool:
        return any(edge >> self._marks.width == node for edge in self._edges[node])

    def _judge(self, inside: set[int], rank: Rank) -> bool:
        """Whether there is a reason why no fair way stays `inside`, all of which has that `rank` then; what a
        strong mark leaves is taken apart again."""
        width, taken, some, every = self._marks.width, 0, 0, -1
        for node in inside:
            edges, here = self._edges[node], 0
            for edge in edges:
                here |= edge
                if edge >> width in inside:
                    taken |= edge
            some |= here
            every &= here
        never = self._marks.weak & every & ~taken
        unfair = 0 if never else self._marks.strong & some & ~taken
        if not never and not unfair:
            return False
        self.ranks.of.update(dict.fromkeys(inside, rank))
        self.ranks.reasons[rank] = Reason(never & -never, unfair)
        if unfair:
            left = [node for node in inside if not possible(self._edges[node], width) & unfair]
            self.take_apart(left, rank)
        return True


def components(nodes: Collection[int], edges: Edges, width: int) -> list[list[int]]:
    """The strongly connected parts of what there is between `nodes`, each before all from which it can be
    reached.

    Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1, 1972.
    """
    found: list[list[int]] = []
    earliest = dict.fromkeys(nodes, _NEW)  # the number of the first node that is known to be reached
    open_ones: list[int] = []
    count = 0
    for root in nodes:
        if earliest[root] != _NEW:
            continue
        way = [(root, count, iter(edges[root]))]
        earliest[root] = count
        count += 1
        open_ones.append(root)
        while way:
            node, number, left = way[-1]
            least = earliest[node]
            for edge in left:
                known = earliest.get(edge >> width, _CLOSED)
                if known == _NEW:
                    after = edge >> width
                    way.append((after, count, iter(edges[after])))
                    earliest[after] = count
                    count += 1
                    open_ones.append(after)
                    break
                if known < least:
                    least = known
            else:
                way.pop()
                if least == number:
                    found.append(_closed(node, open_ones, earliest))
                    continue
                if way and least < earliest[way[-1][0]]:
                    earliest[way[-1][0]] = least
            earliest[node] = least
    return found


def _closed(first: int, open_ones: list[int], earliest: dict[int, int]) -> list[int]:
    members: list[int] = []
    while not members or members[-1] != first:
        members.append(open_ones.pop())
        earliest[members[-1]] = _CLOSED
    return members
