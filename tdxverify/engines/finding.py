"""Search, then certify: the one way to a verdict that may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from tdxverify.budget import GRACE, LATE, Budget, LimitReached, held
from tdxverify.engines.base import Observer
from tdxverify.engines.registry import decide, decide_any_size
from tdxverify.engines.shorter import decide_within
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Refuted, Unknown, Verdict
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.questions.problems.problem import Problem

_LATE_SHARE = 0.1  # of the time for a question, to certify and tell what was found at its very end


@dataclass(frozen=True, slots=True)
class Found:
    """A certified verdict about `problem`, and the engine that gave it. `clean`: other sizes at which the
    engine found no trace that is shorter."""

    problem: Problem
    verdict: Verdict
    engine: str
    clean: tuple[tuple[tuple[str, int], ...], ...] = ()

    @property
    def sizes(self) -> str:
        return stated_sizes(self.problem.sizes)


def find(
    engine: str, problem: Problem, budget: Budget, observer: Observer, *, every_size: bool = False
) -> Found:
    """The verdict of `engine` about `problem`; Unknown where its evidence could not be checked.

    `every_size`: about all sizes at once that the problem leaves open, where the engine can; the problem
    that comes back is the instance that the evidence belongs to. Raises InternalError where evidence is
    refused.
    """
    started = monotonic()
    clean: tuple[tuple[tuple[str, int], ...], ...] = ()
    try:
        with held(budget):
            if every_size:
                general = decide_any_size(engine, problem, budget, observer)
                problem, verdict, engine = general.problem, general.verdict, general.engine
                clean = general.clean
            else:
                decision = decide(engine, problem, budget, observer)
                verdict, engine = decision.verdict, decision.engine
    except LimitReached as reached:
        return Found(problem, Unknown(reached.why, None, reached.detail), engine)
    return Found(problem, certified(problem, verdict, late(budget, started)), engine, clean)


def find_within(
    problem: Problem, most: int, budget: Budget, observer: Observer, *, with_solver: bool
) -> Found:
    """A certified shortest trace of at most `most` steps, or how far there is none (`shorter.is_clean`).

    Raises InternalError where the trace is refused.
    """
    started = monotonic()
    try:
        with held(budget):
            decision = decide_within(problem, most, budget, observer, with_solver=with_solver)
    except LimitReached as reached:
        return Found(problem, Unknown(reached.why, None, reached.detail), "")
    verdict = decision.verdict
    if isinstance(verdict, Refuted):  # the others claim nothing but that they are clean so far
        verdict = certified(problem, verdict, late(budget, started))
    return Found(problem, verdict, decision.engine)


def late(budget: Budget, started: float) -> Budget:
    """For what is done with an answer: if that was found late, as much more as nobody will mind."""
    allowed = 0.0 if budget.deadline is None else budget.deadline - started
    return budget.extended(max(LATE, _LATE_SHARE * allowed - GRACE))
