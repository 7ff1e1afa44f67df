"""Runs that go round for ever, as answers: checked on the problem as asked, before anything is said."""

from __future__ import annotations

from tdxverify.diagnostics import InternalError
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.lower import fairness_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop
from tdxverify.semantics.lasso import Lasso, lasso_objection, lasso_of
from tdxverify.semantics.trace import Trace
from tdxverify.telling.range_errors import leaves_range


def promise_of(asked: Question) -> Promise | None:
    """What every fair run has to keep, where that is what is asked."""
    return kind_of(asked.property).promise(asked.property)


def fairness_in(asked: Question) -> tuple[Fairness, ...]:
    """What runs are fair to."""
    return fairness_of(asked.spec.model, asked.check)


def original_of(asked: Question, problem: Problem) -> Problem:
    """`asked` at the sizes of `problem`, without what looks for a loop. Requires a promise."""
    return without_loop(asked, problem.size_of)


def lasso_in(asked: Question, problem: Problem, trace: Trace) -> Lasso | None:
    """The loop that `trace`, a certified run of `problem`, shows; None where no loop is asked for, or a value
    leaves its range. Raises InternalError where it is no fair run that breaks the promise."""
    lasso, wrong = _shown(asked, problem, trace)
    if wrong is not None:
        original, promise = original_of(asked, problem), promise_of(asked)
        bundle = {"problem": repr(original), "promise": repr(promise), "lasso": repr(lasso)}
        raise InternalError(f"the loop that was found for {problem.name} is refused: {wrong}", bundle)
    return lasso


def loop_refused(asked: Question, problem: Problem, trace: Trace) -> str | None:
    """Why `trace`, a run of `problem` that somebody kept, is no fair run that breaks the promise of `asked`;
    None where it is, or nothing is promised, or a value leaves its range."""
    return _shown(asked, problem, trace)[1]


def _shown(asked: Question, problem: Problem, trace: Trace) -> tuple[Lasso | None, str | None]:
    """The loop of `trace`, and what is wrong about it."""
    promise = promise_of(asked)
    if promise is None or leaves_range(problem, trace):
        return None, None
    original = original_of(asked, problem)
    lasso = lasso_of(original, trace)
    if lasso is None:
        return None, "no loop begins"
    return lasso, lasso_objection(original, promise, fairness_in(asked), lasso)
