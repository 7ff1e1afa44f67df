"""A trace that ends in an assignment outside its target's range: which assignment, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from tdxverify.diagnostics import Code, Diagnostic, InternalError, Note
from tdxverify.model.evaluate import Evaluator
from tdxverify.model.expr import Bound
from tdxverify.model.model import Model, RangeObligation
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
    obligation, value = _violated(model, problem, trace)
    name, sort = obligation.symbol.name, obligation.symbol.sort
    told = f"'{name}' would become {value}, outside its range {sort}"
    notes = [Note(f"{_circumstances(story)}: {'; '.join(_called(step) for step in story.steps)}")]
    hint = f"widen the range of '{name}', or guard the step so that it stays inside"
    diagnostic = Diagnostic(Code.E510, told, obligation.span, tuple(notes), hint)
    violation = Violation(name, None, told, told, ())
    return RangeError(diagnostic, replace(story, violation=violation))


def _violated(model: Model, problem: Problem, trace: Trace) -> tuple[RangeObligation, Value]:
    """The obligation that the last step violates, and the value that does not fit."""
    step, before = trace.steps[-1], trace.states[-2]
    action = next(a for a in model.actions if a.name == step.action)
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    arguments = dict(zip(action.parameters, step.arguments, strict=True))
    for obligation in action.obligations:
        for elements in _elements(obligation, problem):
            bound: dict[Bound, Value] = {**arguments, **elements}
            narrowed = replace(obligation, binders=())
            if evaluator.evaluate(out_of_range(narrowed), trace.rigid, before, bound):
                return obligation, evaluator.evaluate(obligation.value, trace.rigid, before, bound)
    raise InternalError(f"step {step.action} left a range, but none of its assignments does")


def _elements(obligation: RangeObligation, problem: Problem) -> list[dict[Bound, Value]]:
    domains = [domain(binder.sort, problem.size_of) for binder in obligation.binders]
    return [dict(zip(obligation.binders, values, strict=True)) for values in product(*domains)]


def _circumstances(story: Story) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in (*story.sizes, *story.parameters))
    steps = "1 step" if len(story.steps) == 1 else f"{len(story.steps)} steps"
    return f"after {steps} with {values}" if values else f"after {steps}"


def _called(step: StoryStep) -> str:
    if not step.parameters:
        return step.action
    return f"{step.action}({', '.join(f'{name} = {value}' for name, value in step.parameters)})"
