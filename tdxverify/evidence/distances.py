"""All reachable states, listed, each with a way to what is wanted: how many, and how far the farthest is.

The evaluator lists them again, and goes back from the states where it holds, step by step.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.base import Accepted, Evidence, Judgement, Scope, refused
from tdxverify.evidence.item import Content, Item, Unusable
from tdxverify.logic.counting import counted
from tdxverify.logic.layout import values_of
from tdxverify.logic.packing import Packing
from tdxverify.questions.problems.plans import possibility_of, target, without_plans
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

_BATCH = 512  # states between two looks at the clock


@dataclass(frozen=True, slots=True)
class Distances(Evidence):
    """There are so many reachable (rigid, state) pairs, and none is farther from what is wanted."""

    kind: ClassVar[str] = "distances"
    parts: ClassVar[tuple[str, ...]] = ("states", "farthest")
    scope: ClassVar[Scope] = Scope.EVERYTHING
    by_evaluator: ClassVar[bool] = True
    accepted: ClassVar[str] = (
        "The evaluator, without any solver, listed all reachable states again, and found from each of them "
        "a way to what is wanted, going back from where it holds step by step."
    )

    states: int
    farthest: int

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        if problem.possible is None:
            return refused(problem, self, "nothing is asked for that could be far away")
        try:
            found = _Listed(problem, replace(limits, max_states=sys.maxsize), self.states).farthest()
            if found != self.farthest:
                raise Unusable(f"the farthest state is {counted(found, 'step')} away, not {self.farthest:,}")
        except Unusable as error:
            return refused(problem, self, str(error))
        return Accepted()

    def stored(self, problem: Problem) -> Content:
        return (("states", self.states), ("farthest", self.farthest))

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Distances:
        states, farthest = item.part("states"), item.part("farthest")
        if type(states) is int and type(farthest) is int and states >= 1 and farthest >= 0:
            return cls(states, farthest)
        raise Unusable("the numbers of states and steps are no numbers")

    def described(self) -> str:
        return f"enumeration of {counted(self.states, 'state')} with their ways"

    def told(self, problem: Problem) -> str:
        if not self.farthest:
            return "all reachable states, listed one by one: it holds in each"
        return (
            "all reachable states, listed one by one: the farthest are "
            f"{counted(self.farthest, 'step')} away from where it holds"
        )


class _Listed:
    """The reachable states, numbered, with their steps backwards."""

    def __init__(self, problem: Problem, limits: Budget, most: int) -> None:
        self._problem = problem
        self._limits = limits
        self._semantics = Semantics(without_plans(problem), limits)
        self._packing = Packing.of(problem.rigid_layout, problem.state_layout, problem.size_of)
        self._numbers: dict[int, int] = {}
        self._backwards: list[array[int]] = []
        self._most = most
        self._list()

    def _number(self, packed: int) -> int:
        number = self._numbers.setdefault(packed, len(self._backwards))
        if number == len(self._backwards):
            self._backwards.append(array("q"))
            if number >= self._most:
                raise Unusable(f"there are more than {counted(self._most, 'state')}")
        return number

    def _list(self) -> None:
        """Raises Unusable where there are not as many as there should be, and LimitReached."""
        pack = self._packing.pack
        for rigid in self._semantics.rigid_valuations(self._limits):
            waiting = []
            for state in self._semantics.initial_states(rigid, self._limits):
                self._number(pack(rigid, state))
                waiting.append(state)
            while waiting:
                if len(waiting) % _BATCH == 0:
                    self._limits.check_time()
                state = waiting.pop()
                here = self._numbers[pack(rigid, state)]
                for _, after in self._semantics.successors(rigid, state, self._limits):
                    known = len(self._backwards)
                    there = self._number(pack(rigid, after))
                    self._backwards[there].append(here)
                    if there == known:
                        waiting.append(after)
        if len(self._backwards) != self._most:
            raise Unusable(f"there are fewer than {counted(self._most, 'state')}")

    def farthest(self) -> int:
        """Raises Unusable where a state has no way, or is one that the spec should not come to."""
        problem, sizes = self._problem, self._problem.size_of
        binders = possibility_of(problem).binders
        evaluator = self._semantics.evaluator
        wanted, mistaken = evaluator.formula(target(problem), binders), evaluator.formula(problem.mistaken)
        states = [self._packing.unpack(packed) for packed in self._numbers]
        if any(mistaken(rigid, state, ()) for rigid, state in states):
            raise Unusable("a value leaves its range")
        found = 0
        for elements in values_of(binders, sizes):
            self._limits.check_time()
            there = (n for n, (rigid, state) in enumerate(states) if wanted(rigid, state, elements))
            found = max(found, self._steps_back(there))
        return found

    def _steps_back(self, there: Iterable[int]) -> int:
        level = list(there)
        known, steps = set(level), 0
        while True:
            level = [
                n for n in dict.fromkeys(n for one in level for n in self._backwards[one]) if n not in known
            ]
            if not level:
                break
            steps += 1
            known.update(level)
            self._limits.check_time()
        if len(known) != len(self._backwards):
            raise Unusable("from some reachable state what is wanted is out of reach")
        return steps
