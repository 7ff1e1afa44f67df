"""A trace was found: at which other sizes is there none that is shorter?

Where a check states sizes, all of them are searched, up to the length that is known. Where it leaves some
open, so are machines with up to MOST_ELEMENTS of each such sort, by counting states, as far as there are few:
what is found must not depend on the clock. Of runs that go round the one whose loop begins soonest is the
shortest, and of those the one with the shortest loop; which that is at other sizes, enumeration finds. A
shorter trace takes the place of the one that was found. Sorts that have nothing to do with the question keep
the number of elements that they have: any other is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tdxverify.answers.answer import Shortest
from tdxverify.budget import Budget, Why
from tdxverify.engines.base import Observer
from tdxverify.engines.finding import Found, find, find_within
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, is_clean
from tdxverify.model.model import SizeRange
from tdxverify.questions.problems.cone import cone, sorts_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.size_plan import Combination, Sizing, combinations_in
from tdxverify.semantics.lasso import order_of
from tdxverify.telling.range_errors import leaves_range

MOST_ELEMENTS = 3  # of a sort that a check leaves open
MOST_MACHINES = 8  # that differ in the largest number of elements of an open sort
MOST_STATES = 5_000  # of each machine, where some sort is open
_AT_ONCE = 0, 1  # of a run that stops at the start, or ends badly there: none is shorter


@dataclass(frozen=True, slots=True)
class ShortestFound:
    """The refutation with the fewest steps, and for which sizes that is known."""

    found: Found
    shortest: Shortest


def shortest_of(
    asked: Sizing, refuted: Found, before: Sequence[Found], budget: Budget, observer: Observer
) -> ShortestFound:
    """The shortest trace that is found at the sizes `asked`, of which `refuted` has one already.

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
    unsure = search.best.verdict.unsure if isinstance(search.best.verdict, Refuted) else ""
    return ShortestFound(search.best, replace(search.conclusion(), unsure=unsure))


def _order(found: Found) -> tuple[int, int]:
    assert isinstance(found.verdict, Refuted)
    return order_of(found.verdict.trace)


def _length(found: Found) -> int:
    assert isinstance(found.verdict, Refuted)
    return len(found.verdict.trace)


class _Search:
    """`best` has the fewest steps so far; `clean`: sizes at which there are no fewer."""

    def __init__(self, asked: Sizing, refuted: Found, budget: Budget, observer: Observer) -> None:
        self._asked = asked
        self._budget = budget
        self._observer = observer
        self.best = refuted
        self._clean = {refuted.problem.sizes, *refuted.clean}
        self._ended = ""
        self._whole = replace(refuted.problem, limits=())
        self._deciding = cone(self._whole) if self._has_others() else self._whole
        self._same = {r.sort for r in asked.ranges} - sorts_of(self._deciding)
        self._open = asked.open - self._same
        self._ranges = tuple(map(self._range, asked.ranges))

    def _has_others(self) -> bool:
        """Whether other sizes are asked about, and a trace could be shorter."""
        several = bool(self._asked.open) or any(r.low < r.high for r in self._asked.ranges)
        return several and _order(self.best) > _AT_ONCE

    def _range(self, asked: SizeRange) -> SizeRange:
        """What is searched of one sort: what is stated, or some of what is open."""
        size = self.best.problem.size_of[asked.sort]
        if asked.sort in self._same:
            return SizeRange(asked.sort, size, size)
        if asked.sort not in self._open:
            return asked
        return SizeRange(asked.sort, 1, max(MOST_ELEMENTS, size))

    def note(self, known: Found) -> None:
        decided = isinstance(known.verdict, Proved | Vacuous)
        if decided or (not self._goes_round and is_clean(known.verdict, _length(self.best) - 1)):
            self._clean.add(known.problem.sizes)

    def levels(self) -> Iterable[list[Combination]]:
        """Sizes to search, in the order in which it can be said of more and more that they are clean."""
        for most in range(2, max((r.high for r in self._ranges if r.sort in self._open), default=2) + 1):
            yield combinations_in(self._limited(most))

    def _limited(self, most: int) -> list[SizeRange]:
        """The ranges, with at most so many elements of open sorts."""
        return [replace(r, high=min(r.high, most)) if r.sort in self._open else r for r in self._ranges]

    def run(self, sizes: Sequence[Combination]) -> bool:
        """Search at `sizes`; whether all of them are clean."""
        left = [one for one in sizes if one not in self._clean]
        if self._open and len(left) > MOST_MACHINES:
            return False
        return all(self._is_clean(one) for one in left)

    @property
    def _goes_round(self) -> bool:
        """Whether it is about whole runs."""
        return self._whole.origin is not None

    def _is_clean(self, sizes: Combination) -> bool:
        if self._goes_round:
            return self._begins_sooner_nowhere(sizes)
        most = _length(self.best) - 1
        if most >= 0 and not self._look(sizes, most):
            return False
        self._clean.add(sizes)
        return True

    def _look(self, sizes: Combination, most: int) -> bool:
        if self._budget.expired():
            self._ended = Why.TIMEOUT.value
            return False
        deciding = self._deciding if most else replace(self._deciding, actions=())
        found = self._find(replace(deciding, sizes=sizes), most)
        if isinstance(found.verdict, Refuted):
            most = len(found.verdict.trace)
            found = self._find(replace(self._whole, sizes=sizes), most)
        match found.verdict:
            case Refuted(trace=trace) if leaves_range(found.problem, trace):
                self._ended = f"a value does not fit at {found.sizes}"
                return False
            case Refuted():
                self.best = found
                return True
            case Unknown(why=why) if not is_clean(found.verdict, most):
                if not (self._open and why is Why.STATE_SPACE):  # as far as it is meant to go
                    self._ended = why.value
                return False
        return True

    def _begins_sooner_nowhere(self, sizes: Combination) -> bool:
        """All of it is enumerated, since a loop that begins sooner may be longer."""
        if self._budget.expired():
            self._ended = Why.TIMEOUT.value
            return False
        problem = replace(self._whole, sizes=sizes)
        found = find("explicit", problem, self._few, self._observer)
        if isinstance(found.verdict, Unknown):
            if not (self._open and found.verdict.why is Why.STATE_SPACE):
                self._ended = found.verdict.why.value
            return False
        if isinstance(found.verdict, Refuted) and _order(found) < _order(self.best):
            if leaves_range(problem, found.verdict.trace):
                self._ended = f"a value does not fit at {found.sizes}"
                return False
            self.best = found
        self._clean.add(sizes)
        return True

    @property
    def _few(self) -> Budget:
        """As far as sizes are searched that nobody stated."""
        most = min(MOST_STATES, self._budget.max_states)
        return replace(self._budget, max_states=most) if self._open else self._budget

    def _find(self, problem: Problem, most: int) -> Found:
        return find_within(problem, most, self._few, self._observer, with_solver=not self._open)

    def conclusion(self) -> Shortest:
        """The largest part of what was searched that is clean throughout and has the trace in it."""
        own = self.best.problem.sizes
        for most in range(max((r.high for r in self._ranges), default=1), 0, -1):
            box = [replace(r, high=max(r.low, min(r.high, most))) for r in self._ranges]
            inside = combinations_in(box)
            if own in inside and self._clean.issuperset(inside):
                is_all = not self._open and tuple(box) == self._ranges
                return Shortest(self._shown(box), is_all, "" if is_all else self._ended)
        return Shortest(self._shown([SizeRange(sort, size, size) for sort, size in own]), False, self._ended)

    def _shown(self, box: Iterable[SizeRange]) -> tuple[tuple[str, str], ...]:
        """As text: of sorts that have nothing to do with it, all that is asked about."""
        asked = dict(self._asked.shown())
        return tuple(
            (r.sort, asked[r.sort])
            if r.sort in self._same
            else (r.sort, str(r.low) if r.low == r.high else f"{r.low}..{r.high}")
            for r in box
        )
