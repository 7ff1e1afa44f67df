"""The run that stays with a trace as long as possible, and ends where no bad state can be reached any more.

States are enumerated by the evaluator, from the last good state of the trace backwards: what is ahead of a
later state is known when an earlier one is looked at. Where there are too many, pdr is asked about single
turns off the trace, and then it is not known whether one is closer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from tdxverify.answers.observers import Silent
from tdxverify.budget import STEPS_A_SECOND, UNLIMITED, Budget, LimitReached, Why, held
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.grounding import exactly
from tdxverify.logic.layout import Valuation
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace

MOST_STATES = 20_000
MOST_STEPS = 200_000  # between these states
MOST_ASKED = 4  # turns that pdr is asked about,
WORK = 3 * STEPS_A_SECOND  # with so much work each


class Way(Enum):
    """What there is instead of the trace, with the same parameters, from its first state on."""

    SAFE = "a run that ends where nothing bad can be reached; none that ends so stays longer with the trace"
    PERHAPS_NOT_CLOSEST = "a run that ends where nothing bad can be reached; there may be a closer one"
    AT_ONCE = "every step that leads off the trace leads to a bad state, so only stopping avoids one"
    ONLY_STOPPING = "every run that goes on as long as it can comes to a bad state"
    ROUND = "a bad state can be reached from every state, but a run can also go round for ever"
    NO_STEP = "the first state of the trace is bad"
    OPEN = "not found out: the states are too many, or the time was too short"


@dataclass(frozen=True, slots=True)
class ClosestRun:
    """The same as the trace for `kept` steps; then `steps` instead, the last of which leads to `end`.

    With a way that is a run, `end` is safe. With OPEN there may be one step, to a state that is not bad.
    """

    way: Way
    kept: int = 0
    steps: tuple[Step, ...] = ()
    end: Valuation = ()


def closest_run(problem: Problem, trace: Trace, budget: Budget = UNLIMITED) -> ClosestRun:
    """Requires: `trace` is a run of `problem`, and reaches a bad state."""
    semantics = Semantics(problem, budget)
    good = next(n for n, state in enumerate(trace.states) if semantics.is_bad(trace.rigid, state))
    if good == 0:
        return ClosestRun(Way.NO_STEP)
    ahead = _Ahead(semantics, trace.rigid, budget)
    kept = good
    try:
        with held(budget):
            while kept:
                kept -= 1
                if ahead.look(trace.states[kept]):
                    steps, end = ahead.way_out(trace.states[kept])
                    return ClosestRun(Way.SAFE, kept, steps, end)
            return ClosestRun(_without_end(ahead, trace, good))
    except LimitReached as reached:
        asked = () if reached.why is Why.TIMEOUT else _turns(semantics, trace, kept, ahead.can_fail)
        return _by_single_turns(problem, trace.rigid, asked, budget)


class _Ahead:
    """The states that can be reached from those looked at, without going on from bad ones."""

    def __init__(self, semantics: Semantics, rigid: Valuation, budget: Budget) -> None:
        self._semantics = semantics
        self._rigid = rigid
        self._budget = replace(budget, max_states=MOST_STATES)
        self._edges = replace(budget, max_states=MOST_STEPS)
        self._count = 0
        self._before: dict[Valuation, list[Valuation]] = {}
        self.after: dict[Valuation, dict[Valuation, Step]] = {}  # of good states; for each target one step
        self.can_fail: set[Valuation] = set()  # from there a bad state is reached

    def look(self, start: Valuation) -> bool:
        """Whether a state from which nothing bad can be reached is found from `start`, a good one, on.

        Requires: there is none from the states on that were looked at before. Raises LimitReached.
        """
        fresh = [start]
        try:
            for state in fresh:  # grows
                fresh += self._listed(state)
        finally:
            self._mark(fresh)
        return any(state not in self.can_fail for state in fresh)

    def _listed(self, state: Valuation) -> Iterator[Valuation]:
        """The states one step behind `state` that are new."""
        if state in self.after:
            return
        if self._semantics.is_bad(self._rigid, state):
            self.can_fail.add(state)
            return
        self._budget.check_time()
        self._budget.check_count(len(self.after) + 1, "states")
        found = self.after[state] = {}
        for step, target in self._semantics.successors(self._rigid, state):
            self._count += 1
            self._edges.check_count(self._count, "steps")
            if target in found:
                continue
            found[target] = step
            known = self._before.setdefault(target, [])
            known.append(state)
            if len(known) == 1:
                yield target

    def _mark(self, fresh: Iterable[Valuation]) -> None:
        """All states that lead to one that can fail can fail themselves."""
        waiting = [state for state in fresh if state in self.can_fail]
        waiting += [s for s in fresh if any(target in self.can_fail for target in self.after.get(s, ()))]
        self.can_fail.update(waiting)
        while waiting:
            for earlier in self._before.get(waiting.pop(), ()):
                if earlier not in self.can_fail:
                    self.can_fail.add(earlier)
                    waiting.append(earlier)

    def way_out(self, start: Valuation) -> tuple[tuple[Step, ...], Valuation]:
        """The first of the shortest runs to a state that cannot fail. Requires: `look` has found one."""
        came: dict[Valuation, tuple[Valuation, Step]] = {}
        waiting = deque([start])
        while waiting[0] in self.can_fail:
            state = waiting.popleft()
            for target, step in self.after.get(state, {}).items():
                if target != start and target not in came:
                    came[target] = state, step
                    waiting.append(target)
        end = state = waiting[0]
        steps: list[Step] = []
        while state != start:
            state, step = came[state]
            steps.append(step)
        return tuple(reversed(steps)), end

    def goes_round(self) -> bool:
        """Whether a run can come back to where it was, staying among good states."""
        left = {state: sum(t in self.after for t in targets) for state, targets in self.after.items()}
        ends = [state for state, count in left.items() if not count]
        for state in ends:  # grows
            for earlier in self._before.get(state, ()):
                left[earlier] -= 1
                if not left[earlier]:
                    ends.append(earlier)
        return len(ends) < len(left)


def _without_end(ahead: _Ahead, trace: Trace, good: int) -> Way:
    """What there is where a bad state can be reached from everywhere."""
    if ahead.goes_round():
        return Way.ROUND
    off = [
        target in ahead.after
        for number, state in enumerate(trace.states[:good])
        for target in ahead.after[state]
        if target != trace.states[number + 1]
    ]
    return Way.AT_ONCE if off and not any(off) else Way.ONLY_STOPPING


def _turns(semantics: Semantics, trace: Trace, latest: int, can_fail: set[Valuation]) -> Iterator[ClosestRun]:
    """Single steps off the trace to good states, the last ones first. Raises LimitReached."""
    seen = set(trace.states)
    for kept in range(latest, -1, -1):
        for step, state in semantics.successors(trace.rigid, trace.states[kept]):
            if state not in seen and state not in can_fail and not semantics.is_bad(trace.rigid, state):
                seen.add(state)
                yield ClosestRun(Way.OPEN, kept, (step,), state)


def _by_single_turns(
    problem: Problem, rigid: Valuation, turns: Iterable[ClosestRun], budget: Budget
) -> ClosestRun:
    """The first of a few that pdr proves to be safe; else the first, as one of which nothing is known."""
    first = ClosestRun(Way.OPEN)
    try:
        with held(budget):
            for _, turn in zip(range(MOST_ASKED), turns, strict=False):
                first = first if first.steps else turn
                asked = _starting_in(problem, rigid, turn.end)
                if isinstance(find("pdr", asked, budget.working(WORK), Silent()).verdict, Proved):
                    return replace(turn, way=Way.PERHAPS_NOT_CLOSEST)
    except LimitReached:
        pass
    return first


def _starting_in(problem: Problem, rigid: Valuation, state: Valuation) -> Problem:
    """The same question about the runs that begin in `state`, with the parameters `rigid`."""
    return replace(
        problem,
        assumptions=(*problem.assumptions, *exactly(problem.rigid_layout, rigid)),
        initial=tuple(replace(start, choices=None) for start in problem.initial),
        constraints=tuple(exactly(problem.state_layout, state)),
    )
