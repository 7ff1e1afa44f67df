"""What is to stay possible in made-up problems, and the nearest state from which it is out of reach.

Nothing here knows how traps are searched for: all states are listed, and each is asked for all that can be
reached from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from typing import TypeAlias

import networkx as nx

from tdxverify.budget import UNLIMITED
from tdxverify.logic.expr import FALSE
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.kinds.kind import Possibility
from tdxverify.questions.problems.plans import possibly
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tests.generated import INDEX_SORTS, Author, made_up

Node: TypeAlias = tuple[Valuation, Valuation]  # parameters, state


def asked(seed: int) -> Problem:
    """A made-up problem, of which something is to stay possible; in some a value may leave its range."""
    random = Random(f"possible {seed}")
    problem = made_up(random.randint)
    author = Author(random.randint)
    author.sizes, author.symbols, author._names = problem.size_of, list(problem.symbols), 1000
    binders = tuple(author.bound(author.pick(INDEX_SORTS)) for _ in range(author.pick((0, 0, 1))))
    wanted = author.formula(binders, author.count(1, 2))
    problem = replace(problem, bad=problem.mistaken)
    if author.maybe():
        problem = replace(problem, bad=FALSE, range_monitor=None, undefined=FALSE)
    return possibly(problem, Possibility(binders, wanted))


def nearest_trap(problem: Problem) -> tuple[bool, int | None]:
    """Whether there is a state at all, and how many steps lead to the nearest from which something that is
    wanted is out of reach, or in which a value has left its range; None where there is none."""
    assert problem.possible is not None
    semantics = Semantics(problem)
    graph: nx.DiGraph[Node] = nx.DiGraph()
    starts = [
        (rigid, state)
        for rigid in semantics.rigid_valuations(UNLIMITED)
        for state in semantics.initial_states(rigid, UNLIMITED)
    ]
    waiting = list(starts)
    graph.add_nodes_from(starts)
    while waiting:
        node = waiting.pop()
        for after in _steps(semantics, *node):
            if (node[0], after) not in graph:
                waiting.append((node[0], after))
            graph.add_edge(node, (node[0], after))
    bad = set(_bad(problem, semantics, graph))
    lengths = nx.multi_source_dijkstra_path_length(graph, set(starts)) if starts else {}
    return bool(starts), min((round(lengths[node]) for node in bad), default=None)


def _steps(semantics: Semantics, rigid: Valuation, state: Valuation) -> Iterator[Valuation]:
    """To where all lead, with every value of hidden parameters."""
    for moves in semantics.moves:
        for arguments in product(*moves.arguments):
            after = semantics.after(moves.action.name, rigid, state, arguments)
            if after is not None:
                yield after


def _bad(problem: Problem, semantics: Semantics, graph: nx.DiGraph[Node]) -> Iterator[Node]:
    possible = problem.possible
    assert possible is not None
    mistaken = semantics.evaluator.formula(problem.mistaken)
    wrong = {node for node in graph if mistaken(*node, ())}
    yield from wrong
    wanted = semantics.evaluator.formula(possible.wanted, possible.binders)
    for elements in product(*(domain(b.sort, problem.size_of) for b in possible.binders)):
        there = wrong | {node for node in graph if wanted(*node, elements)}
        for node in graph:
            if node not in there and there.isdisjoint(nx.descendants(graph, node)):
                yield node
