"""What a trace depends on: the parameters and initial values without which it would not be a run.

A value matters if the same steps, taken from a start in which it alone is different, are not all
possible or do not end in a bad state. Everything is tried out with the evaluator; nothing is
guessed from the text of the formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace

MOST_TRIALS = 2_000  # runs tried out for one trace; beyond it, what is left counts as not mattering
MOST_VALUES = 4  # other values tried per cell


@dataclass(frozen=True, slots=True)
class Relevance:
    """Positions in the rigid and the state layout whose (initial) value matters."""

    rigid: frozenset[int]
    initial: frozenset[int]


def relevance(problem: Problem, trace: Trace) -> Relevance:
    """Requires: `trace` is a run of `problem` that ends in a bad state."""
    return _Trials(problem, trace).relevance()


class _Trials:
    def __init__(self, problem: Problem, trace: Trace) -> None:
        self._problem = problem
        self._trace = trace
        self._semantics = Semantics(problem)
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

    def _runs(self, rigid: Valuation, first: Valuation) -> bool:
        """Whether the trace's steps are possible from there and end in a bad state."""
        found = run(self._semantics, rigid, first, self._trace.steps)
        return isinstance(found, Trace) and self._semantics.is_bad(rigid, found.states[-1])
