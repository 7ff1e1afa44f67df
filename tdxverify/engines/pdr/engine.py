"""The engine `pdr`: IC3/PDR on a problem with its sizes fixed.

A proof is an inductive invariant, one quantified formula per orbit of lemmas. A counterexample that
PDR finds need not be the shortest: it is handed to bounded search, which answers every depth up to
its length.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from tdxverify.budget import Budget, NotDecided, TooLarge, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines import bmc
from tdxverify.engines.base import Observer
from tdxverify.engines.pdr.cubes import CellTable
from tdxverify.engines.pdr.loop import Counterexample, GivenUp, Inductive, search
from tdxverify.engines.pdr.readback import reading
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Unknown, Vacuous, Verdict
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.frame_queries import RelativeInduction

NAME = "pdr"


def run(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
    """Decide `problem` at its sizes."""
    table = CellTable(problem)
    try:
        found = find(problem, table, budget, observer)
    except NotDecided as error:
        return (
            Unknown(Why.TIMEOUT, None) if budget.expired() else Unknown(Why.SOLVER_GAVE_UP, None, str(error))
        )
    except TooLarge as error:
        return Unknown(Why.STATE_SPACE, None, str(error))
    match found:
        case Inductive(lemmas=lemmas):
            formulas = (reading(table, lemma, distinct=True) for lemma in lemmas)
            return Proved(Invariant(tuple(formulas), any_size=False))
        case Counterexample(length=length):
            return shortest(problem, length, budget, observer)
        case GivenUp(why=why, clean_through=clean_through):
            return Unknown(why, clean_through)
        case Vacuous():
            return found
        case _:
            assert_never(found)


def find(
    problem: Problem, table: CellTable, budget: Budget, observer: Observer
) -> Inductive | Counterexample | GivenUp | Vacuous:
    """The search itself. Raises NotDecided and TooLarge."""
    queries = RelativeInduction(problem, budget.allowance)
    if not queries.has_parameters():
        return Vacuous("no values of the parameters are allowed")
    if not queries.has_initial_state():
        return Vacuous("no state satisfies what is said about the initial state")
    if queries.initially_bad():
        return Counterexample(0)
    return search(queries, table, budget, observer)


def shortest(problem: Problem, length: int, budget: Budget, observer: Observer) -> Verdict:
    """The shortest trace, given that there is one of at most `length` steps."""
    verdict = bmc.run(problem, replace(budget, bound=length), observer)
    if isinstance(verdict, Unknown) and verdict.why in (Why.BOUND_REACHED, Why.RUNS_END):
        bundle = {"problem": repr(problem), "length": str(length)}
        raise InternalError("pdr found a counterexample that bounded search does not find", bundle)
    return verdict
