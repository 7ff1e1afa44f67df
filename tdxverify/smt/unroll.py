"""Runs of a problem, one step after another, in one incremental solver.

The step is encoded once; every depth is a copy of that formula in which C code has replaced the
unknowns. States are kept apart by unknowns of their own, tied by equations. Substituting the next-value
functions into each other instead, without such unknowns, builds the first depths faster and then never
ends (over 100 s instead of 2 for depth 20 of a cache coherence protocol); folding the constants of a known
initial state first made no difference.
"""

from __future__ import annotations

from itertools import pairwise

import z3

from tdxverify.logic.layout import Layout
from tdxverify.logic.layout import Valuation as Values
from tdxverify.logic.sorts import Value
from tdxverify.semantics.trace import Step, Trace
from tdxverify.smt.solver import Answer, Limit, Model, Solver
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Encoded, Term
from tdxverify.smt.valuation import fresh_state


class Unrolling:
    """All runs of `depth` steps, from an initial state or (not `initialised`) from any typed state.

    `limit` bounds every query. Several unrollings of one system share its context and even the unknowns,
    which are only names; what is known of them is each solver's own.
    """

    def __init__(self, system: SymbolicSystem, limit: Limit, *, initialised: bool) -> None:
        self.system = system
        self.problem = system.problem
        self.terms = system.terms
        self.solver = Solver(self.terms, limit)
        self._here = _unknowns(system.before.state)
        self._there = _unknowns(system.after)
        self._inputs = _unknowns(tuple(item.value for item in system.inputs))
        self._step = self.terms.boolean(self.terms.conjunction((system.possible, system.equations)))
        self._bad = system.before.bad()
        self._bad_literals: dict[int, Term] = {}
        self._unequal: Term = None
        self._literals = 0
        self.states: list[tuple[Encoded, ...]] = []
        self._unknown: list[list[Term]] = []
        self.inputs: list[tuple[Encoded, ...]] = []
        self._add_state()
        self.solver.add(system.before.assumptions())
        first = system.before.initial() if initialised else system.before.typed()
        self.solver.add(self.said_of(first, 0))

    @property
    def depth(self) -> int:
        """Number of steps of the runs described so far."""
        return len(self.inputs)

    def extend(self) -> None:
        """Add one more step."""
        number = self.depth
        self._add_state()
        self.inputs.append(
            tuple(
                self.terms.constant(f"input.{place}@{number}", item.sort, self.problem.size_of)
                for place, item in enumerate(self.system.inputs)
            )
        )
        self.solver.add(
            self.terms.copied(
                self._step,
                [*self._here, *self._there, *self._inputs],
                [*self._unknown[-2], *self._unknown[-1], *_unknowns(self.inputs[-1])],
            )
        )

    def _add_state(self) -> None:
        state = fresh_state(self.problem, self.terms, f"@{len(self.states)}")
        self.states.append(state)
        self._unknown.append(_unknowns(state))

    def exists(self) -> Answer:
        """Is there any such run?"""
        return self.solver.check()

    def ends_bad(self) -> Answer:
        """Is there such a run whose last state is bad?"""
        return self.solver.check((self.bad(self.depth),))

    def require_good(self, number: int) -> None:
        """From now on only runs whose state `number` is not bad."""
        self.solver.add(self.terms.negation(self.bad(number)))

    def literal(self, purpose: str) -> Term:
        """A new unknown bool, to be assumed where what is added behind it is to hold."""
        self._literals += 1
        return z3.Bool(f"{purpose}.{self._literals}", self.terms.context)

    def bad(self, number: int) -> Term:
        """A literal that stands for: state `number` is bad."""
        if number not in self._bad_literals:
            literal = z3.Bool(f"bad@{number}", self.terms.context)
            self.solver.add(literal == self.terms.boolean(self.said_of(self._bad, number)))
            self._bad_literals[number] = literal
        return self._bad_literals[number]

    def require_different(self, one: int, other: int) -> None:
        """From now on only runs whose states `one` and `other` differ."""
        if self._unequal is None:
            cells = zip(self._here, self._there, strict=True)
            self._unequal = self.terms.boolean(self.terms.disjunction(here != there for here, there in cells))
        self.solver.add(
            self.terms.copied(
                self._unequal,
                [*self._here, *self._there],
                [*self._unknown[one], *self._unknown[other]],
            )
        )

    def repeated(self, model: Model) -> list[tuple[int, int]]:
        """Pairs of equal states in the run of `model`: each state with its last occurrence before."""
        groups = [list(range(len(self.states)))]
        for place, cell in enumerate(self.problem.state_layout.cells):
            split: dict[tuple[int, Value], list[int]] = {}
            for which, group in enumerate(groups):
                for number in group:
                    value = model.value(self.states[number][place], cell.symbol.sort)
                    split.setdefault((which, value), []).append(number)
            groups = [group for group in split.values() if len(group) > 1]
            if not groups:
                return []
        return [pair for group in groups for pair in pairwise(group)]

    def trace(self, model: Model) -> Trace:
        """The run of `model` in plain values."""
        return Trace(
            self.problem.sizes,
            self._values(model, self.problem.rigid_layout, self.system.before.rigid),
            tuple(self._values(model, self.problem.state_layout, state) for state in self.states),
            tuple(self._decoded_step(model, inputs) for inputs in self.inputs),
        )

    def _decoded_step(self, model: Model, inputs: tuple[Encoded, ...]) -> Step:
        items = zip(inputs, self.system.inputs, strict=True)
        values = [model.value(value, item.sort) for value, item in items]
        number = values[0]
        arguments = tuple(values[place] for place in self.system.assigned[number])
        return Step(self.problem.actions[number].name, arguments)

    def _values(self, model: Model, layout: Layout, terms: tuple[Encoded, ...]) -> Values:
        cells = zip(layout.cells, terms, strict=True)
        return tuple(model.value(term, cell.symbol.sort) for cell, term in cells)

    def said_of(self, fact: Encoded, number: int) -> Encoded:
        """`fact` about the state before the step, said of state `number`."""
        if isinstance(fact, int):
            return fact
        return self.terms.copied(fact, self._here, self._unknown[number])


def _unknowns(values: tuple[Encoded, ...]) -> list[Term]:
    """The values that are not known. Which ones those are depends on the sorts only, never on the depth."""
    return [value for value in values if not isinstance(value, int)]
