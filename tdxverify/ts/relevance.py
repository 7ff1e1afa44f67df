"""What a trace depends on: the parameters and initial values without which it would not be a run.

A value matters if the same steps, taken from a start in which it alone is different, are not all
possible or do not end in a bad state. Everything is tried out with the evaluator; nothing is
guessed from the text of the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tdxverify.model.evaluate import Evaluator, Formula
from tdxverify.model.expr import Bound
from tdxverify.model.layout import Layout, Valuation
from tdxverify.model.model import Write
from tdxverify.model.sorts import Combinations, Value, domain
from tdxverify.results.trace import Trace
from tdxverify.ts.problem import Problem

MOST_TRIALS = 2_000  # runs tried out for one trace; beyond it, what is left counts as not mattering
MOST_VALUES = 4  # other values tried per cell


@dataclass(frozen=True, slots=True)
class Relevance:
    """Positions in the rigid and the state layout whose (initial) value matters."""

    rigid: frozenset[int]
    initial: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Write:
    positions: tuple[Formula, ...]
    base: int
    strides: tuple[int, ...]
    condition: Formula
    value: Formula
    choices: Combinations


@dataclass(frozen=True, slots=True)
class _Step:
    arguments: tuple[Value, ...]
    guard: Formula
    writes: tuple[_Write, ...]


def relevance(problem: Problem, trace: Trace) -> Relevance:
    """Requires: `trace` is a run of `problem` that ends in a bad state."""
    return _Trials(problem, trace).relevance()


class _Trials:
    def __init__(self, problem: Problem, trace: Trace) -> None:
        self._problem = problem
        self._trace = trace
        self._evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        self._bad = self._evaluator.formula(problem.bad)
        self._steps = [self._step(number) for number in range(len(trace.steps))]
        self._left = MOST_TRIALS

    def relevance(self) -> Relevance:
        rigid, start = self._trace.rigid, self._trace.states[0]
        parameters = self._mattering(self._problem.rigid_layout, rigid, lambda new: self._runs(new, start))
        initial = self._mattering(self._problem.state_layout, start, lambda new: self._runs(rigid, new))
        return Relevance(parameters, initial)

    def _mattering(
        self, layout: Layout, values: Valuation, runs: Callable[[Valuation], bool]
    ) -> frozenset[int]:
        found: set[int] = set()
        for position, cell in enumerate(layout.cells):
            others = [v for v in domain(cell.symbol.sort, self._problem.size_of) if v != values[position]]
            for other in others[:MOST_VALUES]:
                if self._left <= 0:
                    return frozenset(found)
                self._left -= 1
                if not runs((*values[:position], other, *values[position + 1 :])):
                    found.add(position)
                    break
        return frozenset(found)

    def _runs(self, rigid: Valuation, state: Valuation) -> bool:
        """Whether the trace's steps are possible from there and end in a bad state."""
        for step in self._steps:
            if not step.guard(rigid, state, step.arguments):
                return False
            state = self._after(step, rigid, state)
        return bool(self._bad(rigid, state, ()))

    def _after(self, step: _Step, rigid: Valuation, state: Valuation) -> Valuation:
        new = list(state)
        for write in step.writes:
            for choice in write.choices:
                bound = (*step.arguments, *choice)
                if write.condition(rigid, state, bound):
                    indices = (index(rigid, state, bound) for index in write.positions)
                    place = write.base + sum(i * s for i, s in zip(indices, write.strides, strict=True))
                    new[place] = write.value(rigid, state, bound)
        return tuple(new)

    def _step(self, number: int) -> _Step:
        step = self._trace.steps[number]
        action = self._problem.action_named[step.action]
        writes = tuple(self._write(write, action.parameters) for write in action.writes)
        return _Step(step.arguments, self._evaluator.formula(action.guard, action.parameters), writes)

    def _write(self, write: Write, parameters: Sequence[Bound]) -> _Write:
        bound = (*parameters, *write.binders)
        layout, name = self._problem.state_layout, write.symbol.name
        ranges = (domain(binder.sort, self._problem.size_of) for binder in write.binders)
        return _Write(
            tuple(self._evaluator.formula(index, bound) for index in write.indices),
            layout.offset[name],
            layout.strides[name],
            self._evaluator.formula(write.condition, bound),
            self._evaluator.formula(write.value, bound),
            Combinations(ranges),
        )
