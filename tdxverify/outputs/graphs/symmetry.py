"""States that differ only in which elements are called what.

Elements of an index sort are interchangeable where no formula names one or compares them. What tells them
apart then are the values of parameters and constants only, so every renaming that leaves those as they are
maps runs to runs.
"""

from __future__ import annotations

from itertools import permutations, product
from math import factorial, prod

from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import NONE, IndexSort, Sort, Value, element_sort
from tdxverify.questions.problems.problem import Problem

MOST_RENAMINGS = 5_000

_Names = dict[str, tuple[Value, ...]]  # sort to the new name of each element


class Symmetry:
    """The renamings of elements that `rigid` allows; none but the trivial one where there are too many."""

    def __init__(self, problem: Problem, rigid: Valuation) -> None:
        self._layout = problem.state_layout
        self._renamings = [_Renaming(self._layout, names) for names in _stabilising(problem, rigid)]

    @property
    def is_trivial(self) -> bool:
        """There is nothing to be exchanged."""
        return len(self._renamings) < 2

    def orbit(self, state: Valuation) -> frozenset[Valuation]:
        """All states that are `state` with other names."""
        return frozenset(renaming.applied(state) for renaming in self._renamings)

    def least(self, state: Valuation) -> Valuation:
        """The same for all states of an orbit."""
        return min(renaming.applied(state) for renaming in self._renamings)


class _Renaming:
    """Where each cell's value goes, and what becomes of it."""

    def __init__(self, layout: Layout, names: _Names) -> None:
        place = {(cell.symbol.name, cell.indices): number for number, cell in enumerate(layout.cells)}
        self._moves: list[tuple[int, tuple[Value, ...] | None]] = []
        for cell in layout.cells:
            pairs = zip(cell.symbol.indices, cell.indices, strict=True)
            indices = tuple(_renamed(sort, value, names) for sort, value in pairs)
            sort = cell.symbol.sort
            element = element_sort(sort)
            values = None if element is None else names.get(element.name)
            self._moves.append((place[cell.symbol.name, indices], values))

    def applied(self, values: Valuation) -> Valuation:
        after = list(values)
        for value, (target, names) in zip(values, self._moves, strict=True):
            after[target] = value if names is None or value == NONE else names[value]
        return tuple(after)


def _renamed(sort: Sort, value: Value, names: _Names) -> Value:
    return names[sort.name][value] if isinstance(sort, IndexSort) else value


def _stabilising(problem: Problem, rigid: Valuation) -> list[_Names]:
    """The renamings that leave `rigid` as it is, the trivial one first."""
    sizes = problem.size_of
    trivial: _Names = {sort: tuple(range(size)) for sort, size in sizes.items()}
    fixed = problem.ordered_sorts
    if prod(factorial(size) for sort, size in sizes.items() if sort not in fixed) > MOST_RENAMINGS:
        return [trivial]
    choices = product(*([names] if sort in fixed else permutations(names) for sort, names in trivial.items()))
    every: list[_Names] = [dict(zip(sizes, choice, strict=True)) for choice in choices]
    layout = problem.rigid_layout
    return [names for names in every if _Renaming(layout, names).applied(rigid) == rigid]
