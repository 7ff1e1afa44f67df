"""Whether a proof is trivial.

It is where the property follows from what can be said of each variable on its own: which of its values it
never takes, that it never changes. Put otherwise: let every variable have any value that it can ever have,
whatever the others have at that time, as long as steps lead from such states only to such states; no state of
these is bad. That depends on the bad states and on the steps, not on how either is written.

Only what is true of every size that the check is about is claimed: sizes that it states are looked at one by
one; where it leaves some open, what was found with two elements is proved again for any number of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tdxverify.budget import Budget, LimitReached, NotDecided, held
from tdxverify.evidence.base import Accepted
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Read
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at_any_size
from tdxverify.questions.size_plan import DEFAULT_SIZE
from tdxverify.triviality.counted import States, is_not_trivial
from tdxverify.triviality.subject import subject_of

if TYPE_CHECKING:
    from tdxverify.triviality.grounds import Ground, Holding

MOST_COMBINATIONS = 8  # of sizes; of a check about more of them it is never said that its proof is trivial
_LARGER = (3, 4)  # elements, where two make no difference


@dataclass(frozen=True, slots=True)
class Triviality:
    """`trivial`, because of `reason`; or not, as the sizes show that `reason` names; or not known (None)."""

    trivial: bool | None
    reason: str
    is_cut_short: bool = False  # by the clock


UNKNOWN = Triviality(None, "it could not be found out whether the proof is trivial")


def triviality(
    question: Question, budget: Budget, counted: Sequence[tuple[Problem, States]] = ()
) -> Triviality:
    """Whether a proof of the property of `question` is trivial. Requires that there is a proof.

    `counted`: `question` at some sizes, with all reachable states; where these show that it is not, no solver
    is asked, and the answer is the same. Raises KeyboardInterrupt, and nothing else.
    """
    try:
        with held(budget):
            return _by_states(question, budget, counted) or _triviality(question, budget)
    except NotDecided:
        return UNKNOWN
    except LimitReached as reached:
        return replace(UNKNOWN, reason=f"{UNKNOWN.reason}: {reached.told}", is_cut_short=True)


def _by_states(
    question: Question, budget: Budget, counted: Sequence[tuple[Problem, States]]
) -> Triviality | None:
    """That it is not, if states at the sizes that are looked at first show it."""
    if question.sizing.open:
        return None
    first = question.sizing.largest_first()[0]
    known = next(((problem, states) for problem, states in counted if problem.size_of == first), None)
    return _not_trivial(first) if known and is_not_trivial(question, *known, budget) else None


def _not_trivial(sizes: Sizes) -> Triviality:
    return Triviality(False, f"the proof is not trivial {sizes_text([sizes])}".rstrip())


def _triviality(question: Question, budget: Budget) -> Triviality:
    from tdxverify.triviality.grounds import Holding  # and with it a solver

    sizing = question.sizing
    combinations = sizing.largest_first()
    if sizing.open:
        two = dict.fromkeys(sizing.open, DEFAULT_SIZE)
        combinations = [{**sizes, **two} for sizes in combinations[:1]]
    found: list[str] = []
    for sizes in combinations[:MOST_COMBINATIONS]:
        budget.check_time()
        holding = Holding(subject_of(question, sizes), budget.allowance)
        if not holding.has_start:
            continue
        ground = holding.excludes_bad()
        if ground is None:
            return _not_trivial(sizes)
        if sizing.open and not _holds_for_any(question, holding, budget):
            return UNKNOWN
        found = found or [_reason(question, holding, ground, budget)]
    if len(combinations) > MOST_COMBINATIONS or not found:
        return UNKNOWN
    return Triviality(True, found[0])


def _reason(question: Question, holding: Holding, ground: Ground, budget: Budget) -> str:
    """Why bad states are excluded. Where sizes are open and there are none in a small machine anyhow, that
    says nothing of larger ones: it is told of the next in which there are."""
    from tdxverify.triviality.grounds import Holding
    from tdxverify.triviality.reasons import reason
    from tdxverify.triviality.tautology import excluded_at_any_size

    told, is_open = reason(question, holding, ground), question.sizing.open
    if not is_open or ground.facts or ground.assumed or excluded_at_any_size(question, budget):
        return told
    small = holding.subject.problem.size_of
    for size in _LARGER:
        budget.check_time()
        larger = Holding(subject_of(question, {**small, **dict.fromkeys(is_open, size)}), budget.allowance)
        found = larger.excludes_bad()
        if found is not None and (found.facts or found.assumed):
            return reason(question, larger, found)
    return f"{sizes_text([small])} {told}"


def _holds_for_any(question: Question, holding: Holding, budget: Budget) -> bool:
    """Whether what holds of each variable on its own does so for every number of elements left open."""
    from tdxverify.evidence.certifying import checked
    from tdxverify.evidence.invariant import Invariant

    problem = at_any_size(question)
    watching = {monitor.symbol for monitor in kind_of(question.property).monitors(question.property)}
    wrong = problem.out_of_range
    facts = [fact.formula for fact in holding.facts if fact.formula != core.TRUE]
    facts += [core.negation(Read(symbol)) for symbol in watching]
    formulas = tuple(core.disjunction(wrong, fact) for fact in facts)
    bad = kind_of(question.property).bad(question.spec.model, question.property)
    asked = replace(problem, bad=core.conjunction(core.negation(wrong), bad))
    return isinstance(checked(asked, Invariant(formulas, any_size=True), budget), Accepted)
