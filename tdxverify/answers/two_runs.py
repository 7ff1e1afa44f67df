"""Pairs of runs, as answers: checked on the problem as asked, before anything is said."""

from __future__ import annotations

from tdxverify.diagnostics import InternalError
from tdxverify.model.compared import Comparison
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop
from tdxverify.semantics.trace import Trace
from tdxverify.semantics.two_runs import TwoRuns, as_found, two_runs_objection, two_runs_of
from tdxverify.telling.range_errors import leaves_range


def comparison_of(asked: Question) -> Comparison | None:
    """What is compared of two runs, where that is what is asked."""
    return kind_of(asked.property).comparison(asked.property)


def single_run(asked: Question, problem: Problem) -> Problem:
    """`asked` at the sizes of `problem`, a problem about two runs, as a question about one."""
    return as_found(problem, without_loop(asked, problem.size_of))


def two_runs_in(asked: Question, problem: Problem, trace: Trace) -> TwoRuns | None:
    """The runs that `trace`, a certified run of `problem`, shows; None where no runs are compared, or a value
    leaves its range. Raises InternalError where they are no runs that are told apart."""
    comparison = comparison_of(asked)
    if comparison is None or leaves_range(problem, trace):
        return None
    original = single_run(asked, problem)
    runs = two_runs_of(original, problem, comparison, trace)
    wrong = two_runs_objection(original, comparison, runs)
    if wrong is not None:
        bundle = {"problem": repr(original), "comparison": repr(comparison), "runs": repr(runs)}
        raise InternalError(f"the two runs that were found for {problem.name} are refused: {wrong}", bundle)
    return runs
