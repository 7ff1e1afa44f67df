"""The trace of one check with everything it was found in, for those who look at more than its story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tdxverify.answers.answer import Answer
from tdxverify.answers.deciding import Conclusion, answer
from tdxverify.answers.evidence_told import told_trace
from tdxverify.answers.lassos import lasso_in, original_of
from tdxverify.answers.traps import ending_in
from tdxverify.answers.two_runs import single_run, two_runs_in
from tdxverify.budget import UNLIMITED
from tdxverify.diagnostics import SpecError
from tdxverify.engines.base import Observer
from tdxverify.engines.registry import wrong_engine
from tdxverify.evidence.bad_run import BadRun
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.layout import values_of
from tdxverify.questions.options import Options
from tdxverify.questions.problems.looping import BEGIN
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at, in_file
from tdxverify.semantics.lasso import Lasso, lasso_objection, run_with_loop
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.telling.narrate import narrate
from tdxverify.telling.range_errors import leaves_range, range_error
from tdxverify.telling.story import Story


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """`problem` is that of `question` at the sizes of `trace`, which was certified on it."""

    question: Question
    problem: Problem
    trace: Trace
    story: Story

    @property
    def ends_badly(self) -> bool:
        return _ends_badly(self.problem, self.trace)


def _ends_badly(problem: Problem, trace: Trace) -> bool:
    return Semantics(problem).is_bad(trace.rigid, trace.states[-1])


def told(question: Question, problem: Problem, trace: Trace) -> FoundTrace:
    """`trace`, a run of `problem`, with its story; it need not be bad."""
    model, target = question.spec.model, question.property
    story = narrate(model, problem, target, trace)
    if leaves_range(problem, trace):
        story = range_error(model, question.check, problem, trace, story).story
    return FoundTrace(question, problem, trace, story)


def replayed_loop(question: Question, trace: Trace, begin: int) -> FoundTrace | None:
    """`trace`, a run of the model, with what is told of it where it goes round for ever behind step `begin`
    and breaks what `question` promises; None where it does not."""
    problem = at(question, dict(trace.sizes))
    origin = problem.origin
    if origin is None:
        return None
    for elements in values_of(origin.promise.binders, problem.size_of):
        lasso = Lasso(trace, begin, elements)
        original = original_of(question, problem)
        if lasso_objection(original, origin.promise, origin.fairness, lasso) is None:
            steps = (*trace.steps[:begin], Step(BEGIN, elements), *trace.steps[begin:])
            shown = run_with_loop(problem, origin, trace.rigid, trace.states[0], steps)
            story = told_trace(question, problem, BadRun(shown), UNLIMITED).story
            return None if story is None else FoundTrace(question, original, trace, story)
    return None


def traced(question: Question, observer: Observer) -> FoundTrace | Conclusion:
    """The trace that answers `question`; where there is none, all that was found out. Raises SpecError, and
    KeyboardInterrupt where the search was interrupted."""
    found = answer(question, UNLIMITED, observer)
    if found.interrupted:
        raise KeyboardInterrupt
    last = found.decided[-1] if found.decided else None
    if last is None or not isinstance(last.verdict, Refuted):
        if found.diagnostics:
            raise SpecError(found.diagnostics)
        return found
    problem, trace, story = last.problem, last.verdict.trace, found.answer.told.story
    if story is None:  # there was no time left to tell it
        return told(question, problem, trace)
    runs = two_runs_in(question, problem, trace)
    if runs is not None:  # a run of the model is the first of them; the story has the second
        return FoundTrace(question, single_run(question, problem), runs.first, story)
    if last.verdict.trap is not None:
        problem = ending_in(question, problem, last.verdict.trap, UNLIMITED).problem
    lasso = lasso_in(question, problem, trace)
    if lasso is not None:  # the step that says where the loop begins is none of the model
        problem, trace = original_of(question, problem), lasso.trace
    return FoundTrace(question, problem, trace, story)


def find_traces(path: Path, options: Options, line: int | None, observer: Observer) -> Iterator[FoundTrace]:
    """The trace of every selected check that has one, in the order of the file. Raises SpecError."""
    return (found for found in searched(path, options, line, observer) if isinstance(found, FoundTrace))


def searched(
    path: Path, options: Options, line: int | None, observer: Observer
) -> Iterator[FoundTrace | Answer]:
    """Of every selected check its trace, or the answer that has none. Raises SpecError."""
    wrong = wrong_engine(options.engine)
    if wrong:
        raise SpecError(wrong)
    found = (traced(asked, observer) for asked in in_file(path, options, line))
    return (one.answer if isinstance(one, Conclusion) else one for one in found)
