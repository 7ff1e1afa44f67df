"""Whether a proof is trivial.

It is where the property follows from what can be said of each variable on its own: which of its values it
never takes, that it never changes. Put otherwise: let every variable have any value that it can ever have,
whatever the others have at that time, as long as steps lead from such states only to such states; no state of
these is bad. That depends on the bad states and on the steps, not on how either is written.

Only what is true of every size that the check is about is claimed: sizes that it states are looked at one by
one; where it leaves some open, or states many, what was found with two elements is proved again for any
number of them: the facts, that they exclude bad states, and each part of the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, TypeVar

from tdxverify.budget import Budget, LimitReached, NotDecided, held
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.questions.size_plan import DEFAULT_SIZE
from tdxverify.triviality.counted import States, is_not_trivial
from tdxverify.triviality.subject import subject_of

if TYPE_CHECKING:
    from tdxverify.triviality.grounds import Holding

Found = TypeVar("Found")

MOST_COMBINATIONS = 8  # of sizes that are looked at one by one
_FEW = (DEFAULT_SIZE, 1, 3)  # elements, of each sort that is left open
_MORE = 3  # of them


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
    combinations = question.sizing.largest_first()
    if question.sizing.open or len(combinations) > MOST_COMBINATIONS:
        return _of_many_sizes(question, budget)
    from tdxverify.triviality.reasons import reason  # and with it a solver

    found: dict[str, Sizes] = {}
    for sizes in combinations:
        holding = _holding(question, sizes, budget)
        if not holding.has_start:
            continue
        ground = holding.excludes_bad()
        if ground is None:
            return _not_trivial(sizes)
        found.setdefault(reason(question, holding, ground), sizes)
    if not found:
        return UNKNOWN
    told, sizes = next(iter(found.items()))
    return Triviality(True, told if len(found) == 1 else _only_at(sizes, told))


def _only_at(sizes: Sizes, told: str) -> str:
    """What is not said, or not known, of other sizes."""
    return f"{sizes_text([sizes])}: {told}"


def _holding(question: Question, sizes: Sizes, budget: Budget) -> Holding:
    from tdxverify.triviality.grounds import Holding

    budget.check_time()
    return Holding(subject_of(question, sizes), budget.allowance)


def _of_many_sizes(question: Question, budget: Budget) -> Triviality:
    """What holds in a small machine is asked of every size; where that is not found out, a larger one may
    show that the proof is not trivial."""
    from tdxverify.triviality.reasons import reason

    small = next((one for one in _small(question, budget) if one.has_start), None)
    if small is None:
        return UNKNOWN
    sizes, here = small.subject.problem.size_of, small.excludes_bad()
    if here is None:
        return _not_trivial(sizes)
    wide = small.everywhere(question.sizing.limits, budget.allowance)
    ground = _if_decided(wide.excludes_bad)
    if ground is not None:
        told = _if_decided(lambda: reason(question, wide, ground))
        return Triviality(True, told or _only_at(sizes, reason(question, small, here)))
    for larger in _larger(question, sizes):
        holding = _holding(question, larger, budget)
        if holding.has_start and holding.excludes_bad() is None:
            return _not_trivial(larger)
    return UNKNOWN


def _if_decided(asked: Callable[[], Found | None]) -> Found | None:
    try:
        return asked()
    except NotDecided:
        return None


def _small(question: Question, budget: Budget) -> Iterator[Holding]:
    """Machines that are looked at first, until there is one that can begin."""
    sizing = question.sizing
    if not sizing.open:
        yield from (_holding(question, one, budget) for one in sizing.largest_first()[:MOST_COMBINATIONS])
        return
    stated = sizing.largest_first()[0]
    for sizes in islice(product(_FEW, repeat=len(sizing.open)), MOST_COMBINATIONS):
        yield _holding(question, {**stated, **dict(zip(sizing.open, sizes, strict=True))}, budget)


def _larger(question: Question, sizes: Sizes) -> Iterator[Sizes]:
    """Those that are looked at where what holds at `sizes` is not known to hold at all."""
    sizing = question.sizing
    if sizing.open:
        for numbers in islice(product(*((sizes[one], _MORE) for one in sizing.open)), 1, MOST_COMBINATIONS):
            yield {**sizes, **dict(zip(sizing.open, numbers, strict=True))}
        yield {**sizes, **dict.fromkeys(sizing.open, _MORE + 1)}
    else:
        yield from (one for one in sizing.largest_first()[:MOST_COMBINATIONS] if one != sizes)
