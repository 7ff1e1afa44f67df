"""The trace of one check with everything it was found in, for those who look at more than its story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tdxverify.budget import Budget
from tdxverify.checker.deciding import question, trace_of
from tdxverify.checker.narrowing import parameter_condition, selected, wrong_options
from tdxverify.checker.options import Options
from tdxverify.checker.range_errors import leaves_range, range_error
from tdxverify.checker.sizing import DEFAULT_SIZE, sizing, too_large
from tdxverify.checker.specs import Spec, load_model
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.engines.base import Observer
from tdxverify.model.expr import TRUE
from tdxverify.model.model import Check, Model, Property, SizeRange
from tdxverify.results.story import Story
from tdxverify.results.trace import Trace
from tdxverify.semantics.successors import Semantics
from tdxverify.syntax.ast import PropertyKind
from tdxverify.telling.narrate import narrate
from tdxverify.ts.lower import lower, property_named
from tdxverify.ts.problem import Problem


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """`problem` is `model` lowered for `check` at the sizes of `trace`, which was certified on it."""

    path: Path
    model: Model
    check: Check
    property: Property
    problem: Problem
    trace: Trace
    story: Story


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of one file, not answered yet."""

    spec: Spec
    check: Check
    options: Options

    def anywhere(self) -> Asked:
        """The same without the `where` of the check: for all parameter values that the model allows."""
        return replace(self, check=replace(self.check, where=TRUE, where_text=""))

    def problem(self, sizes: Mapping[str, int]) -> Problem:
        """The question at `sizes`, completed by the default. Raises SpecError where that is too large."""
        model = self.spec.model
        given = tuple(SizeRange(name, number, number) for name, number in sizes.items())
        stated = sizing(model, self.check, (*self.options.sizes, *given))
        large = too_large(model, stated, self.check.span)
        if large is not None:
            raise SpecError([large])
        lowest = dict(stated.combinations()[0])
        if not stated.any_size:
            lowest |= dict.fromkeys(stated.open, DEFAULT_SIZE)
        return lower(model, self.check, lowest, parameter_condition(model, self.options))

    def without_start(self) -> SpecError:
        """What is said where the question has no initial state, and so no states at all."""
        told = "there is no initial state: what the check allows contradicts itself"
        return SpecError([Diagnostic(Code.E606, told, self.check.span)])

    def found(self, problem: Problem, trace: Trace) -> FoundTrace:
        """`trace`, a run of `problem`, with its story; it need not be bad."""
        model, target = self.spec.model, property_named(self.spec.model, self.check.property)
        ends_badly = Semantics(problem).is_bad(trace.rigid, trace.states[-1])
        told = target if ends_badly else replace(target, kind=PropertyKind.REACHABLE)
        story = narrate(model, problem, told, trace)
        if not ends_badly:
            story = replace(story, parameters_that_matter=None)
        if leaves_range(problem, trace):
            story = range_error(model, self.check, problem, trace, story).story
        return FoundTrace(self.spec.path, model, self.check, target, problem, trace, story)


def asked_in(path: Path, options: Options, line: int | None) -> tuple[Asked, ...]:
    """The checks of the file at `path` that `options` select; only the one at `line` where that is given.

    Never empty. Raises SpecError where the spec or the options are wrong.
    """
    spec = Spec(path, load_model(path, Budget.of(options.timeout)))
    wrong = wrong_options([spec], options)
    checks = [c for c in selected(spec.model, options) if line is None or c.span.line == line]
    if not wrong and not checks:
        place = f"{path}" if line is None else f"{path}:{line}"
        wrong = [Diagnostic(Code.E606, f"there is no check in {place}")]
    if wrong:
        raise SpecError(wrong)
    return tuple(Asked(spec, check, options) for check in checks)


def find_traces(path: Path, options: Options, line: int | None, observer: Observer) -> Iterator[FoundTrace]:
    """The trace of every selected check that has one, in the order of the file. Raises SpecError."""
    return (found for asked in asked_in(path, options, line) if (found := _find(asked, observer)) is not None)


def _find(asked: Asked, observer: Observer) -> FoundTrace | None:
    asked_question = question(asked.spec, asked.check, asked.options)
    large = too_large(asked.spec.model, asked_question.sizing, asked.check.span)
    if large is not None:
        raise SpecError([large])
    answer = trace_of(asked_question, observer)
    return None if answer is None else asked.found(*answer)
