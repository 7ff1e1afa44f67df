"""A problem in which all elements are interchangeable, also those that have an order."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.logic import order
from tdxverify.logic.expr import FALSE, Expr
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.problems.problem import Problem


def with_any_order(problem: Problem) -> Problem:
    """The same question where the elements of ordered sorts come in any order, as a constant relation says.

    It has the same runs but for the names of elements: for each of the old problem one for every way to put
    the elements in order. Of what actions do, only guards and writes are written anew.
    """
    sorts = sorted(problem.ordered_sorts)
    if not sorts:
        return problem
    opened, possible = order.opened, problem.possible
    symbols = [kind(sort) for sort in sorts for kind in (order.before, order.first)]
    axioms = [opened(axiom) for sort in sorts for axiom in order.axioms(sort)]
    return replace(
        problem,
        symbols=(*problem.symbols, *symbols),
        assumptions=(*axioms, *map(opened, problem.assumptions)),
        initial=tuple(map(_start, problem.initial)),
        constraints=tuple(map(opened, problem.constraints)),
        actions=tuple(map(_action, problem.actions)),
        bad=opened(problem.bad),
        possible=None if possible is None else replace(possible, wanted=opened(possible.wanted)),
        undefined=FALSE if problem.undefined == FALSE else opened(problem.undefined),
    )


def _start(start: InitialValue) -> InitialValue:
    choices = start.choices
    return start if choices is None else replace(start, choices=tuple(map(order.opened, choices)))


def _action(action: Action) -> Action:
    return replace(action, guard=order.opened(action.guard), writes=tuple(map(_write, action.writes)))


def _write(write: Write) -> Write:
    def all_of(parts: tuple[Expr, ...]) -> tuple[Expr, ...]:
        return tuple(map(order.opened, parts))

    condition, value = all_of((write.condition, write.value))
    return replace(write, condition=condition, value=value, indices=all_of(write.indices))
