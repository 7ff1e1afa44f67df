"""A trace that ends in the first bad state on it, replayed by the evaluator.

Stored are the values that differ from the least ones, and the steps; states are computed. So one about a
small part of a large model is short, and survives when the model gains symbols that it does not depend on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.base import Accepted, Claim, Evidence, Judgement, Scope, refused
from tdxverify.evidence.item import Content, Item, Json, Unusable
from tdxverify.evidence.replay import objection
from tdxverify.logic.counting import counted
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.show import show_call
from tdxverify.logic.sorts import Sizes, Sort, Value, domain, read_value, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.assignments import InitialStates
from tdxverify.semantics.lasso import length_of
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace

MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class BadRun(Evidence):
    """A run of the problem to a bad state; that there is no shorter one is not part of it."""

    kind: ClassVar[str] = "trace"
    parts: ClassVar[tuple[str, ...]] = ("parameters", "initial", "steps")
    claim: ClassVar[Claim] = Claim.BAD_STATE
    scope: ClassVar[Scope] = Scope.RUN
    by_evaluator: ClassVar[bool] = True

    trace: Trace

    @property
    def length(self) -> int:
        return length_of(self.trace)

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        if problem.possible is not None:  # that what is wanted does not hold at its end says nothing
            problem = replace(problem, possible=None, bad=problem.mistaken)
        why = objection(problem, self.trace)
        return Accepted() if why is None else refused(problem, self, str(why))

    def stored(self, problem: Problem) -> Content:
        least, trace = _Least(problem), self.trace
        steps: list[Json] = []
        for step in trace.steps:
            parameters = problem.action_named[step.action].parameters
            shown = [show(p.sort, v) for p, v in zip(parameters, step.arguments, strict=True)]
            steps.append([step.action, *shown])
        return (
            ("parameters", _different(problem.rigid_layout, trace.rigid, least.rigid())),
            ("initial", _different(problem.state_layout, trace.states[0], least.state(trace.rigid))),
            ("steps", steps),
        )

    @classmethod
    def read(cls, problem: Problem, item: Item) -> BadRun:
        return cls(_Reader(problem).trace(item))

    @classmethod
    def readable(cls, item: Item) -> tuple[str, ...]:
        return tuple(
            f"{n}. {_call(data)}" for n, data in enumerate(item.listed("steps", MOST_STEPS), start=1)
        )

    def described(self) -> str:
        return f"trace of {counted(self.length, 'step')}"

    def told(self, problem: Problem) -> str:
        return f"a run of {counted(self.length, 'step')} to a bad state"


def _call(stored: Json) -> str:
    match stored:
        case [str(action), *arguments] if all(isinstance(argument, str) for argument in arguments):
            return show_call(action, map(str, arguments))
    raise Unusable("a step is not given as the names of an action and its arguments")


def _different(layout: Layout, values: Valuation, least: Valuation) -> Json:
    cells = zip(layout.cells, values, least, strict=True)
    return {str(cell): show(cell.symbol.sort, value) for cell, value, other in cells if value != other}


class _Least:
    """The values that go without saying: of its sort, or of what the spec says a cell starts with."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        self._initial = InitialStates(problem, evaluator)

    def rigid(self) -> Valuation:
        cells = self._problem.rigid_layout.cells
        return tuple(domain(cell.symbol.sort, self._problem.size_of)[0] for cell in cells)

    def state(self, rigid: Valuation) -> Valuation:
        return tuple(choices[0] for choices in self._initial.choices(rigid))


class _Reader:
    """Reads a trace: completes its values, and computes its states with the evaluator."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def trace(self, item: Item) -> Trace:
        problem, least = self._problem, _Least(self._problem)
        rigid = self._values(problem.rigid_layout, item.part("parameters"), least.rigid())
        first = self._values(problem.state_layout, item.part("initial"), least.state(rigid))
        steps = tuple(self._step(data) for data in item.listed("steps", MOST_STEPS))
        found = run(Semantics(problem), rigid, first, steps)
        if isinstance(found, WhyNot):
            raise Unusable(f"the trace is refused: {found}")
        return found

    def _values(self, layout: Layout, data: Json, least: Valuation) -> Valuation:
        if not isinstance(data, dict):
            raise Unusable("the values of a trace are not given by name")
        positions = {str(cell): number for number, cell in enumerate(layout.cells)}
        values = list(least)
        for name, text in data.items():
            if name not in positions:
                raise Unusable(f"the spec has no '{name[:60]}'")
            cell: Cell = layout.cells[positions[name]]
            values[positions[name]] = value_of(cell.symbol.sort, text, self._problem.size_of)
        return tuple(values)

    def _step(self, data: Json) -> Step:
        match data:
            case [str(name), *arguments] if name in self._problem.action_named:
                parameters = self._problem.action_named[name].parameters
                if len(arguments) == len(parameters):
                    pairs = zip(parameters, arguments, strict=True)
                    return Step(name, tuple(value_of(p.sort, a, self._problem.size_of) for p, a in pairs))
        raise Unusable(f"it is no step of this spec: {repr(data)[:80]}")


def value_of(sort: Sort, text: Json, sizes: Sizes) -> Value:
    """The value that is shown as `text`. Raises Unusable."""
    value = read_value(sort, text, sizes) if isinstance(text, str) else None
    if value is None:
        raise Unusable(f"{repr(text)[:60]} is no value of {sort}")
    return value
