"""The one trace that every engine shows.

Among all shortest traces it is the lexicographically least: first by parameter values, then by initial
state, both in layout order, then step by step by the position of the action and its arguments. Found by
settling one unknown after another: a value that is the least possible already costs no query; runs of
cells are first tried at their least values all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

from tdxverify.budget import NotDecided
from tdxverify.logic.sorts import BoolSort, Sort, Value, domain
from tdxverify.semantics.trace import Trace
from tdxverify.smt.solver import GaveUp, Model, Sat
from tdxverify.smt.terms import Encoded, Term, is_signed, width_of
from tdxverify.smt.unroll import Unrolling
from tdxverify.smt.valuation import fixed_start

Unknown: TypeAlias = tuple[Encoded, Sort]


def canonical_trace(runs: Unrolling, found: Sat) -> Trace:
    """The least run of `runs` that ends bad, given `found`, the answer that there is one.

    What is settled on the way binds only this search: `runs` can be asked more afterwards. If a query gives
    up, the rest of the trace is as Z3 happened to choose it; it is a shortest one all the same.
    """
    settling = _Settling(runs, found.model)
    with suppress(NotDecided):
        settling.settle()
    return runs.trace(settling.model)


class _Settling:
    """`model` always satisfies everything settled so far."""

    def __init__(self, runs: Unrolling, model: Model) -> None:
        self.model = model
        self._runs = runs
        self._sizes = runs.problem.size_of
        self._settled = runs.literal("settled")

    def settle(self) -> None:
        problem, system = self._runs.problem, self._runs.system
        self._require(self._runs.bad(self._runs.depth))
        rigid = zip(system.before.rigid, problem.rigid_layout.cells, strict=True)
        self._settle_all([(term, cell.symbol.sort) for term, cell in rigid])
        start = zip(self._runs.states[0], problem.state_layout.cells, fixed_start(problem), strict=True)
        self._settle_all([(term, cell.symbol.sort) for term, cell, fixed in start if fixed is None])
        for inputs in self._runs.inputs:
            kind = self._minimise((inputs[0], system.inputs[0].sort))
            for place in system.assigned[kind]:
                self._minimise((inputs[place], system.inputs[place].sort))

    def _settle_all(self, unknowns: Sequence[Unknown]) -> None:
        """Minimise one after another, but first try many at once, fewer after every failure."""
        place, together = 0, len(unknowns)
        while place < len(unknowns):
            unknown = unknowns[place]
            if self._value(unknown) != self._least(unknown):
                ahead = unknowns[place : place + together]
                if len(ahead) == 1:
                    together = 2 if self._minimise(unknown) == self._least(unknown) else 1
                    place += 1
                    continue
                if not self._can_all_be_least(ahead):
                    together = len(ahead) // 2
                    continue
                together *= 2
            self._minimise(unknown)
            place += 1

    def _can_all_be_least(self, unknowns: Sequence[Unknown]) -> bool:
        terms = self._runs.terms
        return self._ask(
            terms.conjunction(
                terms.equal(term, self._least((term, sort)), sort, self._sizes) for term, sort in unknowns
            )
        )

    def _minimise(self, unknown: Unknown) -> Value:
        """Settle `unknown` at the least value it can have."""
        term, sort = unknown
        least, value = self._least(unknown), self._value(unknown)
        # Most often the model has the least possible value already: ask that first, then bisect.
        if value != least and self._ask(self._at_most(term, value - 1, sort)):
            value = self._value(unknown)
            while least < value:
                middle = (least + value) // 2
                if self._ask(self._at_most(term, middle, sort)):
                    value = self._value(unknown)
                else:
                    least = middle + 1
        self._require(self._runs.terms.equal(term, value, sort, self._sizes))
        return value

    def _require(self, fact: Encoded) -> None:
        """From now on `fact`, in this search."""
        self._runs.solver.add(self._runs.terms.implication(self._settled, fact))

    def _at_most(self, term: Term, value: Value, sort: Sort) -> Encoded:
        terms = self._runs.terms
        if isinstance(sort, BoolSort):
            return terms.negation(term)
        width = width_of(sort, self._sizes)
        return terms.less(term, value, width, signed=is_signed(sort), strict=False)

    def _least(self, unknown: Unknown) -> Value:
        return domain(unknown[1], self._sizes)[0]

    def _value(self, unknown: Unknown) -> Value:
        return self.model.value(*unknown)

    def _ask(self, question: Encoded) -> bool:
        """Whether `question` can hold with all that is settled; if so `model` becomes one where it does."""
        literal = self._runs.literal("question")
        self._runs.solver.add(self._runs.terms.implication(literal, question))
        answer = self._runs.solver.check((self._settled, literal))
        if isinstance(answer, GaveUp):
            raise NotDecided(answer.reason)
        if isinstance(answer, Sat):
            self.model = answer.model
            return True
        return False
