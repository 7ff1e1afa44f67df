"""Random small problems, well-sorted by construction, for comparing engines with one another.

They have enums, ranges with negative ends, values and indices of index sorts, rigid symbols, nested
quantifiers, foreach-style writes, several writes to one cell and hidden parameters. No state space
has more than MOST_RIGID * MOST_STATES elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from math import prod
from random import Random
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from tdxverify.budget import Budget
from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Const,
    Expr,
    Read,
    Role,
    Symbol,
    arithmetic,
    conditional,
    conjunction,
    disjunction,
    equal,
    implication,
    less,
    negation,
    quantified,
)
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Valuation
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, BoolSort, EnumSort, IndexSort, RangeSort, Sort, domain
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tests.building import SPAN, number

T = TypeVar("T")
Levels: TypeAlias = list[list[tuple[Valuation, Valuation]]]

MOST_RIGID, MOST_STATES = 30, 300
LINE, CPU = IndexSort("Line"), IndexSort("Cpu")
MODE = EnumSort("Mode", ("off", "idle", "busy"))
SMALL, SIGNED = RangeSort(0, 2), RangeSort(-2, 1)
VALUE_SORTS: tuple[Sort, ...] = (BOOL, BOOL, MODE, SMALL, SIGNED, LINE, CPU)
INDEX_SORTS: tuple[Sort, ...] = (LINE, CPU, MODE)


class Author:
    """Makes up the parts of one problem. `symbols` may be read; bound variables are passed along.

    `count(low, high)` makes every decision.
    """

    def __init__(self, count: Callable[[int, int], int]) -> None:
        self.count = count
        self.sizes = {"Line": self.count(1, 3), "Cpu": self.count(1, 2)}
        self.symbols: list[Symbol] = []
        self._names = 0

    # --- choosing ---------------------------------------------------------

    def pick(self, options: Sequence[T]) -> T:
        return options[self.count(0, len(options) - 1)]

    def maybe(self) -> bool:
        return self.count(0, 1) == 1

    def bound(self, sort: Sort) -> Bound:
        self._names += 1
        return Bound(f"v{self._names}", sort)

    # --- expressions ------------------------------------------------------

    def expr(self, sort: Sort, scope: tuple[Bound, ...], depth: int) -> Expr | None:
        """Of the kind of `sort` (any interval for ranges); None if no such value can be named."""
        if sort == BOOL:
            return self.formula(scope, depth)
        if isinstance(sort, RangeSort):
            return self.integer(scope, depth)
        if depth and self.count(0, 3) == 0:
            then, otherwise = self.expr(sort, scope, depth - 1), self.expr(sort, scope, depth - 1)
            if then is not None and otherwise is not None:
                return conditional(self.formula(scope, depth - 1), then, otherwise)
        leaves = self._leaves(lambda candidate: candidate == sort, scope, depth)
        if isinstance(sort, EnumSort):
            leaves.append(partial(self._member, sort))
        return self.pick(leaves)() if leaves else None

    def _member(self, sort: EnumSort) -> Expr:
        return Const(self.count(0, len(sort.members) - 1), sort)

    def formula(self, scope: tuple[Bound, ...], depth: int) -> Expr:
        if depth == 0:
            leaves = self._leaves(lambda sort: sort == BOOL, scope, 0)
            leaves.append(partial(self._comparison, scope, 0))
            return self.pick(leaves)() or TRUE
        smaller = depth - 1
        match self.count(0, 7):
            case 0:
                return negation(self.formula(scope, smaller))
            case 1:
                return conjunction(*(self.formula(scope, smaller) for _ in range(self.count(2, 3))))
            case 2:
                return disjunction(*(self.formula(scope, smaller) for _ in range(self.count(2, 3))))
            case 3:
                return implication(self.formula(scope, smaller), self.formula(scope, smaller))
            case 4 | 5:
                binders = tuple(self.bound(self.pick(INDEX_SORTS)) for _ in range(self.count(1, 2)))
                return quantified(binders, self.formula((*scope, *binders), smaller), universal=self.maybe())
            case 6:
                parts = [self.formula(scope, smaller) for _ in range(3)]
                return conditional(parts[0], parts[1], parts[2])
            case _:
                return self._comparison(scope, smaller)

    def _comparison(self, scope: tuple[Bound, ...], depth: int) -> Expr:
        sort = self.pick(VALUE_SORTS if depth else VALUE_SORTS[2:])
        left, right = self.expr(sort, scope, depth), self.expr(sort, scope, depth)
        if left is None or right is None:
            return TRUE
        if isinstance(sort, RangeSort) and self.maybe():
            return less(self.pick((Op.LT, Op.LE)), left, right)
        return equal(left, right)

    def integer(self, scope: tuple[Bound, ...], depth: int) -> Expr:
        if depth == 0 or self.count(0, 2) == 0:
            leaves = self._leaves(lambda sort: isinstance(sort, RangeSort), scope, depth)
            leaves.append(partial(number, self.count(-3, 3)))
            return self.pick(leaves)() or number(0)
        left = self.integer(scope, depth - 1)
        op = self.pick((Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.ITE))
        if op is Op.ITE:
            return conditional(self.formula(scope, depth - 1), left, self.integer(scope, depth - 1))
        if op in (Op.DIV, Op.MOD):
            return arithmetic(op, left, number(self.count(1, 3)))
        return arithmetic(op, left, self.integer(scope, depth - 1))

    def _leaves(
        self, fits: Callable[[Sort], bool], scope: tuple[Bound, ...], depth: int
    ) -> list[Callable[[], Expr | None]]:
        leaves: list[Callable[[], Expr | None]] = []
        for variable in scope:
            if fits(variable.sort):
                leaves.append(partial(_itself, variable))
        for symbol in self.symbols:
            if fits(symbol.sort) and all(self._indexable(sort, scope) for sort in symbol.indices):
                leaves.append(partial(self.read, symbol, scope, depth))
        return leaves

    def _indexable(self, sort: Sort, scope: tuple[Bound, ...]) -> bool:
        """A value of `sort` can be named without reading an array."""
        plain = any(symbol.sort == sort and not symbol.indices for symbol in self.symbols)
        return isinstance(sort, EnumSort) or plain or any(variable.sort == sort for variable in scope)

    def read(self, symbol: Symbol, scope: tuple[Bound, ...], depth: int) -> Read:
        indices = (self.index(sort, scope, depth) for sort in symbol.indices)
        return Read(symbol, tuple(indices))

    def index(self, sort: Sort, scope: tuple[Bound, ...], depth: int) -> Expr:
        """Requires: `_indexable`."""
        found = self.expr(sort, scope, depth - 1) if depth > 0 else None
        if found is not None:
            return found
        options: list[Expr] = [variable for variable in scope if variable.sort == sort]
        options += [Read(s) for s in self.symbols if s.sort == sort and not s.indices]
        if isinstance(sort, EnumSort):
            options += [Const(value, sort) for value in range(len(sort.members))]
        return self.pick(options)

    # --- declarations -----------------------------------------------------

    def declare(self, role: Role, most: int, room: int) -> list[Symbol]:
        """Up to `most` symbols whose valuations number at most `room`."""
        found: list[Symbol] = []
        for position in range(self.count(0 if role is Role.RIGID else 2, most)):
            indices = tuple(self.pick(INDEX_SORTS) for _ in range(self.pick((0, 0, 1, 1, 2))))
            symbol = Symbol(f"{role.value}{position}", role, indices, self.pick(VALUE_SORTS))
            cells = prod(len(domain(sort, self.sizes)) for sort in indices)
            room //= len(domain(symbol.sort, self.sizes)) ** cells
            if room >= 1:
                found.append(symbol)
        return found

    def start(self, symbol: Symbol) -> InitialValue:
        binders = tuple(self.bound(sort) for sort in symbol.indices)
        if self.count(0, 5) == 0:
            return InitialValue(symbol, binders, None)
        choices = [self.fitting(symbol, binders, 1)[0] for _ in range(self.pick((1, 1, 1, 2)))]
        known = tuple(choice for choice in choices if choice is not None)
        return InitialValue(symbol, binders, known or None)

    def fitting(self, symbol: Symbol, scope: tuple[Bound, ...], depth: int) -> tuple[Expr | None, Expr]:
        """A value for `symbol`, and the condition under which it is inside the range.

        At depth 1 (initial values) the value itself is made to fit.
        """
        value = (
            self.onward(symbol, scope) if depth > 1 and self.maybe() else self.expr(symbol.sort, scope, depth)
        )
        if value is None or not isinstance(symbol.sort, RangeSort):
            return value, TRUE
        low, high = number(symbol.sort.low), number(symbol.sort.high)
        inside = conjunction(less(Op.LE, low, value), less(Op.LE, value, high))
        if depth == 1:
            return low if inside == FALSE else conditional(inside, value, low), TRUE
        return value, inside

    def destination(self, states: Sequence[Symbol]) -> Expr:
        """Cells of some of `states` have given values: seldom so at the start, often so later."""
        parts: list[Expr] = []
        for symbol in states:
            binders = tuple(self.bound(sort) for sort in symbol.indices)
            value = self.expr(symbol.sort, binders, 0)
            if value is not None and (self.maybe() or not parts):
                claim = equal(Read(symbol, binders), value)
                claim = negation(claim) if self.count(0, 2) == 0 else claim
                parts.append(quantified(binders, claim, universal=self.count(0, 2) > 0))
        return conjunction(*parts)

    def onward(self, symbol: Symbol, scope: tuple[Bound, ...]) -> Expr | None:
        """A value that tends to lead somewhere new."""
        if not all(self._indexable(sort, scope) for sort in symbol.indices):
            return None
        old = self.read(symbol, scope, 0)
        match symbol.sort:
            case BoolSort():
                return negation(old)
            case RangeSort():
                return arithmetic(self.pick((Op.ADD, Op.SUB)), old, number(1))
            case EnumSort() as sort:
                middle, last = Const(1, sort), Const(2, sort)
                return conditional(equal(old, Const(0, sort)), middle, last)
            case IndexSort():
                return self.index(symbol.sort, scope, 0) if self._indexable(symbol.sort, scope) else None

    def resembling(self, problem: Problem, state: Valuation) -> Expr:
        """Holds in `state`: every value in it occurs where it occurs there, or at least somewhere."""
        parts: list[Expr] = []
        for cell, value in zip(problem.state_layout.cells, state, strict=True):
            if isinstance(cell.symbol.sort, IndexSort) or self.count(0, 3) == 0:
                continue
            binders = tuple(self.bound(sort) for sort in cell.symbol.indices)
            claim = equal(Read(cell.symbol, binders), constant(value, cell.symbol.sort))
            parts.append(quantified(binders, claim, universal=False))
        return conjunction(*parts)

    # --- what ties a few symbols --------------------------------------------

    def plain(self, role: Role, count: int) -> list[Symbol]:
        """So many symbols that clauses may speak of."""
        found = [
            Symbol(f"{role.value}{n}", role, self.pick(((), (), (LINE,))), self.pick((BOOL, BOOL, SMALL)))
            for n in range(count)
        ]
        self.symbols += found
        return found

    def clause(self, symbols: Sequence[Symbol]) -> Expr:
        """Of one to three things one is so."""
        return disjunction(*(self._claim(self.pick(symbols)) for _ in range(self.count(1, 3))))

    def _claim(self, symbol: Symbol) -> Expr:
        binders = tuple(self.bound(sort) for sort in symbol.indices)
        alike = [
            other for other in self.symbols if (other.indices, other.sort) == (symbol.indices, symbol.sort)
        ]
        value = Const(self.count(0, 1), symbol.sort)
        other: Expr = value if self.count(0, 2) else Read(self.pick(alike), binders)
        claim = equal(Read(symbol, binders), other)
        claim = negation(claim) if self.maybe() else claim
        return quantified(binders, claim, universal=self.maybe())

    # --- actions ----------------------------------------------------------

    def action(self, position: int, targets: Sequence[Symbol]) -> Action:
        sorts = (*INDEX_SORTS, BOOL, SIGNED)
        parameters = tuple(self.bound(self.pick(sorts)) for _ in range(self.count(0, 2)))
        guard = TRUE if self.count(0, 3) == 0 else self.formula(parameters, self.count(0, 2))
        writes = [self.write(self.pick(targets), parameters) for _ in range(self.count(1, 3))]
        hidden = self.count(0, len(parameters))
        known = tuple(write for write in writes if write is not None)
        return Action(f"action{position}", None, parameters, hidden, guard, known, (), (), None, (), SPAN)

    def write(self, symbol: Symbol, parameters: tuple[Bound, ...]) -> Write | None:
        binders: list[Bound] = []
        indices: list[Expr] = []
        for sort in symbol.indices:
            if self.maybe() and self._indexable(sort, parameters):
                indices.append(self.index(sort, parameters, 1))
            else:
                binders.append(self.bound(sort))
                indices.append(binders[-1])
        scope = (*parameters, *binders)
        value, inside = self.fitting(symbol, scope, 2)
        if value is None:
            return None
        condition = self.formula(scope, 1) if self.maybe() else TRUE
        return Write(symbol, tuple(binders), tuple(indices), conjunction(condition, inside), value)


def _itself(variable: Bound) -> Expr:
    return variable


def problems() -> st.SearchStrategy[Problem]:
    """Problems with at most MOST_RIGID * MOST_STATES (rigid, state) pairs; they shrink."""
    return st.composite(lambda draw: made_up(lambda low, high: draw(st.integers(low, high))))()


def random_problem(seed: int) -> Problem:
    """One of the same problems, spread more evenly than the strategy's: for long comparisons."""
    return made_up(Random(seed).randint)


def tied_problem(seed: int) -> Problem:
    """One that goes wrong in a few steps where rigid values and starts are such; of these much is said."""
    author = Author(Random(f"tied {seed}").randint)
    author.sizes = {"Line": author.count(1, 2), "Cpu": 1}
    rigid = author.plain(Role.RIGID, author.count(2, 4))
    assumptions = [author.clause(rigid) for _ in range(author.count(1, 3))]
    states = author.plain(Role.STATE, author.count(1, 2))
    author.symbols = list(rigid)
    initial = [
        author.start(symbol) if author.maybe() else InitialValue(symbol, (), None) for symbol in states
    ]
    author.symbols = known = [*rigid, *states]
    constraints = [author.clause(known) for _ in range(author.count(0, 2))]
    reached = Symbol("reached", Role.STATE, (), BOOL)
    others = [author.action(0, states)] if author.maybe() else []
    guard = conjunction(*(author.clause(known) for _ in range(author.count(1, 2))))
    last = replace(author.action(1, states), guard=guard, writes=(Write(reached, (), (), TRUE, TRUE),))
    return Problem(
        name="tied",
        sizes=tuple(author.sizes.items()),
        symbols=(*known, reached),
        assumptions=tuple(part for part in assumptions if part != TRUE),
        initial=(*initial, InitialValue(reached, (), (FALSE,))),
        constraints=tuple(part for part in constraints if part != TRUE),
        actions=(*others, last),
        bad=Read(reached),
    )


def made_up(count: Callable[[int, int], int]) -> Problem:
    author = Author(count)
    parameters = author.declare(Role.RIGID, 2, MOST_RIGID)
    author.symbols = list(parameters)
    assumptions = [author.formula((), 2)] if parameters and author.count(0, 3) == 0 else []
    states = author.declare(Role.STATE, 3, MOST_STATES) or [Symbol("state", Role.STATE, (), BOOL)]
    initial = tuple(author.start(symbol) for symbol in states)
    author.symbols += states
    problem = Problem(
        name="generated",
        sizes=tuple(author.sizes.items()),
        symbols=(*parameters, *states),
        assumptions=tuple(assumptions),
        initial=initial,
        constraints=(author.formula((), 1),) if author.count(0, 7) == 0 else (),
        actions=tuple(author.action(k, states) for k in range(author.pick((0, 1, 2, 3, 3)))),
        bad=author.formula((), 2),
    )
    if author.count(0, 3) == 0:
        return problem
    levels = _levels(problem)
    candidates = [author.destination(states) for _ in range(3)]
    candidates += [negation(bad) for bad in candidates]
    candidates += [author.resembling(problem, author.pick(levels[-1])[1]) for _ in range(3) if levels[-1]]
    return replace(problem, bad=_farthest(problem, levels, candidates))


def _farthest(problem: Problem, levels: Levels, candidates: Sequence[Expr]) -> Expr:
    """The first of those that take the most steps to reach; unreachable ones count as half a step."""

    def distance(bad: Expr) -> float:
        semantics = Semantics(replace(problem, bad=bad))
        hits = (n for n, level in enumerate(levels) if any(semantics.is_bad(*pair) for pair in level))
        return next(hits, 0.5)

    return max(candidates, key=distance)


def _levels(problem: Problem) -> Levels:
    """Some of the states at distance 0, 1, 2, ..."""
    semantics, limits = Semantics(problem), Budget(max_states=MOST_RIGID * MOST_STATES)
    rigid = islice(semantics.rigid_valuations(limits), 3)
    level = [(r, state) for r in rigid for state in islice(semantics.initial_states(r, limits), 3)]
    levels, seen = [level], set(level)
    while level and len(seen) < 200:
        after = [(r, new) for r, state in level for _, new in semantics.successors(r, state)]
        level = [pair for pair in dict.fromkeys(after) if pair not in seen]
        seen.update(level)
        levels += [level] if level else []
    return levels
