"""Which of some candidate formulas are inductive, at every size at once.

Houdini (Flanagan and Leino, FME 2001): assume all candidates, throw out those that a step can make
false, and repeat; what remains is the largest inductive set. Each candidate has an activation
literal, so one solver serves all rounds, and a round asks one question per candidate: is there a
step, whichever action it is, that makes it false?
"""

from __future__ import annotations

from collections.abc import Sequence

import z3

from tdxverify.model.expr import Expr
from tdxverify.smt.solver import Limit
from tdxverify.smt.unsized import UnsizedSystem
from tdxverify.ts.problem import Problem


class UnsizedQuestions:
    """Initiation, consecution and safety of `candidates` for `problem` at every size.

    `gave_up` is set as soon as the solver could not answer; what it could not answer counts as "no".
    Names of literals begin with a sign that no symbol's name has: for Z3, equal names are the same thing.
    """

    def __init__(self, problem: Problem, candidates: Sequence[Expr], limit: Limit) -> None:
        self._system = UnsizedSystem(problem)
        self._limit = limit
        self.gave_up: str | None = None
        context = self._system.terms.context
        self._solver = z3.SimpleSolver(ctx=context)
        self._solver.add(list(self._system.background()))
        self._initially = z3.Bool("!initially", context)
        self._solver.add([z3.Implies(self._initially, fact) for fact in self._system.initial()])
        self._now = self._literals("now", [self._system.formula(c) for c in candidates])
        self._false = self._literals("false", [z3.Not(self._system.formula(c)) for c in candidates])
        self._lost = self._after(problem, candidates)
        self._bad = z3.Bool("!bad", context)
        self._solver.add(z3.Implies(self._bad, self._system.formula(problem.bad)))

    def _literals(self, name: str, facts: Sequence[z3.BoolRef]) -> list[z3.BoolRef]:
        """One literal per fact, which implies it."""
        literals = [z3.Bool(f"!{name}{n}", self._system.terms.context) for n in range(len(facts))]
        self._solver.add([z3.Implies(one, fact) for one, fact in zip(literals, facts, strict=True)])
        return literals

    def _after(self, problem: Problem, candidates: Sequence[Expr]) -> list[list[z3.BoolRef]]:
        """Per candidate, per action that can change it: a literal for "some step of it makes it false"."""
        found: list[list[z3.BoolRef]] = [[] for _ in candidates]
        for number, action in enumerate(problem.actions):
            enabled, later = self._system.step(action, candidates)
            for candidate, (fact, literals) in enumerate(zip(later, found, strict=True)):
                if fact.eq(self._system.formula(candidates[candidate])):
                    continue
                literal = z3.Bool(f"!lost{candidate}by{number}", self._system.terms.context)
                self._solver.add(z3.Implies(literal, z3.And(enabled, z3.Not(fact))))
                literals.append(literal)
        return found

    def _impossible(self, assumptions: list[z3.BoolRef]) -> frozenset[int] | None:
        """The candidates among `assumptions` that were needed; None if it is possible, or not known."""
        timeout = self._limit()
        self._solver.set("timeout", 4294967295 if timeout is None else timeout)
        answer = self._solver.check(assumptions)
        if answer == z3.unknown:
            reason = self._solver.reason_unknown()
            if reason == "interrupted from keyboard":
                raise KeyboardInterrupt
            self.gave_up = reason
        if answer != z3.unsat:
            return None
        used = {literal.get_id() for literal in self._solver.unsat_core()}
        return frozenset(number for number, literal in enumerate(self._now) if literal.get_id() in used)

    def never_starts(self) -> bool:
        """Whether there is no initial state at any size."""
        return self._impossible([self._initially]) is not None

    def holds_initially(self, candidate: int) -> bool:
        return self._impossible([self._initially, self._false[candidate]]) is not None

    def kept_by(self, candidate: int, assumed: Sequence[int]) -> frozenset[int] | None:
        """Those of `assumed` because of which no step makes `candidate` false; None if some step does."""
        given = [self._now[one] for one in assumed]
        used: frozenset[int] = frozenset()
        for lost in self._lost[candidate]:
            needed = self._impossible([*given, lost])
            if needed is None:
                return None
            used |= needed
        return used

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
