"""Runs that go round for ever: of those that are fair and leave a promise open, one in which the round begins
soonest, and of those one with the shortest round; found in the graph of all states. A run may also stop,
where no fairness demands a step: that is a round of no steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from tests.differential.reference.world import Instance, State, TooLarge, Value


@dataclass(frozen=True)
class Taken:
    """A step: `go` or `proc.label`, with the values of what is declared in front of it, and whose step it is.

    `process`: the process and its instance.
    """

    name: str
    values: tuple[Value, ...]
    actor: Instance | None
    process: tuple[Value, ...] | None = None


@dataclass(frozen=True)
class Turn:
    """One instance of a condition of fairness, with the steps that belong to it."""

    strong: bool
    steps: frozenset[Taken]


@dataclass
class Graph:
    """States by number, in the order in which they are reached. `steps`: None where a value does not fit."""

    states: list[State] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    steps: dict[int, list[tuple[Taken, int | None]]] = field(default_factory=dict)
    numbers: dict[object, int] = field(default_factory=dict)

    def number(self, key: object, state: State) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.states)
            self.states.append(state)
        return self.numbers[key]


@dataclass(frozen=True)
class Promise:
    """For each state, by number. `once`: it is asked for at the start, and never else. `misfits`: where what
    is promised has no value, and runs are of no interest any more.
    """

    once: bool
    asked: Sequence[bool]
    kept: Sequence[bool]
    misfits: Sequence[bool]

    def is_open(self, before: bool, state: int) -> bool:
        return (before or self.asked[state]) and not self.kept[state]


class Rounds:
    """Of `graph`, fair to every one of `turns`. Raises TooLarge after `work` states on the way round."""

    def __init__(self, graph: Graph, turns: Sequence[Turn], work: int) -> None:
        self._graph = graph
        self._work = work
        self._weak = sum(1 << number for number, turn in enumerate(turns) if not turn.strong)
        self._strong = sum(1 << number for number, turn in enumerate(turns) if turn.strong)
        self._turns = turns
        self._of_step: dict[Taken, int] = {}
        self._possible = [self._possible_in(number) for number in range(len(graph.states))]

    def _possible_in(self, state: int) -> int:
        found = 0
        for step, _ in self._graph.steps.get(state, ()):
            found |= self._mask(step)
        return found

    def _mask(self, step: Taken) -> int:
        if step not in self._of_step:
            belonging = (n for n, turn in enumerate(self._turns) if step in turn.steps)
            self._of_step[step] = sum(1 << number for number in belonging)
        return self._of_step[step]

    def _onward(self, state: int) -> Iterator[tuple[int, int]]:
        """Which turns a step is, and where it leads."""
        for step, after in self._graph.steps.get(state, ()):
            if after is not None:
                yield self._mask(step), after

    # --- the shortest run --------------------------------------------------------------------

    def shortest(self, promise: Promise) -> tuple[int, int] | None:
        """The least number of steps up to where the round begins, and of those in it; None if every fair run
        keeps the promise."""
        depths = self._open(promise)
        stops = {state for state in depths if not self._possible[state]}
        parts = list(self._fair_parts({*depths}, promise))
        begins = stops.union(*parts)
        if not begins:
            return None
        stem = min(depths[state] for state in begins)
        if any(depths[state] == stem for state in stops):
            return stem, 0
        best: int | None = None
        for members in parts:
            for state in (one for one in members if depths[one] == stem):
                found = self._round(state, members, promise, best)
                best = best if found is None else found
        assert best is not None
        return stem, best

    def _open(self, promise: Promise) -> dict[int, int]:
        """The states in which the promise may be open, with the least number of steps to that."""
        known: set[tuple[int, bool]] = set()
        found: dict[int, int] = {}
        starts = (one for one in self._graph.starts if not promise.misfits[one])
        layer = {(one, promise.is_open(promise.once, one)) for one in starts}
        depth = 0
        while layer:
            known |= layer
            for state, is_open in layer:
                if is_open:
                    found.setdefault(state, depth)
            following = {
                (after, promise.is_open(is_open, after))
                for state, is_open in layer
                for _, after in self._onward(state)
                if not promise.misfits[after]
            }
            layer, depth = following - known, depth + 1
        return found

    def _fair_parts(self, states: set[int], promise: Promise) -> Iterator[set[int]]:
        """Parts of `states` from each of which a fair round leads through all of it."""
        graph: Any = nx.DiGraph()
        graph.add_nodes_from(states)
        for state in states:
            graph.add_edges_from(
                (state, after)
                for _, after in self._onward(state)
                if after in states and not promise.kept[after]
            )
        for members in nx.strongly_connected_components(graph):
            if len(members) == 1 and not graph.has_edge(*members, *members):
                continue
            taken = idle = possible = 0
            for state in members:
                possible |= self._possible[state]
                idle |= ~self._possible[state]
                for mask, after in self._onward(state):
                    taken |= mask if after in members else 0
            if self._weak & ~(taken | idle):
                continue
            unfair = self._strong & possible & ~taken
            if unfair:
                left = {state for state in members if not self._possible[state] & unfair}
                yield from self._fair_parts(left, promise)
            else:
                yield members

    def _round(self, start: int, members: set[int], promise: Promise, room: int | None) -> int | None:
        """The least number of steps, less than `room`, from `start` fairly back to it; at least one."""
        first = self._arrived(start, 0, 0)
        known, layer, length = {first}, {first}, 0
        while layer:
            length += 1
            if room is not None and length >= room:
                return None
            following = set()
            for state, met, seen in layer:
                self._work -= 1
                if self._work < 0:
                    raise TooLarge
                for mask, after in self._onward(state):
                    if after in members:
                        following.add(self._arrived(after, met | mask, seen))
            if any(state == start and self._is_fair(met, seen) for state, met, seen in following):
                return length
            layer = following - known
            known |= layer
        return None

    def _arrived(self, state: int, met: int, seen: int) -> tuple[int, int, int]:
        possible = self._possible[state]
        return state, met | (self._weak & ~possible), seen | (self._strong & possible)

    def _is_fair(self, met: int, seen: int) -> bool:
        return not (self._weak & ~met) and not (seen & ~met)
