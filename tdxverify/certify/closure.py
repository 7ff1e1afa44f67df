"""A closed set really holds every initial state, is closed under steps, and has no bad state.

The evaluator decides; states are compared packed. Nothing is believed about the packing but what is
checked first: that different states have different ints.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import NoReturn

from tdxverify.budget import Budget, LimitReached
from tdxverify.diagnostics import InternalError
from tdxverify.model.packing import Field
from tdxverify.model.sorts import domain
from tdxverify.results.certificate import ClosedSet
from tdxverify.semantics.successors import Semantics
from tdxverify.ts.problem import Problem

_BATCH = 512  # states between two looks at the clock


class Closure(Enum):
    """What became of the check. A refusal is an InternalError instead."""

    ACCEPTED = "accepted"
    OUT_OF_TIME = "out of time"


def check_closure(problem: Problem, certificate: ClosedSet, deadline: float | None) -> Closure:
    """Accept the set, run out of time, or raise InternalError saying what is wrong with it."""
    return _Check(problem, certificate, Budget(deadline=deadline, max_states=sys.maxsize)).run()


class _Check:
    def __init__(self, problem: Problem, certificate: ClosedSet, limits: Budget) -> None:
        self._problem = problem
        self._semantics = Semantics(problem)
        self._set = certificate.packed
        self._packing = certificate.packing
        self._limits = limits
        self._shifts = [field.shift for field in certificate.packing.state]
        self._used = 0  # all bits of all fields
        self._wide: list[tuple[int, range]] = []  # cells whose field could hold other values too

    def run(self) -> Closure:
        self._check_packing()
        try:
            self._check_initial()
            for number, packed in enumerate(self._set):
                if number % _BATCH == 0:
                    self._limits.check_time()
                self._check_state(packed)
        except LimitReached:
            return Closure.OUT_OF_TIME
        return Closure.ACCEPTED

    def _check_packing(self) -> None:
        """Every field takes all values of its cell, no two overlap, and there is no bit between them."""
        cells = (*self._problem.rigid_layout.cells, *self._problem.state_layout.cells)
        fields = (*self._packing.rigid, *self._packing.state)
        if len(self._packing.rigid) != len(self._problem.rigid_layout.cells) or len(fields) != len(cells):
            self._refuse(f"{len(fields)} fields for {len(cells)} cells")
        for position, (cell, field) in enumerate(zip(cells, fields, strict=True)):
            allowed = domain(cell.symbol.sort, self._problem.size_of)
            if field.mask & self._used or not _holds(field, allowed):
                self._refuse(f"the packing is not one to one at {field}")
            self._used |= field.mask
            if len(allowed) < 1 << field.width:
                self._wide.append((position, allowed))

        if self._used & (self._used + 1):
            self._refuse("the packing has gaps")

    def _check_initial(self) -> None:
        for rigid in self._semantics.rigid_valuations(self._limits):
            for number, state in enumerate(self._semantics.initial_states(rigid, self._limits)):
                if number % _BATCH == 0:
                    self._limits.check_time()
                if self._packing.pack(rigid, state) not in self._set:
                    self._refuse(f"the initial state {state} under {rigid} is missing")

    def _check_state(self, packed: int) -> None:
        if not 0 <= packed <= self._used:
            self._refuse(f"{packed} is not a packed state")
        rigid, state = self._packing.unpack(packed)
        for position, allowed in self._wide:
            if (rigid + state)[position] not in allowed:
                self._refuse(f"{packed} has a value outside {allowed}")
        if self._semantics.is_bad(rigid, state):
            self._refuse(f"the state {state} under {rigid} is bad")
        for moves in self._semantics.moves:
            for arguments, changes in moves.steps(rigid, state, self._limits):
                after = packed
                for position, value in changes.items():
                    after += (value - state[position]) << self._shifts[position]
                if after not in self._set:
                    self._refuse(
                        f"{moves.action.name}{list(arguments)} leads out of it from {state} under {rigid}"
                    )

    def _refuse(self, reason: str) -> NoReturn:
        bundle = {"problem": repr(self._problem), "states": str(len(self._set))}
        raise InternalError(f"closed set of {self._problem.name} refused: {reason}", bundle)


def _holds(field: Field, allowed: range) -> bool:
    return allowed[0] >= field.low and allowed[-1] - field.low < 1 << field.width
