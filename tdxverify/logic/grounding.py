"""Quantifiers replaced by their instances, where that does not make an expression too large."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from tdxverify.logic.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Quantified,
    Read,
    children,
    conjunction,
    disjunction,
    equal,
    negation,
    substitute,
    transform,
)
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import RangeSort, Sizes, Sort, Value, domain


def constant(value: Value, sort: Sort) -> Const:
    """`value` of `sort`; an integer's sort is the narrowest, as arithmetic on constants needs."""
    return Const(value, RangeSort(value, value) if isinstance(sort, RangeSort) else sort)


def exactly(layout: Layout, values: Valuation) -> Iterator[Expr]:
    """Of each cell of `layout`, that it has its one of `values`."""
    for cell, value in zip(layout.cells, values, strict=True):
        indices = zip(cell.symbol.indices, cell.indices, strict=True)
        read = Read(cell.symbol, tuple(constant(index, sort) for sort, index in indices))
        yield equal(read, constant(value, cell.symbol.sort))


def instances(binders: tuple[Bound, ...], sizes: Sizes) -> Iterator[dict[Bound, Expr]]:
    """Every choice of values for `binders`, ascending, as substitutions."""
    domains = [domain(binder.sort, sizes) for binder in binders]
    for values in product(*domains):
        yield {b: constant(v, b.sort) for b, v in zip(binders, values, strict=True)}


def instance_count(binders: tuple[Bound, ...], sizes: Sizes) -> int:
    return prod(len(domain(binder.sort, sizes)) for binder in binders)


def expanded_size(expr: Expr, sizes: Sizes) -> int:
    """How many nodes `expr` has once all quantifiers are expanded."""
    if isinstance(expr, Quantified):
        return 1 + instance_count(expr.binders, sizes) * expanded_size(expr.body, sizes)
    return 1 + sum(expanded_size(part, sizes) for part in children(expr))


def expand(expr: Expr, sizes: Sizes) -> Expr:
    """`expr` without quantifiers."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Quantified):
            return None
        junction = conjunction if node.universal else disjunction
        parts = (expand(substitute(node.body, chosen), sizes) for chosen in instances(node.binders, sizes))
        return junction(*parts)

    return transform(expr, visit)


def conjuncts(expr: Expr, sizes: Sizes, limit: int) -> list[Expr]:
    """Parts whose conjunction is `expr`; universal quantifiers are expanded up to `limit` instances."""
    match expr:
        case Apply(op=Op.AND, arguments=parts):
            return [item for part in parts for item in conjuncts(part, sizes, limit)]
        case Apply(op=Op.NOT, arguments=(Apply(op=Op.OR, arguments=parts),)):
            return [item for part in parts for item in conjuncts(negation(part), sizes, limit)]
        case Quantified(universal=True, binders=binders, body=body):
            count = instance_count(binders, sizes)
            if count > limit:
                return [expr]
            bodies = (substitute(body, chosen) for chosen in instances(binders, sizes))
            return [item for part in bodies for item in conjuncts(part, sizes, limit // count)]
        case Apply(op=Op.NOT, arguments=(Quantified(universal=False, binders=binders, body=body),)):
            flipped = Quantified(True, binders, negation(body))
            return conjuncts(flipped, sizes, limit)
        case _:
            return [expr]


def constant_indices(read: Read) -> tuple[Value, ...] | None:
    """The index values of `read` where they are known, else None."""
    values = tuple(index.value for index in read.indices if isinstance(index, Const))
    return values if len(values) == len(read.indices) else None
