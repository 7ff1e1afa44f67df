"""Values of expressions. A value that meets a narrower range and does not fit is counted, and the nearest
value of the range stands in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Op
from tests.differential.reference.world import NONE, Instance, Meaningless, State, Value, World

_NUMBERS: dict[Op, Callable[[int, int], Value]] = {
    Op.LESS: lambda a, b: a < b,
    Op.AT_MOST: lambda a, b: a <= b,
    Op.GREATER: lambda a, b: a > b,
    Op.AT_LEAST: lambda a, b: a >= b,
    Op.ADD: lambda a, b: a + b,
    Op.SUBTRACT: lambda a, b: a - b,
    Op.MULTIPLY: lambda a, b: a * b,
    Op.DIVIDE: lambda a, b: a // b,
    Op.MODULO: lambda a, b: a % b,
    Op.EQUAL: lambda a, b: a == b,
    Op.UNEQUAL: lambda a, b: a != b,
    Op.IFF: lambda a, b: a == b,
}


_ORDERS = (Op.LESS, Op.AT_MOST, Op.GREATER, Op.AT_LEAST)


@dataclass
class Point:
    """Where an expression is evaluated. `misfits` counts the values that did not fit on the way.

    `state` holds parameters and constants too; `after` is the state after the step, for primes.
    """

    state: Mapping[Any, Value]
    after: State | None = None
    misfits: int = 0


def narrowed(value: Value, kind: ast.Type | None, point: Point, world: World) -> Value:
    """`value` as a value of `kind`, the nearest one if it is not."""
    if value is NONE and isinstance(kind, ast.NamedType):
        point.misfits += 1
        return world.domain(kind)[0]
    if not isinstance(kind, ast.RangeType) or kind.low <= value <= kind.high:
        return value
    point.misfits += 1
    return min(max(value, kind.low), kind.high)


class Evaluation:
    """Evaluates the expressions of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kinds: dict[type, Callable[[Any, Point, Mapping[str, Value]], Value]] = {
            ast.BoolLiteral: lambda e, point, bound: e.value,
            ast.IntLiteral: lambda e, point, bound: e.value,
            ast.NameExpr: self._name,
            ast.IndexExpr: self._indexed,
            ast.CallExpr: self._call,
            ast.Unary: self._unary,
            ast.Binary: self._binary,
            ast.SetMember: self._set_member,
            ast.RangeMember: self._range_member,
            ast.NextAfter: self._next_after,
            ast.IfExpr: self._conditional,
            ast.Quantified: self._quantified,
            ast.Count: self._count,
            ast.AtLabel: self._at_label,
            ast.Took: self._took,
            ast.IsDead: lambda e, point, bound: point.state["dead", self._actor(e, point, bound)],
        }

    def value(self, expr: ast.Expr, point: Point, bound: Mapping[str, Value]) -> Value:
        return self._kinds[type(expr)](expr, point, bound)

    def _cell(self, name: str, indices: tuple[Value, ...], point: Point, primed: bool) -> Value:
        if primed and point.after is None:
            raise Meaningless(f"{name}' where there is no step")
        where = point.after if primed and point.after is not None else point.state
        return where[name, indices]

    def _name(self, e: ast.NameExpr, point: Point, bound: Mapping[str, Value]) -> Value:
        name = e.name.text
        if e.qualifier is not None:
            return name
        if name in bound:
            return bound[name]
        if name in self.world.variables:
            return self._cell(name, (), point, e.primed)
        if name in self.world.defines:
            return self._defined(name, (), point, bound)
        if name == "none" and name not in self.world.members:
            return NONE
        if name not in self.world.members:
            raise Meaningless(f"unknown name {name}")
        return name

    def _indexed(self, e: ast.IndexExpr, point: Point, bound: Mapping[str, Value]) -> Value:
        places = self.world.variables[e.name.text].positions
        indices = tuple(
            narrowed(self.value(index, point, bound), place.type, point, self.world)
            for index, place in zip(e.indices, places, strict=True)
        )
        return self._cell(e.name.text, indices, point, e.primed)

    def _call(self, e: ast.CallExpr, point: Point, bound: Mapping[str, Value]) -> Value:
        if e.name.text == "first" and "first" not in self.world.defines:
            (sort,) = e.arguments
            assert isinstance(sort, ast.NameExpr)
            return self.world.sort(sort.name.text)[0]
        return self._defined(e.name.text, e.arguments, point, bound)

    def _defined(
        self, name: str, arguments: tuple[ast.Expr, ...], point: Point, bound: Mapping[str, Value]
    ) -> Value:
        declaration = self.world.defines[name]
        inner = {}
        for parameter, argument in zip(declaration.parameters, arguments, strict=True):
            given = self.value(argument, point, bound)
            inner[parameter.name.text] = narrowed(given, parameter.type, point, self.world)
        return narrowed(self.value(declaration.value, point, inner), declaration.type, point, self.world)

    def _unary(self, e: ast.Unary, point: Point, bound: Mapping[str, Value]) -> Value:
        inner = self.value(e.operand, point, bound)
        return not inner if e.operator is ast.UnaryOperator.NOT else -inner

    def _binary(self, e: ast.Binary, point: Point, bound: Mapping[str, Value]) -> Value:
        left = self.value(e.left, point, bound)
        match e.operator:
            case Op.AND:
                return left and self.value(e.right, point, bound)
            case Op.OR:
                return left or self.value(e.right, point, bound)
            case Op.IMPLIES:
                return not left or self.value(e.right, point, bound)
        right = self.value(e.right, point, bound)
        if e.operator in _ORDERS and NONE in (left, right):
            point.misfits += 1
            return False
        if isinstance(left, str) and e.operator in _ORDERS:
            left, right = self.world.places(left, right)
        return _NUMBERS[e.operator](left, right)

    def _set_member(self, e: ast.SetMember, point: Point, bound: Mapping[str, Value]) -> Value:
        element = self.value(e.element, point, bound)
        return element in [self.value(choice, point, bound) for choice in e.choices]

    def _range_member(self, e: ast.RangeMember, point: Point, bound: Mapping[str, Value]) -> Value:
        return e.type.low <= self.value(e.element, point, bound) <= e.type.high

    def _next_after(self, e: ast.NextAfter, point: Point, bound: Mapping[str, Value]) -> Value:
        later, earlier = self.value(e.later, point, bound), self.value(e.earlier, point, bound)
        if NONE in (later, earlier):
            point.misfits += 1
            return False
        place, before = self.world.places(later, earlier)
        return place == before + 1

    def _conditional(self, e: ast.IfExpr, point: Point, bound: Mapping[str, Value]) -> Value:
        chosen = e.then if self.value(e.condition, point, bound) else e.otherwise
        return self.value(chosen, point, bound)

    def _quantified(self, e: ast.Quantified, point: Point, bound: Mapping[str, Value]) -> Value:
        found = [self.value(e.body, point, {**bound, **chosen}) for chosen in self.world.bindings(e.binders)]
        return all(found) if e.quantifier is ast.Quantifier.FORALL else any(found)

    def _count(self, e: ast.Count, point: Point, bound: Mapping[str, Value]) -> Value:
        found = [self.value(e.body, point, {**bound, **chosen}) for chosen in self.world.bindings(e.binders)]
        return sum(map(bool, found))

    def _at_label(self, e: ast.AtLabel, point: Point, bound: Mapping[str, Value]) -> Value:
        types = [binder.type for binder in self.world.processes[e.process.text].parameters]
        values = [self.value(index, point, bound) for index in e.indices]
        instance = tuple(
            narrowed(value, kind, point, self.world) for value, kind in zip(values, types, strict=True)
        )
        return point.state["at", (e.process.text, *instance)] == e.label.text

    def _took(self, e: ast.Took, point: Point, bound: Mapping[str, Value]) -> Value:
        actors = self.world.actors if e.actor is None else [self._actor(e, point, bound)]
        return any(point.state["took", (*actor, e.outcome.text)] for actor in actors)

    def acting(
        self, declared: ast.ActionDecl | ast.ProcessDecl, bound: Mapping[str, Value]
    ) -> Instance | None:
        """Who does a step."""
        if declared.actor is None:
            return None
        indices = (self.value(index, Point({}), bound) for index in declared.actor_indices)
        return (declared.actor.text, *indices)

    def _actor(self, e: ast.Took | ast.IsDead, point: Point, bound: Mapping[str, Value]) -> Instance:
        assert e.actor is not None
        return self.actor(e.actor.text, e.indices, point, bound)

    def actor(
        self, name: str, indices: tuple[ast.Expr, ...], point: Point, bound: Mapping[str, Value]
    ) -> Instance:
        """Who is meant: the name, and the elements."""
        values = [self.value(index, point, bound) for index in indices]
        kinds = [position.type for position in self.world.positions(name)]
        return (name, *(narrowed(v, kind, point, self.world) for v, kind in zip(values, kinds, strict=True)))
