"""Fairness that a check assumes and that asks nothing: it cannot make a difference to the answer.

That no run at all is fair cannot be: from every state a run is fair which always does what is possible and
has waited longest. So what is fair never excludes all runs, and a proof is never about nothing for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdxverify.answers.lassos import promise_of
from tdxverify.budget import Budget
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.engines.base import Observer
from tdxverify.inquiries.reachability import Status, sights
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.model.fair import Fairness
from tdxverify.questions.problems.looping import enabled
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop


def idle_fairness(asked: Question, budget: Budget, observer: Observer) -> Iterator[Diagnostic]:
    """Findings about what the check assumes besides what is declared."""
    check = asked.check
    if not check.assuming:
        return
    if promise_of(asked) is None:
        message = f"'{check.assuming_text()}' plays no part: '{check.property}' says nothing of whole runs"
        hint = "what is fair matters to 'eventually' and 'leads_to' alone"
        yield Diagnostic(Code.W123, message, check.span, hint=hint)
        return
    left = list[Fairness]()
    for number, fair in enumerate(check.assuming):
        same = (*asked.spec.model.fairness, *check.assuming[:number])
        stronger = (one for one in check.assuming[number + 1 :] if one != fair)
        if any(_asks_as_much(other, fair) for other in (*same, *stronger)):
            message = f"'{fair}' asks nothing more: it is fair already"
            yield Diagnostic(Code.W123, message, check.span, hint="leave it out")
        else:
            left.append(fair)
    sizes = asked.sizing.largest_first()[0]
    problem = without_loop(asked, sizes)
    seen = sights(problem, [_possible(problem, fair) for fair in left], budget, observer) or ()
    for fair, sight in zip(left, seen, strict=False):
        if sight.status is Status.NEVER:
            message = f"'{fair}' asks nothing in this check: no step of it is ever possible"
            hint = "is a step missing, or does 'where' go too far?"
            where = sizes_text([sizes])
            yield Diagnostic(Code.W123, f"{message} {where}".rstrip(), check.span, hint=hint)


def _asks_as_much(other: Fairness, fair: Fairness) -> bool:
    """Is `fair` the same, or the same and weaker?"""
    return replace(other, strong=fair.strong) == fair and other.strong >= fair.strong


def _possible(problem: Problem, fair: Fairness) -> Expr:
    """A step of some instance is."""
    return core.quantified(fair.binders, enabled(problem, fair), universal=False)
