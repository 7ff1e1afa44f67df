"""A question that a SAT solver cannot answer for a long time: more pigeons than holes."""

from __future__ import annotations

from tdxverify.logic.expr import FALSE, Bound, equal, implication, quantified
from tdxverify.logic.sorts import IndexSort
from tdxverify.questions.problems.problem import Problem
from tests.building import problem, read, rigid

PIGEON, HOLE = IndexSort("Pigeon"), IndexSort("Hole")


def pigeons(holes: int) -> Problem:
    """Every pigeon in a hole of its own, with one pigeon too many: vacuous, and hard to see for a solver."""
    hole_of = rigid("hole_of", HOLE, PIGEON)
    one, other = Bound("p", PIGEON), Bound("q", PIGEON)
    apart = implication(equal(read(hole_of, one), read(hole_of, other)), equal(one, other))
    return problem(
        "pigeons",
        (),
        (),
        FALSE,
        sizes=((PIGEON, holes + 1), (HOLE, holes)),
        parameters=(hole_of,),
        assumptions=(quantified((one, other), apart, universal=True),),
    )
