"""Does a proof say anything? Not if what it talks about never happens, or nothing happens at all.

What counts as the trigger of a property is written in `triggers`. Nothing is called vacuous unless it is
proved to be: for the sizes that the check states, or for every size where it states none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tdxverify.analyses.asking import asking, enabled
from tdxverify.analyses.sizes import sizes_text
from tdxverify.analyses.triggers import trigger
from tdxverify.budget import Budget
from tdxverify.certify.check import certify
from tdxverify.certify.undecided import NotRechecked
from tdxverify.checker.sizing import Sizing
from tdxverify.diagnostics import Code
from tdxverify.engines.base import Observer
from tdxverify.engines.registry import decide, decide_any_size
from tdxverify.model.expr import TRUE, Expr
from tdxverify.model.model import Check, Model
from tdxverify.model.sorts import Sizes
from tdxverify.questions.kinds import kind_of
from tdxverify.results.verdict import Refuted, Unknown, Vacuous, Verdict
from tdxverify.ts.lower import property_named
from tdxverify.ts.problem import Problem

ENGINE = "auto"
MOST_COMBINATIONS = 8  # of sizes; a check about more of them is never called vacuous


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why a check is about nothing: W110 (where), W111 (trigger) or W113 (no step)."""

    code: Code
    reason: str


def trigger_problem(model: Model, check: Check, sizes: Sizes, extra: Expr = TRUE) -> Problem | None:
    """Is the trigger of the property reachable? None where the property has none; see `triggers`."""
    target = property_named(model, check.property)
    found = trigger(model, target)
    if found is None:
        return None
    return asking(model, check, sizes, found.formula, extra, of_a_step=kind_of(target).of_steps)


def start_problem(model: Model, check: Check, sizes: Sizes, extra: Expr = TRUE) -> Problem:
    """Is a step possible at the start? The problem has initial states only."""
    return replace(asking(model, check, sizes, enabled(model), extra), actions=())


@dataclass(frozen=True)
class Situation:
    """A check, the sizes it is about, and what the command line adds to it."""

    model: Model
    check: Check
    sizing: Sizing
    extra: Expr
    budget: Budget
    observer: Observer

    @property
    def combinations(self) -> Sequence[Sizes]:
        """Largest first: what happens at all mostly happens there."""
        return [dict(sizes) for sizes in reversed(self.sizing.combinations())]


def emptiness(asked: Situation) -> Emptiness | None:
    """Why the check is about nothing, if that is certain."""
    return empty_start(asked) or empty_trigger(asked)


def empty_start(asked: Situation) -> Emptiness | None:
    """There is no initial state, or no step is possible in any."""
    found = never(asked, lambda sizes: start_problem(asked.model, asked.check, sizes, asked.extra))
    if found is None:
        return None
    if found.no_start:
        return Emptiness(Code.W110, f"there is no initial state {found.where}".rstrip())
    return Emptiness(Code.W113, f"no step is possible at the start {found.where}".rstrip())


def empty_trigger(asked: Situation) -> Emptiness | None:
    """The trigger of the property is never reached."""
    target = property_named(asked.model, asked.check.property)
    trigger_found = trigger(asked.model, target)
    if trigger_found is None:
        return None
    found = never(asked, lambda sizes: trigger_problem(asked.model, asked.check, sizes, asked.extra))
    if found is None:
        return None
    return Emptiness(Code.W111, trigger_found.missing(found.where))


@dataclass(frozen=True, slots=True)
class Never:
    """It is certain that no bad state is reached `where` ("for Line = 2"); `no_start`: nor an initial one."""

    where: str
    no_start: bool


def never(asked: Situation, problem: Callable[[Sizes], Problem | None]) -> Never | None:
    """Whether it is certain that no bad state of `problem` is reached at any size that the check is about."""
    if asked.sizing.open:
        question = problem({sort.name: 2 for sort in asked.model.index_sorts})
        if question is None:
            return None
        question = question.limited(asked.sizing.limits)
        general = decide_any_size(ENGINE, question, asked.budget, asked.observer)
        if not _is_never(general.problem, general.verdict, asked.budget):
            return None
        return Never(asked.sizing.told(), isinstance(general.verdict, Vacuous))
    if len(asked.combinations) > MOST_COMBINATIONS:
        return None
    no_start = True
    for sizes in asked.combinations:
        question = problem(sizes)
        if question is None:
            return None
        verdict = decide(ENGINE, question, asked.budget, asked.observer).verdict
        if not _is_never(question, verdict, asked.budget):
            return None
        no_start = no_start and isinstance(verdict, Vacuous)
    return Never(sizes_text(asked.combinations), no_start)


def _is_never(problem: Problem, verdict: Verdict, budget: Budget) -> bool:
    """`verdict` says that no bad state is reached, and its evidence holds."""
    if isinstance(verdict, Refuted | Unknown):
        return False
    try:
        certify(problem, verdict, budget)
    except NotRechecked:
        return False
    return True
