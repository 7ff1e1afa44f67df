"""Is a bad state reached in fewer steps at other sizes? Bounded by the length that is known already."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tdxverify.budget import Budget, Why
from tdxverify.engines.auto import FEW_STATES, Decision, is_small
from tdxverify.engines.base import Observer
from tdxverify.evidence.verdict import Unknown, Verdict, is_clean
from tdxverify.questions.problems.problem import Problem


def decide_within(
    problem: Problem, most: int, budget: Budget, observer: Observer, *, with_solver: bool
) -> Decision:
    """A shortest trace of at most `most` steps; or a verdict for which `is_clean` says that there is none.

    States are enumerated where there are few; bounded search asks the solver for the rest if it may.
    """
    from tdxverify.engines import bmc
    from tdxverify.engines.explicit import engine as explicit

    if problem.possible is not None:
        return _possibly_within(problem, most, budget, observer, with_solver=with_solver)
    counted: Verdict = Unknown(Why.STATE_SPACE, None, "too many cells of state")
    if is_small(problem):
        few = replace(budget, max_states=min(FEW_STATES, budget.max_states))
        counted = explicit.run(problem, few, observer, deepest=most)
    if not with_solver or not isinstance(counted, Unknown) or is_clean(counted, most):
        return Decision(explicit.NAME, counted)
    return Decision(bmc.NAME, bmc.run(problem, replace(budget, bound=most), observer))


def _possibly_within(
    problem: Problem, most: int, budget: Budget, observer: Observer, *, with_solver: bool
) -> Decision:
    """The same of a trace into a trap: that one is a trap may take longer than to get there."""
    from tdxverify.engines import possible
    from tdxverify.engines.explicit import engine as explicit

    counted: Verdict = Unknown(Why.STATE_SPACE, None, "too many cells of state")
    if is_small(problem):
        few = replace(budget, max_states=min(FEW_STATES, budget.max_states))
        counted = explicit.run(problem, few, observer, deepest=most)
    if not with_solver or not isinstance(counted, Unknown) or is_clean(counted, most):
        return Decision(explicit.NAME, counted)
    near = partial(decide_within, with_solver=True)
    return possible.decide(problem, budget, observer, lambda one, *rest: near(one, most, *rest))
