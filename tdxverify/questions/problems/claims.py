"""What a problem claims of every state, part by part."""

from __future__ import annotations

from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Bound, Expr, Quantified
from tdxverify.model.effects import after
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem


def claims(problem: Problem) -> tuple[Expr, ...]:
    """Closed formulas that hold together exactly in the states that are not bad; none of them is TRUE."""
    denied = (core.negation(way) for way in core.disjuncts(problem.bad))
    return tuple(dict.fromkeys(part for one in denied for part in core.conjuncts(one) if part != TRUE))


def next_steps(problem: Problem) -> tuple[Expr, ...]:
    """Closed formulas: whatever step comes next, each of the claims holds behind it."""
    found = (
        _behind(action, claim)
        for claim in claims(problem)
        for action in problem.actions
        if not core.names_of(claim).isdisjoint(write.symbol.name for write in action.writes)
    )
    return tuple(dict.fromkeys(one for one in found if one != TRUE))


def _behind(action: Action, claim: Expr) -> Expr:
    """Wherever `action` is possible, `claim` holds behind it."""
    body = core.implication(action.guard, after(action.writes, claim))
    return _apart(core.quantified(action.parameters, body, universal=True))


def _apart(expr: Expr) -> Expr:
    """The same with other variables than those of actions, so that nothing is captured where it is
    put together with the action it was made of."""
    match expr:
        case Bound(name=name, sort=sort):
            return Bound(f"{name}$next", sort)
        case Quantified(binders=binders, body=body, universal=universal):
            others = tuple(Bound(f"{one.name}$next", one.sort) for one in binders)
            return core.quantified(others, _apart(body), universal=universal)
        case _:
            return core.rebuild(expr, tuple(map(_apart, core.children(expr))))
