"""A trace that ends in an assignment outside its target's range: which assignment, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tdxverify.diagnostics import Code, Diagnostic, InternalError, Note
from tdxverify.model.evaluate import Evaluator
from tdxverify.model.expr import Bound, Expr
from tdxverify.model.layout import Cell
from tdxverify.model.model import Model, RangeObligation
from tdxverify.model.show import show_cell
from tdxverify.model.sorts import Value, domain
from tdxverify.results.story import Story, StoryStep, Violation
from tdxverify.results.trace import Trace
from tdxverify.ts.lower import out_of_range
from tdxverify.ts.problem import Problem


@dataclass(frozen=True, slots=True)
class RangeError:
    """The story is told up to the assignment, and says so in place of a property."""

    diagnostic: Diagnostic
    story: Story


def leaves_range(problem: Problem, trace: Trace) -> bool:
    """Whether the last state of `trace` is bad because of an assignment out of range."""
    if problem.range_monitor is None:
        return False
    return bool(trace.states[-1][problem.state_layout.offset[problem.range_monitor]])


def range_error(model: Model, problem: Problem, trace: Trace, story: Story) -> RangeError:
    """The mistake in the spec that `trace` leads to. Requires `leaves_range`."""
    last = _LastStep(model, problem, trace)
    obligation, value = last.violated()
    cell, sort = last.cell(obligation, value), obligation.symbol.sort
    told = f"step '{trace.steps[-1].action}' would make {cell} {value}, outside its range {sort}"
    notes = (Note(f"{_circumstances(story)}: {'; '.join(_called(step) for step in story.steps)}"),)
    hint = f"widen the range of '{obligation.symbol.name}', or guard the step so that it stays inside"
    diagnostic = Diagnostic(Code.E510, told, obligation.span, notes, hint)
    violation = Violation(obligation.symbol.name, None, told, told, ())
    return RangeError(diagnostic, replace(story, violation=violation))


class _LastStep:
    """The last step of a trace, evaluated as the model states it: assignments still in one piece."""

    def __init__(self, model: Model, problem: Problem, trace: Trace) -> None:
        step = trace.steps[-1]
        self._action = next(action for action in model.actions if action.name == step.action)
        self._arguments = dict(zip(self._action.parameters, step.arguments, strict=True))
        self._evaluator = Evaluator.of(problem.symbols, problem.size_of)
        self._problem = problem
        self._trace = trace

    def violated(self) -> tuple[RangeObligation, Value]:
        """The first obligation that does not hold, and the value that does not fit."""
        for obligation in self._action.obligations:
            for bound in self._choices(obligation.binders):
                if self._value(out_of_range(replace(obligation, binders=())), bound):
                    return obligation, self._value(obligation.value, bound)
        raise InternalError(f"step {self._action.name} left a range, but none of its assignments does")

    def cell(self, obligation: RangeObligation, value: Value) -> str:
        """The cell that would get `value`; the variable where the step itself overwrites it again."""
        for write in self._action.writes:
            for bound in self._choices(write.binders):
                if write.symbol != obligation.symbol or not self._value(write.condition, bound):
                    continue
                if self._value(write.value, bound) == value:
                    indices = tuple(self._value(index, bound) for index in write.indices)
                    return show_cell(Cell(write.symbol, indices))
        return obligation.symbol.name

    def _value(self, expr: Expr, bound: Mapping[Bound, Value]) -> Value:
        return self._evaluator.evaluate(expr, self._trace.rigid, self._trace.states[-2], bound)

    def _choices(self, binders: Sequence[Bound]) -> Iterator[dict[Bound, Value]]:
        """The arguments of the step together with every choice of `binders`."""
        domains = [domain(binder.sort, self._problem.size_of) for binder in binders]
        for values in product(*domains):
            yield {**self._arguments, **dict(zip(binders, values, strict=True))}


def _circumstances(story: Story) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in (*story.sizes, *story.parameters))
    steps = "1 step" if len(story.steps) == 1 else f"{len(story.steps)} steps"
    return f"after {steps} with {values}" if values else f"after {steps}"


def _called(step: StoryStep) -> str:
    if not step.parameters:
        return step.action
    return f"{step.action}({', '.join(f'{name} = {value}' for name, value in step.parameters)})"
