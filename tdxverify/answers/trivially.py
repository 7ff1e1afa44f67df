"""Proofs that hold because of what never happens: whether an answer is one, and what differs elsewhere.

It is asked of every proof that something never happens. Of what plain `check` does not find out it says
nothing, unless it is expected; a strict one says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tdxverify.answers.answer import Answer, Outcome, Trivial
from tdxverify.answers.deciding import Conclusion
from tdxverify.answers.lassos import promise_of
from tdxverify.answers.never_asked import never_asked, possibility_of
from tdxverify.answers.two_runs import comparison_of, never_different
from tdxverify.budget import STEPS_A_SECOND, Budget
from tdxverify.evidence.verdict import Proved
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.logic.show import show_expression
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.syntax.claims import Expected

if TYPE_CHECKING:
    from tdxverify.triviality.counted import States
    from tdxverify.triviality.judging import Triviality

WORK = 5 * STEPS_A_SECOND  # of solvers, for each proof,
SECONDS = 30.0  # and time, should that take so long, where the options do not limit it
_TRIVIAL = {True: Trivial.YES, False: Trivial.NO, None: Trivial.OPEN}


def with_triviality(found: Conclusion, asked: Question, budget: Budget) -> Answer:
    """The answer of `found` to `asked`; with whether it is a trivial proof."""
    answer = found.answer
    expected = asked.check.expected is Expected.TRIVIAL
    if expected and answer.outcome is Outcome.PROVED and not is_proof(answer, asked):
        return replace(answer, trivial=Trivial.NO, reason="it is shown by a run, so it is not trivial")
    if is_proof(answer, asked):
        told = examined(answer, asked, budget, strict=False, counted=_counted(found))
        return told if expected or told.trivial is not Trivial.OPEN else answer
    return answer


def _counted(found: Conclusion) -> list[tuple[Problem, States]]:
    """The problems of which all reachable states are at hand."""
    proofs = ((one.problem, one.verdict.evidence) for one in found.decided if isinstance(one.verdict, Proved))
    return [(problem, proof.reached) for problem, proof in proofs if proof.reached is not None]


def examined(
    answer: Answer,
    asked: Question,
    budget: Budget,
    *,
    strict: bool,
    counted: Sequence[tuple[Problem, States]] = (),
) -> Answer:
    """`answer` with whether it is a trivial proof, within the time for one check. Requires a proof.

    `strict`: it is then as expected only if that is expected; unknown where the time ended first.
    `counted`: what is known of reachable states.
    """
    if answer.trivial is None or (strict and answer.trivial is Trivial.OPEN):
        seconds = asked.options.timeout
        limited = budget.within(SECONDS if seconds is None else seconds).working(WORK)
        found = triviality_of(asked, limited, counted)
        told = found.trivial or asked.check.expected is Expected.TRIVIAL
        answer = replace(
            answer, trivial=_TRIVIAL[found.trivial], reason=found.reason if told else answer.reason
        )
        if strict and found.is_cut_short and answer.as_expected:
            return replace(answer, outcome=Outcome.UNKNOWN, reason=f"proved, but {found.reason}")
    return replace(answer, strict=strict)


def triviality_of(
    asked: Question, budget: Budget, counted: Sequence[tuple[Problem, States]] = ()
) -> Triviality:
    """Whether a proof of the property of `asked` is trivial, as in `triviality.judging`; or, where something
    is promised, whether that is ever asked for. Requires that there is a proof."""
    if promise_of(asked) is not None or possibility_of(asked) is not None:
        return never_asked(asked, budget)
    if comparison_of(asked) is not None:
        return never_different(asked, budget)
    from tdxverify.triviality.judging import triviality

    return triviality(asked, budget, counted)


def is_proof(answer: Answer, asked: Question) -> bool:
    """A proof that something never happens; that something does happen is shown by a trace."""
    return answer.outcome is Outcome.PROVED and not kind_of(asked.property).is_sought


# --- what differs elsewhere ---------------------------------------------------------


def with_contrast(answers: Sequence[Answer], questions: Sequence[Question]) -> tuple[Answer, ...]:
    """Trivial proofs say what differs where the same property of the file is refuted, or proved otherwise.

    `questions`: those that `answers` begin with answer.
    """
    pairs = list(zip(answers, questions, strict=False))
    told = [_contrasted(answer, asked, pairs) for answer, asked in pairs]
    return (*told, *answers[len(told) :])


def _contrasted(answer: Answer, asked: Question, pairs: Sequence[tuple[Answer, Question]]) -> Answer:
    if answer.trivial is not Trivial.YES:
        return answer
    others = [
        (one, other)
        for one, other in pairs
        if other.spec.path == asked.spec.path
        and other.property == asked.property
        and other.check.where != asked.check.where
        and other.sizing == asked.sizing
        and (one.outcome is Outcome.REFUTED or one.trivial is Trivial.NO)
    ]
    if not others:
        return answer
    mine = core.conjuncts(asked.check.where)
    nearest = min(others, key=lambda pair: len(_only(core.conjuncts(pair[1].check.where), mine)))
    return replace(answer, elsewhere=_difference(asked, *nearest))


def _only(some: Sequence[Expr], others: Sequence[Expr]) -> list[Expr]:
    return [part for part in some if part not in others and part != core.TRUE]


def _difference(asked: Question, one: Answer, other: Question) -> str:
    mine, theirs = core.conjuncts(asked.check.where), core.conjuncts(other.check.where)
    what = "refuted" if one.outcome is Outcome.REFUTED else "proved, and not trivially,"
    added, dropped = (
        show_expression(core.conjunction(*parts)) if (parts := _only(*pair)) else ""
        for pair in ((theirs, mine), (mine, theirs))
    )
    if added and dropped:
        change = f"with '{added}' instead of '{dropped}'"
    else:
        change = f"with '{added}' as well" if added else f"without '{dropped}'"
    named = "" if other.check.config is None else f", in {other.check.config.name}"
    return f"It is {what} {change} (line {other.check.span.line}{named})"
