"""A run taken step by step, forwards and back."""

from __future__ import annotations

from random import Random

from tdxverify.explore.successors import Semantics
from tdxverify.model.layout import Valuation
from tdxverify.results.trace import Step, Trace
from tdxverify.ts.problem import Problem


class Walk:
    """Begins with `rigid` and `initial`, which `problem` allows. Steps that change nothing are no choice."""

    def __init__(self, problem: Problem, rigid: Valuation, initial: Valuation) -> None:
        self.problem = problem
        self._semantics = Semantics(problem)
        self._rigid = rigid
        self._states = [initial]
        self._steps: list[Step] = []

    @property
    def state(self) -> Valuation:
        return self._states[-1]

    @property
    def trace(self) -> Trace:
        """The run so far."""
        return Trace(self.problem.sizes, self._rigid, tuple(self._states), tuple(self._steps))

    @property
    def is_bad(self) -> bool:
        return self._semantics.is_bad(self._rigid, self.state)

    def choices(self) -> list[tuple[Step, Valuation]]:
        """Enabled steps in the order of the model, one for each state that they lead to and each action."""
        found: dict[tuple[str, Valuation], Step] = {}
        for step, after in self._semantics.successors(self._rigid, self.state):
            if after != self.state:
                found.setdefault((step.action, after), step)
        return [(step, after) for (_, after), step in found.items()]

    def take(self, step: Step, after: Valuation) -> None:
        """Requires: one of `choices`."""
        self._steps.append(step)
        self._states.append(after)

    def undo(self) -> bool:
        """False at the start."""
        if not self._steps:
            return False
        self._steps.pop()
        self._states.pop()
        return True

    def stroll(self, steps: int, random: Random) -> int:
        """Take up to `steps` random ones, until a bad state or no choice is left; how many it took."""
        for taken in range(steps):
            choices = self.choices()
            if self.is_bad or not choices:
                return taken
            self.take(*random.choice(choices))
        return steps
