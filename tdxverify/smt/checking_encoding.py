"""A second, simpler encoding of steps, for checking what was found with the first.

A step is a disjunction: for some action its guard holds and every cell has the value that the action's
writes, carried out one after another in the order they are listed, leave in it. Each action has parameter
unknowns of its own in every step. Nothing is shared between actions, nothing is specialised to a cell, no
formula is copied from one depth to the next, and there is one question instead of one per depth. What is
shared with the other encoding is how a single expression becomes a term (`encode`), which the tests compare
with the evaluator.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

from tdxverify.logic.expr import Expr
from tdxverify.logic.layout import Cell, Layout
from tdxverify.logic.sorts import Value, domain
from tdxverify.model.model import Action, Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Step
from tdxverify.smt.encode import Environment
from tdxverify.smt.solver import Answer, GaveUp, Limit, Sat, Solver, Unsat
from tdxverify.smt.terms import Encoded, Terms
from tdxverify.smt.valuation import Valuation, fixed_start, fresh_rigid, fresh_state

MOST_STATES = 64  # that are looked at to find one for every choice of rigid values


def starts(problem: Problem, limit: Limit) -> Answer:
    """Is there an initial state?"""
    runs = _Runs(problem, 0)
    return runs.ask((runs.states[0].initial(),), limit)


def bad_within(problem: Problem, steps: int, limit: Limit) -> Answer:
    """Can a bad state be reached from an initial state in at most `steps` steps?"""
    runs = _Runs(problem, steps)
    stay = (runs.equal(number, number + 1) for number in range(steps))
    moves = (runs.terms.disjunction((step, rest)) for step, rest in zip(runs.steps(), stay, strict=True))
    return runs.ask((runs.states[0].initial(), *moves, runs.states[steps].bad()), limit)


def bad_after(problem: Problem, good: int, limit: Limit, *, different: bool) -> Answer:
    """Can `good` good states in a row, the first one any typed state, be followed by a bad one?

    `different`: counting only paths whose states are pairwise different.
    """
    runs = _Runs(problem, good)
    path = [runs.states[0].typed(), *runs.steps(), runs.states[good].bad()]
    path += [runs.terms.negation(state.bad()) for state in runs.states[:good]]
    if different:
        pairs = combinations(range(good + 1), 2)
        path += [runs.terms.negation(runs.equal(one, other)) for one, other in pairs]
    return runs.ask(path, limit)


def steps_may_fail(
    problem: Problem,
    rigid: Sequence[Sequence[Value] | None],
    first: Sequence[Sequence[Value] | None],
    steps: Sequence[Step],
    effort: int,
) -> Answer:
    """Are there rigid values and an initial state from which `steps` are no run into a bad state?

    `rigid` and `first` are the values that each cell may have, None where it may have any; `effort` limits
    the solver, in steps that Z3 counts.
    """
    terms = Terms()
    facts: list[Encoded] = []
    chosen = _restricted(problem, terms, problem.rigid_layout, fresh_rigid(problem, terms), rigid, facts)
    begun = _begun(problem, fresh_state(problem, terms, "!0"))
    state = Valuation.of(
        problem, terms, chosen, _restricted(problem, terms, problem.state_layout, begun, first, facts)
    )
    solver = Solver(terms, lambda: None)
    solver.add(state.assumptions(), state.initial(), *facts)
    possible: list[Encoded] = []
    for step in steps:
        action = problem.action_named[step.action]
        arguments = dict(zip(action.parameters, step.arguments, strict=True))
        possible.append(state.encoder.encode(action.guard, arguments))
        result = _Result(state)
        for write in action.writes:
            result.write(write, arguments)
        state = Valuation.of(problem, terms, chosen, tuple(result.values))
    solver.add(terms.negation(terms.conjunction((*possible, state.bad()))))
    return solver.check(effort=effort)


def start_may_be_missing(
    problem: Problem,
    wanted: Problem,
    rigid: Sequence[Sequence[Value] | None],
    first: Sequence[Sequence[Value] | None],
    known: Sequence[Value],
    effort: int,
) -> Answer:
    """Are there rigid values with which `problem` has an initial state, but `wanted`, of the same symbols,
    none in which cells have the values of `first`?

    One such state after another, `known` first, settles the rigid values with which it is initial. Gives up
    where that takes too many. The rest is as for `steps_may_fail`.
    """
    terms = Terms()
    facts: list[Encoded] = []
    chosen = _restricted(problem, terms, problem.rigid_layout, fresh_rigid(problem, terms), rigid, facts)
    begun = Valuation.of(problem, terms, chosen, _begun(problem, fresh_state(problem, terms, "!0")))
    machines = Solver(terms, lambda: None)
    machines.add(begun.assumptions(), begun.initial(), *facts)
    for _ in range(MOST_STATES):
        machines.add(terms.negation(Valuation.of(wanted, terms, chosen, tuple(known)).initial()))
        machine = machines.check(effort=effort)
        if not isinstance(machine, Sat):
            return machine
        cells = zip(chosen, problem.rigid_layout.cells, strict=True)
        found = tuple(machine.model.value(value, cell.symbol.sort) for value, cell in cells)
        start = _start_of(wanted, found, first, effort)
        if not isinstance(start, tuple):
            return start if isinstance(start, GaveUp) else machine
        known = start
    return GaveUp(f"there are more than {MOST_STATES} starts to look at")


def _start_of(
    problem: Problem, rigid: tuple[Value, ...], first: Sequence[Sequence[Value] | None], effort: int
) -> tuple[Value, ...] | Unsat | GaveUp:
    """An initial state with the values of `first`."""
    terms = Terms()
    facts: list[Encoded] = []
    unknown = _restricted(problem, terms, problem.state_layout, fresh_state(problem, terms, ""), first, facts)
    solver = Solver(terms, lambda: None)
    solver.add(Valuation.of(problem, terms, rigid, unknown).initial(), *facts)
    found = solver.check(effort=effort)
    if not isinstance(found, Sat):
        return found
    cells = zip(unknown, problem.state_layout.cells, strict=True)
    return tuple(found.model.value(value, cell.symbol.sort) for value, cell in cells)


def _begun(problem: Problem, unknown: tuple[Encoded, ...]) -> tuple[Encoded, ...]:
    """The only value that a cell can start with, where there is one; the unknown elsewhere."""
    fixed = fixed_start(problem)
    return tuple(one if value is None else value for one, value in zip(unknown, fixed, strict=True))


def _restricted(
    problem: Problem,
    terms: Terms,
    layout: Layout,
    values: tuple[Encoded, ...],
    options: Sequence[Sequence[Value] | None],
    facts: list[Encoded],
) -> tuple[Encoded, ...]:
    """`values`, those with a single option settled; of the other options `facts` get to know."""
    found: list[Encoded] = []
    for cell, value, allowed in zip(layout.cells, values, options, strict=True):
        only = value
        if allowed is not None:
            same = [terms.equal(value, one, cell.symbol.sort, problem.size_of) for one in allowed]
            facts.append(terms.disjunction(same))
            only = allowed[0] if len(allowed) == 1 else value
        found.append(only)
    return tuple(found)


class _Runs:
    """`length` + 1 states in a fresh context, and what it means to step from each to the next."""

    def __init__(self, problem: Problem, length: int) -> None:
        self.problem = problem
        self.terms = Terms()
        rigid = fresh_rigid(problem, self.terms)
        self.states = [
            Valuation.of(problem, self.terms, rigid, fresh_state(problem, self.terms, f"!{number}"))
            for number in range(length + 1)
        ]

    def ask(self, facts: list[Encoded] | tuple[Encoded, ...], limit: Limit) -> Answer:
        """Whether all `facts` can hold together with the assumptions."""
        solver = Solver(self.terms, limit)
        solver.add(self.states[0].assumptions(), *facts)
        return solver.check()

    def steps(self) -> list[Encoded]:
        """Per number i: some action leads from state i to state i + 1."""
        return [
            self.terms.disjunction(
                self._fires(action, number, place) for place, action in enumerate(self.problem.actions)
            )
            for number in range(len(self.states) - 1)
        ]

    def equal(self, one: int, other: int) -> Encoded:
        return self._are(self.states[one].state, self.states[other].state)

    def _are(self, left: tuple[Encoded, ...], right: tuple[Encoded, ...]) -> Encoded:
        cells = zip(self.problem.state_layout.cells, left, right, strict=True)
        return self.terms.conjunction(
            self.terms.equal(one, other, cell.symbol.sort, self.problem.size_of) for cell, one, other in cells
        )

    def _fires(self, action: Action, number: int, place: int) -> Encoded:
        """`action`, with some values for its parameters, leads from state `number` to the next."""
        before, sizes = self.states[number], self.problem.size_of
        parameters = {
            bound: self.terms.constant(f"{place}.{position}!{number}", bound.sort, sizes)
            for position, bound in enumerate(action.parameters)
        }
        typed = (self.terms.in_domain(value, bound.sort, sizes) for bound, value in parameters.items())
        guard = before.encoder.encode(action.guard, parameters)
        result = _Result(before)
        for write in action.writes:
            result.write(write, parameters)
        values = tuple(result.values)
        return self.terms.conjunction((*typed, guard, self._are(self.states[number + 1].state, values)))


class _Result:
    """The cells' values while an action's writes are carried out one by one."""

    def __init__(self, before: Valuation) -> None:
        self.values = list(before.state)
        self._before = before
        self._cells: dict[str, dict[tuple[Value, ...], int]] = {}
        for place, cell in enumerate(before.problem.state_layout.cells):
            self._cells.setdefault(cell.symbol.name, {})[cell.indices] = place

    def write(self, write: Write, parameters: Environment) -> None:
        """Carry out `write` for every value of its binders."""
        encoder = self._before.encoder
        for environment in encoder.instances(write.binders, parameters):
            condition = encoder.encode(write.condition, environment)
            value = encoder.encode(write.value, environment)
            stored = encoder.convert(value, write.value.sort, write.symbol.sort)
            indices = [encoder.encode(index, environment) for index in write.indices]
            options = [
                (index,) if isinstance(index, int) else domain(sort, self._before.problem.size_of)
                for index, sort in zip(indices, write.symbol.indices, strict=True)
            ]
            for target in product(*options):
                place = self._cells[write.symbol.name].get(target)
                if place is not None:
                    hit = self._is_target(write.indices, indices, target)
                    self._store(place, self._before.terms.conjunction((hit, condition)), stored)

    def _store(self, place: int, condition: Encoded, value: Encoded) -> None:
        problem = self._before.problem
        cell: Cell = problem.state_layout.cells[place]
        self.values[place] = self._before.terms.choose(
            condition, value, self.values[place], cell.symbol.sort, problem.size_of
        )

    def _is_target(
        self, expressions: tuple[Expr, ...], indices: list[Encoded], target: tuple[Value, ...]
    ) -> Encoded:
        """That the index expressions, encoded as `indices`, have the values `target`."""
        sizes = self._before.problem.size_of
        return self._before.terms.conjunction(
            self._before.terms.equal(index, value, expression.sort, sizes)
            if value in domain(expression.sort, sizes)
            else 0
            for expression, index, value in zip(expressions, indices, target, strict=True)
        )
