"""The templates of a trace's steps, with their values put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Symbol
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import NONE, IndexSort, OptionalSort, RangeSort, Sort, Value, show
from tdxverify.model.model import Decision, Model, Template, TemplatePart
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.decided import decided


@dataclass(frozen=True, slots=True)
class Emission:
    """Lines of program. `access` says for which access they are: `host_read(Line0)`; None: the whole step.

    `lines` is None where nothing is known to do it; then `description` is what the spec says of the access.
    """

    access: str | None
    lines: tuple[str, ...] | None
    description: str | None = None


class Emitter:
    """Requires: `problem` is `model` lowered, and `trace` is one of its runs."""

    def __init__(self, model: Model, problem: Problem, trace: Trace, target: str) -> None:
        self._model = model
        self._problem = problem
        self._trace = trace
        self._target = target
        self._tables = {table.name: table for table in model.tables}
        self._evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        cells = problem.rigid_layout.cells
        self._rigid = {
            cell.symbol: value for cell, value in zip(cells, trace.rigid, strict=True) if not cell.indices
        }

    def preludes(self) -> Iterator[tuple[str, ...]]:
        """Of every file that has one, imported files first."""
        for prelude in self._model.preludes:
            if prelude.target == self._target:
                yield self._filled(prelude, {})

    def step(self, number: int) -> tuple[Emission, ...]:
        """Of step `number`, from 0: its own template, or else those of its accesses, in their order.

        Empty where it has none and makes no access.
        """
        step, before = self._trace.steps[number], self._trace.states[number]
        action = self._problem.action_named[step.action]
        bound = dict(zip(action.parameters, step.arguments, strict=True))
        own = self._mine(action.templates)
        if own is not None:
            return (Emission(None, self._filled(own, bound)),)
        found = decided(action, self._evaluator, self._trace.rigid, before, bound)
        return tuple(self._access(decision, before, values) for decision, values in found)

    def _access(self, decision: Decision, before: Valuation, bound: Mapping[Bound, Value]) -> Emission:
        table = self._tables[decision.access]
        given = [
            (e.sort, self._evaluator.evaluate(e, self._trace.rigid, before, bound))
            for e in decision.arguments
        ]
        shown = ", ".join(show(sort, value) for sort, value in given)
        call = f"{table.name}({shown})" if shown else table.name
        template = self._mine(table.templates)
        if template is None:
            return Emission(call, None, table.description)
        values = {p: value for p, (_, value) in zip(table.parameters, given, strict=True)}
        return Emission(call, self._filled(template, values))

    def _mine(self, templates: tuple[Template, ...]) -> Template | None:
        return next((template for template in templates if template.target == self._target), None)

    def _filled(self, template: Template, bound: Mapping[Bound, Value]) -> tuple[str, ...]:
        return tuple("".join(self._text(part, bound) for part in line) for line in template.lines)

    def _text(self, part: TemplatePart, bound: Mapping[Bound, Value]) -> str:
        match part:
            case str():
                return part
            case Bound(sort=sort):
                return self._value(sort, bound[part])
            case Symbol(sort=sort):
                return self._value(sort, self._rigid[part])
            case IndexSort(name=name):
                return str(self._problem.size_of[name])

    def _value(self, sort: Sort, value: Value) -> str:
        """A name or a number, nothing else. An element of an index sort is its number."""
        match sort:
            case IndexSort():
                return str(value)
            case OptionalSort(base=base) if value != NONE:
                return self._value(base, value)
            case RangeSort() if value < 0 and self._target == "c":
                return f"({value})"  # behind another minus
            case _:
                return show(sort, value)
