"""The queries of IC3 (PDR): is a cube of states reachable from a frame in one step?

Frames are delta-encoded: a lemma of level k carries the activation literal of k, and a question
about frame k assumes the literals of k and above. Everything a question depends on is assumed and
nothing is pushed, so the solver keeps what it learned. A literal says that a cell's value is among
some values (a bit mask, see engines/pdr/cubes.py); values leave this module as plain ints.

Bradley, "SAT-Based Model Checking without Unrolling", VMCAI 2011; Eén, Mishchenko and Brayton,
"Efficient Implementation of Property Directed Reachability", FMCAD 2011.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import z3

from tdxverify.budget import NotDecided
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import Value, domain, lowest
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.solver import GaveUp, Limit, Model, Sat, Solver
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Encoded, Term

Literal: TypeAlias = tuple[int, int]  # number of the cell, rigid cells first; mask of its values
Cube: TypeAlias = tuple[Literal, ...]


class RelativeInduction:
    """The questions of one PDR run about `problem`. `limit` bounds every query.

    All methods raise NotDecided where the solver gives up.
    """

    def __init__(self, problem: Problem, limit: Limit) -> None:
        self.problem = problem
        self._system = SymbolicSystem.of(problem)
        self._terms = self._system.terms
        before = self._system.before
        self._cells: tuple[Cell, ...] = (*problem.rigid_layout.cells, *problem.state_layout.cells)
        self._now: tuple[Encoded, ...] = (*before.rigid, *before.state)
        self._next: tuple[Encoded, ...] = (*before.rigid, *self._system.after)
        self._solver = Solver(self._terms, limit)
        self._literals: dict[tuple[bool, int, int], Term] = {}
        self._names = 0
        self._levels: list[Term] = [self._name("initial")]
        self._solver.add(before.assumptions(), before.typed(), self._system.equations)
        self._step = self._define("step", self._system.possible)
        self._bad = self._define("bad", before.bad())
        self._imply(self._levels[0], before.initial())

    # --- the questions ------------------------------------------------------------

    def has_parameters(self) -> bool:
        """Whether the assumptions admit any values at all."""
        return isinstance(self._ask([]), Sat)

    def has_initial_state(self) -> bool:
        return isinstance(self._ask([self._levels[0]]), Sat)

    def may_be_initial(self, cube: Cube) -> bool:
        """Whether `cube` holds an initial state."""
        return isinstance(self._ask([self._levels[0], *self._all(cube, after=False)]), Sat)

    def initially_bad(self) -> bool:
        return isinstance(self._ask([self._levels[0], self._bad]), Sat)

    def bad_state(self, level: int) -> Cube | None:
        """A cube of bad states, one of which is in frame `level`."""
        answer = self._ask([*self._frame(level), self._bad])
        if not isinstance(answer, Sat):
            return None
        state = self._state(answer.model)
        literals = {self._literal(one, after=False): one for one in state}
        return self._core_of(literals, [z3.Not(self._bad)])

    def predecessor(self, level: int, cube: Cube) -> Cube | None:
        """A cube of states that all step into `cube`; one of them is in frame `level`, outside `cube`."""
        outside = self._outside(cube)
        answer = self._ask([*self._frame(level), outside, self._step, *self._all(cube, after=True)])
        found = self._lift(answer.model, cube) if isinstance(answer, Sat) else None
        self._retire(outside)
        return found

    def unreachable_core(self, level: int, cube: Cube) -> Cube | None:
        """See `engines.pdr.generalize.Blocking`."""
        if self.may_be_initial(cube):
            return None
        outside = self._outside(cube)
        after = {self._literal(one, after=True): one for one in cube}
        answer = self._ask([*self._frame(level), outside, self._step, *after])
        core = None if isinstance(answer, Sat) else self._used(after)
        self._retire(outside)
        return None if core is None else self._without_initial_states(core, cube)

    def is_blocked_from(self, level: int, cube: Cube) -> bool:
        """Whether no state of frame `level` steps into `cube`. Requires: the frame excludes `cube`."""
        return not isinstance(self._ask([*self._frame(level), self._step, *self._all(cube, after=True)]), Sat)

    def add_blocked(self, level: int, cube: Cube) -> None:
        """From now on no state of frames up to `level` lies in `cube`."""
        while len(self._levels) <= level:
            self._levels.append(self._name("level"))
        outside = (z3.Not(term) for term in self._all(cube, after=False))
        self._solver.add(z3.Or([z3.Not(self._levels[level]), *outside]))

    # --- cubes --------------------------------------------------------------------

    def _state(self, model: Model) -> Cube:
        """The state of `model`, without cells whose value is known anyway."""
        return tuple(
            (number, 1 << (model.value(term, cell.symbol.sort) - self._low(number)))
            for number, (cell, term) in enumerate(zip(self._cells, self._now, strict=True))
            if not isinstance(term, int)
        )

    def _lift(self, model: Model, cube: Cube) -> Cube:
        """Part of the state of `model` that suffices for the chosen step to lead into `cube`."""
        inputs = []
        for item in self._system.inputs:
            if not isinstance(item.value, int):
                value = model.value(item.value, item.sort)
                equal = self._terms.equal(item.value, value, item.sort, self.problem.size_of)
                inputs.append(self._define("input", equal))
        literals = {self._literal(one, after=False): one for one in self._state(model)}
        misses = self._name("misses")
        terms = [z3.Not(term) for term in self._all(cube, after=True)]
        self._solver.add(z3.Or([z3.Not(misses), z3.Not(self._step), *terms]))
        lifted = self._core_of(literals, [misses, *inputs])
        self._retire(misses)
        return lifted

    def _core_of(self, literals: dict[Term, Literal], given: list[Term]) -> Cube:
        """The literals that contradict `given`. Requires: together they do."""
        answer = self._ask([*given, *literals])
        if isinstance(answer, Sat):
            return tuple(sorted(literals.values()))  # cannot happen; the whole state is always right
        return self._used(literals)

    def _used(self, literals: dict[Term, Literal]) -> Cube:
        core = self._solver.core()
        return tuple(sorted(one for term, one in literals.items() if term.get_id() in core))

    def _without_initial_states(self, core: Cube, cube: Cube) -> Cube:
        """`core`, with literals of `cube` put back until it holds no initial state."""
        if core and not self.may_be_initial(core):
            return core
        for literal in cube:
            if literal not in core:
                candidate = tuple(sorted((*core, literal)))
                if not self.may_be_initial(candidate):
                    return candidate
        return cube

    # --- literals and activation ----------------------------------------------------

    def _low(self, number: int) -> Value:
        return lowest(self._cells[number].symbol.sort)

    def _literal(self, literal: Literal, *, after: bool) -> Term:
        """A Bool that holds exactly if the cell, now or after the step, has one of the literal's values."""
        key = (after, *literal)
        if key not in self._literals:
            number, mask = literal
            sort = self._cells[number].symbol.sort
            term = (self._next if after else self._now)[number]
            values = [v for v in domain(sort, self.problem.size_of) if mask >> (v - self._low(number)) & 1]
            equal = (self._terms.equal(term, v, sort, self.problem.size_of) for v in values)
            self._literals[key] = self._define("cell", self._terms.disjunction(equal))
        return self._literals[key]

    def _all(self, cube: Cube, *, after: bool) -> list[Term]:
        return [self._literal(one, after=after) for one in cube]

    def _name(self, what: str) -> Term:
        self._names += 1
        return z3.Bool(f"{what}!{self._names}", self._terms.context)

    def _define(self, what: str, meaning: Encoded) -> Term:
        name = self._name(what)
        self._solver.add(name == self._terms.boolean(meaning))
        return name

    def _imply(self, name: Term, fact: Encoded) -> None:
        self._solver.add(self._terms.implication(name, fact))

    def _outside(self, cube: Cube) -> Term:
        """A literal to assume: the state before the step is not in `cube`. To be retired after use."""
        name = self._name("outside")
        outside = [z3.Not(term) for term in self._all(cube, after=False)]
        self._solver.add(z3.Or([z3.Not(name), *outside]))
        return name

    def _retire(self, name: Term) -> None:
        self._solver.add(z3.Not(name))

    def _frame(self, level: int) -> list[Term]:
        while len(self._levels) <= level:
            self._levels.append(self._name("level"))
        return self._levels[level:]

    def _ask(self, assumptions: Iterable[Term]) -> object:
        answer = self._solver.check(assumptions)
        if isinstance(answer, GaveUp):
            raise NotDecided(answer.reason)
        return answer
