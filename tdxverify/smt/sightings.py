"""Which of many formulas can hold after some number of steps? One unrolling for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from tdxverify.logic.expr import Expr
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.smt.solver import GaveUp, Limit, Sat, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.unroll import Unrolling


class Sightings:
    """Runs of `problem` from an initial state, and `formulas`, closed ones over one state.

    What is bad in `problem` plays no part.
    """

    def __init__(self, problem: Problem, formulas: Sequence[Expr], limit: Limit) -> None:
        self._runs = Unrolling(SymbolicSystem.of(problem), limit, initialised=True)
        encoder = self._runs.system.before.encoder
        self._facts = [encoder.encode(formula, {}) for formula in formulas]

    @property
    def depth(self) -> int:
        """Number of steps of the runs that are looked at."""
        return self._runs.depth

    def extend(self) -> None:
        """Look at runs that are one step longer."""
        self._runs.extend()

    def sighting(self, wanted: Iterable[int]) -> Trace | Unsat | GaveUp:
        """A run whose last state satisfies one of the formulas with the numbers `wanted`.

        Unsat is `outright` where there is no run of this length at all.
        """
        runs, terms = self._runs, self._runs.terms
        facts = [runs.said_of(self._facts[number], runs.depth) for number in wanted]
        literal = runs.literal("sighting")
        runs.solver.add(terms.implication(literal, terms.disjunction(facts)))
        answer = runs.solver.check((literal,))
        match answer:
            case Sat(model=model):
                return runs.trace(model)
            case Unsat() | GaveUp():
                return answer
            case _:
                assert_never(answer)
