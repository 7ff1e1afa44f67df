"""What steps could do, however many elements there are, as far as that is asked.

Of a problem only what is asked about is encoded: each action that somebody asks about once, whatever is
asked of it, with constants for its parameters; and of its writes what a question says of them. So it costs
as much as the questions are about, not as much as the problem has of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import z3

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import Asker, GaveUp, Limit
from tdxverify.smt.encode import Environment
from tdxverify.smt.inductive import EFFORT, FIRST_EFFORT
from tdxverify.smt.terms import Term
from tdxverify.smt.unsized import UnsizedSystem, after


class UnsizedSteps:
    """Steps and initial states of `problem` in which no value leaves its range.

    `asked`, `encoded`: how many questions there were, and of how many actions. What the solver does not find
    out counts as possible.
    """

    def __init__(self, problem: Problem, limit: Limit) -> None:
        self._problem = problem
        self._system = UnsizedSystem(problem)
        self._limit = limit
        self._solver = z3.SimpleSolver(ctx=self._system.terms.context)
        self._asker = Asker(self._solver)
        self._solver.add(list(self._system.background()))
        self._kept: list[Expr] = []  # alive, as the encoder requires
        self._all: list[z3.BoolRef] = []
        self._now: dict[Expr, z3.BoolRef] = {}
        self._steps: dict[str, tuple[z3.BoolRef, Environment]] = {}
        self._solver.add(self._formula(core.negation(problem.out_of_range)))
        self._initially: z3.BoolRef | None = None
        self.asked = 0

    @property
    def encoded(self) -> int:
        return len(self._steps)

    def can_start(self, formula: Expr) -> bool:
        """Whether `formula` may hold in an initial state."""
        if self._initially is None:
            self._initially = self._literal(self._system.all_of(self._system.initial()))
        return self._possible([self._initially, self._literal(self._formula(formula))])

    def can_happen(self, steps: Sequence[tuple[Action, Expr]], known: Iterable[Expr]) -> bool:
        """Whether one of the actions may be made from a state in which all of `known` hold, and what stands
        beside it, over its parameters and the state before it."""
        ways = [self._way(action, formula) for action, formula in steps]
        return self._possible([*map(self._said_now, known), self._literal(z3.Or(ways))])

    def _way(self, action: Action, formula: Expr) -> z3.BoolRef:
        made, environment = self._step(action)
        return z3.And(made, self._formula(formula, environment))

    def _step(self, action: Action) -> tuple[z3.BoolRef, Environment]:
        """That it is made, and its parameters."""
        if action.name not in self._steps:
            enabled, environment = self._system.chosen(action)
            wrong = after(action, self._problem.out_of_range)
            goes_on = self._formula(core.negation(wrong), environment)
            self._steps[action.name] = self._literal(z3.And(enabled, goes_on)), environment
        return self._steps[action.name]

    def _said_now(self, formula: Expr) -> z3.BoolRef:
        if formula not in self._now:
            self._now[formula] = self._literal(self._formula(formula))
        return self._now[formula]

    def _formula(self, formula: Expr, environment: Environment | None = None) -> Term:
        self._kept.append(formula)
        return self._system.terms.boolean(self._system.encoder.encode(formula, environment or {}))

    def _literal(self, fact: z3.BoolRef) -> z3.BoolRef:
        """A literal that implies `fact`."""
        literal = z3.Bool(f"!{len(self._all)}", self._system.terms.context)
        self._solver.add(z3.Implies(literal, fact))
        self._all.append(literal)
        return literal

    def _possible(self, literals: Sequence[z3.BoolRef]) -> bool:
        self.asked += 1
        answer = self._asker.ask(literals, self._limit(), FIRST_EFFORT)
        if isinstance(answer, GaveUp):  # whatever else may hold is held against the model that is sought
            asked = {literal.get_id() for literal in literals}
            others = (z3.Not(one) for one in self._all if one.get_id() not in asked)
            answer = self._asker.ask([*literals, *others], self._limit(), EFFORT)
        return answer is not False
