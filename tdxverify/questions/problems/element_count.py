"""How many elements a sort has, as a formula: for questions that leave the number of other sorts open."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.sorts import IndexSort
from tdxverify.model.model import SizeRange


def cardinality(stated: SizeRange) -> Iterator[Expr]:
    """That there are between `low` and `high` elements: so many different ones, and no others."""
    most = _elements(stated, stated.high)
    one = Bound("element", most[0].sort)
    complete = core.quantified((one,), core.disjunction(*(core.equal(one, m) for m in most)), universal=True)
    if stated.low == stated.high:
        yield core.quantified(most, core.conjunction(_different(most), complete), universal=False)
        return
    yield core.quantified(most, complete, universal=False)
    if stated.low > 1:
        least = _elements(stated, stated.low)
        yield core.quantified(least, _different(least), universal=False)


def _elements(stated: SizeRange, count: int) -> tuple[Bound, ...]:
    return tuple(Bound(f"element {n}", IndexSort(stated.sort)) for n in range(count))


def _different(elements: tuple[Bound, ...]) -> Expr:
    return core.conjunction(*(core.negation(core.equal(a, b)) for a, b in combinations(elements, 2)))
