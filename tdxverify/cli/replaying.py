"""A run that was saved as JSON, done again, and the check that it is a run of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tdxverify.diagnostics import SpecError
from tdxverify.logic.expr import names_of
from tdxverify.questions.narrowing import parameter_condition
from tdxverify.questions.problems.lower import assumed
from tdxverify.questions.question import Question, anywhere, in_file, smallest, without_loop
from tdxverify.semantics.successors import Semantics

if TYPE_CHECKING:
    from tdxverify.answers.tracing import FoundTrace
    from tdxverify.questions.options import Options
    from tdxverify.questions.problems.problem import Problem
    from tdxverify.semantics.trace import Trace


@dataclass(frozen=True, slots=True)
class Replayed:
    """`is_allowed`: the check of `found` is about its parameters and sizes; else none asked for is."""

    found: FoundTrace
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A check, and the run as one of the model with the monitors of its property, whatever its `where`.
    `begin`: behind which step a loop begins, if that is said."""

    asked: Question
    problem: Problem
    trace: Trace
    begin: int | None

    @property
    def is_allowed(self) -> bool:
        sizes = dict(self.trace.sizes)
        if not self.asked.sizing.includes(sizes):
            return False
        return Semantics(_with_any_unused(self.asked, without_loop(self.asked, sizes))).assumed(
            self.trace.rigid
        )

    @property
    def ends_badly(self) -> bool:
        from tdxverify.answers.tracing import replayed_loop

        if self.begin is not None and replayed_loop(self.asked, self.trace, self.begin) is not None:
            return True
        return Semantics(self.problem).is_bad(self.trace.rigid, self.trace.states[-1])


def replayed(file: Path, options: Options, at_line: int | None, saved: Path) -> Replayed:
    """The trace that `saved` tells, done again for the first check asked for that allows it.

    Of these one for which it ends in a bad state comes first. Raises SpecError where it is no run.
    """
    from tdxverify.answers.tracing import replayed_loop, told
    from tdxverify.syntax.read import read

    found = _candidates(in_file(file, options, at_line), read(saved).text)
    allowing = [one for one in found if one.is_allowed]
    left = allowing or found
    best = next((one for one in left if one.ends_badly), left[0])
    if not allowing:
        return Replayed(told(anywhere(best.asked), best.problem, best.trace), is_allowed=False)
    problem = _with_any_unused(best.asked, without_loop(best.asked, dict(best.trace.sizes)))
    loop = None if best.begin is None else replayed_loop(best.asked, best.trace, best.begin)
    return Replayed(loop or told(best.asked, problem, best.trace), is_allowed=True)


def _candidates(questions: Sequence[Question], text: str) -> list[_Candidate]:
    """Those of `questions` of which the run can be one. Raises SpecError where there is none."""
    from tdxverify.outputs.traces.trace_json import loop_begin

    runs: dict[str, tuple[Problem, Trace] | SpecError] = {}
    found: list[_Candidate] = []
    for asked in questions:
        name = asked.property.name
        if name not in runs:
            runs[name] = _run_of(asked, text)
        known = runs[name]
        if not isinstance(known, SpecError):
            found.append(_Candidate(asked, *known, loop_begin(text, len(known[1]))))
    if not found:
        raise next(one for one in runs.values() if isinstance(one, SpecError))
    return found


def _run_of(asked: Question, text: str) -> tuple[Problem, Trace] | SpecError:
    from tdxverify.outputs.traces.trace_json import read_trace, sizes_of

    free = anywhere(asked)
    try:
        problem = _with_any_unused(free, smallest(free, sizes_of(text)))
        return problem, read_trace(problem, text)
    except SpecError as error:
        return error


def _with_any_unused(asked: Question, problem: Problem) -> Problem:
    """Lowering gives each parameter that nothing reads one value: here it may have any."""
    model = asked.spec.model
    given = parameter_condition(model, asked.options)
    read = {name for part in (*model.assumptions, asked.check.where, given) for name in names_of(part)}
    unread = (symbol for symbol in problem.rigid_symbols if symbol.name not in read)
    return replace(problem, assumptions=assumed(problem, unread))
