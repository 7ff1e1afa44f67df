"""A set of states out of its manager: as a table of nodes, and counted."""

from __future__ import annotations

from tdxverify.engines.bdd.backend import Node
from tdxverify.engines.bdd.space import Space
from tdxverify.evidence.diagram import Branch, DecisionDiagram
from tdxverify.logic.sorts import Value


def table_of(space: Space, states: Node) -> DecisionDiagram:
    """The diagram of `states`, without complemented edges."""
    return _Table(space).of(states)


class _Table:
    def __init__(self, space: Space) -> None:
        self._space = space
        self._bits: dict[str, tuple[int, tuple[Value, ...]]] = {}
        for place, variables in enumerate(space.cells):
            for name in variables.names:
                values = tuple(v for v in variables.values if variables.bits_of(v)[name])
                self._bits[name] = place, values
        self._numbers: dict[Node, int] = {
            space.manager.false: DecisionDiagram.OUT,
            space.manager.true: DecisionDiagram.IN,
        }
        self._cells: dict[int, int] = {}  # place to its number in the table
        self._nodes: list[Branch] = []

    def of(self, states: Node) -> DecisionDiagram:
        waiting = [states]
        while waiting:
            node = waiting[-1]
            if node in self._numbers:
                waiting.pop()
                continue
            low, high = branches(node)
            missing = [part for part in (low, high) if part not in self._numbers]
            if missing:
                waiting.extend(missing)
                continue
            place, values = self._bits[node.var]
            cell = self._cells.setdefault(place, len(self._cells))
            self._nodes.append(Branch(cell, values, self._numbers[high], self._numbers[low]))
            self._numbers[node] = len(self._nodes) - 1 + DecisionDiagram.FIRST
        cells = tuple(self._space.cells[place].cell for place in self._cells)
        return DecisionDiagram(cells, tuple(self._nodes), self._numbers[states])


def branches(node: Node) -> tuple[Node, Node]:
    """What is left of `node` where its variable is false, and where it is true."""
    low, high = node.low, node.high
    return (~low, ~high) if node.negated else (low, high)


def count(space: Space, states: Node) -> int:
    """How many states there are, exactly."""
    names = [name for place in space.order for name in space.cells[place].names]
    rank = {name: number for number, name in enumerate(names)}
    manager = space.manager
    known: dict[Node, int] = {manager.false: 0, manager.true: 1}

    def level(node: Node) -> int:
        return len(names) if node in (manager.true, manager.false) else rank[node.var]

    waiting = [states]
    while waiting:
        node = waiting[-1]
        if node in known:
            waiting.pop()
            continue
        parts = branches(node)
        missing = [part for part in parts if part not in known]
        if missing:
            waiting.extend(missing)
            continue
        known[node] = sum(known[part] << (level(part) - level(node) - 1) for part in parts)
    return known[states] << level(states)
