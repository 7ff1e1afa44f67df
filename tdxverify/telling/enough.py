"""Whether some values are enough for a trace's steps to be a run into a bad state: found out once more.

Two things are asked: whether all starts with these values lead there, and whether every machine that has a
start has one with them. Where few starts are left, each is tried; else a solver is asked, in the encoding
that nobody searches with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from tdxverify.diagnostics import InternalError
from tdxverify.logic.expr import Role, names_of
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.problems.lower import stated
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.beginning import Ties, ties
from tdxverify.semantics.escaping import Allowed
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace

MOST_STARTS = 64  # that are tried one by one
EFFORT = 2_000_000  # of a solver, in steps that Z3 counts


def is_enough(problem: Problem, trace: Trace, allowed: Allowed) -> bool:
    """Whether from every start of `problem` in which cells have the `allowed` values, the steps of `trace`
    are a run into a bad state; and whether rigid values that have `allowed` ones and any start at all have
    such a start. False where that is not found out; InternalError where it is not so.

    Requires: a single value is allowed of a state cell, if any is named, and `trace` has one that is.
    """
    starts = _Starts(problem, trace, allowed)
    if starts.most() <= MOST_STARTS:
        agreed: bool | None = all(starts.lead_on())
    else:
        agreed = _solver_agrees(problem, trace, allowed)
    if agreed:
        agreed = _all_begin(problem, trace, allowed)
    if agreed is False:
        raise InternalError("the values that a trace is said to depend on are not enough")
    return agreed is True


def _all_begin(problem: Problem, trace: Trace, allowed: Allowed) -> bool | None:
    """Whether every machine that has a start has one with the `allowed` values; None if not found out."""
    tied = ties(problem, allowed, frozenset(symbol.name for symbol in problem.rigid_symbols))
    layout = problem.rigid_layout
    read = (Place(Role.RIGID, at) for at, cell in enumerate(layout.cells) if cell.symbol.name in tied.rigid)
    if all(len(allowed.get(place, ())) == 1 for place in read):
        return True
    machines = {place: values for place, values in allowed.items() if place.role is Role.RIGID}
    all_starts = _Starts(problem, trace, machines)
    if all_starts.most() <= MOST_STARTS:
        some = _Starts(problem, trace, allowed).machines()
        return some == all_starts.machines()
    return _solver_finds_starts(problem, trace, allowed, tied)


class _Starts:
    """Those of `problem` with `allowed` values. Cells that nothing reads have one value."""

    def __init__(self, problem: Problem, trace: Trace, allowed: Allowed) -> None:
        self._problem = problem
        self._trace = trace
        self._allowed = allowed
        self._read = _read(problem, trace)
        cells = enumerate(problem.rigid_layout.cells)
        self._rigid = [
            self._options(Place(Role.RIGID, at), cell.symbol.name, domain(cell.symbol.sort, problem.size_of))
            for at, cell in cells
        ]

    def _options(self, place: Place, name: str, values: Sequence[Value]) -> Sequence[Value]:
        if name not in self._read:
            return values[:1]
        allowed = self._allowed.get(place)
        return values if allowed is None else [value for value in values if value in allowed]

    def most(self) -> int:
        """How many there are at most."""
        count = prod(map(len, self._rigid))
        choices = {start.symbol.name: start.choices for start in self._problem.initial}
        for at, cell in enumerate(self._problem.state_layout.cells):
            given = choices[cell.symbol.name]
            size = len(domain(cell.symbol.sort, self._problem.size_of) if given is None else given)
            is_fixed = cell.symbol.name not in self._read or Place(Role.STATE, at) in self._allowed
            count *= 1 if is_fixed else size
        return count

    def lead_on(self) -> Iterator[bool]:
        """Of each, whether the steps lead from there into a bad state."""
        given = stated(self._problem)
        semantics = Semantics(replace(self._problem, assumptions=given))
        for rigid in product(*self._rigid):
            if not semantics.assumed(rigid):
                continue
            for first in product(*self._first(semantics, rigid)):
                if semantics.is_initial(rigid, first):
                    found = run(semantics, rigid, first, self._trace.steps)
                    yield isinstance(found, Trace) and semantics.is_bad(rigid, found.states[-1])

    def machines(self) -> set[Valuation]:
        """The rigid values with which there is any start."""
        semantics = Semantics(replace(self._problem, assumptions=stated(self._problem)))
        return {
            rigid
            for rigid in product(*self._rigid)
            if semantics.assumed(rigid)
            and any(semantics.is_initial(rigid, first) for first in product(*self._first(semantics, rigid)))
        }

    def _first(self, semantics: Semantics, rigid: Valuation) -> Iterator[Sequence[Value]]:
        cells = self._problem.state_layout.cells
        for at, (cell, values) in enumerate(zip(cells, semantics.initial.choices(rigid), strict=True)):
            yield self._options(Place(Role.STATE, at), cell.symbol.name, values)


def _read(problem: Problem, trace: Trace) -> set[str]:
    """The names of all symbols that decide which starts there are, or what the steps do."""
    actions = {step.action for step in trace.steps}
    read = names_of(problem.bad)
    for part in (*stated(problem), *problem.constraints):
        read |= names_of(part)
    for start in problem.initial:
        for choice in start.choices or ():
            read |= names_of(choice)
    for name in actions:
        for part in problem.action_named[name].expressions:
            read |= names_of(part)
    return read


def _solver_agrees(problem: Problem, trace: Trace, allowed: Allowed) -> bool | None:
    """None where the solver gives up."""
    from tdxverify.smt.checking_encoding import steps_may_fail
    from tdxverify.smt.solver import GaveUp, Unsat

    rigid, state = _by_position(problem, allowed)
    found = steps_may_fail(problem, rigid, state, trace.steps, EFFORT)
    return None if isinstance(found, GaveUp) else isinstance(found, Unsat)


def _solver_finds_starts(problem: Problem, trace: Trace, allowed: Allowed, tied: Ties) -> bool | None:
    """None where the solver gives up."""
    from tdxverify.smt.checking_encoding import start_may_be_missing
    from tdxverify.smt.solver import GaveUp, Unsat

    rigid, state = _by_position(problem, allowed)
    found = start_may_be_missing(problem, tied.of(problem), rigid, state, trace.states[0], EFFORT)
    return None if isinstance(found, GaveUp) else isinstance(found, Unsat)


def _by_position(problem: Problem, allowed: Allowed) -> tuple[list[Sequence[Value] | None], ...]:
    """Of the rigid cells and of the state cells."""
    return tuple(
        [allowed.get(Place(role, at)) for at in range(len(layout.cells))]
        for role, layout in ((Role.RIGID, problem.rigid_layout), (Role.STATE, problem.state_layout))
    )
