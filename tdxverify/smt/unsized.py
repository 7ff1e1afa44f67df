"""A problem with its index sorts left open: Z3 terms over uninterpreted sorts, for every size at once.

Index sorts are uninterpreted sorts, which first-order logic takes to be non-empty and otherwise
anything; state symbols are functions of their indices. There is no second copy of the state: the
value of a cell after an action is an expression over the state before it, so "the invariant holds
after the step" is written by rewriting the invariant. With universally quantified invariants and
constants between sorts that form no cycle, the questions are in the decidable EPR fragment (with
finite data beside it); outside of it Z3 may give up, which is an answer of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import z3

from tdxverify.diagnostics import InternalError
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Expr, Quantified, Read, Symbol
from tdxverify.logic.layout import values_of
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.order import axioms
from tdxverify.logic.sorts import BoolSort, IndexSort, OptionalSort, Sort, domain, element_sort
from tdxverify.model import effects
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.encode import Encoder, Environment
from tdxverify.smt.terms import Encoded, Term, Terms, width_of


class UnsizedEncoder(Encoder):
    """Encodes expressions over symbols as functions on uninterpreted sorts.

    For Z3 equal names are the same thing. Names are kept apart by their first character, whatever a spec
    calls its things: `$poison` is a symbol, `$Line` a sort, `?l 7` a variable; those of others begin
    with `!`.

    Where something may be an element or none, `none` is a value of the uninterpreted sort, and whatever
    speaks of elements leaves it out.

    The order of the elements of a sort, where a formula asks for it, is a relation, `!before Epoch`, and
    `!first Epoch` its first element. `order` says what is known of those that were asked for.
    """

    def __init__(self, terms: Terms, problem: Problem) -> None:
        super().__init__(terms, {}, {})
        self._context = terms.context
        names = [name for name, _ in problem.sizes]
        self._sorts = {name: z3.DeclareSort(f"${name}", self._context) for name in names}
        self.none = {
            name: z3.Const(f"!none {name}", self._sorts[name]) for name in names if name in problem.with_none
        }
        self._functions = {symbol.name: self._declare(symbol) for symbol in problem.symbols}
        self._orders: dict[str, tuple[z3.FuncDeclRef, z3.ExprRef]] = {}
        self._order_told: set[str] = set()
        self._variables = 0
        self._axioms: list[Expr] = []  # what was encoded has to stay

    def sort(self, sort: Sort) -> z3.SortRef:
        match sort:
            case BoolSort():
                return z3.BoolSort(self._context)
            case IndexSort(name=name) | OptionalSort(base=IndexSort(name=name)):
                return self._sorts[name]
            case _:
                return z3.BitVecSort(width_of(sort, {}), self._context)

    def variable(self, bound: Bound) -> Encoded:
        """A new unknown for `bound`; a sort with a single value needs none."""
        if element_sort(bound.sort) is None and len(domain(bound.sort, {})) == 1:
            return domain(bound.sort, {})[0]
        self._variables += 1
        return z3.Const(f"?{bound.name} {self._variables}", self.sort(bound.sort))

    def typed(self, symbol: Symbol) -> Encoded:
        """That all values of `symbol` are of its sort."""
        binders = tuple(Bound(f"index{n}", sort) for n, sort in enumerate(symbol.indices))
        if isinstance(symbol.sort, BoolSort) or self._has_no_others(symbol.sort):
            return 1
        environment = {binder: self.variable(binder) for binder in binders}
        value = self.encode(Read(symbol, binders), environment)
        typed = self._terms.implication(self._typed(environment), self.in_domain(value, symbol.sort))
        return self._close(environment, typed, universal=True)

    def in_domain(self, value: Encoded, sort: Sort) -> Encoded:
        """That `value` is one of `sort`, whose terms may have others."""
        if self._has_no_others(sort):
            return 1
        if isinstance(sort, IndexSort):
            return value != self.none[sort.name]
        return self._terms.in_domain(value, sort, {})

    def some_element(self) -> Iterator[Encoded]:
        """That every sort has an element beside none."""
        for name, none in self.none.items():
            yield none != z3.Const(f"!some {name}", none.sort())

    def order(self) -> Iterator[Encoded]:
        """What is known of the orders that were asked for, each told once: without it nothing is."""
        for name in [name for name in self._orders if name not in self._order_told]:
            self._order_told.add(name)
            yield self.in_domain(self._order(name)[1], IndexSort(name))
            for axiom in axioms(name):
                self._axioms.append(axiom)
                yield self.encode(axiom, {})

    def before(self, name: str) -> z3.FuncDeclRef | None:
        """The relation "before" on the elements of a sort; None where nobody has asked for it."""
        return self._orders[name][0] if name in self._orders else None

    def _order(self, name: str) -> tuple[z3.FuncDeclRef, z3.ExprRef]:
        """The relation "before" of a sort, and its first element."""
        if name not in self._orders:
            sort = self._sorts[name]
            before = z3.Function(f"!before {name}", sort, sort, z3.BoolSort(self._context))
            self._orders[name] = before, z3.Const(f"!first {name}", sort)
        return self._orders[name]

    def _has_no_others(self, sort: Sort) -> bool:
        element = element_sort(sort)
        return element is not None and (isinstance(sort, OptionalSort) or element.name not in self.none)

    def _typed(self, environment: Environment) -> Encoded:
        """That the elements in `environment` are no none."""
        return self._terms.conjunction(
            self.in_domain(value, bound.sort)
            for bound, value in environment.items()
            if isinstance(bound.sort, IndexSort)
        )

    def encode(self, expr: Expr, environment: Environment) -> Encoded:
        if core.is_none(expr) and (element := element_sort(expr.sort)) is not None:
            return self.none[element.name]
        match expr:
            case core.Const(value=0, sort=IndexSort(name=name)):
                return self._order(name)[1]
            case core.Const(sort=IndexSort(name=name)):
                raise InternalError(f"an element of {name} is named, whose size is open")
        return super().encode(expr, environment)

    def _declare(self, symbol: Symbol) -> z3.FuncDeclRef:
        indices = (self.sort(s) for s in symbol.indices)
        return z3.Function(f"${symbol.name}", *indices, self.sort(symbol.sort))

    def _close(self, environment: Environment, body: Encoded, *, universal: bool) -> Encoded:
        unknown = [term for term in environment.values() if not isinstance(term, int)]
        if isinstance(body, int) or not unknown:
            return body
        return z3.ForAll(unknown, body) if universal else z3.Exists(unknown, body)

    def _select(self, symbol: Symbol, known: tuple[int, ...], rest: tuple[Encoded, ...]) -> Encoded:
        if element_sort(symbol.sort) is None and len(domain(symbol.sort, {})) == 1:
            return domain(symbol.sort, {})[0]
        indices = [
            self._terms.literal(index, sort, {}) if isinstance(index, int) else index
            for index, sort in zip(rest, symbol.indices, strict=True)
        ]
        return self._functions[symbol.name](*indices)

    def _compound(self, expr: Expr, environment: Environment) -> Encoded:
        if isinstance(expr, Apply) and expr.op is Op.THE and element_sort(expr.sort) is not None:
            return self.encode(expr.arguments[0], environment)
        if isinstance(expr, Apply) and expr.op.row.kind is Kind.ORDER:
            sort = expr.arguments[0].sort
            if isinstance(sort, IndexSort):
                return self._compared(expr, sort, environment)
        if isinstance(expr, Apply) and expr.op is Op.ITE and element_sort(expr.sort) is not None:
            condition, then, otherwise = (self.encode(part, environment) for part in expr.arguments)
            if isinstance(condition, int):
                return then if condition else otherwise
            return z3.If(condition, then, otherwise)
        if not isinstance(expr, Quantified):
            return super()._compound(expr, environment)
        open_ones = [b for b in expr.binders if element_sort(b.sort) is not None]
        finite = [b for b in expr.binders if element_sort(b.sort) is None]
        variables = {binder: self.variable(binder) for binder in open_ones}
        outer = {**environment, **variables}
        bodies: list[Encoded] = []
        among = self._terms.implication if expr.universal else self._both
        for values in values_of(finite, {}):
            body = self.encode(expr.body, {**outer, **dict(zip(finite, values, strict=True))})
            bodies.append(among(self._typed(variables), body))
        junction = self._terms.conjunction if expr.universal else self._terms.disjunction
        return self._close(variables, junction(bodies), universal=expr.universal)

    def _compared(self, expr: Apply, sort: IndexSort, environment: Environment) -> Encoded:
        """`<` or `<=` of two elements."""
        left, right = (self.encode(part, environment) for part in expr.arguments)
        before, _ = self._order(sort.name)
        return before(left, right) if expr.op is Op.LT else self._terms.negation(before(right, left))

    def _both(self, left: Encoded, right: Encoded) -> Encoded:
        return self._terms.conjunction((left, right))

    def _equal(self, expr: Apply, parts: list[Encoded]) -> Encoded:
        if element_sort(expr.arguments[0].sort) is not None:
            return 1 if self._terms.same(parts[0], parts[1]) else parts[0] == parts[1]
        return super()._equal(expr, parts)


def after(action: Action, formula: Expr) -> Expr:
    """`formula` about the state after `action`, as an expression over the state before it."""
    return effects.after(action.writes, formula)


class UnsizedSystem:
    """The facts about a problem at every size, as terms of one fresh context."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.terms = Terms()
        self.encoder = UnsizedEncoder(self.terms, problem)

    def formula(self, expr: Expr) -> Term:
        return self.terms.boolean(self.encoder.encode(expr, {}))

    def all_of(self, facts: Iterable[Term]) -> Term:
        return self.terms.boolean(self.terms.conjunction(facts))

    def background(self) -> Iterator[Term]:
        """What holds in every state: sorts, how many elements they may have, and assumptions."""
        yield from (self.terms.boolean(fact) for fact in self.encoder.some_element())
        for symbol in self.problem.symbols:
            yield self.terms.boolean(self.encoder.typed(symbol))
        for assumption in (*self.problem.cardinalities, *self.problem.assumptions):
            yield self.formula(assumption)

    def order(self) -> Iterator[Term]:
        """What holds of the order of elements: to be asked for behind all that may compare them."""
        yield from (self.terms.boolean(fact) for fact in self.encoder.order())

    def initial(self) -> Iterator[Term]:
        """What holds in initial states only."""
        for start in self.problem.initial:
            if start.choices is not None:
                options = (core.equal(Read(start.symbol, start.binders), choice) for choice in start.choices)
                yield self.formula(core.quantified(start.binders, core.disjunction(*options), universal=True))
        for constraint in self.problem.constraints:
            yield self.formula(constraint)

    def chosen(self, action: Action) -> tuple[Term, Environment]:
        """The guard of `action` for some arguments, and these."""
        environment = {bound: self.encoder.variable(bound) for bound in action.parameters}
        typed = [self.encoder.in_domain(value, bound.sort) for bound, value in environment.items()]
        guard = self.encoder.encode(action.guard, environment)
        return self.terms.boolean(self.terms.conjunction((*typed, guard))), environment

    def step(self, action: Action, formulas: Iterable[Expr]) -> tuple[Term, list[Term]]:
        """The guard of `action` for some arguments, and each formula after that step."""
        enabled, environment = self.chosen(action)
        later = [self.terms.boolean(self.encoder.encode(after(action, f), environment)) for f in formulas]
        return enabled, later
