"""What can be said of each variable on its own and stays so, whatever steps are made.

Houdini (Flanagan and Leino, FME 2001), where a round asks one question for all candidates: is there a step
from a state in which all that is left hold, to one in which one of them does not? What remains is the
largest inductive set, whatever the solver answers first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import z3

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Expr, Symbol, negation, symbols_of
from tdxverify.logic.sorts import BOOL
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.solver import GaveUp, Limit, Sat, Solver
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Encoded, Terms
from tdxverify.smt.valuation import Valuation, fresh_rigid, fresh_state


class Products:
    """`facts`, closed formulas over one state, and steps of `problem` in which no value leaves its range.

    `kept` are the numbers of those facts that hold at the start and that every step keeps, if all of `kept`
    hold before it; `unchanged` the state symbols that no such step changes. What `problem` says of initial
    states is taken to go on as long as it is about symbols of these alone (`ties`). Raises NotDecided.
    """

    def __init__(self, problem: Problem, facts: Sequence[Expr], limit: Limit) -> None:
        self.problem = problem
        self._system = SymbolicSystem.of(problem)
        self._terms = self._system.terms
        self._solver = Solver(self._terms, limit)
        self._literals = 0
        before = self._system.before
        later = Valuation.of(problem, self._terms, before.rigid, self._system.successor)
        self._solver.add(before.assumptions(), before.typed())
        self._facts = [before.encoder.encode(fact, {}) for fact in facts]
        self._now = [self._literal(fact) for fact in self._facts]
        self._later = [later.encoder.encode(fact, {}) for fact in facts]
        self._changes = self._changed()
        self._ties = [
            (symbols_of(tie) & set(problem.state_symbols), self._literal(before.encoder.encode(tie, {})))
            for tie in problem.constraints
        ]
        in_range = negation(problem.out_of_range)
        self._solver.add(before.encoder.encode(in_range, {}))
        goes_on = self._system.possible, later.encoder.encode(in_range, {})
        self._step = self._literal(self._terms.conjunction(goes_on))
        self.kept = list(range(len(facts)))
        self.unchanged = set(problem.state_symbols)
        self.has_start = self._begin(self._literal(before.initial()))
        self._settle()

    def _literal(self, fact: Encoded) -> z3.BoolRef:
        """A literal that implies `fact`."""
        literal = z3.Bool(f"product.{self._literals}", self._terms.context)
        self._literals += 1
        self._solver.add(self._terms.implication(literal, fact))
        return literal

    def _changed(self) -> dict[Symbol, Encoded]:
        """Per state symbol: the step gives one of its cells another value."""
        parts: dict[Symbol, list[Encoded]] = {symbol: [] for symbol in self.problem.state_symbols}
        cells = self.problem.state_layout.cells
        for cell, here, there in zip(cells, self._system.before.state, self._system.successor, strict=True):
            same = self._terms.equal(here, there, cell.symbol.sort, self.problem.size_of)
            parts[cell.symbol].append(self._terms.negation(same))
        return {symbol: self._terms.disjunction(changed) for symbol, changed in parts.items()}

    # --- the largest set ---------------------------------------------------------

    def _begin(self, start: z3.BoolRef) -> bool:
        """Keep what holds in all initial states; whether there is one."""
        found = self._ask([start])
        if found is None:
            return False
        while True:
            self._keep(found, self._facts)
            open_ones = [self._terms.negation(self._facts[n]) for n in self.kept]
            found = self._ask([start, self._literal(self._terms.disjunction(open_ones))])
            if found is None:
                return True

    def _settle(self) -> None:
        """Keep what every step keeps."""
        while self.kept or self.unchanged:
            lost = [self._terms.negation(self._later[number]) for number in self.kept]
            lost += [self._changes[symbol] for symbol in self._in_order(self.unchanged)]
            found = self._ask([*self.held(), self._step, self._literal(self._terms.disjunction(lost))])
            if found is None:
                return
            self._keep(found, self._later)
            self.unchanged = {s for s in self.unchanged if not found.model.value(self._changes[s], BOOL)}

    def _keep(self, found: Sat, values: Sequence[Encoded]) -> None:
        self.kept = [number for number in self.kept if found.model.value(values[number], BOOL)]

    def _in_order(self, symbols: Iterable[Symbol]) -> list[Symbol]:
        wanted = set(symbols)
        return [symbol for symbol in self.problem.state_symbols if symbol in wanted]

    def held(self) -> list[z3.BoolRef]:
        """Literals of all that is kept."""
        ties = [literal for about, literal in self._ties if about <= self.unchanged]
        return [*(self._now[number] for number in self.kept), *ties]

    @property
    def ties(self) -> tuple[Expr, ...]:
        """What is said of initial states and goes on, since it is about unchanged symbols only."""
        said = zip(self.problem.constraints, self._ties, strict=True)
        return tuple(tie for tie, (about, _) in said if about <= self.unchanged)

    def _ask(self, assumptions: Sequence[z3.BoolRef]) -> Sat | None:
        answer = self._solver.check(assumptions)
        if isinstance(answer, GaveUp):
            raise NotDecided(answer.reason)
        return answer if isinstance(answer, Sat) else None


class States:
    """What can hold together in one typed state of `problem`, whether or not it is ever reached.

    `problem.assumptions` are not taken for granted. Raises NotDecided.
    """

    def __init__(self, problem: Problem, limit: Limit) -> None:
        terms = Terms()
        rigid = fresh_rigid(replace(problem, assumptions=()), terms)
        self._state = Valuation.of(problem, terms, rigid, fresh_state(problem, terms, ""))
        self._terms = terms
        self._solver = Solver(terms, limit)
        self._solver.add(replace(self._state, problem=replace(problem, assumptions=())).assumptions())
        self._solver.add(self._state.typed())
        self._said: dict[Expr, z3.BoolRef] = {}

    def _literal(self, formula: Expr) -> z3.BoolRef:
        """A literal that implies `formula`; the dictionary keeps it alive, as the encoder requires."""
        if formula not in self._said:
            literal = z3.Bool(f"said.{len(self._said)}", self._terms.context)
            self._said[formula] = literal
            self._solver.add(self._terms.implication(literal, self._state.encoder.encode(formula, {})))
        return self._said[formula]

    def contradiction(self, formulas: Sequence[Expr]) -> tuple[Expr, ...] | None:
        """Those of `formulas` that cannot all hold, in their order; None if all can."""
        literals = [self._literal(formula) for formula in formulas]
        answer = self._solver.check(literals)
        if isinstance(answer, GaveUp):
            raise NotDecided(answer.reason)
        if isinstance(answer, Sat):
            return None
        core = self._solver.core()
        return tuple(f for f, literal in zip(formulas, literals, strict=True) if literal.get_id() in core)
