"""What can hold together in one typed state, however many elements there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import z3

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Expr
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import Asker, GaveUp, Limit
from tdxverify.smt.inductive import EFFORT, FIRST_EFFORT
from tdxverify.smt.unsized import UnsizedSystem


class UnsizedStates:
    """What `smt.products.States` are for one size, for all that `problem` is about.

    `problem.assumptions` are not taken for granted. Raises NotDecided.
    """

    def __init__(self, problem: Problem, limit: Limit) -> None:
        self._system = UnsizedSystem(replace(problem, assumptions=()))
        self._limit = limit
        self._solver = z3.SimpleSolver(ctx=self._system.terms.context)
        self._asker = Asker(self._solver)
        self._solver.add(list(self._system.background()))
        self._said: dict[Expr, z3.BoolRef] = {}

    def _literal(self, formula: Expr) -> z3.BoolRef:
        """A literal that implies `formula`; the dictionary keeps it alive, as the encoder requires."""
        if formula not in self._said:
            literal = z3.Bool(f"!said{len(self._said)}", self._system.terms.context)
            self._said[formula] = literal
            self._solver.add(z3.Implies(literal, self._system.formula(formula)))
            self._solver.add(list(self._system.order()))
        return self._said[formula]

    def contradiction(self, formulas: Sequence[Expr]) -> tuple[Expr, ...] | None:
        """Those of `formulas` that cannot all hold at any size, in their order; None if all can at some."""
        literals = [self._literal(formula) for formula in formulas]
        answer = self._asker.ask(literals, self._limit(), FIRST_EFFORT)
        if isinstance(
            answer, GaveUp
        ):  # whatever else was asked about is held against the model that is sought
            asked = {literal.get_id() for literal in literals}
            others = (z3.Not(one) for one in self._said.values() if one.get_id() not in asked)
            answer = self._asker.ask([*literals, *others], self._limit(), EFFORT)
        if isinstance(answer, GaveUp):
            raise NotDecided(answer.reason)
        if answer:
            return None
        used = {literal.get_id() for literal in self._solver.unsat_core()}
        return tuple(f for f, literal in zip(formulas, literals, strict=True) if literal.get_id() in used)
