"""Reachability by sets of states: is a bad state among those that steps lead to?

First all steps in turn are applied to everything reached so far, each to what the one before it has
found, until nothing is new. That is the reached set, and by far the fastest way to it: breadth-first
the sets in between tell apart how many steps were made, which is what makes their diagrams large. Only if
a bad state turns up is the search made again breadth-first, level by level, for how far away it is; and
from there backwards, for the trace.

After k rounds everything within k steps has been reached, so that many are clean.

Burch, Clarke, McMillan, Dill and Hwang, "Symbolic model checking: 10^20 states and beyond", Information
and Computation 98, 1992; Ravi and Somenzi, "High-density reachability analysis", ICCAD 1995.
"""

from __future__ import annotations

from collections.abc import Callable

from tdxverify.budget import TooLarge, Why
from tdxverify.engines.bdd.backend import Manager, Node
from tdxverify.engines.bdd.cover import clauses_of
from tdxverify.engines.bdd.ordering import order_of
from tdxverify.engines.bdd.relation import Steps
from tdxverify.engines.bdd.space import Space
from tdxverify.engines.bdd.table import count, table_of
from tdxverify.engines.bdd.tracing import least_trace
from tdxverify.evidence.diagram import DecisionDiagram
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.counting import counted
from tdxverify.questions.problems.problem import Problem

# Told what is being done, and how many steps are known to be clean.
Report = Callable[[str, int | None], None]


def search(problem: Problem, report: Report, *, plain: bool = False) -> Verdict:
    """Decide `problem` at its sizes. Takes as long as it takes. `plain`: without CUDD."""
    run = _Search(problem, report)
    try:
        return run.decide(Manager(plain=plain))
    except TooLarge as error:
        return Unknown(Why.STATE_SPACE, run.clean_through, str(error))


class _Search:
    def __init__(self, problem: Problem, report: Report) -> None:
        self._problem = problem
        self._report = report
        self.clean_through: int | None = None

    def decide(self, manager: Manager) -> Verdict:
        space = Space(self._problem, manager, order_of(self._problem))
        assumed = space.assumptions()
        if assumed == manager.false:
            return Vacuous("no values of the parameters are allowed")
        initial = manager.conjunction(assumed, space.initial())
        if initial == manager.false:
            return Vacuous("no state satisfies what is said about the initial state")
        bad = space.bad()
        steps = Steps(space, assumed)
        reached = self._closure(steps, initial, bad)
        if reached is not None:
            return Proved(_certificate(space, steps, reached), states=count(space, reached))
        levels = self._levels(steps, initial, bad)
        return Refuted(least_trace(space, steps, levels, bad))

    def _closure(self, steps: Steps, initial: Node, bad: Node) -> Node | None:
        """Everything reachable; None as soon as there is a bad state among it."""
        manager, reached, rounds = steps.manager, initial, 0
        while manager.conjunction(reached, bad) == manager.false:
            self._found_clean(rounds)
            self._report(f"round {rounds}, {counted(manager.size(reached), 'node')}", self.clean_through)
            before = reached
            for relation in steps.relations:
                reached = manager.disjunction(reached, steps.image(relation, reached))
            if reached == before:
                return reached
            rounds += 1
        return None

    def _levels(self, steps: Steps, initial: Node, bad: Node) -> list[Node]:
        """The states at distance 0, 1, 2, ..., the last of which has a bad one. Requires: there is one."""
        manager, reached, levels = steps.manager, initial, [initial]
        while manager.conjunction(levels[-1], bad) == manager.false:
            depth = len(levels) - 1
            self._found_clean(depth)
            self._report(f"depth {depth}, {counted(manager.size(levels[-1]), 'node')}", self.clean_through)
            found = manager.false
            for relation in steps.relations:
                found = manager.disjunction(found, steps.image(relation, levels[-1]))
            levels.append(manager.difference(found, reached))
            reached = manager.disjunction(reached, levels[-1])
        return levels

    def _found_clean(self, depth: int) -> None:
        self.clean_through = max(depth, self.clean_through or 0)


def _certificate(space: Space, steps: Steps, reached: Node) -> Invariant | DecisionDiagram:
    """Formulas where they are few, since those a person can read; else the diagram itself."""
    clauses = clauses_of(space, reached, steps.possible)
    return table_of(space, reached) if clauses is None else Invariant(clauses, any_size=False)
