"""Core expressions as Z3 terms.

Booleans become `Bool`, everything else a bit-vector just wide enough for its sort: enum members and
index elements by their number, integers as they are, unsigned where the interval of the sort has no
negative number and in two's complement where it has. Nothing ever wraps: the sort of an integer
expression is an interval its value lies in, every result is stored in the width of that interval,
and operands are first brought to a width in which the operation is exact. For `+`, `-` and `*` that
is the width of the result itself, since they commute with cutting off high bits.

Quantifiers are expanded over the sizes. A read at an unknown index is a tree of choices over the
bits of the index: with n cells n-1 choices of depth log n, half the size of one equality per cell
and better propagated than a chain.

Encodings are remembered by the identity of the expression and the values of its free variables,
so shared subexpressions and repeated instances cost a dictionary look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import add, mod, mul, sub
from typing import TypeAlias

import z3

from tdxverify.diagnostics import InternalError
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Symbol, children, hull
from tdxverify.logic.layout import values_of
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import NONE, BoolSort, RangeSort, Sizes, Sort, Value, domain
from tdxverify.smt.terms import Encoded, Term, Terms, is_signed, width_of

Cells: TypeAlias = Mapping[str, Mapping[tuple[Value, ...], Encoded]]  # symbol name -> indices -> value
Environment: TypeAlias = Mapping[Bound, Encoded]
Operation: TypeAlias = Callable[[Term, Term], Term]


class Encoder:
    """Encodes expressions over one valuation `cells` of all symbols.

    Requires that expressions passed to `encode` stay alive as long as the encoder, and that bound
    variables always stand for the same terms when they stand for unknowns.
    """

    def __init__(self, terms: Terms, sizes: Sizes, cells: Cells) -> None:
        self._terms = terms
        self._sizes = sizes
        self._cells = cells
        self._free: dict[int, tuple[Expr, tuple[Bound, ...]]] = {}
        self._done: dict[tuple[object, ...], Encoded] = {}
        self._bits: dict[tuple[int, int], Term] = {}

    def encode(self, expr: Expr, environment: Environment) -> Encoded:
        """The value of `expr` where its free variables have the values in `environment`."""
        match expr:
            case Const(value=value):
                return value
            case Bound():
                return environment[expr]
            case _:
                key = self._key(expr, environment)
                if key not in self._done:
                    self._done[key] = self._compound(expr, environment)
                return self._done[key]

    def convert(self, value: Encoded, source: Sort, target: Sort) -> Encoded:
        """`value` of sort `source`, stored as `target`; the value must be one of `target`."""
        if source == target or isinstance(source, BoolSort):
            return value
        width, to = width_of(source, self._sizes), width_of(target, self._sizes)
        return self._terms.resize(value, width, to, signed=is_signed(source))

    def _key(self, expr: Expr, environment: Environment) -> tuple[object, ...]:
        key: list[object] = [id(expr)]
        for bound in self.free(expr):
            value = environment[bound]
            key.append(value if isinstance(value, int) else ("term", value.get_id()))
        return tuple(key)

    def free(self, expr: Expr) -> tuple[Bound, ...]:
        """Bound variables that `expr` leaves free, in order of their first occurrence."""
        known = self._free.get(id(expr))
        if known is None:
            found: dict[Bound, None] = {expr: None} if isinstance(expr, Bound) else {}
            for part in children(expr):
                found.update(dict.fromkeys(self.free(part)))
            if isinstance(expr, Quantified):
                found = {bound: None for bound in found if bound not in expr.binders}
            known = (expr, tuple(found))
            self._free[id(expr)] = known
        return known[1]

    def _compound(self, expr: Expr, environment: Environment) -> Encoded:
        match expr:
            case Read():
                return self._read(expr, environment)
            case Quantified(universal=universal, binders=binders, body=body):
                instances = (self.encode(body, full) for full in self.instances(binders, environment))
                return self._terms.conjunction(instances) if universal else self._terms.disjunction(instances)
            case Apply():
                return self._apply(expr, environment)
            case _:
                raise InternalError(f"not a compound expression: {expr}")

    def instances(self, binders: tuple[Bound, ...], environment: Environment) -> Iterator[Environment]:
        """`environment` extended by every combination of values of `binders`, ascending."""
        for values in values_of(binders, self._sizes):
            yield {**environment, **dict(zip(binders, values, strict=True))}

    # --- reads ------------------------------------------------------------------

    def _read(self, expr: Read, environment: Environment) -> Encoded:
        if expr.primed:
            raise InternalError(f"a primed read of {expr.symbol.name} was left in a problem")
        indices = []
        for index, sort in zip(expr.indices, expr.symbol.indices, strict=True):
            value = self.encode(index, environment)
            indices.append(self.convert(value, index.sort, sort))
        return self._select(expr.symbol, (), tuple(indices))

    def _select(self, symbol: Symbol, known: tuple[Value, ...], rest: tuple[Encoded, ...]) -> Encoded:
        """The cell of `symbol` at indices `known` followed by `rest`."""
        if not rest:
            return self._cells[symbol.name][known]
        index, sort = rest[0], symbol.indices[len(known)]
        if isinstance(index, int):
            return self._select(symbol, (*known, index), rest[1:])
        width = width_of(sort, self._sizes)
        leaves = {
            value % (1 << width): self._select(symbol, (*known, value), rest[1:])
            for value in domain(sort, self._sizes)
        }
        return self._tree(index, width - 1, leaves, symbol.sort)

    def _tree(self, index: Term, bit: int, leaves: dict[int, Encoded], sort: Sort) -> Encoded:
        """Choose among `leaves` (by bit pattern, not empty) by the bits `bit`..0 of `index`."""
        if len(leaves) == 1:
            return next(iter(leaves.values()))
        ones = {pattern: leaf for pattern, leaf in leaves.items() if pattern >> bit & 1}
        zeros = {pattern: leaf for pattern, leaf in leaves.items() if not pattern >> bit & 1}
        if not ones or not zeros:
            return self._tree(index, bit - 1, leaves, sort)
        then = self._tree(index, bit - 1, ones, sort)
        otherwise = self._tree(index, bit - 1, zeros, sort)
        return self._terms.choose(self._bit(index, bit), then, otherwise, sort, self._sizes)

    def _bit(self, index: Term, bit: int) -> Encoded:
        if z3.is_bool(index):  # monitors of a promise `each b : bool` have an index that is no number
            return index
        key = (index.get_id(), bit)
        if key not in self._bits:
            # The literal has to be built in the context of the term, hence not a plain `== 1`.
            self._bits[key] = z3.Extract(bit, bit, index) == self._terms.vector(1, 1)
        return self._bits[key]

    # --- operators --------------------------------------------------------------

    def _apply(self, expr: Apply, environment: Environment) -> Encoded:
        parts = [self.encode(part, environment) for part in expr.arguments]
        return _TERMS[expr.op](self, expr, parts)

    def _aligned(self, expr: Apply, parts: list[Encoded]) -> tuple[Encoded, Encoded, Sort]:
        """Both operands stored as the smallest sort that contains both of theirs."""
        left, right = expr.arguments
        sort = hull(left.sort, right.sort)
        return self.convert(parts[0], left.sort, sort), self.convert(parts[1], right.sort, sort), sort

    def _equal(self, expr: Apply, parts: list[Encoded]) -> Encoded:
        left, right, sort = self._aligned(expr, parts)
        return self._terms.equal(left, right, sort, self._sizes)

    def _less(self, expr: Apply, parts: list[Encoded], *, strict: bool) -> Encoded:
        left, right, sort = self._aligned(expr, parts)
        width = width_of(sort, self._sizes)
        return self._terms.less(left, right, width, signed=is_signed(sort), strict=strict)

    def _choice(self, expr: Apply, parts: list[Encoded]) -> Encoded:
        then = self.convert(parts[1], expr.arguments[1].sort, expr.sort)
        otherwise = self.convert(parts[2], expr.arguments[2].sort, expr.sort)
        return self._terms.choose(parts[0], then, otherwise, expr.sort, self._sizes)

    def _element(self, expr: Apply, parts: list[Encoded]) -> Encoded:
        """The operand, or the first value where it is none."""
        (value,), source = parts, expr.arguments[0].sort
        if isinstance(value, int):
            return expr.op.row.meaning(value)
        is_none = self._terms.equal(value, NONE, source, self._sizes)
        return self._terms.choose(is_none, 0, self.convert(value, source, expr.sort), expr.sort, self._sizes)

    def _ring(self, expr: Apply, parts: list[Encoded], operation: Operation) -> Encoded:
        """An operation that commutes with cutting off high bits."""
        if all(isinstance(part, int) for part in parts):
            return expr.op.row.meaning(*parts)
        width = width_of(expr.sort, self._sizes)
        one, other = (
            self._terms.vector(self.convert(part, argument.sort, expr.sort), width)
            for part, argument in zip(parts, expr.arguments, strict=True)
        )
        return operation(one, other)

    def _quotient(self, expr: Apply, parts: list[Encoded], unsigned: Operation, signed: Operation) -> Encoded:
        """Rounds towards minus infinity; the divisor is positive."""
        dividend, divisor = parts
        if isinstance(dividend, int) and isinstance(divisor, int) and divisor > 0:
            return expr.op.row.meaning(dividend, divisor)
        source, by = (argument.sort for argument in expr.arguments)
        assert isinstance(source, RangeSort) and isinstance(by, RangeSort)
        # One divisor more at the low end, so that dividend - remainder does not wrap below.
        low = min(0, by.low, source.low - by.high if source.low < 0 else 0)
        sort = RangeSort(low, max(source.high, by.high))
        width = width_of(sort, self._sizes)
        left = self._terms.vector(self.convert(dividend, source, sort), width)
        right = self._terms.vector(self.convert(divisor, by, sort), width)
        result = (signed if is_signed(sort) else unsigned)(left, right)
        return self._terms.resize(result, width, width_of(expr.sort, self._sizes), signed=is_signed(sort))


# What every operator is, by its operands already encoded. Z3's `%` has the sign of the divisor, as rounding
# down needs.
_TERMS: Mapping[Op, Callable[[Encoder, Apply, list[Encoded]], Encoded]] = {
    Op.NOT: lambda encoder, expr, parts: encoder._terms.negation(parts[0]),
    Op.AND: lambda encoder, expr, parts: encoder._terms.conjunction(parts),
    Op.OR: lambda encoder, expr, parts: encoder._terms.disjunction(parts),
    Op.IMPLIES: lambda encoder, expr, parts: encoder._terms.implication(parts[0], parts[1]),
    Op.EQ: lambda encoder, expr, parts: encoder._equal(expr, parts),
    Op.LT: lambda encoder, expr, parts: encoder._less(expr, parts, strict=True),
    Op.LE: lambda encoder, expr, parts: encoder._less(expr, parts, strict=False),
    Op.ADD: lambda encoder, expr, parts: encoder._ring(expr, parts, add),
    Op.SUB: lambda encoder, expr, parts: encoder._ring(expr, parts, sub),
    Op.MUL: lambda encoder, expr, parts: encoder._ring(expr, parts, mul),
    Op.DIV: lambda encoder, expr, parts: encoder._quotient(
        expr, parts, z3.UDiv, lambda left, right: (left - left % right) / right
    ),
    Op.MOD: lambda encoder, expr, parts: encoder._quotient(expr, parts, z3.URem, mod),
    Op.ITE: lambda encoder, expr, parts: encoder._choice(expr, parts),
    Op.THE: lambda encoder, expr, parts: encoder._element(expr, parts),
}
