"""How many elements are enough: sizes at which a formula has a typed state if it has one at any size.

Take a state of any size in which the formula holds, in negation normal form. Each `exists` has a witness for
every choice of the variables of `forall`s that stand around it and occur in it (none: one witness), so the
formula is a universal one over the free variables, the witnesses, and whatever variables, constants or
functions name elements. Keep only elements that such a *term* names, for all values of the universal
variables in it among the elements that were kept. Universal statements stay true in a part of a state, and
everything that is looked at is still there, so the formula holds in what is left: as many elements of a
sort as terms, each counted once per choice of its universal variables. (This is the argument for EPR, the
exists-forall fragment, applied sort by sort.) It ends unless counting the elements of a sort needs to know
their number: where a term of a sort varies with a universal variable of that sort, if only by way of
other sorts, as in `forall y : L: exists z : L: ...`, nothing follows.

What is left may have fewer elements than there are terms. Elements can be added again, each a copy of one
that is there, as long as the formula does not compare a universal variable with something of its sort: only
such a comparison can tell a copy from the original. Where it does, all smaller sizes count too.

An order of elements is no different: a part of a total order is one, and its first element is the old one if
that is kept, as the constant that names it requires. A copy comes right behind its original.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TypeAlias

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import OptionalSort, Sort, bare, domain, element_sort

MOST_VISITS = 20_000  # of parts of the formula, which may have to be looked at more than once
MOST_ELEMENTS = 40  # of one sort; beyond it, enumeration is no way to look for anything


@dataclass(frozen=True, slots=True)
class _Variable:
    """What stands for a bound variable: `term` tells witnesses apart, `varies` with these universal ones."""

    bound: Bound
    term: tuple[object, ...] | None  # None: universal
    varies: frozenset[Bound]


_Environment: TypeAlias = Mapping[Bound, _Variable]


@dataclass(frozen=True, slots=True)
class Enough:
    """`largest` number of elements of each sort; `smaller`: the sorts of which all smaller numbers count."""

    largest: Mapping[str, int]
    smaller: frozenset[str]

    def combinations(self) -> Iterator[dict[str, int]]:
        """All sizes to look at, smallest total first."""
        return sizes_between(
            {name: 1 if name in self.smaller else n for name, n in self.largest.items()}, self.largest
        )


def sizes_between(low: Mapping[str, int], high: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """All sizes from `low` to `high`, both included, smallest total first."""
    choices = [range(low[name], high[name] + 1) for name in high]
    for sizes in sorted(product(*choices), key=lambda one: (sum(one), one)):
        yield dict(zip(high, sizes, strict=True))


def index_sorts_of(expr: Expr) -> set[str]:
    """The names of all index sorts that occur in `expr`, also where only a quantifier speaks of them."""
    found: set[str] = set()
    for node in core.walk(expr):
        sorts: tuple[Sort, ...] = ()
        if isinstance(node, Quantified):
            sorts = tuple(binder.sort for binder in node.binders)
        elif isinstance(node, Read):
            sorts = (*node.symbol.indices, node.symbol.sort)
        elif isinstance(node, Bound):
            sorts = (node.sort,)
        found.update(element.name for sort in sorts if (element := element_sort(sort)) is not None)
    return found


def enough_elements(formula: Expr, free: tuple[Bound, ...]) -> Enough | None:
    """Sizes that suffice for `formula` with the free variables `free`; None where none are known to."""
    plain = _without_quantifiers(formula, free)
    if plain is not None:
        return plain
    search = _Terms()
    environment = {bound: search.witness(bound, ("free", bound), frozenset()) for bound in free}
    search.visit(formula, environment, positive=True)
    if search.visits > MOST_VISITS:
        return None
    names = index_sorts_of(formula) | {sort.name for b in free if (sort := element_sort(b.sort)) is not None}
    largest: dict[str, int] = {}
    for name in sorted(names):
        count = search.count(name, largest, ())
        if count is None or count > MOST_ELEMENTS:
            return None
    return Enough({name: largest[name] for name in sorted(names)}, frozenset(search.compared))


def _without_quantifiers(formula: Expr, free: tuple[Bound, ...]) -> Enough | None:
    """The same, quickly, for a formula in which nothing varies; None where there is a quantifier."""
    terms: dict[str, set[Expr]] = {}
    for sort in filter(None, (element_sort(b.sort) for b in free)):
        terms[sort.name] = set()
    for node in core.walk(formula):
        if isinstance(node, Quantified):
            return None
        if isinstance(node, Read):
            for index in filter(None, map(element_sort, node.symbol.indices)):
                terms.setdefault(index.name, set())
        own = element_sort(node.sort) if isinstance(node, Read | Bound | Const) else None
        if own is not None:
            terms.setdefault(own.name, set()).add(node)
    if any(len(found) > MOST_ELEMENTS for found in terms.values()):
        return None
    return Enough({name: max(1, len(terms[name])) for name in sorted(terms)}, frozenset())


@dataclass
class _Terms:
    """The terms of each index sort, with the sorts of the universal variables that each varies with."""

    terms: dict[str, dict[tuple[object, ...], frozenset[Bound]]] = field(default_factory=dict)
    compared: set[str] = field(default_factory=set)
    visits: int = 0
    _seen: set[tuple[int, int, bool]] = field(default_factory=set)
    _kept: list[object] = field(default_factory=list)  # so that identities stay their own

    def witness(self, bound: Bound, term: tuple[object, ...], varies: frozenset[Bound]) -> _Variable:
        self._add(bound.sort, term, varies)
        return _Variable(bound, term, varies)

    def _add(self, sort: Sort, term: tuple[object, ...], varies: frozenset[Bound]) -> None:
        element = element_sort(sort)
        if element is not None:
            self.terms.setdefault(element.name, {})[term] = varies

    def visit(self, expr: Expr, environment: _Environment, *, positive: bool) -> None:
        """Collect from `expr`, which has to be true (`positive`) or false; terms are visited either way."""
        key = (id(expr), id(environment), positive)
        self.visits += 1
        if key in self._seen or self.visits > MOST_VISITS:
            return
        self._seen.add(key)
        self._kept.append((expr, environment))
        match expr:
            case Quantified(binders=binders, body=body):
                inner = self._bound(expr, binders, environment, universal=expr.universal is positive)
                self.visit(body, inner, positive=positive)
            case Apply(op=Op.NOT, arguments=(inside,)):
                self.visit(inside, environment, positive=not positive)
            case Apply(op=Op.IMPLIES, arguments=(left, right)):
                self.visit(left, environment, positive=not positive)
                self.visit(right, environment, positive=positive)
            case Apply(op=Op.AND | Op.OR, arguments=arguments):
                for part in arguments:
                    self.visit(part, environment, positive=positive)
            case Apply(op=Op.ITE, arguments=(test, *branches)):
                self._both(test, environment)
                for part in branches:
                    self.visit(part, environment, positive=positive)
            case Apply(arguments=arguments):
                if element_sort(arguments[0].sort) is not None:
                    self._comparison(arguments, environment)
                for part in arguments:
                    self._both(part, environment)
            case Read():
                variables = self._variables(expr, environment)
                self._add(expr.sort, ("read", expr, _told(variables)), _varying(variables))
                for index in expr.indices:
                    self._both(index, environment)
            case Const():
                self._add(expr.sort, ("first",), frozenset())
            case _:
                pass

    def _both(self, expr: Expr, environment: _Environment) -> None:
        """What is compared may have to be true, and may have to be false."""
        self.visit(expr, environment, positive=True)
        self.visit(expr, environment, positive=False)

    def _bound(
        self, expr: Quantified, binders: tuple[Bound, ...], environment: _Environment, *, universal: bool
    ) -> _Environment:
        if universal:
            return {**environment, **{b: _Variable(b, None, frozenset((b,))) for b in binders}}
        variables = self._variables(expr, environment)
        told, varies = _told(variables), _varying(variables)
        # Two formulas may name their variables alike, and have different witnesses.
        terms = {b: ("witness", b, id(expr), told) for b in binders}
        return {**environment, **{b: self.witness(b, term, varies) for b, term in terms.items()}}

    def _variables(self, expr: Expr, environment: _Environment) -> list[_Variable]:
        """What the variables stand for that are free in `expr`."""
        inside = {b for node in core.walk(expr) if isinstance(node, Quantified) for b in node.binders}
        free = {node: None for node in core.walk(expr) if isinstance(node, Bound) and node not in inside}
        return [environment[bound] for bound in free]

    def _comparison(self, sides: tuple[Expr, ...], environment: _Environment) -> None:
        """Note where the element that a universal variable stands for is compared with another one."""
        waiting = list(sides)
        while waiting:
            side = waiting.pop()
            if isinstance(side, Bound) and environment[side].term is None:
                self.compared.add(str(bare(side.sort)))
            elif isinstance(side, Apply):  # a conditional, or what is not none
                waiting.extend(side.arguments[-2:])

    def count(self, name: str, known: dict[str, int], waiting: tuple[str, ...]) -> int | None:
        """How many elements of the sort `name` the terms stand for; None where there is no end."""
        if name in known:
            return known[name]
        if name in waiting:
            return None
        total = 0
        for varies in self.terms.get(name, {}).values():
            factors = [
                len(domain(b.sort, {}))
                if (element := element_sort(b.sort)) is None
                else self.count(element.name, known, (*waiting, name))
                for b in varies
            ]
            if None in factors:
                return None
            nones = (isinstance(b.sort, OptionalSort) for b in varies)
            total += prod(
                factor + none for factor, none in zip(factors, nones, strict=True) if factor is not None
            )
            if total > MOST_ELEMENTS:
                return None
        known[name] = max(1, total)
        return known[name]


def _told(variables: list[_Variable]) -> tuple[object, ...]:
    return tuple(v.bound if v.term is None else v.term for v in variables)


def _varying(variables: list[_Variable]) -> frozenset[Bound]:
    return frozenset[Bound]().union(*(v.varies for v in variables))
