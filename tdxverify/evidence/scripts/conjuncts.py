"""What a part of an inductive invariant says about one state, as text: formulas, or a diagram.

A diagram is written as one definition per node, each in terms of earlier ones; nothing is written out
twice, and there is nothing in it that a formula could not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tdxverify.evidence.diagram import Branch, DecisionDiagram
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts.writer import State, Writer
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import BOOL, Value, domain
from tdxverify.questions.problems.problem import Problem


class Conjunct(Protocol):
    """Something that holds in a state. `names`: the symbols it mentions."""

    @property
    def names(self) -> frozenset[str]: ...

    def written(self, writer: Writer, state: State, mark: str) -> tuple[list[str], str]:
        """Definitions, of names that end in `mark`, and the text in terms of them; `state`: as in `text`."""


@dataclass(frozen=True, slots=True)
class FormulaConjunct:
    formula: Expr
    names: frozenset[str]

    @staticmethod
    def of(formula: Expr) -> FormulaConjunct:
        return FormulaConjunct(formula, frozenset(core.names_of(formula)))

    def written(self, writer: Writer, state: State, mark: str) -> tuple[list[str], str]:
        return [], writer.text(self.formula, state=state)


@dataclass(frozen=True, slots=True)
class DiagramConjunct:
    diagram: DecisionDiagram

    @property
    def names(self) -> frozenset[str]:
        return frozenset(cell.symbol.name for cell in self.diagram.cells)

    def written(self, writer: Writer, state: State, mark: str) -> tuple[list[str], str]:
        names = {DecisionDiagram.OUT: "false", DecisionDiagram.IN: "true"}
        lines = []
        for number, node in enumerate(self.diagram.nodes, start=DecisionDiagram.FIRST):
            names[number] = f"node!{number}!{mark}"
            test = writer.text(_test(self.diagram.cells[node.cell], node), state=state)
            body = f"(ite {test} {names[node.then]} {names[node.otherwise]})"
            lines.append(f"(define-fun {names[number]} () Bool {body})")
        return lines, names[self.diagram.root]


def _test(cell: Cell, node: Branch) -> Expr:
    indices = (constant(value, sort) for value, sort in zip(cell.indices, cell.symbol.indices, strict=True))
    read = Read(cell.symbol, tuple(indices))
    return core.disjunction(*(core.equal(read, constant(value, cell.symbol.sort)) for value in node.values))


def require_formula(problem: Problem, formula: Expr) -> None:
    """Raises Unusable unless it speaks of the problem's own symbols, in one state."""
    if formula.sort != BOOL:
        raise Unusable(f"a formula of the invariant is no formula: {formula.sort}")
    known = {symbol.name: symbol for symbol in problem.symbols}
    for node in core.walk(formula):
        if isinstance(node, Read) and (node.primed or known.get(node.symbol.name) != node.symbol):
            raise Unusable(f"a formula of the invariant reads {node.symbol.name}, or the next state")


def require_diagram(problem: Problem, diagram: DecisionDiagram) -> None:
    """Raises Unusable unless cells and values are the problem's, and nodes lead to earlier ones."""
    known = frozenset((*problem.rigid_layout.cells, *problem.state_layout.cells))
    for cell in diagram.cells:
        if cell not in known:
            raise Unusable(f"a diagram asks for {cell.symbol.name} at {cell.indices}, which is no cell")
    for number, node in enumerate(diagram.nodes, start=DecisionDiagram.FIRST):
        if not (_is_earlier(node.then, number) and _is_earlier(node.otherwise, number)):
            raise Unusable(f"node {number} of a diagram leads to no earlier one: {node}")
        if not 0 <= node.cell < len(diagram.cells):
            raise Unusable(f"node {number} of a diagram asks for no cell: {node}")
        allowed = domain(diagram.cells[node.cell].symbol.sort, problem.size_of)
        if not _are_some_of(node.values, allowed):
            raise Unusable(f"node {number} of a diagram has values that its cell cannot have: {node}")
    if not _is_earlier(diagram.root, len(diagram.nodes) + DecisionDiagram.FIRST):
        raise Unusable(f"a diagram begins at {diagram.root}, which is no node of it")


def _is_earlier(target: int, number: int) -> bool:
    return 0 <= target < number


def _are_some_of(values: Sequence[Value], allowed: range) -> bool:
    return all(value in allowed for value in values)
