"""Runs into a trap, as answers: which states it consists of, as a formula, so that a run can be told as any
other that ends in such a state.

What is said of these is proved again: the formula holds where the run ends, no step leads out of it, and in
no state in which it holds what is wanted does. There may be other states that are traps.
"""

from __future__ import annotations

from dataclasses import replace

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


def ending_in(problem: Problem, trap: Trap, budget: Budget) -> tuple[Problem, tuple[Expr, ...]]:
    """Is a state of this very trap reached? Its trace is the shortest there, too. And what holds in all of
    them, where that is more than that the run has come to its end."""
    trace = trap.trace
    here = (*exactly(problem.rigid_layout, trace.rigid), *exactly(problem.state_layout, trace.states[-1]))
    # With the parameters left open, so that what is found says which of them it takes.
    inside = replace(trap.inside(problem), assumptions=problem.assumptions, constraints=here)
    formulas = _closed(inside, budget)
    if not formulas and trap.closed.formulas:
        formulas = (*exactly(problem.rigid_layout, trace.rigid), *trap.closed.formulas)
    states = core.conjunction(*(formulas or here))
    return replace(problem, possible=None, bad=core.disjunction(problem.mistaken, states)), formulas


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
