"""The canonical trace: the least one, found with few queries, and what happens if queries give up."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.bmc import run
from tdxverify.engines.explicit.engine import run as enumerate_all
from tdxverify.evidence.replay import objection
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.expr import TRUE, Bound, conjunction, disjunction, equal, negation
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Step
from tdxverify.smt.solver import Answer, GaveUp, Solver, Term
from tests.building import action, every, number, problem, read, rigid, start, state, write
from tests.texts import Silent

LINE = IndexSort("Line")
line, other = Bound("l", LINE), Bound("m", LINE)


class Counted:
    """Counts the queries of all solvers; those from number `first` on are given up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, first: int | None = None) -> None:
        self.count = 0
        original = Solver.check

        def check(solver: Solver, assumptions: Iterable[Term] = ()) -> Answer:
            self.count += 1
            if first is not None and self.count >= first:
                return GaveUp("injected")
            return original(solver, assumptions)

        monkeypatch.setattr(Solver, "check", check)


def free_cells(lines: int) -> Problem:
    """Bad at once, with every cell free but one; a parameter that must not be least."""
    colour, marked = state("colour", RangeSort(-3, 12), LINE), state("marked", BOOL, LINE)
    limit = rigid("limit", RangeSort(0, 9))
    bad = conjunction(
        disjunction(*(equal(read(limit), number(n)) for n in (4, 7))),
        every(line, disjunction(read(marked, line), equal(read(colour, line), number(5)))),
    )
    return problem(
        "free_cells", (start(colour), start(marked)), (), bad, sizes=((LINE, lines),), parameters=(limit,)
    )


def test_least_values_in_layout_order() -> None:
    verdict = run(free_cells(3), Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert verdict.trace.rigid == (4,)
    assert verdict.trace.states == ((-3, -3, -3, 1, 1, 1),)


def test_free_cells_are_settled_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """400 unknowns of which 200 are forced away from their least value, by which the rest is explained."""
    queries = Counted(monkeypatch)
    verdict = run(free_cells(200), Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert verdict.trace.states == ((-3,) * 200 + (1,) * 200,)
    assert queries.count < 250


def test_unused_parameters_are_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all (c, l, m) that lead to a bad state, first by action, then by argument."""
    x = state("x", RangeSort(0, 3), LINE)
    spare = Bound("spare", RangeSort(2, 5))
    raised = write(x, number(3), line)
    actions = (
        action("never", negation(TRUE), parameters=(line,)),
        action("two", negation(equal(line, other)), raised, parameters=(spare, other, line), hidden=1),
        action("one", TRUE, raised, parameters=(line,)),
    )
    bad = equal(read(x, other), number(3))
    subject = problem("unused", (start(x, number(0)),), actions, every(other, bad), sizes=((LINE, 2),))
    verdict = run(subject, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert verdict.trace.steps == (Step("two", (2, 0, 1)), Step("two", (2, 1, 0)))
    assert verdict == enumerate_all(subject, Budget(), Silent())


def test_a_give_up_while_settling_keeps_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only which of the shortest traces is shown may depend on it."""
    subject = free_cells(3)
    Counted(monkeypatch, first=3)
    verdict = run(subject, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert objection(subject, verdict.trace) is None
