"""Which of some candidate formulas are inductive, at every size at once.

Houdini (Flanagan and Leino, FME 2001): assume all candidates, throw out those that a step can make
false, and repeat; what remains is the largest inductive set. Each candidate has an activation
literal, so one solver serves all rounds, and a round asks one question per candidate: is there a
step, whichever action it is, that makes it false?
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from tdxverify.logic.expr import Expr
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import Asker, GaveUp, Limit
from tdxverify.smt.unsized import UnsizedSystem

# Steps of Z3 for an attempt at a question, so that which formulas are found does not depend on how busy the
# machine is. Nearly every proof is found in less than the first; outside the decidable fragment it may never
# end, and there are some hundred to a few thousand steps in a millisecond.
FIRST_EFFORT = 100_000
EFFORT = 1_000_000


class UnsizedQuestions:
    """Initiation, consecution and safety of `candidates` for `problem` at every size.

    `gave_up` is set as soon as the solver could not answer; what it could not answer counts as "no".
    Names of literals begin with a sign of their own: for Z3, equal names are the same thing.
    """

    def __init__(self, problem: Problem, candidates: Sequence[Expr], limit: Limit) -> None:
        self._system = UnsizedSystem(problem)
        self._limit = limit
        self.gave_up: str | None = None
        context = self._system.terms.context
        self._solver = z3.SimpleSolver(ctx=context)
        self._asker = Asker(self._solver)
        self._solver.add(list(self._system.background()))
        self._all: list[z3.BoolRef] = []
        self._initially = self._literal("initially", self._system.all_of(self._system.initial()))
        self._now = self._literals("now", [self._system.formula(c) for c in candidates])
        self._false = self._literals("false", [z3.Not(self._system.formula(c)) for c in candidates])
        self._lost = self._after(problem, candidates)
        self._bad = self._literal("bad", self._system.formula(problem.bad))
        self._solver.add(list(self._system.order()))

    def _literal(self, name: str, fact: z3.BoolRef) -> z3.BoolRef:
        """A literal that implies `fact`."""
        literal = z3.Bool(f"!{name}", self._system.terms.context)
        self._solver.add(z3.Implies(literal, fact))
        self._all.append(literal)
        return literal

    def _literals(self, name: str, facts: Sequence[z3.BoolRef]) -> list[z3.BoolRef]:
        """One literal per fact."""
        return [self._literal(f"{name}{n}", fact) for n, fact in enumerate(facts)]

    def _after(self, problem: Problem, candidates: Sequence[Expr]) -> list[z3.BoolRef | None]:
        """Per candidate a literal for "some step makes it false"; None if no action can change it."""
        ways: list[list[z3.BoolRef]] = [[] for _ in candidates]
        now = [self._system.formula(candidate) for candidate in candidates]
        for action in problem.actions:
            enabled, later = self._system.step(action, candidates)
            for before, fact, found in zip(now, later, ways, strict=True):
                if not fact.eq(before):
                    found.append(z3.And(enabled, z3.Not(fact)))
        return [self._literal(f"lost{n}", z3.Or(found)) if found else None for n, found in enumerate(ways)]

    def _impossible(self, assumptions: list[z3.BoolRef]) -> frozenset[int] | None:
        """The candidates among `assumptions` that were needed; None if it is possible, or not known."""
        answer = self._check(assumptions, FIRST_EFFORT)
        if isinstance(answer, GaveUp):
            # Whatever else may hold is held against the model that Z3 is looking for: rule it out.
            asked = {literal.get_id() for literal in assumptions}
            others = (z3.Not(literal) for literal in self._all if literal.get_id() not in asked)
            answer = self._check([*assumptions, *others], EFFORT)
        if isinstance(answer, GaveUp):
            self.gave_up = answer.reason
        if answer is not False:
            return None
        used = {literal.get_id() for literal in self._solver.unsat_core()}
        return frozenset(number for number, literal in enumerate(self._now) if literal.get_id() in used)

    def _check(self, assumptions: Sequence[z3.BoolRef], effort: int) -> bool | GaveUp:
        return self._asker.ask(assumptions, self._limit(), effort)

    def never_starts(self) -> bool:
        """Whether there is no initial state at any size."""
        return self._impossible([self._initially]) is not None

    def holds_initially(self, candidate: int) -> bool:
        return self._impossible([self._initially, self._false[candidate]]) is not None

    def kept_by(self, candidate: int, assumed: Sequence[int]) -> frozenset[int] | None:
        """Those of `assumed` because of which no step makes `candidate` false; None if some step does."""
        lost = self._lost[candidate]
        return frozenset() if lost is None else self._impossible([*(self._now[one] for one in assumed), lost])

    def bad_excluded_by(self, assumed: Sequence[int]) -> frozenset[int] | None:
        """Those of `assumed` because of which no state is bad; None if some state in which all hold is."""
        return self._impossible([*(self._now[one] for one in assumed), self._bad])

    def largest_inductive(self, count: int) -> list[int]:
        """The numbers of the candidates in the largest inductive subset."""
        kept = [one for one in range(count) if self.holds_initially(one)]
        while True:
            still = list(kept)
            for one in kept:
                if self.kept_by(one, still) is None:
                    still.remove(one)
            if still == kept:
                return kept
            kept = still

    def used_of(self, kept: Sequence[int]) -> list[int]:
        """An inductive part of `kept` that excludes bad states: what the proof uses, and what that rests on.

        Requires: `kept` is inductive and excludes bad states.
        """
        needed: set[int] = set()
        pending = self.bad_excluded_by(kept)
        while pending:
            needed |= pending
            reasons = [self.kept_by(one, kept) for one in sorted(pending)]
            pending = frozenset().union(*(r for r in reasons if r is not None)) - needed
        return sorted(needed)
