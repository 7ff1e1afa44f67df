"""What a run that goes round for ever depends on: a slice of it, from what makes the loop one.

The end needs what asked for the promise, that it is not kept in the loop, that the loop's steps are possible
and what they may write is as it was where the loop began, and that what is fair and has no turn is not
possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.sorts import Value
from tdxverify.model.fair import Fairness
from tdxverify.questions.kinds.kind import Promise
from tdxverify.questions.problems.looping import enabled
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.lasso import Lasso, Turns, asked_in
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.slicing import Reading, Slice, slice_from


def slice_lasso(original: Problem, promise: Promise, fairness: Iterable[Fairness], lasso: Lasso) -> Slice:
    """Requires: `lasso` is a fair run of `original` that breaks `promise`."""
    wanted = _Ends(original, promise, tuple(fairness), lasso).wanted()
    return slice_from(original, lasso.trace, wanted, range(lasso.begin + 1, len(lasso.trace) + 1))


class _Ends:
    """What the end needs of each state."""

    def __init__(
        self, original: Problem, promise: Promise, fairness: tuple[Fairness, ...], lasso: Lasso
    ) -> None:
        self._problem = original
        self._promise = promise
        self._fairness = fairness
        self._lasso = lasso
        self._wanted: dict[int, set[Place]] = {}

    def wanted(self) -> Mapping[int, Iterable[Place]]:
        states, begin = self._lasso.trace.states, self._lasso.begin
        elements = dict(zip(self._promise.binders, self._lasso.elements, strict=True))
        since = asked_in(Semantics(self._problem), self._promise, self._lasso)
        if self._promise.asked is not None:
            self._want(since, self._reading(since).of(self._promise.asked, elements))
        last = len(states) - 1
        # What no step of the loop may write is in the last state as it is in each state of the loop.
        for number in range(begin, len(states)):
            self._want(last, self._reading(number).of(self._promise.kept, elements))
        for places in self._idle():
            self._want(last, places)
        return self._wanted

    def _idle(self) -> Iterator[Iterable[Place]]:
        """What keeps that from being possible which is fair and has no turn: weakly fair, in one state."""
        semantics = Semantics(self._problem)
        for fair in self._fairness:
            possible, turns = enabled(self._problem, fair), Turns(semantics, fair, self._lasso)
            for instance in turns.without_turn():
                bound = dict(zip(fair.binders, instance, strict=True))
                numbers = self._impossible(possible, bound)
                for number in numbers if fair.strong else numbers[-1:]:
                    yield self._reading(number).of(possible, bound)

    def _impossible(self, possible: Expr, bound: Mapping[Bound, Value]) -> list[int]:
        """The numbers of the states of the loop in which it is not."""
        numbers = range(self._lasso.begin, len(self._lasso.trace.states))
        return [n for n in numbers if not self._reading(n).value(possible, bound)]

    def _want(self, number: int, places: Iterable[Place]) -> None:
        self._wanted.setdefault(number, set()).update(places)

    def _reading(self, number: int) -> Reading:
        trace = self._lasso.trace
        return Reading(self._problem, trace.rigid, trace.states[number])
