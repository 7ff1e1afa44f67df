"""Runs into a trap, as answers: which states it consists of, as a formula, so that a run can be told as any
other that ends in such a state.

What is said of these is proved again: the formula holds where the run ends, no step leads out of it, and in
no state in which it holds what is wanted does. There may be other states that are traps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdxverify.answers.observers import Silent
from tdxverify.budget import STEPS_A_SECOND, Budget, LimitReached
from tdxverify.engines.finding import find
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Proved
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.logic.grounding import exactly
from tdxverify.logic.show import show_expression, told_formulas, written_name
from tdxverify.logic.sorts import show
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.telling.invariants import told_invariant
from tdxverify.telling.story import NoWay

WORK = 3 * STEPS_A_SECOND  # of solvers, to find out what holds in a trap whatever the parameters are


@dataclass(frozen=True, slots=True)
class Inside:
    """Is a state of one certain trap reached? `formulas` hold in all of its states, where that can be said;
    `is_general`: the trap is the same for all parameters for which they hold, and nothing more is asked."""

    problem: Problem
    formulas: tuple[Expr, ...]
    is_general: bool


def ending_in(asked: Question, problem: Problem, trap: Trap, budget: Budget) -> Inside:
    """The question to which the run into `trap` is an answer like any other, and no shorter one there."""
    trace, given = trap.trace, set(asked.spec.model.assumptions)
    same = tuple(exactly(problem.rigid_layout, trace.rigid))
    here = (*same, *exactly(problem.state_layout, trace.states[-1]))
    # With the parameters as open as the file leaves them, so that what is found says which of them it takes.
    open_ones = tuple(part for part in problem.assumptions if part in given)
    formulas = _closed(replace(trap.inside(problem), assumptions=open_ones, constraints=here), budget)
    if formulas:
        return Inside(_reaching(problem, formulas), formulas, is_general=True)
    inside = (*same, *trap.closed.formulas) if trap.closed.formulas else here
    return Inside(_reaching(problem, inside), trap.closed.formulas, is_general=False)


def _reaching(problem: Problem, formulas: tuple[Expr, ...]) -> Problem:
    states = core.conjunction(*formulas)
    return replace(problem, possible=None, bad=core.disjunction(problem.mistaken, states))


def _closed(inside: Problem, budget: Budget) -> tuple[Expr, ...]:
    """Formulas that no step leads out of; none where that was not found out soon."""
    try:
        found = find("pdr", inside, budget.working(WORK), Silent()).verdict
    except LimitReached:
        return ()
    return found.certificate.formulas if isinstance(found, Proved) else ()


def no_way(asked: Question, problem: Problem, trap: Trap, formulas: tuple[Expr, ...]) -> NoWay:
    """What is told of `trap`."""
    assert problem.possible is not None
    binders = problem.possible.binders
    names = {binder: written_name(binder) for binder in binders}
    elements = tuple(
        (names[binder], show(binder.sort, value))
        for binder, value in zip(binders, trap.elements, strict=True)
    )
    states = trap.closed.states if isinstance(trap.closed, Enumeration) else None
    always = told_invariant(asked.spec.model, asked.check, formulas) if formulas else told_formulas(())
    wanted = show_expression(problem.possible.wanted, names)
    return NoWay(wanted, elements, tuple(always), states)
