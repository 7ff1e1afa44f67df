"""Core expressions as functions of bits.

Every cell with n possible values has as many bits as n - 1 takes, highest first: value less the least
one. An expression that is no formula becomes its cases: for each value the condition under which it has
that value. So nothing can wrap around, and every operation is a loop over values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import TypeAlias

from tdxverify.budget import TooLarge
from tdxverify.diagnostics import InternalError
from tdxverify.engines.bdd.backend import Manager, Node
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, children
from tdxverify.logic.layout import values_of
from tdxverify.logic.operators import Kind, Op, Operator
from tdxverify.logic.sorts import BOOL, Sizes, Value

# Value to condition; the conditions exclude one another, and one of them holds in every typed state.
Cases: TypeAlias = dict[Value, Node]
Environment: TypeAlias = Mapping[Bound, Value]
CellCases: TypeAlias = Mapping[tuple[str, tuple[Value, ...]], Cases]

MOST_PAIRS = 1 << 16  # of values of two operands


def bit_cases(manager: Manager, bits: tuple[Node, ...], values: range) -> Cases:
    """The cases of a cell with these bits."""
    found: Cases = {}
    for code, value in enumerate(values):
        literals = (bit if code >> (len(bits) - 1 - place) & 1 else ~bit for place, bit in enumerate(bits))
        found[value] = manager.all_of(literals)
    return found


class Encoder:
    """Encodes expressions over `cells`. Remembers what it has encoded, for the values of its variables."""

    def __init__(self, manager: Manager, sizes: Sizes, cells: CellCases) -> None:
        self._manager = manager
        self._sizes = sizes
        self._cells = cells
        self._free: dict[int, tuple[Bound, ...]] = {}
        self._known: dict[tuple[int, tuple[Value, ...]], Cases] = {}
        self._kept: list[Expr] = []  # so that an id stays that of one expression

    def formula(self, expr: Expr, environment: Environment) -> Node:
        """Where `expr`, of sort bool, holds."""
        return self.cases(expr, environment)[1]

    def cases(self, expr: Expr, environment: Environment) -> Cases:
        key = id(expr), tuple(environment[bound] for bound in self._variables(expr))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._cases(expr, environment)
        return found

    def places(
        self, indices: tuple[Expr, ...], environment: Environment
    ) -> Iterator[tuple[tuple[Value, ...], Node]]:
        """The values that `indices` can have, each with its condition."""
        options = [self.cases(index, environment).items() for index in indices]
        for chosen in product(*options):
            condition = self._manager.all_of(condition for _, condition in chosen)
            if condition != self._manager.false:
                yield tuple(value for value, _ in chosen), condition

    def _variables(self, expr: Expr) -> tuple[Bound, ...]:
        """What occurs free in `expr`."""
        found = self._free.get(id(expr))
        if found is None:
            own = {expr: None} if isinstance(expr, Bound) else {}
            parts = dict.fromkeys(bound for part in children(expr) for bound in self._variables(part))
            hidden = expr.binders if isinstance(expr, Quantified) else ()
            found = tuple(bound for bound in {**own, **parts} if bound not in hidden)
            self._free[id(expr)] = found
            self._kept.append(expr)
        return found

    def _cases(self, expr: Expr, environment: Environment) -> Cases:
        match expr:
            case Const(value=value, sort=sort):
                return (
                    self._truth(self._manager.true if value else self._manager.false)
                    if sort == BOOL
                    else {value: self._manager.true}
                )
            case Bound(sort=sort):
                return self._cases(Const(environment[expr], sort), {})
            case Read(primed=True):
                raise InternalError(f"{expr.symbol.name} is read behind a step")
            case Read(symbol=symbol, indices=indices):
                return self._merged(
                    (condition, self._cells[symbol.name, place])
                    for place, condition in self.places(indices, environment)
                )
            case Quantified():
                return self._truth(self._quantified(expr, environment))
            case Apply(op=op, arguments=arguments):
                return self._applied(op, arguments, environment)

    def _truth(self, condition: Node) -> Cases:
        return {0: ~condition, 1: condition}

    def _merged(self, options: Iterator[tuple[Node, Cases]]) -> Cases:
        """The cases of the one option whose condition holds."""
        manager, found = self._manager, Cases()
        for condition, cases in options:
            if condition == manager.true:
                return dict(cases)
            for value, case in cases.items():
                both = manager.conjunction(condition, case)
                found[value] = manager.disjunction(found.get(value, manager.false), both)
        return found

    def _quantified(self, expr: Quantified, environment: Environment) -> Node:
        manager = self._manager
        neutral, absorbing = (
            (manager.true, manager.false) if expr.universal else (manager.false, manager.true)
        )
        joint = manager.conjunction if expr.universal else manager.disjunction
        found = neutral
        for values in values_of(expr.binders, self._sizes):
            inner = {**environment, **dict(zip(expr.binders, values, strict=True))}
            found = joint(found, self.formula(expr.body, inner))
            if found == absorbing:
                break
        return found

    def _applied(self, op: Op, arguments: tuple[Expr, ...], environment: Environment) -> Cases:
        manager = self._manager
        match op:
            case Op.NOT:
                return self._truth(~self.formula(arguments[0], environment))
            case Op.AND:
                return self._truth(manager.all_of(self.formula(part, environment) for part in arguments))
            case Op.OR:
                return self._truth(manager.any_of(self.formula(part, environment) for part in arguments))
            case Op.IMPLIES:
                left, right = (self.formula(part, environment) for part in arguments)
                return self._truth(manager.disjunction(~left, right))
            case Op.ITE:
                test = self.formula(arguments[0], environment)
                then, otherwise = (self.cases(part, environment) for part in arguments[1:])
                return self._merged(iter(((test, then), (~test, otherwise))))
            case _ if op.row.kind is Kind.ELEMENT:
                cases = self.cases(arguments[0], environment).items()
                return self._merged((case, {op.row.meaning(value): manager.true}) for value, case in cases)
            case _:
                left_cases, right_cases = (self.cases(part, environment) for part in arguments)
                return self._compared_or_computed(op.row, left_cases, right_cases)

    def _compared_or_computed(self, row: Operator, left: Cases, right: Cases) -> Cases:
        match row.kind:
            case Kind.EQUALITY:
                return self._truth(self._equal(left, right))
            case Kind.ORDER:
                return self._truth(self._ordered(row.meaning, left, right))
            case _:
                return self._computed(row.meaning, left, right)

    def _equal(self, left: Cases, right: Cases) -> Node:
        manager = self._manager
        if left.keys() == right.keys() == {0, 1}:
            return manager.equivalent(left[1], right[1])
        return manager.any_of(
            manager.conjunction(case, right[value]) for value, case in left.items() if value in right
        )

    def _ordered(self, holds: Callable[[Value, Value], int], left: Cases, right: Cases) -> Node:
        """From the greatest values down; `above`: the right side is such that it holds for the left value."""
        manager = self._manager
        found, above = manager.false, manager.false
        waiting = sorted(right, reverse=True)
        place = 0
        for value in sorted(left, reverse=True):
            while place < len(waiting) and holds(value, waiting[place]):
                above = manager.disjunction(above, right[waiting[place]])
                place += 1
            found = manager.disjunction(found, manager.conjunction(left[value], above))
        return found

    def _computed(self, operation: Callable[[Value, Value], Value], left: Cases, right: Cases) -> Cases:
        if len(left) * len(right) > MOST_PAIRS:
            raise TooLarge(f"arithmetic on {len(left):,} and {len(right):,} values")
        manager, found = self._manager, Cases()
        for (one, first), (other, second) in product(left.items(), right.items()):
            both = manager.conjunction(first, second)
            if both != manager.false:
                value = operation(one, other)
                found[value] = manager.disjunction(found.get(value, manager.false), both)
        return found
