"""Bounded search beside a search for lemmas that takes long: a long trace is often found at once.

Work is counted, in steps of solvers, so that the same is found on every machine. Nothing is asked before the
other search has taken some, and from then on no more than a share of what it takes.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.budget import Budget, Work
from tdxverify.engines.bmc import BoundedSearch
from tdxverify.engines.pdr.loop import Counterexample
from tdxverify.evidence.verdict import Refuted
from tdxverify.questions.problems.problem import Problem

LONG = 2_000_000  # steps of the other search before this one begins: most need a tenth of it
AHEAD = 1_500_000  # steps that are taken then
SHARE = 4  # and from then on, one for so many of the other


class Beside:
    """A bounded search in `problem` that goes on whenever it is asked."""

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self._search = BoundedSearch(problem, budget)
        self._budget = budget
        self._taken = 0

    def ends(self, other: int) -> Counterexample | None:
        """A shortest trace, once one is found; `other`: the steps that the other search took."""
        allowed = AHEAD + other // SHARE - self._taken
        if other < LONG or allowed <= 0:
            return None
        work = Work(allowed, self._budget.work)
        limits = replace(self._budget, work=work)
        found = None
        while found is None and not self._search.is_finished and not limits.expired():
            found = self._search.advance(limits)
        self._taken += allowed - work.left
        return Counterexample(len(found.trace)) if isinstance(found, Refuted) else None
