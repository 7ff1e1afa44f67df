"""Z3 terms that fold constants as they are built.

A value is either a Python int (known) or a Z3 term; operations on known values never reach Z3.
Booleans are `Bool` terms, everything else bit-vectors. One `Terms` owns one fresh context, so
nothing is shared between engine calls; terms are compared by identity of their node, never by `==`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import z3

from tdxverify.logic.sorts import BoolSort, Sizes, Sort, domain, lowest

Term: TypeAlias = Any  # z3.BoolRef | z3.BitVecRef; z3 carries no types
Encoded: TypeAlias = int | Term


def is_signed(sort: Sort) -> bool:
    """Whether values of `sort` are stored in two's complement; all others are stored unsigned."""
    return lowest(sort) < 0


def width_of(sort: Sort, sizes: Sizes) -> int:
    """Bits of the narrowest bit-vector that holds every value of `sort` (not bool)."""
    values = domain(sort, sizes)
    low, high = values[0], values[-1]
    if low >= 0:
        return max(1, high.bit_length())
    return max((-low - 1).bit_length(), high.bit_length()) + 1


class Terms:
    """Folding constructors over one fresh `z3.Context`."""

    def __init__(self) -> None:
        self.context = z3.Context()
        self._ref = self.context.ref()
        self.true = z3.BoolVal(True, self.context)
        self.false = z3.BoolVal(False, self.context)
        self._literals: dict[tuple[int, int], Term] = {}
        self._bool_sort = z3.BoolSort(self.context)
        self._vector_sorts: dict[int, Term] = {}

    # What z3.And, z3.If and == do, but without finding out context and sorts of every argument again; that
    # takes most of the time in which a problem is encoded.

    def _bool(self, node: Term) -> Term:
        return z3.BoolRef(node, self.context)

    def _junction(self, make: Callable[[Term, int, Term], Term], parts: list[Term]) -> Term:
        nodes = (z3.Ast * len(parts))(*(part.ast for part in parts))
        return self._bool(make(self._ref, len(parts), nodes))

    def _equality(self, left: Term, right: Term) -> Term:
        return self._bool(z3.Z3_mk_eq(self._ref, left.ast, right.ast))

    def _choice(self, condition: Term, then: Term, otherwise: Term) -> Term:
        return z3.Z3_mk_ite(self._ref, condition.ast, then.ast, otherwise.ast)

    def boolean(self, value: Encoded) -> Term:
        """`value` as a Z3 Bool."""
        if isinstance(value, int):
            return self.true if value else self.false
        return value

    def vector(self, value: Encoded, width: int) -> Term:
        """`value` as a bit-vector of `width` bits, which it must already have if it is a term."""
        if not isinstance(value, int):
            return value
        key = (value, width)
        if key not in self._literals:
            self._literals[key] = z3.BitVecVal(value, width, self.context)
        return self._literals[key]

    def constant(self, name: str, sort: Sort, sizes: Sizes) -> Encoded:
        """A new unknown of `sort`; a sort with a single value needs none."""
        values = domain(sort, sizes)
        if len(values) == 1:
            return values[0]
        # As z3.Bool and z3.BitVec do it, but without building the sort again for every cell of every state.
        symbol = z3.to_symbol(name, self.context)
        if isinstance(sort, BoolSort):
            return z3.BoolRef(z3.Z3_mk_const(self._ref, symbol, self._bool_sort.ast), self.context)
        vectors = self._vector_sort(width_of(sort, sizes))
        return z3.BitVecRef(z3.Z3_mk_const(self._ref, symbol, vectors.ast), self.context)

    def _vector_sort(self, width: int) -> Term:
        if width not in self._vector_sorts:
            self._vector_sorts[width] = z3.BitVecSort(width, self.context)
        return self._vector_sorts[width]

    def copied(self, formula: Term, old: Sequence[Term], new: Sequence[Term]) -> Term:
        """The Bool `formula` with the unknowns `old` replaced by `new`, one by one of the same sort.

        As z3.substitute does it, without its check of every pair, which takes longer than the copying.
        """
        count = len(old)
        sources = (z3.Ast * count)(*(term.as_ast() for term in old))
        targets = (z3.Ast * count)(*(term.as_ast() for term in new))
        copy = z3.Z3_substitute(self._ref, formula.as_ast(), count, sources, targets)
        return z3.BoolRef(copy, self.context)

    def literal(self, value: int, sort: Sort, sizes: Sizes) -> Term:
        """`value` of `sort` as a term."""
        if isinstance(sort, BoolSort):
            return self.boolean(value)
        return self.vector(value, width_of(sort, sizes))

    def negation(self, value: Encoded) -> Encoded:
        if isinstance(value, int):
            return 1 - value
        if z3.is_not(value):
            return value.arg(0)
        return self._bool(z3.Z3_mk_not(self._ref, value.ast))

    def conjunction(self, parts: Iterable[Encoded]) -> Encoded:
        kept = self._kept(parts, absorbing=0)
        if kept is None:
            return 0
        if not kept:
            return 1
        return kept[0] if len(kept) == 1 else self._junction(z3.Z3_mk_and, kept)

    def disjunction(self, parts: Iterable[Encoded]) -> Encoded:
        kept = self._kept(parts, absorbing=1)
        if kept is None:
            return 1
        if not kept:
            return 0
        return kept[0] if len(kept) == 1 else self._junction(z3.Z3_mk_or, kept)

    def _kept(self, parts: Iterable[Encoded], *, absorbing: int) -> list[Term] | None:
        """The unknown parts without duplicates; None if a known part decides the junction."""
        kept: dict[int, Term] = {}
        for part in parts:
            if not isinstance(part, int):
                kept[part.get_id()] = part
            elif part == absorbing:
                return None
        return list(kept.values())

    def implication(self, left: Encoded, right: Encoded) -> Encoded:
        return self.disjunction((self.negation(left), right))

    def same(self, left: Encoded, right: Encoded) -> bool:
        """Whether both are the same known value or the same term."""
        if isinstance(left, int) or isinstance(right, int):
            return isinstance(left, int) and isinstance(right, int) and left == right
        return bool(left.eq(right))

    def equal_booleans(self, left: Encoded, right: Encoded) -> Encoded:
        if self.same(left, right):
            return 1
        for one, other in ((left, right), (right, left)):
            if isinstance(one, int):
                return other if one else self.negation(other)
        return self._equality(left, right)

    def equal_vectors(self, left: Encoded, right: Encoded, width: int) -> Encoded:
        """Equality of two values of `width` bits, equally signed."""
        if isinstance(left, int) and isinstance(right, int):
            return int(left == right)
        if self.same(left, right):
            return 1
        return self._equality(self.vector(left, width), self.vector(right, width))

    def equal(self, left: Encoded, right: Encoded, sort: Sort, sizes: Sizes) -> Encoded:
        """Equality of two values stored as `sort`."""
        if isinstance(sort, BoolSort):
            return self.equal_booleans(left, right)
        return self.equal_vectors(left, right, width_of(sort, sizes))

    def choose_boolean(self, condition: Encoded, then: Encoded, otherwise: Encoded) -> Encoded:
        """`if condition then then else otherwise` over booleans."""
        if isinstance(condition, int):
            return then if condition else otherwise
        if self.same(then, otherwise):
            return then
        if isinstance(then, int):
            if then:
                return self.disjunction((condition, otherwise))
            return self.conjunction((self.negation(condition), otherwise))
        if isinstance(otherwise, int):
            if otherwise:
                return self.disjunction((self.negation(condition), then))
            return self.conjunction((condition, then))
        return self._bool(self._choice(condition, then, otherwise))

    def choose_vector(self, condition: Encoded, then: Encoded, otherwise: Encoded, width: int) -> Encoded:
        """`if condition then then else otherwise` over values of `width` bits."""
        if isinstance(condition, int):
            return then if condition else otherwise
        if self.same(then, otherwise):
            return then
        choice = self._choice(condition, self.vector(then, width), self.vector(otherwise, width))
        return z3.BitVecRef(choice, self.context)

    def choose(
        self, condition: Encoded, then: Encoded, otherwise: Encoded, sort: Sort, sizes: Sizes
    ) -> Encoded:
        """`if condition then then else otherwise` over values stored as `sort`."""
        if isinstance(sort, BoolSort):
            return self.choose_boolean(condition, then, otherwise)
        return self.choose_vector(condition, then, otherwise, width_of(sort, sizes))

    def resize(self, value: Encoded, width: int, to: int, *, signed: bool) -> Encoded:
        """`value` of `width` bits in `to` bits: extended by its sign (or zeros), or cut to its low bits."""
        if isinstance(value, int) or width == to:
            return value
        if to < width:
            return z3.Extract(to - 1, 0, value)
        return z3.SignExt(to - width, value) if signed else z3.ZeroExt(to - width, value)

    def less(self, left: Encoded, right: Encoded, width: int, *, signed: bool, strict: bool) -> Encoded:
        """`left < right` (or `<=`) of two values of `width` bits."""
        if isinstance(left, int) and isinstance(right, int):
            return int(left < right if strict else left <= right)
        one, other = self.vector(left, width), self.vector(right, width)
        if signed:
            return one < other if strict else one <= other
        return z3.ULT(one, other) if strict else z3.ULE(one, other)

    def in_domain(self, value: Encoded, sort: Sort, sizes: Sizes) -> Encoded:
        """That an unknown of `sort` has a value of `sort`: nothing to say if every bit pattern is one."""
        values = domain(sort, sizes)
        if isinstance(value, int):
            return int(value in values)
        if isinstance(sort, BoolSort):
            return 1
        width, signed = width_of(sort, sizes), is_signed(sort)
        lowest = -(1 << (width - 1)) if signed else 0
        highest = (1 << (width - 1)) - 1 if signed else (1 << width) - 1
        parts: list[Encoded] = []
        if values[0] > lowest:
            parts.append(self.less(values[0], value, width, signed=signed, strict=False))
        if values[-1] < highest:
            parts.append(self.less(value, values[-1], width, signed=signed, strict=False))
        return self.conjunction(parts)
