"""A trace that ends where a value does not fit into a range, or is none: which value, which place, where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from tdxverify.diagnostics import Code, Diagnostic, InternalError, Note
from tdxverify.logic.counting import counted
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.layout import Cell
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import IndexSort, OptionalSort, RangeSort, Value, domain, show
from tdxverify.model.model import Check, Model, RangeObligation
from tdxverify.model.ranges import violated
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.lower import property_named
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import told_cell
from tdxverify.telling.story import Story, Violation, as_mistaken, told_call


@dataclass(frozen=True, slots=True)
class RangeError:
    """The story is told up to there, and says so in place of a property."""

    diagnostic: Diagnostic
    story: Story


def leaves_range(problem: Problem, trace: Trace) -> bool:
    """Whether the last state of `trace` is bad because a value did not fit into its range."""
    monitor = problem.range_monitor
    if monitor is not None and trace.states[-1][problem.state_layout.offset[monitor]]:
        return True
    return bool(_evaluator(problem).evaluate(problem.undefined, trace.rigid, trace.states[-1]))


def in_words(error: Diagnostic) -> str:
    """What is wrong with the spec, in general."""
    return "none is used as a value" if error.code is Code.E511 else "a value leaves its range"


def range_error(model: Model, check: Check, problem: Problem, trace: Trace, story: Story) -> RangeError:
    """The mistake in the spec that `trace` leads to. Requires `leaves_range`."""
    found = next(_violations(model, check, problem, trace), None)
    if found is None:
        raise InternalError("a value left its range, but none of the places where that can happen shows it")
    obligation, cell, value, where, in_step = found
    story = as_mistaken(story) if in_step else story
    sort = obligation.value.sort
    target = obligation.target.what if cell is None else show_cell(cell)
    symbol = obligation.target.symbol
    if symbol is not None and trace.steps:
        told = f"step '{trace.steps[-1].action}' would make {target} {show(sort, value)}"
    else:
        told = f"{where}, {target} would be {show(sort, value)}"
    told += f", {_outside(obligation)}"
    steps = "; ".join(told_call(step) for step in story.steps)
    notes = (Note(f"{_circumstances(story)}: {steps}" if steps else _circumstances(story)),)
    hint = "widen the range, or make sure before that the value is inside"
    if symbol is not None and trace.steps:
        hint = f"widen the range of '{symbol.name}', or guard the step so that it stays inside"
    code = Code.E510
    if isinstance(sort, OptionalSort):
        code, hint = Code.E511, f"ask before whether it is none: {_as_written(obligation)} != none"
    diagnostic = Diagnostic(code, told, obligation.span, notes, hint)
    name = obligation.target.what if symbol is None else symbol.name
    cells = () if cell is None else (told_cell(cell),)
    violation = Violation(name, None, told, told, (), is_evident=True, cells=cells)
    return RangeError(diagnostic, replace(story, violation=violation))


def _as_written(obligation: RangeObligation) -> str:
    """The expression in the words of the file: what it is at that point of the step may be another."""
    lines = obligation.span.text.splitlines()
    text = " ".join(" ".join(line.partition("//")[0] for line in lines).split())
    text = text if obligation.target.symbol is None else text.rpartition(":= ")[2]
    is_one = re.fullmatch(r"\w+(\[[^\[\]]*(\[[^\[\]]*\][^\[\]]*)*\]|\([^()]*\))?", text)
    return text if is_one else f"({text})"


def _outside(obligation: RangeObligation) -> str:
    sort = obligation.target.sort
    if isinstance(sort, RangeSort):
        return f"outside its range {sort}"
    return f"which is no {'element' if isinstance(sort, IndexSort) else 'member'} of {sort}"


def _evaluator(problem: Problem) -> Evaluator:
    return Evaluator.of(problem.symbols, problem.size_of)


Violated: TypeAlias = tuple[RangeObligation, Cell | None, Value, str, bool]


def _violations(model: Model, check: Check, problem: Problem, trace: Trace) -> Iterator[Violated]:
    """What does not hold at the end of `trace`: the obligation, what would get which value, and where; and
    whether it is the last step that does not make sense.

    The start comes first, then the last step, then the property where it is asked.
    """
    target = property_named(model, check.property)
    of_steps = kind_of(target).of_steps
    if not trace.steps:
        here = _Place(problem, trace, {})
        yield from here.violated((*model.start_obligations, *check.obligations), "at the start")
    else:
        step = trace.steps[-1]
        action = next(action for action in model.actions if action.name == step.action)
        arguments = dict(zip(action.parameters, step.arguments, strict=True))
        before = _Place(problem, trace, arguments, before=True)
        yield from before.violated(action.obligations, f"in step '{step.action}'", in_step=True)
        if of_steps:
            asked = f"when '{target.name}' is asked of step '{step.action}'"
            yield from before.violated(target.obligations, asked)
    if not of_steps:
        yield from _Place(problem, trace, {}).violated(target.obligations, f"when '{target.name}' is asked")


class _Place:
    """The last state of a trace, or its last step: where obligations are evaluated, still in one piece."""

    def __init__(
        self, problem: Problem, trace: Trace, arguments: Mapping[Bound, Value], *, before: bool = False
    ) -> None:
        self._problem = problem
        self._evaluator = _evaluator(problem)
        self._arguments = arguments
        self._rigid = trace.rigid
        self._state = trace.states[-2 if before else -1]
        self._successor = trace.states[-1] if before else ()

    def violated(
        self, obligations: Sequence[RangeObligation], where: str, *, in_step: bool = False
    ) -> Iterator[Violated]:
        for obligation in obligations:
            without_binders = violated(replace(obligation, binders=()))
            for bound in self._choices(obligation.binders):
                if self._value(without_binders, bound):
                    value = self._value(obligation.value, bound)
                    yield obligation, self._cell(obligation, bound), value, where, in_step

    def _cell(self, obligation: RangeObligation, bound: Mapping[Bound, Value]) -> Cell | None:
        """The cell that would get the value; None where it is for something else."""
        target = obligation.target
        if target.symbol is None:
            return None
        indices = tuple(self._value(index, bound) for index in target.indices)
        return Cell(target.symbol, indices)

    def _value(self, expr: Expr, bound: Mapping[Bound, Value]) -> Value:
        return self._evaluator.evaluate(expr, self._rigid, self._state, bound, self._successor)

    def _choices(self, binders: Sequence[Bound]) -> Iterator[dict[Bound, Value]]:
        """The arguments of the step together with every choice of `binders`."""
        domains = [domain(binder.sort, self._problem.size_of) for binder in binders]
        for values in product(*domains):
            yield {**self._arguments, **dict(zip(binders, values, strict=True))}


def _circumstances(story: Story) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in (*story.sizes, *story.open_parameters()))
    steps = counted(len(story.steps), "step")
    return f"after {steps} with {values}" if values else f"after {steps}"
