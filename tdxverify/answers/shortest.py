"""A trace was found: at which other sizes is there none that is shorter?

Where a check states sizes, all of them are searched, up to the length that is known. Where it leaves some
open, so are machines with up to MOST_ELEMENTS of each such sort, by counting states and as far as these are
few: what is found must not depend on the clock. A shorter trace takes the place of the one that was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tdxverify.answers.answer import Shortest
from tdxverify.budget import Budget, LimitReached, Why, held
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import Found, find_within
from tdxverify.engines.shorter import is_clean
from tdxverify.evidence.verdict import Refuted, Unknown
from tdxverify.model.model import SizeRange
from tdxverify.questions.question import Question, at
from tdxverify.questions.size_plan import Combination
from tdxverify.telling.range_errors import leaves_range

MOST_ELEMENTS = 3  # of a sort that a check leaves open
MOST_MACHINES = 30  # with other sizes, where a check leaves some open


@dataclass(frozen=True, slots=True)
class ShortestFound:
    """The refutation with the fewest steps, and for which sizes that is known."""

    found: Found
    shortest: Shortest


def shortest_of(
    asked: Question, refuted: Found, before: Sequence[Found], budget: Budget, observer: Observer
) -> ShortestFound:
    """The shortest trace that is found at the sizes of `asked`, of which `refuted` has one already.

    `before`: what is known at sizes that were asked first. Raises InternalError.
    """
    assert isinstance(refuted.verdict, Refuted)
    if leaves_range(refuted.problem, refuted.verdict.trace):
        return ShortestFound(refuted, Shortest(()))  # the spec is wrong, however soon that shows
    search = _Search(asked, refuted, budget, observer)
    for one in before:
        search.note(one)
    for level in search.levels():
        if not search.run(level):
            break
    return ShortestFound(search.best, search.conclusion())


def _length(found: Found) -> int:
    assert isinstance(found.verdict, Refuted)
    return len(found.verdict.trace)


class _Search:
    """`best` has the fewest steps so far; `clean`: sizes at which there are no fewer."""

    def __init__(self, asked: Question, refuted: Found, budget: Budget, observer: Observer) -> None:
        self._asked = asked
        self._budget = budget
        self._observer = observer
        self.best = refuted
        self._clean = {refuted.problem.sizes}
        self._ended = ""
        self._ranges = tuple(map(self._range, asked.sizing.ranges))
        self._is_open = bool(asked.sizing.open)

    def _range(self, stated: SizeRange) -> SizeRange:
        """What is searched of one sort: what is stated, or some of what is open."""
        if stated.sort not in self._asked.sizing.open:
            return stated
        return SizeRange(stated.sort, 1, max(MOST_ELEMENTS, self.best.problem.size_of[stated.sort]))

    def note(self, known: Found) -> None:
        if is_clean(known.verdict, _length(self.best) - 1):
            self._clean.add(known.problem.sizes)

    def levels(self) -> Iterable[list[Combination]]:
        """Sizes to search, in the order in which it can be said of more and more that they are clean."""
        if not self._is_open:
            return [_combinations(self._ranges)]
        top = max(r.high for r in self._ranges if r.sort in self._asked.sizing.open)
        return [_combinations(self._limited(most)) for most in range(2, top + 1)]

    def _limited(self, most: int) -> list[SizeRange]:
        """The ranges, with at most so many elements of open sorts."""
        opened = self._asked.sizing.open
        return [replace(r, high=min(r.high, most)) if r.sort in opened else r for r in self._ranges]

    def run(self, sizes: Sequence[Combination]) -> bool:
        """Search at `sizes`; whether all of them are clean."""
        left = [one for one in sizes if one not in self._clean]
        if self._is_open and len(left) > MOST_MACHINES:
            return False
        return all(self._is_clean(one) for one in left)

    def _is_clean(self, sizes: Combination) -> bool:
        most = _length(self.best) - 1
        if most >= 0 and not self._look(sizes, most):
            return False
        self._clean.add(sizes)
        return True

    def _look(self, sizes: Combination, most: int) -> bool:
        if self._budget.expired():
            self._ended = Why.TIMEOUT.value
            return False
        try:
            with held(self._budget):
                problem = at(self._asked, dict(sizes))
        except LimitReached as reached:
            self._ended = reached.told
            return False
        found = find_within(problem, most, self._budget, self._observer, with_solver=not self._is_open)
        match found.verdict:
            case Refuted(trace=trace) if leaves_range(problem, trace):
                self._ended = f"a value leaves its range at {found.sizes}"
                return False
            case Refuted():
                self.best = found
                return True
            case Unknown(why=why) if not is_clean(found.verdict, most):
                self._ended = why.value
                return False
        return True

    def conclusion(self) -> Shortest:
        """The largest part of what was searched that is clean throughout and has the trace in it."""
        own = self.best.problem.sizes
        if not _length(self.best):
            return Shortest(self._asked.sizing.shown(), is_all=True)
        top = max((r.high for r in self._ranges), default=0)
        for most in range(top, 0, -1):
            box = [
                SizeRange(r.sort, r.low, max(r.low, min(r.high, most))) for r in self._ranges
            ]
            inside = _combinations(box)
            if own in inside and self._clean.issuperset(inside):
                is_all = not self._is_open and tuple(box) == self._ranges
                return Shortest(_shown(box), is_all, "" if is_all else self._ended)
        exactly = [SizeRange(sort, size, size) for sort, size in own]
        return Shortest(_shown(exactly), not self._ranges, self._ended)


def _combinations(ranges: Sequence[SizeRange]) -> list[Combination]:
    """All sizes in `ranges`, smallest total first."""
    choices = [range(r.low, r.high + 1) for r in ranges]
    sizes = sorted(product(*choices), key=lambda sizes: (sum(sizes), sizes))
    return [tuple(zip((r.sort for r in ranges), one, strict=True)) for one in sizes]


def _shown(ranges: Sequence[SizeRange]) -> tuple[tuple[str, str], ...]:
    return tuple((r.sort, str(r.low) if r.low == r.high else f"{r.low}..{r.high}") for r in ranges)
