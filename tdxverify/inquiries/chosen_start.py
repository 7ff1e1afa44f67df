"""What the start of a run has that another start may not have, and that decides what is said of the run."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.inquiries.shared_run import Shared
from tdxverify.inquiries.triggers import fires, some
from tdxverify.inquiries.ways import Pairs, chosen_so_far
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Role
from tdxverify.logic.grounding import constant
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import show
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.steps import declared_values
from tdxverify.semantics.trace import Step
from tdxverify.telling.relevance import Given, relevance
from tdxverify.telling.sufficient import Places


def chosen(asked: Question, problem: Problem, shared: Shared, made: Problem, last: Step) -> Pairs:
    """Values of parameters, constants and cells that `problem`, that of `asked`, can start with, as `shared`
    has them: from every start with all of them its steps are possible, and `last`, the next one, is possible
    or not as it is there; it is a step of `made`, in which less is asked. What the check itself fixes is
    left out.
    """
    if not shared.possible:
        ended = replace(problem, possible=None, bad=core.negation(_can_come(problem, made, last)))
        found = relevance(ended, shared.trace, Given.by(asked.spec.model))
        if found.is_certain:
            return _named(problem, shared, found.needed | found.perhaps)
    names = {last.action, *(step.action for step in shared.trace.steps)}
    actions = tuple(action for action in problem.actions if action.name in names)
    # All guards count, and where a step leads elsewhere also what it assigns to what the question is about.
    # One that always holds must not hide the others.
    guards = (guard for guard in map(fires, actions) if guard != core.TRUE)
    deciding = core.disjunction(problem.bad, *guards)
    start = replace(shared.trace, states=shared.trace.states[:1], steps=())
    other = chosen_so_far(asked, replace(problem, actions=actions, bad=deciding), start)
    return (*other.values, *other.start)


def _can_come(problem: Problem, made: Problem, step: Step) -> Expr:
    """A state of `problem` in which the action of `step`, one of `made`, is possible for what is given to it,
    whatever it chooses."""
    action = problem.action_named[step.action]
    values = declared_values(made.action_named[step.action], step.arguments)
    pairs = zip(action.parameters, values.values(), strict=False)  # those that are chosen come last
    given: dict[Bound, Expr] = {one: constant(value, one.sort) for one, value in pairs}
    return some(action.parameters, core.substitute(action.guard, given))


def _named(problem: Problem, shared: Shared, places: Places) -> Pairs:
    layouts = (problem.rigid_layout, shared.trace.rigid), (problem.state_layout, shared.trace.states[0])
    roles = (Role.RIGID, Role.STATE)
    return tuple(
        (show_cell(cell), show(cell.symbol.sort, value))
        for role, (layout, values) in zip(roles, layouts, strict=True)
        for position, (cell, value) in enumerate(zip(layout.cells, values, strict=True))
        if Place(role, position) in places
    )
