"""A trace really is a run of its problem, and its last state is the first bad one.

Everything is asked of the evaluator; no solver and no generated code takes part.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from tdxverify.diagnostics import InternalError
from tdxverify.explore.successors import Semantics
from tdxverify.model.layout import Layout, Valuation
from tdxverify.model.sorts import domain
from tdxverify.results.trace import Step, Trace
from tdxverify.ts.problem import Problem


def replay(problem: Problem, trace: Trace) -> None:
    """Accept `trace`, or raise InternalError saying what is wrong with it.

    That no shorter trace exists is not checked here: only that no earlier state of this one is bad.
    """
    _Replay(problem, trace, Semantics(problem)).check()


def run_of(problem: Problem, rigid: Valuation, first: Valuation, steps: tuple[Step, ...]) -> Trace:
    """The trace of these `steps` from `first`, accepted as by `replay`; InternalError if there is none."""
    semantics = Semantics(problem)
    states = [first]
    moves = {one.action.name: one for one in semantics.moves}
    for number, step in enumerate(steps):
        after = None
        if step.action in moves and len(step.arguments) == len(moves[step.action].arguments):
            after = semantics.after(moves[step.action], rigid, states[-1], step.arguments)
        if after is None:
            raise InternalError(f"step {number + 1} of a trace of {problem.name} cannot be made: {step}")
        states.append(after)
    trace = Trace(problem.sizes, rigid, tuple(states), steps)
    _Replay(problem, trace, semantics).check()
    return trace


class _Replay:
    def __init__(self, problem: Problem, trace: Trace, semantics: Semantics) -> None:
        self._problem = problem
        self._trace = trace
        self._semantics = semantics

    def check(self) -> None:
        trace = self._trace
        if trace.sizes != self._problem.sizes:
            self._refuse(f"its sizes are {trace.sizes}, the problem's {self._problem.sizes}")
        if len(trace.states) != len(trace.steps) + 1:
            self._refuse(f"it has {len(trace.steps)} steps and {len(trace.states)} states")
        self._check_domain("parameters", self._problem.rigid_layout, trace.rigid)
        for number, state in enumerate(trace.states):
            self._check_domain(f"state {number}", self._problem.state_layout, state)
        if not self._semantics.assumed(trace.rigid):
            self._refuse("its parameters violate the assumptions")
        if not self._semantics.is_initial(trace.rigid, trace.states[0]):
            self._refuse("its first state is not an initial state")
        for number, step in enumerate(trace.steps):
            self._check_step(number, step)
        self._check_bad()

    def _check_domain(self, what: str, layout: Layout, values: Valuation) -> None:
        if len(values) != len(layout.cells):
            self._refuse(f"{what}: {len(values)} values for {len(layout.cells)} cells")
        for cell, value in zip(layout.cells, values, strict=True):
            if value not in domain(cell.symbol.sort, self._problem.size_of):
                self._refuse(f"{what}: {cell} is {value}, which is not in {cell.symbol.sort}")

    def _check_step(self, number: int, step: Step) -> None:
        what = f"step {number + 1} ({step.action}{list(step.arguments)})"
        action = self._problem.action_named.get(step.action)
        if action is None:
            self._refuse(f"{what}: there is no such action")
        if len(step.arguments) != len(action.parameters):
            self._refuse(f"{what}: {len(action.parameters)} arguments are needed")
        for parameter, value in zip(action.parameters, step.arguments, strict=True):
            if value not in domain(parameter.sort, self._problem.size_of):
                self._refuse(f"{what}: {parameter.name} is {value}, which is not in {parameter.sort}")
        before, claimed = self._trace.states[number : number + 2]
        moves = self._semantics.moves[self._problem.actions.index(action)]
        after = self._semantics.after(moves, self._trace.rigid, before, step.arguments)
        if after is None:
            self._refuse(f"{what}: the guard does not hold")
        if after != claimed:
            self._refuse(f"{what}: the next state differs at {self._difference(after, claimed)}")

    def _difference(self, computed: Valuation, claimed: Valuation) -> str:
        cells = self._problem.state_layout.cells
        return ", ".join(
            f"{cell} (computed {right}, in the trace {wrong})"
            for cell, right, wrong in zip(cells, computed, claimed, strict=True)
            if right != wrong
        )

    def _check_bad(self) -> None:
        *earlier, last = self._trace.states
        for number, state in enumerate(earlier):
            if self._semantics.is_bad(self._trace.rigid, state):
                self._refuse(f"state {number} is bad already")
        if not self._semantics.is_bad(self._trace.rigid, last):
            self._refuse("its last state is not bad")

    def _refuse(self, reason: str) -> NoReturn:
        bundle = {"problem": _listed(self._problem.symbols, self._problem), "trace": repr(self._trace)}
        raise InternalError(f"trace of {self._problem.name} refused: {reason}", bundle)


def _listed(symbols: Iterable[object], problem: Problem) -> str:
    """Enough of the problem to reproduce a refusal: symbols, then the problem as a whole."""
    return "\n".join([*(repr(symbol) for symbol in symbols), repr(problem)])
