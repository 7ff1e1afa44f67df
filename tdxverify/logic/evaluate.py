"""The meaning of core expressions, written for reading: the reference every solver and generated
program is compared with.

An expression becomes a closure over concrete valuations. Quantifiers loop over the domain; nothing
is expanded, simplified or cached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role, Symbol
from tdxverify.logic.layout import Layout
from tdxverify.logic.operators import Kind, Op
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
        return self._compile(expr, {bound: slot for slot, bound in enumerate(parameters)})

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
        return self._compile(expr, slots)(
            rigid, state, successor, [*given.values(), *[0] * slots_needed(expr)]
        )

    def _compile(self, expr: Expr, slots: Mapping[Bound, int]) -> Closure:
        """Requires: `slots` are 0..n-1. Quantifiers bind the slots from n upwards."""
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
        layout = self.rigid if expr.symbol.role is Role.RIGID else self.state
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
        body = self._compile(expr.body, inner)
        first, last = len(slots), len(slots) + len(expr.binders)
        choices = Combinations(domain(binder.sort, self.sizes) for binder in expr.binders)
        decisive = not expr.universal

        def search(r: Values, s: Values, n: Values, b: list[Value]) -> Value:
            for choice in choices:
                b[first:last] = choice
                if bool(body(r, s, n, b)) is decisive:
                    return int(decisive)
            return int(not decisive)

        return search


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
    match expr:
        case Const() | Bound():
            return 0
        case Read(indices=parts) | Apply(arguments=parts):
            return max((slots_needed(part) for part in parts), default=0)
        case Quantified(binders=binders, body=body):
            return len(binders) + slots_needed(body)


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
