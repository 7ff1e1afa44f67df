"""A run taken step by step, forwards and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.logic.grounding import exactly
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace

MOST_CHOICES = 10_000  # listed in one state


def first_start(semantics: Semantics, limits: Budget) -> tuple[Valuation, Valuation] | None:
    """The first parameter values that have an initial state, with the first of these. Raises LimitReached."""
    for rigid in semantics.rigid_valuations(limits):
        for initial in semantics.initial_states(rigid, limits):
            return rigid, initial
    return None


@dataclass(frozen=True, slots=True)
class Choices:
    """Steps with the states that they lead to; `stopped`: there may be more, behind these."""

    steps: list[tuple[Step, Valuation]]
    stopped: LimitReached | None = None


class Walk:
    """Begins with `rigid` and `initial`, which `problem` allows. Steps that change nothing are no choice.

    `seconds` is for listing the choices in one state.
    """

    def __init__(
        self, problem: Problem, rigid: Valuation, initial: Valuation, seconds: float | None = None
    ) -> None:
        self.problem = problem
        self._limits = Budget(max_states=MOST_CHOICES)
        self._seconds = seconds
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

    def choices(self) -> Choices:
        """Enabled steps in the order of the model, one for each state that they lead to and each action."""
        found: dict[tuple[str, Valuation], Step] = {}
        limits, stopped = self._limits.within(self._seconds), None
        try:
            for step, after in self._semantics.successors(self._rigid, self.state, limits):
                limits.check_time()
                if after != self.state and (step.action, after) not in found:
                    limits.check_count(len(found) + 1, "steps")
                    found[step.action, after] = step
        except LimitReached as reached:
            stopped = reached
        return Choices([(step, after) for (_, after), step in found.items()], stopped)

    def take(self, step: Step, after: Valuation) -> None:
        """Requires: one of `choices`."""
        self._steps.append(step)
        self._states.append(after)

    def follow(self, steps: Sequence[Step]) -> bool:
        """Take `steps`; False, and nothing is taken, where one of them is not possible."""
        found = run(self._semantics, self._rigid, self.state, steps)
        if isinstance(found, WhyNot):
            return False
        self._steps += steps
        self._states += found.states[1:]
        return True

    def undo(self) -> bool:
        """False at the start."""
        if not self._steps:
            return False
        self._steps.pop()
        self._states.pop()
        return True

    def stroll(self, steps: int, random: Random) -> int:
        """Take up to `steps` random ones, until a bad state or no choice is left; how many it took.

        Raises LimitReached where there is no time to list the choices: it does not take what came first.
        """
        for taken in range(steps):
            choices = self.choices()
            if choices.stopped is not None and choices.stopped.why is Why.TIMEOUT:
                raise choices.stopped
            if self.is_bad or not choices.steps:
                return taken
            self.take(*random.choice(choices.steps))
        return steps


def carried_over(trace: Trace, origin: Problem, problem: Problem) -> Trace | None:
    """`trace`, a run of `origin`, as one of `problem`, which has the same actions but other cells.

    Cells that `origin` does not have begin as what nobody has declared does: false. None where a step is
    not possible there.
    """
    known = dict(zip(origin.state_layout.cells, trace.states[0], strict=True))
    start = tuple(known.get(cell, 0) for cell in problem.state_layout.cells)
    walk = Walk(problem, trace.rigid, start)
    return walk.trace if walk.follow(trace.steps) else None


def beginning_at(problem: Problem, rigid: Valuation, state: Valuation) -> Problem:
    """The same question about the runs from `state`, whichever that is, under `rigid` alone."""
    return replace(
        problem,
        assumptions=tuple(exactly(problem.rigid_layout, rigid)),
        initial=tuple(replace(start, choices=None) for start in problem.initial),
        constraints=tuple(exactly(problem.state_layout, state)),
    )


def nearest_start(problem: Problem, trace: Trace, rigid: Valuation, state: Valuation) -> Trace:
    """A run with the steps of `trace` into a bad state, from a start as near to `rigid` and `state` as
    making one cell after another as it is there gets.

    Requires: `trace` is such a run from a start that `problem` allows; so is what comes back.
    """
    semantics = Semantics(problem)
    best, here = trace, (*rigid, *state)
    for position in range(len(here)):
        values = [*best.rigid, *best.states[0]]
        if values[position] == here[position]:
            continue
        values[position] = here[position]
        fixed, first = tuple(values[: len(rigid)]), tuple(values[len(rigid) :])
        if semantics.assumed(fixed) and semantics.is_initial(fixed, first):
            found = run(semantics, fixed, first, trace.steps)
            if isinstance(found, Trace) and semantics.is_bad(fixed, found.states[-1]):
                best = found
    return best
