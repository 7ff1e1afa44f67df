"""Breadth-first search over packed states, and the least shortest trace into a bad one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit.compiled import Select, System, compile_select, compile_system, is_compilable
from tdxverify.engines.explicit.generate import FixedCells
from tdxverify.engines.explicit.interpreted import interpret_select, interpret_system
from tdxverify.evidence.verdict import Vacuous
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Expr
from tdxverify.logic.layout import Valuation
from tdxverify.logic.packing import Packing
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace

Report: TypeAlias = Callable[[str], None]

_BATCH = 4096  # initial states between two looks at the clock
_REPORT_SECONDS = 0.3


@dataclass(frozen=True)
class Reached:
    """What was found. `levels[k]` are the states at distance k from the initial ones.

    The last level is complete unless `stopped`; then it is a part of level `len(levels) - 1`.
    `bad` are all bad states on the last level if any, and the search ended there.
    """

    levels: list[list[int]]
    visited: set[int]
    bad: list[int]
    stopped: LimitReached | None

    @property
    def clean_through(self) -> int | None:
        """The last complete level without a bad state."""
        last = len(self.levels) - 1 - bool(self.bad) - (self.stopped is not None)
        return last if last >= 0 else None


@dataclass(frozen=True)
class Start:
    """`rigid` valuations that the assumptions allow, and all initial pairs packed, ascending."""

    system: System
    rigid: list[Valuation]
    initial: list[int]


def prepare(problem: Problem, semantics: Semantics, limits: Budget) -> Start:
    """Enumerate parameters and initial states and build the system. Raises LimitReached."""
    rigid: list[Valuation] = []
    for valuation in semantics.rigid_valuations(limits):
        rigid.append(valuation)
        limits.check_count(len(rigid), "parameter valuations")
    if is_compilable(problem):
        system = compile_system(problem, fixed_cells(problem, rigid), limits.check_time)
    else:
        system = interpret_system(semantics)
    return Start(system, rigid, _initial(semantics, rigid, system.packing, limits))


def select_where(problem: Problem, formula: Expr, fixed: FixedCells) -> Select:
    """Those of some states of `problem` in which `formula` holds; `fixed` as `fixed_cells`, or fewer."""
    if is_compilable(problem, formula):
        return compile_select(problem, formula, fixed)
    return interpret_select(Semantics(problem), formula)


def vacuous(start: Start) -> Vacuous:
    """Why there is no initial state. Requires that there is none."""
    if not start.rigid:
        return Vacuous("no values of the parameters are allowed")
    return Vacuous("no state satisfies what is said about the initial state")


def fixed_cells(problem: Problem, rigid: list[Valuation]) -> FixedCells:
    """Rigid cells with one value in all valuations."""
    fixed: FixedCells = {}
    for position, cell in enumerate(problem.rigid_layout.cells):
        values = {valuation[position] for valuation in rigid}
        if len(values) == 1:
            fixed[cell.symbol.name, cell.indices] = values.pop()
    return fixed


def _initial(semantics: Semantics, rigid: list[Valuation], packing: Packing, limits: Budget) -> list[int]:
    found: list[int] = []
    for valuation in rigid:
        for state in semantics.initial_states(valuation, limits):
            found.append(packing.pack(valuation, state))
            if len(found) % _BATCH == 0:
                limits.check_time()
                limits.check_count(len(found), "initial states")
        limits.check_time()
    limits.check_count(len(found), "initial states")
    return found


def explore(start: Start, limits: Budget, report: Report, deepest: int | None = None) -> Reached:
    """All states reachable, or those up to the first level with a bad one, or up to a limit.

    Levels beyond `deepest` are a limit as well: no bad state was met up to there.
    """
    system = start.system
    visited = set(start.initial)
    levels = [start.initial]
    clock = _Clock(report)
    while True:
        bad = system.bad(levels[-1])
        if bad:
            return Reached(levels, visited, bad, None)
        fresh: list[int] = []
        levels.append(fresh)
        if deepest is not None and len(levels) > deepest + 1:
            return Reached(levels, visited, [], LimitReached(Why.BOUND_REACHED))
        try:
            for states in _batches(levels[-2], system.batch):
                for expand in system.expand:
                    expand(states, visited, fresh)
                limits.check_time()
                limits.check_count(len(visited), "states")
                clock.tick(len(levels) - 1, len(visited))
        except LimitReached as stopped:
            return Reached(levels, visited, [], stopped)
        if not fresh:
            levels.pop()
            return Reached(levels, visited, [], None)


def _batches(states: list[int], size: int) -> Iterator[list[int]]:
    return (states[k : k + size] for k in range(0, len(states), size))


class _Clock:
    """Reports progress at most a few times per second."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._next = monotonic() + _REPORT_SECONDS

    def tick(self, depth: int, states: int) -> None:
        now = monotonic()
        if now >= self._next:
            self._next = now + _REPORT_SECONDS
            self._report(f"depth {depth}, {counted(states, 'state')}")


def shortest_trace(problem: Problem, semantics: Semantics, start: Start, reached: Reached) -> Trace:
    """The least of the shortest traces, in the order (rigid valuation, initial state, then for each
    step action position and arguments).

    Backwards over the levels, only states on some shortest path into a bad state are kept; every
    choice forwards among these is part of a shortest trace, so taking the least each time is right. Raises
    LimitReached where the budget of the system or of `semantics` ends.
    Requires: `reached.bad`.
    """
    system = start.system
    useful: list[set[int]] = [set(reached.bad)]
    backwards = system.toward() if len(reached.levels) > 1 else ()
    for level in reversed(reached.levels[:-1]):
        found: set[int] = set()
        for toward in backwards:
            toward(level, useful[-1], found)
        useful.append(found)
    useful.reverse()
    rigid, state = system.packing.unpack(min(useful[0]))  # packed order is the order of valuations
    states, steps = [state], list[Step]()
    for targets in useful[1:]:
        step, state = _least_step(semantics, system.packing, rigid, state, targets)
        steps.append(step)
        states.append(state)
    return Trace(problem.sizes, rigid, tuple(states), tuple(steps))


def _least_step(
    semantics: Semantics, packing: Packing, rigid: Valuation, state: Valuation, targets: set[int]
) -> tuple[Step, Valuation]:
    for step, after in semantics.successors(rigid, state):
        if packing.pack(rigid, after) in targets:
            return step, after
    raise InternalError("the evaluator knows no step that the generated explorer took")
