"""Runs that go round for ever, as answers: checked on the problem as asked, before anything is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget, LimitReached
from tdxverify.diagnostics import InternalError
from tdxverify.engines.finding import Found, find
from tdxverify.evidence.verdict import Refuted, Unknown
from tdxverify.logic import expr as core
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.kind import Possibility, Promise
from tdxverify.questions.problems.looping import asked_for
from tdxverify.questions.problems.lower import fairness_of
from tdxverify.questions.problems.plans import beyond, possibly
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop
from tdxverify.questions.size_plan import DEFAULT_SIZE
from tdxverify.semantics.lasso import Lasso, lasso_objection, lasso_of
from tdxverify.semantics.trace import Trace
from tdxverify.telling.range_errors import leaves_range
from tdxverify.triviality.judging import UNKNOWN, Triviality


def promise_of(asked: Question) -> Promise | None:
    """What every fair run has to keep, where that is what is asked."""
    return kind_of(asked.property).promise(asked.property)


def possibility_of(asked: Question) -> Possibility | None:
    """What has to stay possible, where that is what is asked."""
    return kind_of(asked.property).possibility(asked.property)


def fairness_in(asked: Question) -> tuple[Fairness, ...]:
    """What runs are fair to."""
    return fairness_of(asked.spec.model, asked.check)


def original_of(asked: Question, problem: Problem) -> Problem:
    """`asked` at the sizes of `problem`, without what looks for a loop. Requires a promise."""
    return without_loop(asked, problem.size_of)


def never_asked(asked: Question, budget: Budget) -> Triviality:
    """Whether a proof of the property of `asked`, which promises something or says that it stays possible, is
    trivial: nothing is ever asked for that is not so already. Requires that there is a proof;
    KeyboardInterrupt may be raised."""
    return trivial_unless_reached(asked, budget, lambda problem: _asking(asked, problem), _never_told(asked))


def trivial_unless_reached(
    asked: Question, budget: Budget, asking: Callable[[Problem], Problem], why: str
) -> Triviality:
    """A proof is trivial because of `why` if no bad state is reachable of what `asking` makes of the model's
    own steps, at no size of `asked`."""
    try:
        found = _searched(asked, budget, asking)
    except LimitReached as reached:
        return replace(UNKNOWN, reason=f"{UNKNOWN.reason}: {reached.told}", is_cut_short=True)
    for one in found:
        if isinstance(one.verdict, Refuted):
            return Triviality(False, f"the proof is not trivial {sizes_text([one.problem.size_of])}".rstrip())
        if isinstance(one.verdict, Unknown):
            return UNKNOWN
    return Triviality(True, why)


def _searched(asked: Question, budget: Budget, asking: Callable[[Problem], Problem]) -> list[Found]:
    """For the sizes one after another, or for all at once, what is asked of the model's own steps."""
    if asked.sizing.open:
        sizes = dict.fromkeys((sort.name for sort in asked.spec.model.index_sorts), DEFAULT_SIZE)
        problem = asking(without_loop(asked, sizes)).limited(asked.sizing.limits)
        return [find("auto", problem, budget, Silent(), every_size=True)]
    problems = (asking(without_loop(asked, dict(one))) for one in asked.sizing.combinations())
    return [find("auto", problem, budget, Silent()) for problem in problems]


def _asking(asked: Question, problem: Problem) -> Problem:
    """Is a state reachable in which something is asked for, and is not so? `eventually` asks at the start."""
    possible = possibility_of(asked)
    if possible is not None:
        return beyond(possibly(problem, possible), ())
    promise = promise_of(asked)
    assert promise is not None
    actions = () if promise.asked is None else problem.actions
    return replace(problem, actions=actions, bad=core.disjunction(problem.bad, asked_for(promise)))


def _never_told(asked: Question) -> str:
    target = asked.property
    assert target.formula is not None
    names = {binder: written_name(binder) for binder in target.binders}
    kept = show_expression(target.formula, names)
    if possibility_of(asked) is not None:
        return f"'{kept}' holds in every reachable state"
    if target.premise is None:
        return f"'{kept}' holds at the start already"
    return f"in no reachable state does '{show_expression(target.premise, names)}' hold without '{kept}'"


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
