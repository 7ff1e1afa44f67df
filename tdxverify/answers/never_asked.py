"""Proofs that say nothing since nothing is asked for: of promises, of possibilities, and of two runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tdxverify.answers.lassos import promise_of
from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget, LimitReached
from tdxverify.engines.finding import Found, find
from tdxverify.evidence.verdict import Refuted, Unknown
from tdxverify.logic import expr as core
from tdxverify.logic.show import show_expression, written_name
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.kind import Possibility
from tdxverify.questions.problems.looping import asked_for
from tdxverify.questions.problems.plans import beyond, possibly
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop
from tdxverify.questions.size_plan import DEFAULT_SIZE
from tdxverify.triviality.judging import UNKNOWN, Triviality


def possibility_of(asked: Question) -> Possibility | None:
    """What has to stay possible, where that is what is asked."""
    return kind_of(asked.property).possibility(asked.property)


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
