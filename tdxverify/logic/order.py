"""The order of the elements of an index sort, where it is asked for: by a comparison, or by naming one.

Elements are numbered in it. Where sizes are left open, nothing is known of the numbers but that the order is
total and which element is its first; `opened` says it by a relation and a constant, in which elements are
interchangeable again, and `numbered` takes that back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role, Symbol
from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.sorts import BOOL, IndexSort


def ordered_sorts(expressions: Iterable[Expr]) -> frozenset[str]:
    """The index sorts whose elements are compared in `expressions`, or named there: those that are not
    interchangeable."""
    found: set[str] = set()
    for expr in expressions:
        for node in core.walk(expr):
            match node:
                case Const(sort=IndexSort(name=name)):
                    found.add(name)
                case Apply(op=op, arguments=(left, right)) if op.row.kind is Kind.ORDER:
                    found.update(one.sort.name for one in (left, right) if isinstance(one.sort, IndexSort))
                case _:
                    pass
    return frozenset(found)


def before(sort: str) -> Symbol:
    """The relation that stands for `<` on elements of `sort`."""
    return Symbol(f"{sort} before", Role.RIGID, (IndexSort(sort), IndexSort(sort)), BOOL)


def first(sort: str) -> Symbol:
    """The constant that stands for the first element of `sort`."""
    return Symbol(f"{sort} first", Role.RIGID, (), IndexSort(sort))


def axioms(sort: str) -> Iterator[Expr]:
    """That `<` on elements of `sort` is a total order, and that its first element is."""
    a, b, c = (Bound(f"{letter} of {sort}", IndexSort(sort)) for letter in "abc")

    def less(left: Expr, right: Expr) -> Expr:
        return Apply(Op.LT, (left, right), BOOL)

    yield core.quantified((a,), core.negation(less(a, a)), universal=True)
    total = core.disjunction(less(a, b), core.equal(a, b), less(b, a))
    yield core.quantified((a, b), total, universal=True)
    transitive = core.implication(core.conjunction(less(a, b), less(b, c)), less(a, c))
    yield core.quantified((a, b, c), transitive, universal=True)
    yield core.quantified((a,), core.negation(less(a, Const(0, IndexSort(sort)))), universal=True)


BETWEEN = "between"  # what the variable of `next_after` is called


def next_after(later: Expr, earlier: Expr, between: Bound) -> Expr:
    """That `later` is behind `earlier`, and no element `between` the two."""
    inside = core.conjunction(core.less(Op.LT, earlier, between), core.less(Op.LT, between, later))
    nothing = core.quantified((between,), core.negation(inside), universal=True)
    return core.conjunction(core.less(Op.LT, earlier, later), nothing)


def neighbours(parts: Sequence[Expr]) -> Iterator[tuple[int, int, Expr, Expr]]:
    """Which two of `parts`, joined by `and`, say of two elements that the one is next after the other: their
    places, and the later and the earlier element."""
    said = {part: place for place, part in enumerate(parts)}
    for place, part in enumerate(parts):
        match part:
            case Apply(op=Op.LT, arguments=(earlier, later)) if isinstance(later.sort, IndexSort):
                for other, at in said.items():
                    if _nothing_between(other, earlier, later):
                        yield place, at, later, earlier
            case _:
                pass


def _nothing_between(expr: Expr, earlier: Expr, later: Expr) -> bool:
    match expr:
        case Quantified(binders=(Bound() as between,)):
            whole = next_after(later, earlier, between)
            return isinstance(whole, Apply) and expr == whole.arguments[-1]
        case _:
            return False


def opened(expr: Expr) -> Expr:
    """`expr` with relations and constants for the order of elements. Requires: it names no element but the
    first of its sort."""

    def visit(node: Expr) -> Expr | None:
        match node:
            case Const(value=value, sort=IndexSort(name=name)):
                assert value == 0, f"{name} {value} is no first element"
                return Read(first(name))
            case Apply(op=Op.LT | Op.LE as op, arguments=(left, right)) if isinstance(left.sort, IndexSort):
                sides = opened(left), opened(right)
                if op is Op.LT:
                    return Read(before(left.sort.name), sides)
                return core.negation(Read(before(left.sort.name), sides[::-1]))
            case _:
                return None

    return core.transform(expr, visit)


def numbered(expr: Expr) -> Expr:
    """What was opened, as it was: by the numbers of elements."""

    def visit(node: Expr) -> Expr | None:
        match node:
            case Read(symbol=Symbol(indices=(IndexSort(name=name), _)) as symbol, indices=(left, right)):
                known = symbol == before(name)
                return Apply(Op.LT, (numbered(left), numbered(right)), BOOL) if known else None
            case Read(symbol=Symbol(sort=IndexSort() as sort) as symbol, indices=()):
                return Const(0, IndexSort(sort.name, True)) if symbol == first(sort.name) else None
            case _:
                return None

    return core.transform(expr, visit)
