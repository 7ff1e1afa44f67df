"""k-induction with simple paths.

Sheeran, Singh and Stålmarck, "Checking safety properties using induction and a SAT-solver", FMCAD 2000.
The base is bounded search; the step asks whether k good states in a row can be followed by a bad one, from
any typed state that the assumptions allow. That the states of such a path are pairwise different is
required only where a counterexample repeats a state: on the common model with 64 lines the full set of
disequations, k * (k + 1) / 2 of them over 260 cells, costs more than it saves, and most proofs never
need one.

The base runs ahead for a few depths, since many refutations are short; then base and step take turns. All
step queries together may take three seconds more than twice the time of the base, so that a hard step never
keeps a refutation waiting; where the base has come to its end and a step was cut short, the largest k is
asked once more without that limit, which decides every smaller k as well. A base that gave up ends the run:
no proof is possible past a hole.
"""

from __future__ import annotations

from time import monotonic
from typing import assert_never

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.engines.base import Observer
from tdxverify.engines.bmc import BoundedSearch
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Unknown, Verdict
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.solver import GaveUp, Sat, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.unroll import Unrolling

NAME = "k-induction"

_LEAD = 5  # depths
_LEAD_SECONDS = 0.5
_HEAD_START = 3.0  # seconds


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Prove with some k up to `budget.bound` + 1, or refute at a depth up to `budget.bound`."""
    return Induction(problem, budget, observer).run(budget.bound + 1, budget, patient=True)


class Induction:
    """One attempt at a proof; `run` can be called again with a larger k to go on where it ended."""

    def __init__(self, problem: Problem, budget: Budget, observer: Observer) -> None:
        self.base = BoundedSearch(problem, budget)
        self._limits = budget
        self._observer = observer
        self._step: _Step | None = None
        self._base_seconds = 0.0
        self._step_seconds = 0.0
        self._cut_short = False
        self._next = 1  # no smaller k proves it, as far as step queries were answered

    def run(self, largest: int, limits: Budget, *, patient: bool) -> Verdict:
        """Try every k up to `largest` within the time that `limits` allow.

        Not `patient`: leave it at that if a step query was cut short.
        """
        self._limits = limits
        try:
            return self._run(largest, patient=patient)
        except LimitReached as reached:
            return Unknown(reached.why, self.base.clean_through, reached.detail)

    def _run(self, largest: int, *, patient: bool) -> Verdict:
        if self._next == 1:
            verdict = self._lead(min(_LEAD, largest - 1))
            if verdict is not None:
                return verdict
        while self._next <= largest:
            k = self._next
            self._observer.progress(NAME, f"k = {k}")
            verdict = self._base_through(k - 1) or self._proof(k)
            if verdict is not None:
                return verdict
            self._next += 1
        if self._cut_short and patient:
            verdict = self._proof(largest, patient=True)
            if verdict is not None:
                return verdict
        return self._nothing_found(largest)

    def _lead(self, depth: int) -> Verdict | None:
        """Let the base run ahead to `depth`, unless it is slow."""
        for ahead in range(depth + 1):
            self._observer.progress(NAME, f"depth {ahead}")
            verdict = self._base_through(ahead)
            if verdict is not None or self._base_seconds > _LEAD_SECONDS:
                return verdict
        return None

    def _base_through(self, depth: int) -> Verdict | None:
        """None once every depth up to `depth` is clean."""
        began = monotonic()
        verdict = None
        while verdict is None and self.base.depth <= depth and self.base.longest is None:
            verdict = self.base.advance(self._limits)
        self._base_seconds += monotonic() - began
        return verdict

    def _proof(self, k: int, *, patient: bool = False) -> Verdict | None:
        """Proved if k is enough. Requires that the base is clean through k - 1."""
        if self._limits.expired():
            return Unknown(Why.TIMEOUT, self.base.clean_through)
        if self._step is None:
            self._step = _Step(self.base.system)
        began = monotonic()
        answer = self._step.fails(k, self._step_limit(patient=patient))
        self._step_seconds += monotonic() - began
        match answer:
            case Unsat():
                return Proved(KInductive(k, self._step.simple_path))
            case Sat():
                self._cut_short = False
            case GaveUp():
                self._cut_short = True
            case _:
                assert_never(answer)
        return None

    def _step_limit(self, *, patient: bool) -> Budget:
        if patient or self.base.is_finished:
            return self._limits
        allowed = _HEAD_START + 2 * self._base_seconds - self._step_seconds
        own = max(1, int(1000 * allowed))
        if self._limits.query_ms is not None:
            own = min(own, self._limits.query_ms)
        return Budget(deadline=self._limits.deadline, query_ms=own)

    def _nothing_found(self, largest: int) -> Unknown:
        if self._limits.expired():
            return Unknown(Why.TIMEOUT, self.base.clean_through)
        if self._cut_short:
            return Unknown(Why.SOLVER_GAVE_UP, self.base.clean_through, f"in the step case for k = {largest}")
        return Unknown(Why.BOUND_REACHED, self.base.clean_through, f"not k-inductive up to k = {largest}")


class _Step:
    """The step case: runs of any typed states, all but the last of them good."""

    def __init__(self, system: SymbolicSystem) -> None:
        self._limit = Budget()
        self._runs = Unrolling(system, lambda: self._limit.allowance(), initialised=False)
        self.simple_path = False

    def fails(self, k: int, limit: Budget) -> Sat | Unsat | GaveUp:
        """Is there a path of k good states (pairwise different if `simple_path`) with a bad one behind?"""
        self._limit = limit
        while self._runs.depth < k:
            self._runs.require_good(self._runs.depth)
            self._runs.extend()
        while True:
            answer = self._runs.ends_bad()
            if not isinstance(answer, Sat):
                return answer
            repeated = self._runs.repeated(answer.model)
            if not repeated:
                return answer
            self.simple_path = True
            for one, other in repeated:
                self._runs.require_different(one, other)
