"""Is there a typed state, of whatever size, in which a formula holds? Asked of Z3 with open index sorts.

The limit is Z3's own count of its steps and not a time, so that the answer is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

import z3

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Read, Symbol
from tdxverify.logic.measure import Measure
from tdxverify.logic.partial import Place
from tdxverify.logic.sorts import NONE, IndexSort, OptionalSort, Sizes, Sort, Value, domain, element_sort
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import asker as asking
from tdxverify.smt.asker import EXHAUSTED, Asker
from tdxverify.smt.solver import Model
from tdxverify.smt.terms import Encoded
from tdxverify.smt.unsized import UnsizedSystem

LARGEST = 100_000  # parts of a formula, beyond which nothing is asked
MOST_CELLS = 20_000  # of a state that is read back


@dataclass(frozen=True, slots=True)
class TypedState:
    """`cells`: of every symbol in the formula, at `sizes`. `bound`: values of its free variables."""

    sizes: Sizes
    bound: Mapping[Bound, Value]
    cells: Mapping[Place, Value]


@dataclass(frozen=True, slots=True)
class GaveUp:
    """`spent`: how much of the effort it took to come to nothing."""

    reason: str
    spent: int


Answer: TypeAlias = TypedState | GaveUp | None


def find_typed_state(
    formula: Expr, variables: tuple[Bound, ...], effort: int, milliseconds: int | None = None
) -> Answer:
    """A state in which `formula` holds for some values of `variables`; None if there is none at any size.

    `variables` are all that are free in `formula`. `effort` limits what Z3 may do; `milliseconds`
    are those after which nobody waits for an answer. Raises KeyboardInterrupt.
    """
    if effort <= 0:
        return GaveUp("the solver has tried for too long already", 0)
    if Measure().size(formula) > LARGEST:
        return GaveUp("the formula is too large for the solver", 0)
    return _Question(formula, variables).answer(effort, milliseconds)


class _Question:
    def __init__(self, formula: Expr, variables: tuple[Bound, ...]) -> None:
        symbols = tuple(sorted(core.symbols_of(formula), key=lambda symbol: symbol.name))
        sorts = {*_index_sorts(formula, variables, symbols)}
        everything = Problem(
            "typed states", tuple((name, 1) for name in sorted(sorts)), symbols, (), (), (), (), formula
        )
        self._system = UnsizedSystem(everything)
        self._symbols = symbols
        self._reads: list[Read] = []  # what the encoder has seen has to stay
        encoder = self._system.encoder
        self._environment = {bound: encoder.variable(bound) for bound in variables}
        typed = [encoder.in_domain(value, bound.sort) for bound, value in self._environment.items()]
        terms = self._system.terms
        self._solver = z3.SimpleSolver(ctx=terms.context)
        self._solver.add(list(self._system.background()))
        holds = encoder.encode(formula, self._environment)
        self._solver.add(terms.boolean(terms.conjunction((*typed, holds))))
        self._solver.add(list(self._system.order()))

    def answer(self, effort: int, milliseconds: int | None) -> Answer:
        asker = Asker(self._solver)
        found = asker.ask((), milliseconds, effort)
        if isinstance(found, asking.GaveUp):
            told = found.reason if found.reason == EXHAUSTED else f"the solver gave up: {found.reason}"
            return GaveUp(told, asker.spent)
        return self._state(self._solver.model()) if found else None

    # --- reading a model back -----------------------------------------------------------

    def _state(self, model: z3.ModelRef) -> Answer:
        universes = {name: self._universe(model, name) for name, _ in self._system.problem.sizes}
        sizes = {name: len(universe) for name, universe in universes.items()}
        if sum(prod(len(domain(s, sizes)) for s in sym.indices) for sym in self._symbols) > MOST_CELLS:
            return GaveUp("the solver's example is too large", 0)
        numbers = {
            element.get_id(): number
            for universe in universes.values()
            for number, element in enumerate(universe)
        }
        values = Model(model, self._system.terms)

        def value(term: Encoded, sort: Sort) -> Value:
            if element_sort(sort) is None:
                return values.value(term, sort)
            other = NONE if isinstance(sort, OptionalSort) else 0
            return numbers.get(model.eval(term, model_completion=True).get_id(), other)

        bound = {variable: value(term, variable.sort) for variable, term in self._environment.items()}
        cells: dict[Place, Value] = {}
        for symbol in self._symbols:
            for place, term in self._cells(symbol, universes):
                cells[place] = value(term, symbol.sort)
        return TypedState(sizes, bound, cells)

    def _universe(self, model: z3.ModelRef, name: str) -> list[z3.ExprRef]:
        """The elements that the model needs; a sort that it says nothing about has one, whichever it is."""
        sort = self._system.encoder.sort(IndexSort(name))
        universe = model.get_universe(sort)
        none = self._system.encoder.none.get(name)
        other = None if none is None else model.eval(none, model_completion=True)
        elements = [one for one in universe or () if other is None or not one.eq(other)]
        before = self._system.encoder.before(name)
        if before is not None:

            def place(one: z3.ExprRef) -> int:
                others = (model.eval(before(each, one), model_completion=True) for each in elements)
                return sum(z3.is_true(is_before) for is_before in others)

            elements.sort(key=place)
        return elements or [z3.Const(f"!only {name}", sort)]

    def _cells(
        self, symbol: Symbol, universes: Mapping[str, list[z3.ExprRef]]
    ) -> Iterator[tuple[Place, Encoded]]:
        """Every cell of `symbol` with the term for its value."""
        sizes = {name: len(universe) for name, universe in universes.items()}
        binders = tuple(Bound(f"index {n}", sort) for n, sort in enumerate(symbol.indices))
        read = Read(symbol, binders)
        self._reads.append(read)
        for indices in product(*(domain(sort, sizes) for sort in symbol.indices)):
            at = {
                binder: universes[binder.sort.name][index] if isinstance(binder.sort, IndexSort) else index
                for binder, index in zip(binders, indices, strict=True)
            }
            yield (symbol.name, indices), self._system.encoder.encode(read, at)


def _index_sorts(formula: Expr, variables: tuple[Bound, ...], symbols: tuple[Symbol, ...]) -> set[str]:
    found: list[Sort] = [b.sort for b in variables]
    found += [sort for symbol in symbols for sort in (*symbol.indices, symbol.sort)]
    for node in core.walk(formula):
        if isinstance(node, core.Quantified):
            found += [b.sort for b in node.binders]
    return {element.name for sort in found if (element := element_sort(sort)) is not None}
