"""Core expressions: typed, resolved, free of names that need looking up.

`children` and `rebuild` are the only structural traversal; folds and rewrites use them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from tdxverify.logic.operators import Kind, Op
from tdxverify.logic.sorts import BOOL, NONE, EnumSort, IndexSort, OptionalSort, RangeSort, Sort, Value


class Implicit(Enum):
    """Why a symbol exists that no declaration writes down."""

    COUNTER = "counter"  # where a process stands
    PROGRESS = "progress"  # what an interruptible foreach has done
    TOOK = "took"  # an actor has taken a fault
    DEAD = "dead"  # a fault has stopped an actor
    HALTED = "halted"  # a fault has stopped everything
    MONITOR = "monitor"  # something went wrong in an earlier step
    SECOND = "second"  # what another symbol is in the second of two runs that are compared


class Role(Enum):
    """What a symbol is: `RIGID` symbols (parameters, constants) never change during a run."""

    RIGID = "rigid"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A parameter, constant or state variable; `indices` are the sorts it is indexed by.

    `implicit` symbols are `about` what a spec declares: a process, an actor, an actor and a fault. Their
    names have a blank in them, as no name in a spec has.
    """

    name: str
    role: Role
    indices: tuple[Sort, ...]
    sort: Sort
    implicit: Implicit | None = None
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Const:
    value: Value
    sort: Sort


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound variable: of a quantifier, an action parameter, or a write's binder.

    `name` is unique within the action or formula that binds it.
    """

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Read:
    """The value of `symbol` at `indices`. `primed` reads the state after the step (step properties only)."""

    symbol: Symbol
    indices: tuple[Expr, ...] = ()
    primed: bool = False

    @property
    def sort(self) -> Sort:
        return self.symbol.sort


@dataclass(frozen=True, slots=True)
class Apply:
    op: Op
    arguments: tuple[Expr, ...]
    sort: Sort


@dataclass(frozen=True, slots=True)
class Quantified:
    """`forall` (universal) or `exists` over finitely many binders; sort bool."""

    universal: bool
    binders: tuple[Bound, ...]
    body: Expr

    @property
    def sort(self) -> Sort:
        return BOOL


Expr: TypeAlias = Const | Bound | Read | Apply | Quantified

TRUE = Const(1, BOOL)
FALSE = Const(0, BOOL)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Direct subexpressions, left to right."""
    match expr:
        case Const() | Bound():
            return ()
        case Read(indices=indices):
            return indices
        case Apply(arguments=arguments):
            return arguments
        case Quantified(body=body):
            return (body,)


def rebuild(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """`expr` with its direct subexpressions replaced by `parts`; simplifies constants away."""
    match expr:
        case Const() | Bound():
            return expr
        case Read(symbol=symbol, primed=primed):
            return Read(symbol, parts, primed)
        case Apply(op=op):
            if op.row.positive_right:
                parts = (parts[0], _as_divisor(parts[1], expr.arguments[1].sort))
            return apply(op, parts)
        case Quantified(universal=universal, binders=binders):
            return quantified(binders, parts[0], universal=universal)


def _as_divisor(value: Expr, sort: Sort) -> Expr:
    """`value`, which takes the place of a divisor of `sort`, as a number whose own range is positive.

    It is the same wherever it lies in `sort`; where it does not, the mistake is found elsewhere, and all
    that counts is that nobody divides by zero.
    """
    assert isinstance(sort, RangeSort) and isinstance(value.sort, RangeSort)
    if value.sort.low > 0 or sort.low <= 0:
        return value
    low, width = (Const(n, RangeSort(n, n)) for n in (sort.low, sort.high - sort.low + 1))
    return arithmetic(Op.ADD, low, arithmetic(Op.MOD, arithmetic(Op.SUB, value, low), width))


def transform(expr: Expr, visit: Callable[[Expr], Expr | None]) -> Expr:
    """Rewrite top-down: where `visit` returns an expression it replaces the node and is not entered again."""
    replaced = visit(expr)
    if replaced is not None:
        return replaced
    parts = children(expr)
    if not parts:
        return expr
    new = tuple(transform(part, visit) for part in parts)
    return expr if all(a is b for a, b in zip(new, parts, strict=True)) else rebuild(expr, new)


def substitute(expr: Expr, mapping: dict[Bound, Expr]) -> Expr:
    """Replace bound variables. Binder names are unique, so nothing is captured."""
    if not mapping:
        return expr
    return transform(expr, lambda node: mapping.get(node) if isinstance(node, Bound) else None)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and all its subexpressions, outermost first."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def variables_of(expr: Expr) -> Iterator[Bound]:
    """All variables in `expr`, outermost first: where they are bound, used or not, and where they occur."""
    for node in walk(expr):
        match node:
            case Bound():
                yield node
            case Quantified(binders=binders):
                yield from binders
            case _:
                pass


def symbols_of(expr: Expr) -> set[Symbol]:
    """All symbols that `expr` reads."""
    return {node.symbol for node in walk(expr) if isinstance(node, Read)}


def names_of(expr: Expr) -> set[str]:
    """The names of all symbols that `expr` reads: much the same, and much faster than `symbols_of`."""
    found: set[str] = set()
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Read):
            found.add(node.symbol.name)
        waiting.extend(children(node))
    return found


# --- smart constructors: keep terms small, fold constants ---------------------


def conjunction(*parts: Expr) -> Expr:
    """`and` of any number of parts; TRUE of none. Flattens, drops duplicates."""
    return _junction(Op.AND, parts)


def disjunction(*parts: Expr) -> Expr:
    """`or` of any number of parts; FALSE of none. Flattens, drops duplicates."""
    return _junction(Op.OR, parts)


def _junction(op: Op, parts: tuple[Expr, ...]) -> Expr:
    neutral, absorbing = (TRUE, FALSE) if op.row.neutral else (FALSE, TRUE)
    flat: dict[Expr, None] = {}
    for part in parts:
        inner = part.arguments if isinstance(part, Apply) and part.op is op else (part,)
        for item in inner:
            if item == absorbing:
                return absorbing
            if item != neutral:
                flat[item] = None
    if not flat:
        return neutral
    items = tuple(flat)
    return items[0] if len(items) == 1 else Apply(op, items, BOOL)


def negation(expr: Expr) -> Expr:
    if isinstance(expr, Const):
        return FALSE if expr.value else TRUE
    if isinstance(expr, Apply) and expr.op is Op.NOT:
        return expr.arguments[0]
    return Apply(Op.NOT, (expr,), BOOL)


def implication(left: Expr, right: Expr) -> Expr:
    if left == TRUE:
        return right
    if left == FALSE or right == TRUE:
        return TRUE
    if right == FALSE:
        return negation(left)
    return Apply(Op.IMPLIES, (left, right), BOOL)


def equal(left: Expr, right: Expr) -> Expr:
    if left == right:
        return TRUE
    if isinstance(left, Const) and isinstance(right, Const):
        return TRUE if left.value == right.value else FALSE
    if (is_none(left) or is_none(right)) and isinstance(left.sort, OptionalSort) is not isinstance(
        right.sort, OptionalSort
    ):
        return FALSE
    if left.sort == BOOL:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Const):
                return other if one.value else negation(other)
    return Apply(Op.EQ, (left, right), BOOL)


def conditional(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """`if condition then then else otherwise`; the sort of integers is the hull of both branches."""
    if isinstance(condition, Const):
        return then if condition.value else otherwise
    if then == otherwise:
        return then
    if then.sort == BOOL:
        if then == TRUE:
            return disjunction(condition, otherwise)
        if then == FALSE:
            return conjunction(negation(condition), otherwise)
        if otherwise == FALSE:
            return conjunction(condition, then)
        if otherwise == TRUE:
            return disjunction(negation(condition), then)
    return Apply(Op.ITE, (condition, then, otherwise), hull(then.sort, otherwise.sort))


def none_of(sort: OptionalSort) -> Const:
    """`none` as a value of `sort`."""
    return Const(NONE, sort)


def is_none(expr: Expr) -> bool:
    """Whether `expr` is the constant `none`."""
    return isinstance(expr, Const) and isinstance(expr.sort, OptionalSort) and expr.value == NONE


def the(value: Expr) -> Expr:
    """`value` without `none` in its sort, which it must not be where anybody looks at it."""
    match value:
        case Const(value=known, sort=OptionalSort(base=base)) if known != NONE:
            return Const(known, base)
        case _ if isinstance(value.sort, OptionalSort):
            return Apply(Op.THE, (value,), value.sort.base)
        case _:
            return value


def hull(left: Sort, right: Sort) -> Sort:
    """The smallest sort that contains both; only ranges can differ, and whether there is `none`."""
    if isinstance(right, OptionalSort):
        return right
    if isinstance(left, RangeSort) and isinstance(right, RangeSort):
        return RangeSort(min(left.low, right.low), max(left.high, right.high))
    return left


def quantified(binders: tuple[Bound, ...], body: Expr, *, universal: bool) -> Expr:
    """Quantify; a constant body is returned as it is, since no sort is empty."""
    if isinstance(body, Const) or not binders:
        return body
    return Quantified(universal, binders, body)


def arithmetic(op: Op, left: Expr, right: Expr) -> Expr:
    """`op` of two numbers; the result's sort is the interval computed from the operands'.

    Requires: `right` is a positive Const where the row of `op` says so.
    """
    assert isinstance(left.sort, RangeSort) and isinstance(right.sort, RangeSort)
    assert op.row.interval is not None, f"not arithmetic: {op}"
    interval = op.row.interval((left.sort.low, left.sort.high), (right.sort.low, right.sort.high))
    sort = RangeSort(*interval)
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(sort.low, sort)
    return Apply(op, (left, right), sort)


def less(op: Op, left: Expr, right: Expr) -> Expr:
    """LT or LE of two numbers, members of one enum, or elements of one ordered index sort; folded where the
    intervals already decide it."""
    holds = op.row.meaning
    (least, most), (other_least, other_most) = _interval(left), _interval(right)
    if holds(most, other_least):
        return TRUE
    if not holds(least, other_most):
        return FALSE
    return Apply(op, (left, right), BOOL)


_MOST_ELEMENTS = 10**18  # of an index sort, whose size is left open: more than any has


def _interval(expr: Expr) -> tuple[Value, Value]:
    """The least and the largest value that a number, a member or an element can have, as far as sorts show
    it: no element is before the first."""
    sort = expr.sort
    if isinstance(sort, IndexSort):
        return (expr.value, expr.value) if isinstance(expr, Const) else (0, _MOST_ELEMENTS)
    if isinstance(sort, EnumSort):
        return (expr.value, expr.value) if isinstance(expr, Const) else (0, len(sort.members) - 1)
    assert isinstance(sort, RangeSort), f"values of {sort} have no order"
    return sort.low, sort.high


def apply(op: Op, arguments: tuple[Expr, ...]) -> Expr:
    """Apply `op` through the smart constructors."""
    match op.row.kind:
        case Kind.CONNECTIVE:
            return _connected(op, arguments)
        case Kind.EQUALITY:
            return equal(*arguments)
        case Kind.ORDER:
            return less(op, *arguments)
        case Kind.ARITHMETIC:
            return arithmetic(op, *arguments)
        case Kind.CHOICE:
            return conditional(*arguments)
        case Kind.ELEMENT:
            return the(*arguments)


def _connected(op: Op, arguments: tuple[Expr, ...]) -> Expr:
    match op:
        case Op.NOT:
            return negation(*arguments)
        case Op.IMPLIES:
            return implication(*arguments)
        case _:
            return _junction(op, arguments)


# --- what the shape of a formula shows ----------------------------------------


def conjuncts(expr: Expr) -> tuple[Expr, ...]:
    """The parts that `expr` joins by `and`; itself if it is no conjunction."""
    return expr.arguments if isinstance(expr, Apply) and expr.op is Op.AND else (expr,)


def disjuncts(expr: Expr) -> tuple[Expr, ...]:
    """The parts that `expr` joins by `or`; itself if it is no disjunction."""
    return expr.arguments if isinstance(expr, Apply) and expr.op is Op.OR else (expr,)


def fixed_by(expr: Expr) -> tuple[Read, Const] | None:
    """The cell and its value, where `expr` says of one cell what it is: `p`, `not p`, `p = constant`."""
    match expr:
        case Read():
            return expr, TRUE
        case Apply(op=Op.NOT, arguments=(Read() as cell,)):
            return cell, FALSE
        case Apply(op=Op.EQ, arguments=(Read() as cell, Const() as value)):
            return cell, value
        case Apply(op=Op.EQ, arguments=(Const() as value, Read() as cell)):
            return cell, value
        case _:
            return None


def equated(expr: Expr) -> tuple[tuple[Read, Expr], ...]:
    """Cells of which `expr` says what they are, with that: `x = e`, `x iff e`, `x`, `not x`."""
    fact = fixed_by(expr)
    if fact is not None:
        return (fact,)
    match expr:
        case Apply(op=Op.EQ, arguments=(left, right)):
            sides = (left, right), (right, left)
            return tuple((one, other) for one, other in sides if isinstance(one, Read))
        case _:
            return ()
