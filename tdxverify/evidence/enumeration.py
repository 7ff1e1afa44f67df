"""All reachable states, listed: every initial one is among them, no step leads out, and none is bad.

The evaluator decides; states are compared packed. Nothing is believed about the packing but what is
checked first: that different states have different ints. Stored is only how many there are: they are
enumerated again, by the evaluator alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, NoReturn

from tdxverify.budget import Budget
from tdxverify.evidence.base import Accepted, Evidence, Judgement, refused
from tdxverify.evidence.item import Content, Item, Unusable
from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Valuation
from tdxverify.logic.packing import Field, Packing
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

_BATCH = 512  # states between two looks at the clock


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """(rigid, state) pairs, packed, one int per pair: a million tuples would need some 300 MB."""

    packing: Packing
    packed: frozenset[int]

    def __len__(self) -> int:
        return len(self.packed)

    def __iter__(self) -> Iterator[tuple[Valuation, Valuation]]:
        return map(self.packing.unpack, self.packed)


@dataclass(frozen=True, slots=True)
class Enumeration(Evidence):
    """There are so many reachable (rigid, state) pairs, none of them bad; `members` are these, if at hand."""

    kind: ClassVar[str] = "enumeration"
    parts: ClassVar[tuple[str, ...]] = ("states",)
    by_evaluator: ClassVar[bool] = True
    accepted: ClassVar[str] = (
        "The evaluator, without any solver, took every step from every listed state again: none "
        "leads out of the list, every initial state is in it, and no bad one."
    )

    states: int
    members: ClosedSet | None = None

    @staticmethod
    def of(members: ClosedSet) -> Enumeration:
        return Enumeration(len(members), members)

    @property
    def reached(self) -> ClosedSet | None:
        return self.members

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        unlimited = replace(limits, max_states=sys.maxsize)
        try:
            if self.members is None:
                _count(problem, self.states, unlimited)
            elif len(self.members) != self.states:
                raise Unusable(f"it lists {counted(len(self.members), 'state')}, not {self.states:,}")
            else:
                ClosureCheck(problem, self.members, unlimited).run()
        except Unusable as error:
            return refused(problem, replace(self, members=None), str(error))
        return Accepted()

    def stored(self, problem: Problem) -> Content:
        return (("states", self.states),)

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Enumeration:
        states = item.part("states")
        if isinstance(states, int) and states >= 1:
            return cls(states)
        raise Unusable("the number of states is no number")

    def described(self) -> str:
        return f"enumeration of {counted(self.states, 'state')}"

    def told(self, problem: Problem) -> str:
        return "all reachable states, listed one by one"


def reachable(problem: Problem, states: int, limits: Budget) -> ClosedSet:
    """All that can be reached, as the evaluator finds it. Raises Unusable where there are not so many states,
    or one is bad."""
    packing = Packing.of(problem.rigid_layout, problem.state_layout, problem.size_of)
    return ClosedSet(packing, frozenset[int]().union(*_reached(problem, packing, states, limits)))


def _count(problem: Problem, states: int, limits: Budget) -> None:
    """The same, where only the number is wanted."""
    packing = Packing.of(problem.rigid_layout, problem.state_layout, problem.size_of)
    for _ in _reached(problem, packing, states, limits):
        pass


def _reached(problem: Problem, packing: Packing, states: int, limits: Budget) -> Iterator[set[int]]:
    """Enumerate, for one choice of the parameters after another."""
    semantics = Semantics(problem, limits)
    found = 0
    for rigid in semantics.rigid_valuations(limits):
        waiting = list(semantics.initial_states(rigid, limits))
        known = {packing.pack(rigid, state) for state in waiting}
        while waiting:
            if len(waiting) % _BATCH == 0:
                limits.check_time()
            state = waiting.pop()
            if semantics.is_bad(rigid, state) or found + len(known) > states:
                raise Unusable(f"there are more or fewer than {counted(states, 'state')}, or one is bad")
            for _, after in semantics.successors(rigid, state, limits):
                packed = packing.pack(rigid, after)
                if packed not in known:
                    known.add(packed)
                    waiting.append(after)
        found += len(known)
        yield known
    if found != states:
        raise Unusable(f"there are more or fewer than {counted(states, 'state')}, or one is bad")


class ClosureCheck:
    """Of `members`, as states of `problem`. All that it has of its own is what `run` does."""

    def __init__(self, problem: Problem, members: ClosedSet, limits: Budget) -> None:
        self._problem = problem
        self._semantics = Semantics(problem)
        self._set = members.packed
        self._packing = members.packing
        self._limits = limits
        self._shifts = [field.shift for field in members.packing.state]
        self._used = 0  # all bits of all fields
        self._wide: list[tuple[int, range]] = []  # cells whose field could hold other values too

    def run(self) -> None:
        """Raises Unusable and LimitReached."""
        self.check_start()
        for number, packed in enumerate(self._set):
            if number % _BATCH == 0:
                self._limits.check_time()
            self._check_state(packed)

    def check_start(self) -> None:
        """The packing is right, and all initial states are there."""
        self._check_packing()
        self._check_initial()

    def _check_packing(self) -> None:
        """Every field takes all values of its cell, no two overlap, and there is no bit between them."""
        cells = (*self._problem.rigid_layout.cells, *self._problem.state_layout.cells)
        fields = (*self._packing.rigid, *self._packing.state)
        if len(self._packing.rigid) != len(self._problem.rigid_layout.cells) or len(fields) != len(cells):
            self._refuse(f"{counted(len(fields), 'field')} for {counted(len(cells), 'cell')}")
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

    def values(self, packed: int) -> tuple[Valuation, Valuation]:
        """Parameters and state, which are values of their sorts and not bad."""
        if not 0 <= packed <= self._used:
            self._refuse(f"{packed} is not a packed state")
        rigid, state = self._packing.unpack(packed)
        for position, allowed in self._wide:
            if (rigid + state)[position] not in allowed:
                self._refuse(f"{packed} has a value outside {allowed}")
        if self._semantics.is_bad(rigid, state):
            self._refuse(f"the state {state} under {rigid} is bad")
        return rigid, state

    def _check_state(self, packed: int) -> None:
        rigid, state = self.values(packed)
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
        raise Unusable(reason)


def _holds(field: Field, allowed: range) -> bool:
    return allowed[0] >= field.low and allowed[-1] - field.low < 1 << field.width
