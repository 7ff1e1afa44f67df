"""Small changes to decision diagrams, and whether the result is an invariant: by looking at every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from tdxverify.evidence.diagram import Branch, DecisionDiagram
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics


def in_diagram(problem: Problem, diagram: DecisionDiagram, pair: tuple[Valuation, Valuation]) -> bool:
    cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
    values = dict(zip(cells, (*pair[0], *pair[1]), strict=True))
    at = diagram.root
    while at >= DecisionDiagram.FIRST:
        node = diagram.nodes[at - DecisionDiagram.FIRST]
        at = node.then if values[diagram.cells[node.cell]] in node.values else node.otherwise
    return at == DecisionDiagram.IN


def is_inductive(problem: Problem, diagram: DecisionDiagram) -> bool:
    """By the definition: every initial state is in it, no step leads out, no bad state is in it."""
    semantics = Semantics(problem)
    layouts = problem.rigid_layout, problem.state_layout
    domains = [[domain(c.symbol.sort, problem.size_of) for c in layout.cells] for layout in layouts]
    for rigid in filter(semantics.assumed, product(*domains[0])):
        inside = {s for s in product(*domains[1]) if in_diagram(problem, diagram, (rigid, s))}
        for state in product(*domains[1]):
            if state not in inside and semantics.is_initial(rigid, state):
                return False
        for state in inside:
            if semantics.is_bad(rigid, state):
                return False
            if any(after not in inside for _, after in semantics.successors(rigid, state)):
                return False
    return True


def mutants(problem: Problem, diagram: DecisionDiagram) -> Iterator[tuple[str, DecisionDiagram]]:
    """Diagrams that differ in one place, each with what was done to it."""
    for root in range(diagram.root):
        yield f"begins at {root}", replace(diagram, root=root)
    for place, node in enumerate(diagram.nodes):
        allowed = domain(diagram.cells[node.cell].symbol.sort, problem.size_of)
        for what, changed in _changes(node, place, allowed):
            nodes = (*diagram.nodes[:place], changed, *diagram.nodes[place + 1 :])
            yield f"node {place}: {what}", replace(diagram, nodes=nodes)
    for number, cell in enumerate(diagram.cells):
        for other in range(number):
            if cell.symbol.sort == diagram.cells[other].symbol.sort:
                cells = list(diagram.cells)
                cells[number], cells[other] = cells[other], cells[number]
                yield f"cells {number} and {other} swapped", replace(diagram, cells=tuple(cells))


def _changes(node: Branch, place: int, allowed: range) -> Iterator[tuple[str, Branch]]:
    yield "branches swapped", replace(node, then=node.otherwise, otherwise=node.then)
    yield "one branch", replace(node, then=node.otherwise)
    yield "the other branch", replace(node, otherwise=node.then)
    for terminal in (DecisionDiagram.OUT, DecisionDiagram.IN):
        yield f"then {terminal}", replace(node, then=terminal)
        yield f"otherwise {terminal}", replace(node, otherwise=terminal)
    if place:
        yield "then its neighbour", replace(node, then=place - 1 + DecisionDiagram.FIRST)
    for value in allowed:
        values = tuple(v for v in allowed if (v in node.values) != (v == value))
        yield f"value {value}", replace(node, values=values)
