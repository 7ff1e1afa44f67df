"""Whether there is anything that a proof is about: an initial state, at one of some sizes.

The evaluator looks for one first; a solver is asked only where that takes long.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace

from tdxverify.budget import Budget, LimitReached
from tdxverify.evidence.base import Undecided
from tdxverify.logic.evaluate import Evaluator
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.assignments import InitialStates, rigid_valuations

_SECONDS = 0.5  # of looking, before the solver is asked


def has_start(problems: Iterable[Problem], limits: Budget) -> bool | Undecided:
    """Whether one of `problems` has an initial state. Raises LimitReached."""
    return next((found for problem in problems if (found := _has_start(problem, limits))), False)


def _has_start(problem: Problem, limits: Budget) -> bool | Undecided:
    brief = replace(limits, max_states=sys.maxsize).within(_SECONDS)
    evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
    initial = InitialStates(problem, evaluator)
    try:
        rigid_ones = rigid_valuations(problem, evaluator, brief)
        return any(True for rigid in rigid_ones for _ in initial.of(rigid, brief))
    except LimitReached:
        return _asked(problem, limits)


def _asked(problem: Problem, limits: Budget) -> bool | Undecided:
    from tdxverify.smt.checking_encoding import starts
    from tdxverify.smt.solver import GaveUp, Sat

    answer = starts(problem, limits.remaining_ms)
    if isinstance(answer, GaveUp):
        return Undecided(f"is there an initial state: {answer.reason}")
    return isinstance(answer, Sat)
