"""The meaning of core expressions, written for reading: the reference every solver and generated
program is compared with.

An expression becomes a closure over concrete valuations. Quantifiers loop over the domain; nothing
is expanded or simplified. A part that occurs at several places has its value worked out once for each choice
of the variables that it depends on, and again at the next call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role, Symbol, children
from tdxverify.logic.layout import Layout
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.sharing import FreeVariables, shared_parts
from tdxverify.logic.sorts import Combinations, Sizes, Value, domain

Values: TypeAlias = Sequence[Value]  # a valuation, or one still being put together
# rigid valuation, state, state after the step, values of bound variables by slot
Closure: TypeAlias = Callable[[Values, Values, Values, list[Value]], Value]
# rigid valuation, state, values of the parameters in order
Formula: TypeAlias = Callable[[Values, Values, Values], Value]


@dataclass(frozen=True)
class Evaluator:
    """Compiles expressions over the symbols of two layouts, at fixed sizes."""

    rigid: Layout
    state: Layout
    sizes: Sizes

    @staticmethod
    def of(symbols: Sequence[Symbol], sizes: Sizes) -> Evaluator:
        return Evaluator(
            Layout.of((s for s in symbols if s.role is Role.RIGID), sizes),
            Layout.of((s for s in symbols if s.role is Role.STATE), sizes),
            sizes,
        )

    def formula(self, expr: Expr, parameters: Sequence[Bound] = ()) -> Formula:
        """`expr` as a function of rigid valuation, state and `parameters`. Requires: nothing primed."""
        closure = self.closure(expr, parameters)
        spare = [0] * slots_needed(expr)
        if not spare and not parameters:
            nothing: list[Value] = []
            return lambda rigid, state, arguments: closure(rigid, state, (), nothing)
        return lambda rigid, state, arguments: closure(rigid, state, (), [*arguments, *spare])

    def closure(self, expr: Expr, parameters: Sequence[Bound] = ()) -> Closure:
        """`expr` for callers that keep the list of bound values themselves: `parameters` first, then
        `slots_needed(expr)` elements that quantifiers overwrite."""
        return _Compiling.of(self, expr).whole(expr, {bound: slot for slot, bound in enumerate(parameters)})

    def evaluate(
        self,
        expr: Expr,
        rigid: Values,
        state: Values,
        bound: Mapping[Bound, Value] | None = None,
        successor: Values = (),
    ) -> Value:
        """The value of `expr`; `successor` is the state that primed reads look at."""
        given = bound or {}
        slots = {variable: slot for slot, variable in enumerate(given)}
        return _Compiling.of(self, expr).whole(expr, slots)(
            rigid, state, successor, [*given.values(), *[0] * slots_needed(expr)]
        )


@dataclass(slots=True)
class _Scope:
    """The whole expression, or a quantifier in it: `binders` have their values while it is at `turn`."""

    binders: frozenset[Bound]
    turn: list[int] = field(default_factory=lambda: [0])
    kept: dict[int, Closure] = field(default_factory=dict)  # of parts that depend on nothing further inside


@dataclass(frozen=True)
class _Compiling:
    """One expression being compiled, of which the parts `shared` occur at several places."""

    layouts: tuple[Layout, Layout]
    sizes: Sizes
    shared: frozenset[int]
    scopes: list[_Scope] = field(default_factory=list)
    free: FreeVariables = field(default_factory=FreeVariables)

    @staticmethod
    def of(evaluator: Evaluator, expr: Expr) -> _Compiling:
        return _Compiling((evaluator.rigid, evaluator.state), evaluator.sizes, shared_parts(expr))

    def whole(self, expr: Expr, slots: Mapping[Bound, int]) -> Closure:
        """Requires: `slots` are 0..n-1. Quantifiers bind the slots from n upwards."""
        scope = _Scope(frozenset())
        self.scopes.append(scope)
        closure = self._compile(expr, slots)
        return _in_turns(closure, scope) if scope.kept else closure

    def _compile(self, expr: Expr, slots: Mapping[Bound, int]) -> Closure:
        if id(expr) not in self.shared:
            return self._plainly(expr, slots)
        variables = self.free.of(expr)
        home = next((s for s in reversed(self.scopes) if s.binders & variables), self.scopes[0])
        if id(expr) not in home.kept:
            home.kept[id(expr)] = _keeping(self._plainly(expr, slots), home.turn)
        return home.kept[id(expr)]

    def _plainly(self, expr: Expr, slots: Mapping[Bound, int]) -> Closure:
        match expr:
            case Const(value=value):
                return lambda r, s, n, b: value
            case Bound():
                slot = slots[expr]
                return lambda r, s, n, b: b[slot]
            case Read():
                return self._read(expr, slots)
            case Apply(op=op, arguments=(left, Const(value=value))) if op.row.kind is not Kind.CONNECTIVE:
                return _with_constant(op, self._compile(left, slots), value)
            case Apply(op=op, arguments=arguments):
                return _apply(op, [self._compile(part, slots) for part in arguments])
            case Quantified():
                return self._quantified(expr, slots)

    def _read(self, expr: Read, slots: Mapping[Bound, int]) -> Closure:
        layout = self.layouts[0] if expr.symbol.role is Role.RIGID else self.layouts[1]
        base, strides = addressing(layout, expr.symbol, self.sizes)
        at: Closure
        match expr.indices, strides:
            case (), ():
                return _look_up(expr, base)
            case (Bound() as index,), (stride,):
                slot = slots[index]

                def at(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
                    return base + b[slot] * stride
            case _:
                parts = [self._compile(index, slots) for index in expr.indices]

                def at(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
                    return base + sum(
                        part(r, s, n, b) * stride for part, stride in zip(parts, strides, strict=True)
                    )

        if expr.symbol.role is Role.RIGID:
            return lambda r, s, n, b: r[at(r, s, n, b)]
        if expr.primed:
            return lambda r, s, n, b: n[at(r, s, n, b)]
        return lambda r, s, n, b: s[at(r, s, n, b)]

    def _quantified(self, expr: Quantified, slots: Mapping[Bound, int]) -> Closure:
        inner = dict(slots)
        for binder in expr.binders:
            inner[binder] = len(inner)
        scope = _Scope(frozenset(expr.binders))
        self.scopes.append(scope)
        body = self._compile(expr.body, inner)
        self.scopes.pop()
        if scope.kept:
            body = _in_turns(body, scope)
        first, last = len(slots), len(slots) + len(expr.binders)
        choices = Combinations(domain(binder.sort, self.sizes) for binder in expr.binders)
        decisive = not expr.universal

        def search(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
            for choice in choices:
                b[first:last] = choice
                if bool(body(r, s, n, b)) is decisive:
                    return int(decisive)
            return int(not decisive)

        return _restoring(search, first, last) if self.shared else search


def _restoring(search: Closure, first: int, last: int) -> Closure:
    """`search`, which leaves its slots as they were: a part compiled where it occurs first may run where
    others have their variables in them."""

    def restored(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
        before = b[first:last]
        found = search(r, s, n, b)
        b[first:last] = before
        return found

    return restored


def _in_turns(closure: Closure, scope: _Scope) -> Closure:
    """`closure`, with a turn of `scope` for each call."""
    turn = scope.turn

    def next_turn(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
        turn[0] += 1
        return closure(r, s, n, b)

    return next_turn


def _keeping(closure: Closure, turn: list[int]) -> Closure:
    """`closure`, whose value is the same during a turn."""
    known_at, value = -1, 0

    def keep(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
        nonlocal known_at, value
        if known_at != turn[0]:
            value = closure(r, s, n, b)
            known_at = turn[0]
        return value

    return keep


def addressing(layout: Layout, symbol: Symbol, sizes: Sizes) -> tuple[int, tuple[int, ...]]:
    """`base` and `strides` such that the cell at index values v stands at base + sum of v[k] * strides[k].

    `base` differs from the layout's offset where an index sort does not begin with 0.
    """
    if not symbol.indices:
        return layout.offset[symbol.name], ()
    strides = layout.strides[symbol.name]
    lows = (domain(sort, sizes)[0] for sort in symbol.indices)
    shift = sum(low * stride for low, stride in zip(lows, strides, strict=True))
    return layout.offset[symbol.name] - shift, strides


def _look_up(expr: Read, position: int) -> Closure:
    if expr.symbol.role is Role.RIGID:
        return lambda r, s, n, b: r[position]
    if expr.primed:
        return lambda r, s, n, b: n[position]
    return lambda r, s, n, b: s[position]


def slots_needed(expr: Expr) -> int:
    """How many slots the nested quantifiers of `expr` need at most."""
    known: dict[int, int] = {}

    def needed(node: Expr) -> int:
        if id(node) not in known:
            inside = max(map(needed, children(node)), default=0)
            known[id(node)] = inside + len(node.binders) if isinstance(node, Quantified) else inside
        return known[id(node)]

    return needed(expr)


def _apply(op: Op, parts: list[Closure]) -> Closure:
    match op:
        case Op.AND | Op.OR:
            return _junction(parts, decisive=op is Op.OR)
        case Op.NOT:
            (only,) = parts
            return lambda r, s, n, b: 1 - only(r, s, n, b)
        case Op.ITE:
            condition, then, otherwise = parts
            return lambda r, s, n, b: then(r, s, n, b) if condition(r, s, n, b) else otherwise(r, s, n, b)
        case Op.IMPLIES:
            left, right = parts
            return lambda r, s, n, b: right(r, s, n, b) if left(r, s, n, b) else 1
        case _ if op.row.kind is Kind.ELEMENT:
            (only,), meaning = parts, op.row.meaning
            return lambda r, s, n, b: meaning(only(r, s, n, b))
        case _:
            return _computed(op, *parts)


def _junction(parts: list[Closure], *, decisive: bool) -> Closure:
    if len(parts) == 2:
        left, right = parts
        if decisive:
            return lambda r, s, n, b: left(r, s, n, b) or right(r, s, n, b)
        return lambda r, s, n, b: left(r, s, n, b) and right(r, s, n, b)

    def search(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
        for part in parts:
            if bool(part(r, s, n, b)) is decisive:
                return int(decisive)
        return int(not decisive)

    return search


def _computed(op: Op, left: Closure, right: Closure) -> Closure:
    meaning = op.row.meaning
    if op.row.kind is Kind.ARITHMETIC:
        return lambda r, s, n, b: meaning(left(r, s, n, b), right(r, s, n, b))
    return lambda r, s, n, b: 1 if meaning(left(r, s, n, b), right(r, s, n, b)) else 0


def _with_constant(op: Op, left: Closure, right: Value) -> Closure:
    """As `_computed`, with one call less: most comparisons are with a constant."""
    meaning = op.row.meaning
    if op.row.kind is Kind.ARITHMETIC:
        return lambda r, s, n, b: meaning(left(r, s, n, b), right)
    return lambda r, s, n, b: 1 if meaning(left(r, s, n, b), right) else 0
