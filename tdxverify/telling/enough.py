"""Whether some values are enough for a trace's steps to be a run into a bad state: found out once more.

Where few starts are left, each is tried; else a solver is asked, in the encoding that nobody searches with.
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
from tdxverify.semantics.escaping import Allowed
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace

MOST_STARTS = 64  # that are tried one by one
EFFORT = 2_000_000  # of a solver, in steps that Z3 counts


def is_enough(problem: Problem, trace: Trace, allowed: Allowed) -> bool:
    """Whether from every start of `problem` in which cells have the `allowed` values, the steps of `trace`
    are a run into a bad state. False where that is not found out; InternalError where it is not so."""
    starts = _Starts(problem, trace, allowed)
    if starts.most() <= MOST_STARTS:
        agreed: bool | None = all(starts.lead_on())
    else:
        agreed = _solver_agrees(problem, trace, allowed)
    if agreed is False:
        raise InternalError("the values that a trace is said to depend on are not enough")
    return agreed is True


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

    rigid, state = (
        [allowed.get(Place(role, at)) for at in range(len(layout.cells))]
        for role, layout in ((Role.RIGID, problem.rigid_layout), (Role.STATE, problem.state_layout))
    )
    found = steps_may_fail(problem, rigid, state, trace.steps, EFFORT)
    return None if isinstance(found, GaveUp) else isinstance(found, Unsat)
