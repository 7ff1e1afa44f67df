"""Whether what is wanted stays possible: all reachable states, and from where it holds back along all steps.

What has no way there is a trap. The nearest is the answer, or a value out of range if that is nearer.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.engines.explicit.reach import (
    Reached,
    Report,
    Start,
    explore,
    prepare,
    select_where,
    shortest_trace,
    vacuous,
)
from tdxverify.evidence.distances import Distances
from tdxverify.evidence.enumeration import ClosedSet, Enumeration
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.logic.expr import Expr
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.questions.problems.plans import for_elements, possibility_of, target, without_plans
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

_BATCH = 4096  # states between two looks at the clock


def run(problem: Problem, budget: Budget, report: Report, deepest: int | None = None) -> Verdict:
    """Requires: `problem` asks what stays possible. Beyond `deepest` steps, what is found is Unknown."""
    plain = without_plans(problem)
    try:
        budget.check_time()
        semantics = Semantics(plain, budget)
        start = prepare(plain, semantics, budget)
        if not start.initial:
            return vacuous(start)
        found = explore(start, budget, report)
        if found.stopped is not None:
            raise found.stopped
        return _Decided(problem, semantics, start, found, budget).verdict(deepest)
    except LimitReached as reached:
        return Unknown(reached.why, None, reached.detail)


class _Decided:
    """All reachable states of `problem`, numbered as they were found."""

    def __init__(
        self, problem: Problem, semantics: Semantics, start: Start, found: Reached, budget: Budget
    ) -> None:
        self._problem = problem
        self._semantics = semantics
        self._start = start
        self._found = found
        self._budget = budget
        self._states = [state for level in found.levels for state in level]
        self._graph = _Graph.of(start, self._states, budget)
        self._farthest = 0

    def verdict(self, deepest: int | None) -> Verdict:
        mistaken = set(self._where(self._problem.mistaken))
        traps = {elements: self._trapped(elements) for elements in self._elements()}
        bad = mistaken.union(*traps.values())
        if not bad:
            return Proved(Distances(len(self._states), self._farthest), states=len(self._states))
        depth = next(n for n, level in enumerate(self._found.levels) if not bad.isdisjoint(level))
        if deepest is not None and depth > deepest:
            return Unknown(Why.BOUND_REACHED, depth - 1)
        nearest = sorted(bad.intersection(self._found.levels[depth]))
        reached = replace(self._found, levels=self._found.levels[: depth + 1], bad=nearest)
        trace = shortest_trace(self._problem, self._semantics, self._start, reached)
        end = self._start.system.packing.pack(trace.rigid, trace.states[-1])
        if end in mistaken:
            return Refuted(trace)
        elements = next(one for one, states in traps.items() if end in states)
        packing = self._start.system.packing
        inside = ClosedSet(packing, frozenset(self._graph.from_here(end)))
        return Refuted(trace, trap=Trap(trace, elements, Enumeration.of(inside)))

    def _elements(self) -> Iterator[Valuation]:
        binders = possibility_of(self._problem).binders
        return values_of(binders, self._problem.size_of)

    def _trapped(self, elements: Valuation) -> set[int]:
        """The states with no way to what is wanted for `elements`."""
        there = self._where(for_elements(self._problem, target(self._problem), elements))
        can, steps = self._graph.back_from(there, self._budget)
        self._farthest = max(self._farthest, steps)
        return {state for state, known in zip(self._states, can, strict=True) if not known}

    def _where(self, formula: Expr) -> list[int]:
        holding = select_where(without_plans(self._problem), formula, {})
        return [s for k in range(0, len(self._states), _BATCH) for s in holding(self._batch(k))]

    def _batch(self, first: int) -> list[int]:
        self._budget.check_time()
        return self._states[first : first + _BATCH]


@dataclass(frozen=True, slots=True)
class _Graph:
    """The steps into each state: those into number n come from `sources[first[n]:first[n + 1]]`."""

    states: list[int]
    numbers: dict[int, int]
    sources: array[int]
    targets: array[int]

    @staticmethod
    def of(start: Start, states: list[int], budget: Budget) -> _Graph:
        """Raises LimitReached."""
        numbers = {state: number for number, state in enumerate(states)}
        sources, targets = array("q"), array("q")
        connects = start.system.connect()
        for first in range(0, len(states), start.system.batch):
            budget.check_time()
            for connect in connects:
                connect(states[first : first + start.system.batch], numbers, sources, targets)
        return _Graph(states, numbers, sources, targets)

    def back_from(self, there: Iterable[int], budget: Budget) -> tuple[bytearray, int]:
        """For each state whether there is a way from it to one of `there`, and the most steps that takes."""
        first, into = _grouped(self.targets, self.sources, len(self.states))
        level = [self.numbers[state] for state in there]
        known = bytearray(len(self.states))
        for number in level:
            known[number] = 1
        steps = 0
        while level:
            budget.check_time()
            fresh = []
            for number in level:
                for source in into[first[number] : first[number + 1]]:
                    if not known[source]:
                        known[source] = 1
                        fresh.append(source)
            steps += bool(fresh)
            level = fresh
        return known, steps

    def from_here(self, state: int) -> Iterator[int]:
        """The states that can be reached from `state`, which is the first."""
        first, onward = _grouped(self.sources, self.targets, len(self.states))
        here = self.numbers[state]
        known, waiting = {here}, [here]
        while waiting:
            number = waiting.pop()
            yield self.states[number]
            fresh = set(onward[first[number] : first[number + 1]]) - known
            known |= fresh
            waiting += fresh


def _grouped(keys: array[int], values: array[int], groups: int) -> tuple[list[int], array[int]]:
    """`values` in the order of their `keys`, and where those of each key begin."""
    counts = [0] * (groups + 1)
    for key in keys:
        counts[key + 1] += 1
    first = list(accumulate(counts))
    place, found = first[:], array("q", bytes(8 * len(values)))
    for key, value in zip(keys, values, strict=True):
        found[place[key]] = value
        place[key] += 1
    return first, found
