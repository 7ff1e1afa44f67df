"""Promises and fairness for made-up problems, and whether a promise is broken, by looking at all states.

Nothing here knows how loops are searched for: the graph of all states is taken apart into its strongly
connected components, again and again where a strong condition of fairness takes states away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any, TypeAlias

import networkx as nx

from tdxverify.budget import UNLIMITED
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, Role, Symbol
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import RangeSort, domain
from tdxverify.model.fair import Fairness, FairPart
from tdxverify.model.model import InitialValue, Write
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step
from tests.building import action
from tests.building import problem as made
from tests.generated import INDEX_SORTS, Author, made_up

Node: TypeAlias = tuple[Valuation, Valuation, Valuation, bool]  # parameters, state, elements, open


@dataclass(frozen=True)
class Promised:
    problem: Problem
    promise: Promise
    fairness: tuple[Fairness, ...]


def promised(seed: int) -> Promised:
    """Something to be promised of a made-up problem, and up to two conditions of fairness."""
    random = Random(f"promised {seed}")
    problem = made_up(random.randint)
    author = Author(random.randint)
    author.sizes, author.symbols, author._names = problem.size_of, list(problem.symbols), 1000
    binders = tuple(author.bound(author.pick(INDEX_SORTS)) for _ in range(author.pick((0, 0, 1))))
    asked = None if author.maybe() else author.formula(binders, 1)
    kept = author.formula(binders, author.count(1, 2))
    fairness = [_fair(author, problem, n) for n in range(author.count(0, 2) if problem.actions else 0)]
    if author.maybe():
        problem = replace(problem, bad=FALSE, range_monitor=None)
    return Promised(problem, Promise(binders, asked, kept), tuple(fairness))


def _fair(author: Author, problem: Problem, number: int) -> Fairness:
    first, second = author.pick(problem.actions), author.pick(problem.actions)
    shown = first.parameters[: len(first.parameters) - first.hidden] if author.maybe() else ()
    binders = tuple(Bound(f"{one.name} of fair {number}", one.sort) for one in shown)
    same = (core.equal(one, other) for one, other in zip(shown, binders, strict=True))
    parts = [FairPart(first.name, core.conjunction(*same))]
    if second.name != first.name and author.maybe():
        parts.append(FairPart(second.name, TRUE))
    return Fairness(f"fair {number}", author.maybe(), binders, tuple(parts))


STATES, KINDS = (3, 6), (2, 5)  # of a table: how many states there are, and kinds of steps
TURNS = (None, False, False, True)  # of a kind of steps: not fair, fair, strongly fair


def tabled(seed: int) -> Promised:
    """One variable, and kinds of steps that lead from some of its values to others: as many ways round as
    there can be, so that some promises are kept because of who has turns."""
    random = Random(f"tabled {seed}")
    count = random.randint(*STATES)
    sort = RangeSort(0, count - 1)
    at = Symbol("at", Role.STATE, (), sort)

    def among(values: Iterable[int]) -> Expr:
        return core.disjunction(*(core.equal(core.Read(at), constant(value, sort)) for value in values))

    actions, fairness = [], []
    for number in range(random.randint(*KINDS)):
        leads = {source: random.randrange(count) for source in range(count) if random.random() < 0.4}
        name = f"go{number}"
        writes = (
            Write(at, (), (), among([source]), constant(target, sort)) for source, target in leads.items()
        )
        actions.append(action(name, among(leads), *writes))
        strong = random.choice(TURNS)
        if strong is not None:
            fairness.append(Fairness(name, strong, (), (FairPart(name, TRUE),)))
    problem = made(f"tabled {seed}", (InitialValue(at, (), (constant(0, sort),)),), actions, FALSE)
    some = among(value for value in range(count) if random.random() < 0.4)
    kept = among(value for value in range(1, count) if random.random() < 0.3)
    return Promised(problem, Promise((), random.choice((None, TRUE, some)), kept), tuple(fairness))


def is_broken(asked: Promised) -> bool:
    """Whether a bad state is reachable, or a fair run breaks the promise."""
    return _Graph(asked).is_broken()


def shortest(asked: Promised) -> tuple[int, int | None] | None:
    """How many steps before a loop begins that breaks the promise, and how many in it: the first as few as
    possible, then the second. Or how many to a bad state, and None, where a loop does not begin sooner."""
    return _Graph(asked).shortest()


class _Graph:
    def __init__(self, asked: Promised) -> None:
        self._asked = asked
        self._semantics = Semantics(asked.problem)
        sizes, evaluator = asked.problem.size_of, self._semantics.evaluator
        promise = asked.promise
        self._kept = evaluator.formula(promise.kept, promise.binders)
        self._premise = None if promise.asked is None else evaluator.formula(promise.asked, promise.binders)
        self._elements = list(product(*(domain(b.sort, sizes) for b in promise.binders)))
        self._instances = [
            (fair, values)
            for fair in asked.fairness
            for values in product(*(domain(b.sort, sizes) for b in fair.binders))
        ]
        self._belonging = {
            (fair.name, part.action): evaluator.formula(
                part.condition, (*fair.binders, *asked.problem.action_named[part.action].parameters)
            )
            for fair in asked.fairness
            for part in fair.parts
        }
        self._possible: dict[tuple[str, Valuation, Valuation, Valuation], bool] = {}

    def _is_open(self, rigid: Valuation, state: Valuation, elements: Valuation, waiting: bool) -> bool:
        asked = self._premise is not None and bool(self._premise(rigid, state, elements))
        return (waiting or asked) and not self._kept(rigid, state, elements)

    def _starts(self) -> Iterator[Node]:
        for rigid in self._semantics.rigid_valuations(UNLIMITED):
            for state in self._semantics.initial_states(rigid, UNLIMITED):
                for elements in self._elements:
                    waiting = self._is_open(rigid, state, elements, self._premise is None)
                    yield rigid, state, elements, waiting

    def _steps(self, rigid: Valuation, state: Valuation) -> Iterator[tuple[Step, Valuation]]:
        """All, with every value of hidden parameters."""
        for moves in self._semantics.moves:
            for arguments in product(*moves.arguments):
                after = self._semantics.after(moves.action.name, rigid, state, arguments)
                if after is not None:
                    yield Step(moves.action.name, arguments), after

    def _reached(self) -> list[Node]:
        waiting = list(self._starts())
        known = set(waiting)
        while waiting:
            rigid, state, elements, was_open = waiting.pop()
            for _, after in self._steps(rigid, state):
                node = rigid, after, elements, self._is_open(rigid, after, elements, was_open)
                if node not in known:
                    known.add(node)
                    waiting.append(node)
        return list(known)

    def shortest(self) -> tuple[int, int | None] | None:
        """By looking at all ways, those with fewer steps first."""
        layer, known, depth = set(self._starts()), set[Node](), 0
        while layer:
            if any(self._semantics.is_bad(rigid, state) for rigid, state, _, _ in layer):
                return depth, None
            rounds = (self._round(node) for node in layer if node[3])
            lengths = [length for length in rounds if length is not None]
            if lengths:
                return depth, min(lengths)
            known |= layer
            layer = {after for node in layer for _, after in self._onward(node)} - known
            depth += 1
        return None

    def _onward(self, node: Node) -> Iterator[tuple[Step, Node]]:
        rigid, state, elements, was_open = node
        for step, after in self._steps(rigid, state):
            yield step, (rigid, after, elements, self._is_open(rigid, after, elements, was_open))

    def _round(self, first: Node) -> int | None:
        """The least number of steps fairly back to `first`, always open and never bad."""
        count = range(len(self._instances))
        strong = {number for number in count if self._instances[number][0].strong}
        start = (first, frozenset[int](), self._can_be_in(first), self._can_be_in(first))
        layer, known, length = {start}, {start}, 0
        while layer:
            for node, had, ever, always in layer:
                if node == first and (strong & ever | always - strong) <= had:
                    return length
            following = set()
            for node, had, ever, always in layer:
                for step, after in self._onward(node):
                    if not after[3] or self._semantics.is_bad(after[0], after[1]):
                        continue
                    mine = {n for n in count if self._belongs(*self._instances[n], step, node)}
                    can = self._can_be_in(after)
                    following.add((after, had | mine, ever | can, always & can))
            layer = following - known
            known |= layer
            length += 1
        return None

    def _can_be_in(self, node: Node) -> frozenset[int]:
        return frozenset(n for n, one in enumerate(self._instances) if self._can(*one, node))

    def is_broken(self) -> bool:
        reached = self._reached()
        if any(self._semantics.is_bad(rigid, state) for rigid, state, _, _ in reached):
            return True
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(node for node in reached if node[3])
        for rigid, state, elements, is_open in list(graph):
            for step, after in self._steps(rigid, state):
                node = rigid, after, elements, self._is_open(rigid, after, elements, is_open)
                if node[3]:
                    graph.add_edge((rigid, state, elements, is_open), node, step=step)
        if any(not any(self._can(*one, node) for one in self._instances) for node in graph):
            return True  # it may stop there
        return self._goes_round(graph)

    def _goes_round(self, graph: Any) -> bool:
        waiting = [graph]
        while waiting:
            whole = waiting.pop()
            for members in nx.strongly_connected_components(whole):
                part = whole.subgraph(members)
                if part.number_of_edges() == 0:
                    continue
                left = self._left(part)
                if left is not None and len(left) == len(part):
                    return True
                if left:
                    waiting.append(part.subgraph(left).copy())
        return False

    def _left(self, part: Any) -> set[Node] | None:
        """The states of a component that a fair loop in it may have; None if there is none at all."""
        left = set(part)
        for fair, values in self._instances:
            edges = part.edges(data="step")
            if any(self._belongs(fair, values, step, before) for before, _, step in edges):
                continue
            possible = {node for node in part if self._can(fair, values, node)}
            if not fair.strong and len(possible) == len(part):
                return None
            if fair.strong:
                left -= possible
        return left

    def _belongs(self, fair: Fairness, values: Valuation, step: Step, node: Node) -> bool:
        condition = self._belonging.get((fair.name, step.action))
        return condition is not None and bool(condition(node[0], node[1], (*values, *step.arguments)))

    def _can(self, fair: Fairness, values: Valuation, node: Node) -> bool:
        key = fair.name, values, node[0], node[1]
        if key not in self._possible:
            steps = self._steps(node[0], node[1])
            self._possible[key] = any(self._belongs(fair, values, step, node) for step, _ in steps)
        return self._possible[key]
