"""Spaces of small problems, and sets in them listed state by state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from tdxverify.engines.bdd.backend import Manager, Node
from tdxverify.engines.bdd.ordering import order_of
from tdxverify.engines.bdd.space import Space
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

Pair = tuple[Valuation, Valuation]
MOST_STATES = 3_000


def space_of(problem: Problem, *, plain: bool = False) -> Space:
    return Space(problem, Manager(plain=plain), order_of(problem))


def is_small(problem: Problem) -> bool:
    cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
    return prod(len(domain(cell.symbol.sort, problem.size_of)) for cell in cells) <= MOST_STATES


def all_pairs(problem: Problem) -> Iterator[Pair]:
    """Every typed state with every typed parameter valuation."""
    layouts = problem.rigid_layout, problem.state_layout
    domains = [[domain(c.symbol.sort, problem.size_of) for c in layout.cells] for layout in layouts]
    for rigid in product(*domains[0]):
        for state in product(*domains[1]):
            yield rigid, state


def holds(space: Space, node: Node, pair: Pair) -> bool:
    """Asked of `dd` itself, by substitution."""
    bits: dict[str, bool] = {}
    for variables, value in zip(space.cells, (*pair[0], *pair[1]), strict=True):
        bits |= variables.bits_of(value)
    left = space.manager.fixed(bits, node)
    assert left in (space.manager.true, space.manager.false)
    return bool(left == space.manager.true)


def members(space: Space, node: Node) -> set[Pair]:
    return {pair for pair in all_pairs(space.problem) if holds(space, node, pair)}


def assumed(problem: Problem) -> list[Pair]:
    """The typed states, for parameter values that the assumptions allow."""
    semantics = Semantics(problem)
    return [pair for pair in all_pairs(problem) if semantics.assumed(pair[0])]


def set_of(space: Space, pairs: Iterator[Pair] | set[Pair] | list[Pair]) -> Node:
    manager = space.manager
    return manager.any_of(
        manager.all_of(
            variables.now[value] for variables, value in zip(space.cells, (*rigid, *state), strict=True)
        )
        for rigid, state in pairs
    )
