"""Which conditions of fairness a proof of what must happen needs: the question is asked without each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tdxverify.answers.lassos import fairness_in, lasso_in
from tdxverify.answers.observers import Silent
from tdxverify.budget import STEPS_A_SECOND, Budget
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.inquiries.obstacle import small_sizes
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.model.fair import Fairness
from tdxverify.questions.question import Question, at, without_loop
from tdxverify.semantics.lasso import Lasso
from tdxverify.semantics.steps import StepNames
from tdxverify.telling.lassos import round_told

WORK = 5 * STEPS_A_SECOND  # of solvers, for one question


@dataclass(frozen=True, slots=True)
class FairNeed:
    """Without `fair` the property `holds` `at` some sizes, or is broken by a run, told in `run`; None where
    neither was found out."""

    fair: Fairness
    at: str
    holds: bool | None
    run: str = ""


def fair_needs(asked: Question, budget: Budget) -> tuple[FairNeed, ...]:
    """For each condition of fairness that `asked` is about, in their order. Requires a promise."""
    return tuple(_asked_without(asked, fair, budget.working(WORK)) for fair in fairness_in(asked))


def without(asked: Question, fair: Fairness) -> Question:
    """The same, with `fair` neither declared nor assumed."""
    model = asked.spec.model
    left = replace(model, fairness=tuple(one for one in model.fairness if one != fair))
    assuming = tuple(one for one in asked.check.assuming if one != fair)
    spec, check = replace(asked.spec, model=left), replace(asked.check, assuming=assuming)
    return replace(asked, spec=spec, check=check)


def _asked_without(asked: Question, fair: Fairness, budget: Budget) -> FairNeed:
    less, sizes = without(asked, fair), small_sizes(asked)
    problem, told = at(less, sizes), sizes_text([sizes])
    match find("auto", problem, budget, Silent()).verdict:
        case Proved():
            return FairNeed(fair, told, True)
        case Refuted(trace=trace) if (lasso := lasso_in(less, problem, trace)) is not None:
            return FairNeed(fair, told, False, ", ".join(_run(less, lasso)))
        case _:
            return FairNeed(fair, told, None)


def _run(asked: Question, lasso: Lasso) -> Iterator[str]:
    """`take(c = Cpu0), give(c = Cpu0), the last 2 again and again`."""
    trace = lasso.trace
    names = StepNames(without_loop(asked, dict(trace.sizes)))
    for state, step in zip(trace.states, trace.steps, strict=False):
        yield names.called(trace.rigid, state, step)
    goes_on = round_told(len(trace) - lasso.begin).removeprefix(", ")
    yield goes_on.removeprefix("then ") + " at the start" if not len(trace) else goes_on
