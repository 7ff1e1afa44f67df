"""Who excludes every initial state: found by asking again without some of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from tdxverify.answers.observers import Silent
from tdxverify.budget import STEPS_A_SECOND, Budget, LimitReached, NotDecided, held
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Unknown, Vacuous
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at, at_any_size

MOST_COMBINATIONS = 8  # of sizes; of a check about more of them it is not told
_WORK = 10 * STEPS_A_SECOND  # of solvers, for all of it
_STATES = 100_000
_ENGINE = "auto"

_START, OPTION, _WHERE, _ASSUME = "what is said about the initial state", "'--param'", "'where'", "'assume'"


def contradicting(asked: Question, budget: Budget) -> tuple[str, ...]:
    """What together excludes every initial state at all sizes of `asked`, which has none, while none of it
    can be spared; nothing where that is not found out."""
    with suppress(LimitReached, NotDecided), held(budget):
        work = replace(budget.working(_WORK), max_states=_STATES)
        kept = [_ASSUME, _WHERE, OPTION, _START]
        if _has_no_start(asked, kept, work):
            for name in reversed(kept):
                fewer = [one for one in kept if one != name]
                if _has_no_start(asked, fewer, work):
                    kept = fewer
            return tuple(kept)
    return ()


def has_no_values(asked: Question, budget: Budget) -> bool:
    """Whether no values of parameters and constants satisfy its `where` and what is assumed, at all sizes of
    `asked`. Raises NotDecided where that is not known, LimitReached."""
    with held(budget):
        work = replace(budget.working(_WORK), max_states=_STATES)
        return _has_no_start(asked, [_ASSUME, _WHERE], work)


def contradiction(asked: Question, budget: Budget) -> str:
    """The same in words: "'where' can never hold"."""
    parts = contradicting(asked, budget)
    return in_words(parts) if parts else "what the check allows contradicts itself"


def in_words(parts: Sequence[str]) -> str:
    """That these, at least one, exclude every initial state."""
    *first, last = parts
    if first:
        return f"{', '.join(first)} and {last} contradict one another"
    return (
        "no state satisfies what is said about the initial state"
        if last == _START
        else f"{last} can never hold"
    )


def _has_no_start(asked: Question, kept: list[str], budget: Budget) -> bool:
    """Raises NotDecided where that is not known."""
    bare = _without(asked, kept)
    if asked.sizing.open:
        return _is_vacuous(_starting(at_any_size(bare), kept), budget, every_size=True)
    combinations = asked.sizing.largest_first()
    if len(combinations) > MOST_COMBINATIONS:
        raise NotDecided("too many sizes")
    problems = (_starting(at(bare, sizes), kept) for sizes in combinations)
    return all(_is_vacuous(problem, budget, every_size=False) for problem in problems)


def _without(asked: Question, kept: list[str]) -> Question:
    model = asked.spec.model
    if _ASSUME not in kept:
        model = replace(model, assumptions=())
    check = asked.check if _WHERE in kept else replace(asked.check, where=TRUE, obligations=())
    options = asked.options if OPTION in kept else replace(asked.options, parameters=())
    return replace(asked, spec=replace(asked.spec, model=model), check=check, options=options)


def _starting(problem: Problem, kept: list[str]) -> Problem:
    """Is there an initial state?"""
    bare = replace(problem, actions=(), bad=TRUE, possible=None, range_monitor=None, undefined=FALSE)
    if _START in kept:
        return bare
    return replace(bare, constraints=(), initial=tuple(replace(one, choices=None) for one in bare.initial))


def _is_vacuous(problem: Problem, budget: Budget, *, every_size: bool) -> bool:
    verdict = find(_ENGINE, problem, budget, Silent(), every_size=every_size).verdict
    if isinstance(verdict, Unknown):
        raise NotDecided(verdict.detail)
    return isinstance(verdict, Vacuous)
