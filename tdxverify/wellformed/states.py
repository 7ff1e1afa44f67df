"""Looking for a typed state, of any size, in which a formula holds.

Where so many elements are known to be enough that they can be enumerated, no solver is needed: the search
splits on one state cell (or parameter) at a time and evaluates what is known so far in three-valued logic,
so that most combinations are never looked at. Everything else is asked of the solver, with the index sorts
left open. What the solver finds is looked for again by enumeration, or at least evaluated, before anybody
hears of it. All limits count work, so that every machine comes to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from tdxverify.budget import UNLIMITED, Budget, NotDecided, TooLarge
from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Expr, Quantified, children
from tdxverify.logic.layout import Cell, values_of
from tdxverify.logic.order import ordered_sorts
from tdxverify.logic.partial import Known, PartialEvaluator
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import NONE, Sizes, Value, domain, element_sort, show
from tdxverify.wellformed.enough import enough_elements, index_sorts_of, sizes_between

if TYPE_CHECKING:
    from tdxverify.smt.typed_states import TypedState

QUICK = 100_000  # of work with all questions about one thing, before the solver is asked
QUICK_ONE = 30_000  # of work with one of them
THOROUGH = 100_000  # of work where the solver cannot say
MOST_TOLD = 20  # cells of an example
PARTS = 20  # of a formula, quantifiers written out, whose evaluation is one unit of work
SOLVER_EFFORT = 5_000_000  # in Z3's own unit of work; some seconds


@dataclass(frozen=True, slots=True)
class Example:
    """A state, as far as it matters, and values of the free variables.

    `counted`: the index sorts whose number of elements may matter.
    """

    sizes: Sizes
    bound: Mapping[Bound, Value]
    cells: tuple[tuple[Cell, Value], ...]
    counted: frozenset[str]

    def known(self) -> Known:
        return {(cell.symbol.name, cell.indices): value for cell, value in self.cells}

    def values(self, variables: Iterable[Bound]) -> str:
        """`l = Line0, poison[Line0] = true`; empty where no value matters. Of many cells, the first ones."""
        parts = [f"{written_name(b)} = {show(b.sort, self.bound[b])}" for b in variables]
        cells = sorted((str(cell), show(cell.symbol.sort, value)) for cell, value in self.cells)
        parts += [f"{cell} = {value}" for cell, value in cells[:MOST_TOLD]]
        left = len(cells) - MOST_TOLD
        if left > 0:
            parts.append(f"and {counted(left, 'more cell')}")
        return ", ".join(parts)

    def counts(self) -> str:
        """`7 elements of Line`; empty where no number matters, or all elements are named by the values."""
        named = [(b.sort, value) for b, value in self.bound.items()]
        for cell, value in self.cells:
            named += [*zip(cell.symbol.indices, cell.indices, strict=True), (cell.symbol.sort, value)]
        sorts = ((element_sort(sort), value) for sort, value in named if value != NONE)
        elements = {(sort.name, value) for sort, value in sorts if sort is not None}
        told = {name: sum(1 for sort, _ in elements if sort == name) for name in self.counted}
        return " and ".join(
            f"{counted(self.sizes[name], 'element')} of {name}"
            for name in sorted(self.counted)
            if told[name] < self.sizes[name]
        )


@dataclass
class Effort:
    """What questions about one thing may cost together; what is left of it. `budget` is for everything.

    `asked`: the solver had to answer, whose luck may depend on names.
    """

    work: int = QUICK
    solver: int = SOLVER_EFFORT
    budget: Budget = UNLIMITED
    asked: bool = False


def free_variables(expr: Expr) -> tuple[Bound, ...]:
    """Bound variables that no quantifier of `expr` binds, in order of first occurrence.

    Requires: no name is bound and free.
    """
    bound: set[Bound] = set()
    found: dict[Bound, None] = {}
    for node in core.walk(expr):
        if isinstance(node, Bound):
            found[node] = None
        elif isinstance(node, Quantified):
            bound.update(node.binders)
    return tuple(b for b in found if b not in bound)


def find_state(formula: Expr, variables: tuple[Bound, ...], effort: Effort) -> Example | None:
    """A typed state of some size in which `formula` holds for some values of `variables`; None if none has.

    `variables` are all that are free in `formula`. Takes from `effort` what it costs. Raises
    NotDecided, LimitReached.
    """
    if formula == core.FALSE:
        return None
    enough = enough_elements(formula, variables)
    if enough is not None:
        own = Effort(min(QUICK_ONE, effort.work))
        try:
            return first_of(enough.combinations(), formula, variables, own)
        except TooLarge:
            own.work = 0
        finally:
            effort.work -= min(QUICK_ONE, effort.work) - own.work
    return _asked(formula, variables, effort)


def first_of(
    combinations: Iterable[Sizes], formula: Expr, variables: tuple[Bound, ...], effort: Effort
) -> Example | None:
    """The first example at one of these sizes, by enumeration. Raises TooLarge."""
    for sizes in combinations:
        found = _Search(formula, variables, sizes, effort).example()
        if found is not None:
            return found
    return None


def _asked(formula: Expr, variables: tuple[Bound, ...], effort: Effort) -> Example | None:
    from tdxverify.smt.typed_states import GaveUp, find_typed_state

    effort.asked = True
    answer = find_typed_state(formula, variables, effort.solver, effort.budget.remaining_ms())
    if answer is None:
        return None
    if isinstance(answer, GaveUp):
        effort.budget.check_time()
        effort.solver = max(0, effort.solver - answer.spent)
        raise NotDecided(answer.reason)
    free = (element_sort(b.sort) for b in variables)
    names = {*index_sorts_of(formula), *(sort.name for sort in free if sort is not None)}
    largest = {name: answer.sizes[name] for name in sorted(names)}
    try:
        smallest = first_of(sizes_between(dict.fromkeys(largest, 1), largest), formula, variables, Effort())
    except TooLarge:
        smallest = None
    return smallest or _confirmed(formula, answer)


def _confirmed(formula: Expr, state: TypedState) -> Example:
    """What the solver found, if the formula really holds there: as far as it matters, unless it takes
    too much work to find that out. Raises NotDecided.
    """
    known: Known = {}
    evaluator = PartialEvaluator(known, state.sizes)
    cost = 1 + _written_out(formula, state.sizes, {}) // PARTS
    work = THOROUGH
    while work >= cost:
        work -= cost
        value = evaluator.value(formula, dict(state.bound))
        if not isinstance(value, Cell):
            break
        place = (value.symbol.name, value.indices)
        known[place] = state.cells[place]
    else:
        known.update(state.cells)
        value = evaluator.value(formula, dict(state.bound))
    if isinstance(value, Cell) or not value:
        raise NotDecided("the solver's example is none")
    symbols = {symbol.name: symbol for symbol in core.symbols_of(formula)}
    cells = tuple((Cell(symbols[name], indices), value) for (name, indices), value in known.items())
    return Example(state.sizes, state.bound, cells, frozenset(_quantified_sorts(formula)))


class _Search:
    """Looks for a state at given sizes by case splits."""

    def __init__(self, formula: Expr, variables: tuple[Bound, ...], sizes: Sizes, effort: Effort) -> None:
        self._formula = formula
        self._variables = variables
        self._sizes = sizes
        self._effort = effort
        self._known: Known = {}
        self._evaluator = PartialEvaluator(self._known, sizes)
        self._cost = 1 + _written_out(formula, sizes, {}) // PARTS
        self._ordered = ordered_sorts((formula,))

    def example(self) -> Example | None:
        for values in values_of(self._variables, self._sizes):
            self._known.clear()
            bound = dict(zip(self._variables, values, strict=True))
            if _is_canonical(self._variables, values, self._ordered) and self._holds(bound):
                cells = tuple((self._evaluator.cells[place], value) for place, value in self._known.items())
                return Example(self._sizes, bound, cells, frozenset(_quantified_sorts(self._formula)))
        return None

    def _holds(self, bound: dict[Bound, Value]) -> bool:
        self._effort.work -= self._cost
        if self._effort.work < 0:
            raise TooLarge
        value = self._evaluator.value(self._formula, bound)
        if not isinstance(value, Cell):
            return bool(value)
        place = (value.symbol.name, value.indices)
        for choice in domain(value.symbol.sort, self._sizes):
            self._known[place] = choice
            if self._holds(bound):
                return True
        del self._known[place]
        return False


def _is_canonical(variables: tuple[Bound, ...], values: tuple[Value, ...], ordered: frozenset[str]) -> bool:
    """Whether elements of each sort appear in the order 0, 1, 2, ...: the rest are renamings of these.

    Elements of `ordered` sorts cannot be renamed.
    """
    most: dict[str, int] = {}
    for variable, value in zip(variables, values, strict=True):
        element = element_sort(variable.sort)
        if element is not None and element.name not in ordered:
            name = element.name
            if value > most.get(name, -1) + 1:
                return False
            most[name] = max(most.get(name, -1), value)
    return True


def _written_out(expr: Expr, sizes: Sizes, known: dict[int, int]) -> int:
    """Parts of `expr` with quantifiers written out. `known` remembers them by identity."""
    count = known.get(id(expr))
    if count is None:
        count = 1 + sum(_written_out(part, sizes, known) for part in children(expr))
        if isinstance(expr, Quantified):
            count *= prod(len(domain(b.sort, sizes)) for b in expr.binders)
        known[id(expr)] = count
    return count


def relevant(assumptions: Iterable[Expr], formulas: Iterable[Expr]) -> Expr:
    """The part of `assumptions` that has to do with `formulas`: the rest is about other symbols and sorts.

    Leaving the rest out could only matter if it were contradictory by itself, and then no answer
    about the spec means anything.
    """
    parts = [p for one in assumptions for p in core.conjuncts(one)]
    waiting = [(part, core.names_of(part), _quantified_sorts(part)) for part in parts]
    names, sorts = set[str](), set[str]()
    for formula in formulas:
        names |= core.names_of(formula)
        sorts |= _quantified_sorts(formula)
    kept: set[int] = set()
    while found := [
        n
        for n, (_, own, counted) in enumerate(waiting)
        if n not in kept and not (own.isdisjoint(names) and counted.isdisjoint(sorts))
    ]:
        kept.update(found)
        names.update(*(waiting[n][1] for n in found))
        sorts.update(*(waiting[n][2] for n in found))
    return core.conjunction(*(part for n, part in enumerate(parts) if n in kept))


def _quantified_sorts(expr: Expr) -> set[str]:
    """Index sorts whose number of elements `expr` may have to do with."""
    return {
        sort.name
        for node in core.walk(expr)
        if isinstance(node, Quantified)
        for sort in (element_sort(b.sort) for b in node.binders)
        if sort is not None
    }
