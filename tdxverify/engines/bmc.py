"""Bounded search: is a bad state reachable in exactly 0, 1, 2, ... steps?

Biere, Cimatti, Clarke and Zhu, "Symbolic model checking without BDDs", TACAS 1999. Every depth needs a
definite answer before the next is asked, hence a trace found is shortest, and `clean_through` never moves
past a question that the solver gave up. That no bad state was found is never a proof here, not even where
the last step turns out to be the last possible one: there is no certificate for it.
"""

from __future__ import annotations

from functools import cached_property
from typing import assert_never

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.engines.base import Observer
from tdxverify.evidence.verdict import Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.counting import counted
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.canonical import canonical_trace
from tdxverify.smt.solver import GaveUp, Sat, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.unroll import Unrolling

NAME = "bmc"


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Search depths 0 to `budget.bound`. Never Proved."""
    search = BoundedSearch(problem, budget)
    try:
        while not search.is_finished:
            observer.progress(NAME, f"depth {search.depth}")
            verdict = search.advance()
            if verdict is not None:
                return verdict
    except LimitReached as reached:
        return Unknown(reached.why, search.clean_through, reached.detail)
    return search.finished()


class BoundedSearch:
    """A bounded search that can be taken one depth at a time, and taken up again after a give-up.

    `clean_through` is the largest depth through which every depth is known to be clean, None if none is.
    `longest` is the length of the longest run there is, once that is known.
    """

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self.clean_through: int | None = None
        self.longest: int | None = None
        self._problem = problem
        self._budget = budget
        self._limits = budget
        self._runs: Unrolling | None = None

    @cached_property
    def system(self) -> SymbolicSystem:
        """The encoded problem, for other searches as well."""
        return SymbolicSystem.of(self._problem)

    @property
    def depth(self) -> int:
        """The depth that `advance` will ask about."""
        return 0 if self.clean_through is None else self.clean_through + 1

    @property
    def is_finished(self) -> bool:
        """Whether every depth up to the bound is known to be clean."""
        return self.longest is not None or self.depth > self._budget.bound

    def advance(self, limits: Budget | None = None) -> Verdict | None:
        """Ask about `depth`. None: it is clean. Unknown: no answer, and it may be asked again.

        `limits` takes the place of the budget's time limits for this question.
        """
        self._limits = limits or self._budget
        if self._limits.expired():
            return self._unknown(Why.TIMEOUT)
        if self._runs is None:
            runs = Unrolling(self.system, lambda: self._limits.allowance(), initialised=True)
            answer = runs.exists()
            if isinstance(answer, Unsat):
                return Vacuous(self._contradiction())
            if isinstance(answer, GaveUp):
                return self._gave_up(answer)
            self._runs = runs
        while self._runs.depth < self.depth:
            self._runs.require_good(self._runs.depth)
            self._runs.extend()
        return self._decide(self._runs)

    def _contradiction(self) -> str:
        """Why there is no initial state, as far as that is easily told."""
        anywhere = Unrolling(self.system, self._limits.allowance, initialised=False).exists()
        match anywhere:
            case Unsat():
                return "no values of the parameters are allowed"
            case Sat():
                return "no state satisfies what is said about the initial state"
            case GaveUp():
                return "the assumptions and what is said about the initial state contradict one another"
            case _:
                assert_never(anywhere)

    def finished(self) -> Unknown:
        """The verdict of a finished search."""
        if self.longest is None:
            return self._unknown(Why.BOUND_REACHED)
        told = (
            f"no run is longer than {counted(self.longest, 'step')}"
            if self.longest
            else "no run takes a step"
        )
        return Unknown(Why.RUNS_END, self.clean_through, told, self.longest)

    def _decide(self, runs: Unrolling) -> Verdict | None:
        answer = runs.ends_bad()
        match answer:
            case Sat():
                return Refuted(canonical_trace(runs, answer))
            case Unsat(outright=outright):
                self.clean_through = self.depth
                if outright:
                    # Not one run of this length: whatever is longer is clean as well.
                    self.longest = runs.depth - 1
                    self.clean_through = max(runs.depth, self._budget.bound)
                return None
            case GaveUp():
                return self._gave_up(answer)
            case _:
                assert_never(answer)

    def _gave_up(self, answer: GaveUp) -> Unknown:
        if self._limits.expired():
            return self._unknown(Why.TIMEOUT)
        return self._unknown(Why.SOLVER_GAVE_UP, f"at depth {self.depth}: {answer.reason}")

    def _unknown(self, why: Why, detail: str = "") -> Unknown:
        return Unknown(why, self.clean_through, detail)
