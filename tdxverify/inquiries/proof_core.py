"""What the proof of a check needs: from its verdicts to a core, in the terms of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tdxverify.budget import Budget, LimitReached, NotDecided, held
from tdxverify.engines.base import Observer
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Vacuous, Verdict
from tdxverify.inquiries.core_search import Case, Core, validity_core
from tdxverify.inquiries.switched_question import relaxed, written
from tdxverify.logic.expr import FALSE
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question

Answered: TypeAlias = tuple[Problem, Verdict]


def proof_needs(
    asked: Question,
    answered: Sequence[Answered],
    budget: Budget,
    observer: Observer,
    *,
    alone: bool = True,
) -> Core:
    """The core of the proofs `answered`: Proved or Vacuous, certified, for all sizes that `asked` is about.

    `alone` as for `validity_core`.

    Raises NotDecided where there is no invariant, or the model cannot be taken apart.
    """
    invariants = [_invariant(problem, verdict, budget, observer) for problem, verdict in answered]
    sizes = dict(answered[0][0].sizes)
    try:
        with held(budget):
            loose = relaxed(written(asked), asked, sizes)
    except LimitReached as reached:
        raise NotDecided(reached.told) from None
    cases = [Case(loose.at(problem), found) for (problem, _), found in zip(answered, invariants, strict=True)]
    return validity_core(cases, budget, observer, alone=alone)


def _invariant(problem: Problem, verdict: Verdict, budget: Budget, observer: Observer) -> Invariant:
    """The invariant of the proof; where the evidence is another one, pdr looks for an invariant."""
    if problem.possible is not None:
        raise NotDecided("the proof is that something can be reached, and needs all that it is reached by")
    if isinstance(verdict, Vacuous):
        return Invariant((FALSE,), any_size=verdict.any_size)
    if isinstance(verdict, Proved) and isinstance(verdict.certificate, Invariant):
        return verdict.certificate
    try:
        with held(budget):
            again = ENGINES["pdr"].run(problem, budget, observer)
    except LimitReached as reached:
        raise NotDecided(reached.told) from None
    if isinstance(again, Proved) and isinstance(again.certificate, Invariant):
        return again.certificate
    raise NotDecided("the states were counted, and no invariant was found that says why none is bad")
