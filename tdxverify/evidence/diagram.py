"""An inductive invariant as a decision diagram: a set of states at the problem's sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from tdxverify.evidence.inductive import Inductive
from tdxverify.evidence.item import Content, Item, Json, Unusable
from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import Value
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.conjuncts import Conjunct

MOST_NODES = 1_000_000


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a diagram: on to `then` where cell number `cell` has one of `values`, else to `otherwise`."""

    cell: int
    values: tuple[Value, ...]
    then: int
    otherwise: int


@dataclass(frozen=True, slots=True)
class DecisionDiagram(Inductive):
    """The states from which `root` leads to IN.

    `nodes[k]` has the number k + FIRST and leads to smaller numbers only. `cells` are those asked for.
    """

    kind: ClassVar[str] = "decision diagram"
    parts: ClassVar[tuple[str, ...]] = ("cells", "nodes", "root")
    OUT: ClassVar[int] = 0
    IN: ClassVar[int] = 1
    FIRST: ClassVar[int] = 2

    cells: tuple[Cell, ...]
    nodes: tuple[Branch, ...]
    root: int

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def weight(self) -> int:
        """Solvers answer about a diagram sooner if the step that is made is known."""
        return len(self.nodes)

    def conjuncts(self, problem: Problem) -> Sequence[Conjunct]:
        from tdxverify.evidence.scripts.conjuncts import DiagramConjunct, require_diagram

        require_diagram(problem, self)
        return [DiagramConjunct(self)]

    def stored(self, problem: Problem) -> Content:
        """Cells by their names; a node as the numbers of its cell, of where it leads, and its values."""
        nodes: list[Json] = [[n.cell, n.then, n.otherwise, *n.values] for n in self.nodes]
        return (("cells", [str(cell) for cell in self.cells]), ("nodes", nodes), ("root", self.root))

    @classmethod
    def read(cls, problem: Problem, item: Item) -> DecisionDiagram:
        known = {str(c): c for c in (*problem.rigid_layout.cells, *problem.state_layout.cells)}
        cells = tuple(_cell(known, name) for name in item.listed("cells", len(known)))
        nodes = tuple(_node(data) for data in item.listed("nodes", MOST_NODES))
        root = item.part("root")
        if not _is_number(root):
            raise Unusable("a diagram begins at something that is no number")
        return cls(cells, nodes, root)

    def described(self) -> str:
        return f"decision diagram of {counted(len(self), 'node')}"

    def told(self, problem: Problem) -> str:
        return f"an inductive invariant as a decision diagram of {counted(len(self), 'node')}"


def _cell(known: Mapping[str, Cell], name: Json) -> Cell:
    if not isinstance(name, str) or name not in known:
        raise Unusable(f"the spec has no {repr(name)[:60]}")
    return known[name]


def _node(data: Json) -> Branch:
    numbers = [number for number in data if _is_number(number)] if isinstance(data, list) else []
    if isinstance(data, list) and len(numbers) == len(data) >= 3:
        cell, then, otherwise, *values = numbers
        return Branch(cell, tuple(values), then, otherwise)
    raise Unusable(f"it is no node of a diagram: {repr(data)[:60]}")


def _is_number(data: Json) -> TypeGuard[int]:
    return isinstance(data, int) and not isinstance(data, bool)
