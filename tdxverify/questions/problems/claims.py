"""What a problem claims of every state, part by part."""

from __future__ import annotations

from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Expr
from tdxverify.questions.problems.problem import Problem


def claims(problem: Problem) -> tuple[Expr, ...]:
    """Closed formulas that hold together exactly in the states that are not bad; none of them is TRUE."""
    denied = (core.negation(way) for way in core.disjuncts(problem.bad))
    return tuple(dict.fromkeys(part for one in denied for part in core.conjuncts(one) if part != TRUE))
