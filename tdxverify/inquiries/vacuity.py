"""Does anything happen in the machines of a check?

Nothing is called empty unless it is proved to be: for the sizes that the check states, or for every size
where it states none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from tdxverify.budget import Budget
from tdxverify.diagnostics import Code
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import find
from tdxverify.engines.registry import decide
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.inquiries.probes import asking, enabled
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.questions.size_plan import DEFAULT_SIZE

ENGINE = "auto"
MOST_COMBINATIONS = 8  # of sizes; a check about more of them is never called vacuous


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why a check is about nothing: W110 (where) or W113 (no step)."""

    code: Code
    reason: str


def start_problem(question: Question, sizes: Sizes) -> Problem:
    """Is a step possible at the start? The problem has initial states only."""
    return replace(asking(question, sizes, enabled(question.spec.model)), actions=())


def empty_start(question: Question, budget: Budget, observer: Observer) -> Emptiness | None:
    """There is no initial state, or no step is possible in any."""
    if _begins(question, budget, observer):
        return None
    found = never(question, partial(start_problem, question), budget, observer)
    if found is None:
        return None
    if found.no_start:
        return Emptiness(Code.W110, f"there is no initial state {found.where}".rstrip())
    return Emptiness(Code.W113, f"no step is possible at the start {found.where}".rstrip())


def _begins(question: Question, budget: Budget, observer: Observer) -> bool:
    """Whether a step is seen to be possible at the start at one of the sizes: then nothing need be proved."""
    sizing = question.sizing
    sizes = {**sizing.largest_first()[0], **dict.fromkeys(sizing.open, DEFAULT_SIZE)}
    found = decide("bmc", start_problem(question, sizes), replace(budget, bound=0), observer)
    return isinstance(found.verdict, Refuted)


@dataclass(frozen=True, slots=True)
class Never:
    """It is certain that no bad state is reached `where` ("for Line = 2"); `no_start`: nor an initial one."""

    where: str
    no_start: bool


def never(
    question: Question, problem: Callable[[Sizes], Problem | None], budget: Budget, observer: Observer
) -> Never | None:
    """Whether it is certain that no bad state of `problem` is reached at any size `question` is about."""
    sizing = question.sizing
    if sizing.open:
        one = problem({sort.name: DEFAULT_SIZE for sort in question.spec.model.index_sorts})
        if one is None:
            return None
        general = find(ENGINE, one.limited(sizing.limits), budget, observer, every_size=True)
        if not isinstance(general.verdict, Proved | Vacuous):
            return None
        return Never(sizing.told(), isinstance(general.verdict, Vacuous))
    combinations = sizing.largest_first()
    if len(combinations) > MOST_COMBINATIONS:
        return None
    no_start = True
    for sizes in combinations:
        one = problem(sizes)
        if one is None:
            return None
        verdict = find(ENGINE, one, budget, observer).verdict
        if not isinstance(verdict, Proved | Vacuous):
            return None
        no_start = no_start and isinstance(verdict, Vacuous)
    return Never(sizes_text(combinations), no_start)
