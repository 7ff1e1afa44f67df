"""Runs that go round for ever, on the states of the question as it was asked: no state is copied.

First all states are enumerated, as for any question. Then for each value of the promise's binders those in
which the promise may be open, with the steps between them and whose turn each is. Of these, the strongly
connected parts are looked at in which a fair way leads through all states (`logic.components`). From one of
them a loop begins in as few steps as possible; a shortest one is found by going on, for each state and each
set of turns that were had on the way. That is exact, and takes time exponential in the number of turns where
it comes to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit.compiled import (
    Link,
    Select,
    compile_links,
    is_compilable,
)
from tdxverify.engines.explicit.interpreted import interpret_links
from tdxverify.engines.explicit.reach import Reached, Start, fixed_cells, select_where
from tdxverify.logic import expr as core
from tdxverify.logic.components import Marks, Ranks, possible, taken_apart
from tdxverify.logic.expr import Expr
from tdxverify.logic.grounding import instances
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.questions.problems.problem import Origin
from tdxverify.questions.problems.turns import marks_of, with_turns
from tdxverify.semantics.successors import Semantics


class Graph:
    """The steps between states of `origin`, with whose turn they are: edges as in `logic.components`.
    `problem` is that of `origin`, perhaps without some steps.
    """

    def __init__(self, origin: Origin, start: Start, budget: Budget) -> None:
        self.origin = origin
        self.budget = budget
        self.marks: Marks = marks_of(origin.problem, origin.fairness)
        self.with_turns = with_turns(origin.problem, origin.fairness)
        self.edges: dict[int, list[int]] = {}
        self._possible: dict[int, int] = {}
        self._start = start

    def edges_of(self, node: int) -> list[int]:
        found = self.edges.get(node)
        if found is None:
            if len(self.edges) % 1024 == 0:
                self.budget.check_time()
            labelled: list[int] = []
            for link in self._links:
                link((node << self.marks.width,), labelled)
            found = self.edges[node] = list(dict.fromkeys(labelled))
            self._possible[node] = possible(found, self.marks.width)
        return found

    def possible(self, node: int) -> int:
        """Whose turn it may be there."""
        self.edges_of(node)
        return self._possible[node]

    @cached_property
    def _fixed(self) -> dict[tuple[str, Valuation], int]:
        return fixed_cells(self.origin.problem, self._start.rigid)

    @cached_property
    def _links(self) -> tuple[Link, ...]:
        if is_compilable(self.with_turns):
            return compile_links(self.with_turns, self._fixed, self.budget.check_time)
        return interpret_links(Semantics(self.with_turns, self.budget))

    def select(self, formula: Expr) -> Select:
        """Those of some states in which `formula` holds."""
        return select_where(self.origin.problem, formula, self._fixed)


@dataclass(frozen=True, eq=False)
class Region:
    """The states in which the promise may be open for `elements`, values of its binders.

    `asked`: where it is asked for anew and not kept; `depth`: the least number of steps after which it is
    open there. `stops`: where a run may end; `fair`: parts that it may go round in.
    """

    elements: Valuation
    asked: set[int]
    depth: dict[int, int]
    ranks: Ranks
    stops: set[int]
    fair: list[set[int]] = field(default_factory=list)

    @property
    def shortest_stem(self) -> int | None:
        """The least number of steps to a state from which a loop begins."""
        begins = (self.depth[node] for part in (self.stops, *self.fair) for node in part)
        return min(begins, default=None)


def regions(graph: Graph, start: Start, reached: Reached, without: set[int]) -> Iterator[Region]:
    """One for each value of the promise's binders. No run goes on in states of `without`. Raises
    LimitReached.
    """
    promise, sizes = graph.origin.promise, graph.origin.problem.size_of
    alive = [state for level in reached.levels for state in level if state not in without]
    values = values_of(promise.binders, sizes)
    for elements, chosen in zip(values, instances(promise.binders, sizes), strict=True):
        kept = core.substitute(promise.kept, chosen)
        unkept = graph.select(core.negation(kept))(alive)
        if promise.asked is None:
            asked = set(unkept).intersection(start.initial)
        else:
            asked = set(graph.select(core.substitute(promise.asked, chosen))(unkept))
        depth = _depths(graph, reached.levels, set(unkept), asked)
        nodes = list(depth)
        ranks, fair = taken_apart(nodes, graph.edges, graph.marks, graph.budget.check_time)
        stops = {node for node in nodes if not graph.possible(node)}
        yield Region(elements, asked, depth, ranks, stops, fair)


def _depths(
    graph: Graph, levels: Sequence[Sequence[int]], unkept: set[int], asked: set[int]
) -> dict[int, int]:
    """Breadth-first among `unkept` from those `asked`, each of which is met as late as its level says."""
    found: dict[int, int] = {}
    layer: list[int] = []
    width, depth = graph.marks.width, 0
    while layer or depth < len(levels):
        if depth < len(levels):
            layer += [state for state in levels[depth] if state in asked]
        following = []
        for node in layer:
            if node in found:
                continue
            found[node] = depth
            following += [edge >> width for edge in graph.edges_of(node)]
        layer = [node for node in dict.fromkeys(following) if node in unkept and node not in found]
        depth += 1
    return found


# --- the way round ---------------------------------------------------------------------


class Part:
    """Ways among `nodes`, from each of which one comes to all others.

    A key is a state, with the turns that were had up to there and those that were possible: an int that has
    the latter in its lowest bits, the former above them, and the state on top.
    """

    def __init__(self, graph: Graph, nodes: set[int]) -> None:
        self.nodes = nodes
        self._graph = graph
        self._width = graph.marks.width
        self._turns = (1 << 2 * self._width) - 1
        self._onward: dict[int, list[int]] = {}

    def start(self, node: int) -> int:
        return self._arrived(node, 0)

    def _arrived(self, node: int, marks: int) -> int:
        """What is added to a key on the way to `node`, by a step with these `marks`: to wait while nothing is
        possible is as good as a turn, where fairness is weak."""
        here, wanted = self._graph.possible(node), self._graph.marks
        met = (marks | ~here) & wanted.weak | marks & wanted.strong
        return node << 2 * self._width | met << self._width | here & wanted.strong

    def along(self, key: int, edge: int) -> int:
        """The key behind `edge`, which leads on from `key`."""
        marks = edge & ((1 << self._width) - 1)
        return key & self._turns | self._arrived(edge >> self._width, marks)

    def node(self, key: int) -> int:
        return key >> 2 * self._width

    def onward(self, key: int) -> list[int]:
        """The keys behind each of the edges."""
        node = key >> 2 * self._width
        added = self._onward.get(node)
        if added is None:
            edges = (e for e in self._graph.edges_of(node) if e >> self._width in self.nodes)
            keys = (self._arrived(e >> self._width, e & ((1 << self._width) - 1)) for e in edges)
            added = self._onward[node] = list(dict.fromkeys(keys))
        had = key & self._turns
        return [one | had for one in added]

    def had(self, key: int) -> int:
        """The turns that were had."""
        return (key & self._turns) >> self._width

    def is_fair(self, key: int) -> bool:
        marks = self._graph.marks
        return not (marks.weak | key & marks.strong) & ~self.had(key)

    @cached_property
    def needed(self) -> int:
        """The turns that a fair way round has, or waits for in vain, if it goes through all nodes."""
        marks, needed = self._graph.marks, self._graph.marks.weak
        for node in self.nodes:
            needed |= self._graph.possible(node) & marks.strong
        return needed


class Round:
    """Ways from `first` back to it in a part, in as few steps as possible."""

    def __init__(self, part: Part, first: int) -> None:
        self.part = part
        self.first = first
        self.layers: list[set[int]] = [{part.start(first)}]
        self._known = set(self.layers[0])

    def go_on(self) -> int:
        """One step further; how many more keys are known."""
        known, onward = self._known, self.part.onward
        following = {after for key in self.layers[-1] for after in onward(key) if after not in known}
        self.layers.append(following)
        known |= following
        return len(following)

    @property
    def ends(self) -> set[int]:
        """Where a fair way round ends that has as many steps as were made."""
        node = self.part.node
        return {key for key in self.layers[-1] if node(key) == self.first and self.part.is_fair(key)}

    def useful(self) -> list[set[int]]:
        """For each number of steps, from where a shortest fair way leads on. Requires `ends`."""
        found = [self.ends]
        for layer in reversed(self.layers[:-1]):
            found.append({key for key in layer if not found[-1].isdisjoint(self.part.onward(key))})
        return found[::-1]


def shortest_rounds(rounds: Sequence[Round], budget: Budget, look: Callable[[int], None]) -> list[Round]:
    """Those of `rounds` whose way back is the shortest, all gone to their ends. Each has one. Raises
    LimitReached where more than the states of the budget would be kept.
    """
    kept = 0
    while True:
        look(len(rounds[0].layers))
        for one in rounds:
            budget.check_time()
            kept += one.go_on()
            budget.check_count(kept, "states and turns that were had")
        found = [one for one in rounds if one.ends]
        if found:
            return found


def any_round(part: Part, first: int) -> list[set[int]]:
    """A fair way from `first` back to it, not always the shortest: to where each turn is had in turn, by the
    shortest way. It ends where it first is a fair way round. As `Round.useful`."""
    keys = [part.start(first)]
    for number in range(part.needed.bit_length()):
        bit = part.needed & 1 << number
        if bit and not part.had(keys[-1]) & bit:
            keys += _way(part, keys[-1], lambda key, bit=bit: bool(part.had(key) & bit))  # type: ignore[misc]
    keys += _way(part, keys[-1], lambda key: part.node(key) == first)
    back = (n for n, key in enumerate(keys) if n and part.node(key) == first and part.is_fair(key))
    return [{key} for key in keys[: next(back) + 1]]


def _way(part: Part, first: int, wanted: Callable[[int], bool]) -> list[int]:
    """The keys on a shortest way to a wanted one, without the first; at least one. Only states are told
    apart.
    """
    before: dict[int, int] = {}
    layer = [first]
    while layer:
        following: list[int] = []
        for key in layer:
            for after in part.onward(key):
                if wanted(after):
                    return [*_back(part, before, key, first), after]
                if part.node(after) not in before:
                    before[part.node(after)] = key
                    following.append(after)
        layer = following
    raise InternalError("a part in which one goes round fairly has no way to where a turn is had")


def _back(part: Part, before: dict[int, int], key: int, first: int) -> list[int]:
    found = []
    while key != first:
        found.append(key)
        key = before[part.node(key)]
    return found[::-1]
