"""A start from which given steps are a run into a bad state, or are none: by case splits, evaluating.

A start is only as far made up as something looks at it: a cell gets its values one after another when the
run, or a condition on starts, asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from tdxverify.budget import NotDecided
from tdxverify.logic.expr import Expr, Role, conjuncts
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Value
from tdxverify.semantics.needed_run import Known, Missing, NeededRun, NoSuchStart, Place, Starts

Allowed: TypeAlias = Mapping[Place, Sequence[Value]]  # the values that a cell may have; of others all


Condition: TypeAlias = Callable[[], object]


class Escaping:
    """Of `run` from `starts` that satisfy `facts`, over rigid symbols and initial states."""

    def __init__(self, starts: Starts, run: NeededRun, facts: Iterable[Expr]) -> None:
        self._starts = starts
        self._run = run
        self._facts = [part for fact in facts for part in conjuncts(fact)]
        self._allowed: Allowed = {}
        self._left = 0
        self.tried = 0  # runs, to answer the last question

    def is_start(self, rigid: Valuation, first: Valuation) -> bool:
        """Whether that is one of the starts."""
        choices = self._starts.semantics.initial.choices(rigid)
        allowed = all(value in options for value, options in zip(first, choices, strict=True))
        return allowed and all(self._starts.formula(fact)(rigid, first, ()) for fact in self._facts)

    def start(self, allowed: Allowed, most: int) -> Known | None:
        """A start from which the steps are no such run, as far as it decides anything; None if there is none.
        Raises NotDecided beyond so many runs."""
        return self._asked(partial(self._deciding, badly=False), allowed, most)

    def leading(self, allowed: Allowed, most: int) -> Known | None:
        """A start from which they are one, in the same way; None if there is none. Raises NotDecided."""
        return self._asked(partial(self._deciding, badly=True), allowed, most)

    def some(self, allowed: Allowed, most: int) -> Known | None:
        """Any start, as far as it decides that it is one; None if there is none. Raises NotDecided."""
        return self._asked(self._possible, allowed, most)

    def _asked(self, search: Callable[[Known], Known | None], allowed: Allowed, most: int) -> Known | None:
        self._allowed, self._left, self.tried = allowed, most, 0
        try:
            return search({place: values[0] for place, values in allowed.items() if len(values) == 1})
        except RecursionError:
            raise NotDecided("the formulas are too deep") from None

    def _deciding(self, known: Known, *, badly: bool) -> Known | None:
        self._count(known)
        try:
            if self._run.ends_badly() is not badly:
                return None
        except NoSuchStart:
            return None
        except Missing as missing:
            place, options = missing.place, missing.options
        else:
            return self._possible(known)
        return self._split(known, place, options, partial(self._deciding, badly=badly))

    def _possible(self, known: Known, waiting: Sequence[Condition] | None = None) -> Known | None:
        """More of `known`, so that whatever the rest is, it is a start; None if there is no such start.

        `waiting`: the conditions that less than is known did not decide, None for all.
        """
        self._count(known)
        gap: tuple[Place, Sequence[Value]] | None = None
        open_ones: list[Condition] = []
        for holds in self._conditions() if waiting is None else waiting:
            try:
                if not holds():
                    return None
            except NoSuchStart:
                return None
            except Missing as missing:
                gap = gap or (missing.place, missing.options)
                open_ones.append(holds)
        if gap is None:
            return known
        return self._split(known, *gap, lambda more: self._possible(more, open_ones))

    def _conditions(self) -> Iterator[Condition]:
        """The facts, and that cells of which somebody else says what they are can start like that; that those
        that follow from others do so with a value that is allowed."""
        starts = self._starts
        for fact in self._facts:
            yield partial(starts.formula(fact), starts.rigid, starts.state, ())
        for place in self._allowed:
            if place.role is Role.STATE and (starts.is_chosen(place) or starts.follows(place)):
                yield partial(self._may_be, place)

    def _may_be(self, place: Place) -> bool:
        value, starts = self._starts.state[place.position], self._starts
        if starts.is_chosen(place) and value not in starts.options(place):
            return False
        return value in self._allowed[place]

    def _split(
        self, known: Known, place: Place, options: Sequence[Value], search: Callable[[Known], Known | None]
    ) -> Known | None:
        for value in self._allowed.get(place, options):
            found = search({**known, place: value})
            if found is not None:
                return found
        return None

    def _count(self, known: Known) -> None:
        if self._left == 0:
            raise NotDecided("it takes more runs than were allowed")
        self._left -= 1
        self.tried += 1
        self._starts.known = known
