"""Statements, one after another, on a concrete state. Every choice is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, permutations
from math import factorial
from typing import Any

from tdxverify.syntax import ast
from tests.differential.reference.expressions import Evaluation, Point, narrowed
from tests.differential.reference.world import Instance, Meaningless, State, TooLarge, Value, World

MOST_ORDERS = 24
OFTEN = 30  # times that a foreach is tried in so many orders; then two
MOST_PATHS = 3000  # through one step


class Unsound(Exception):
    """The front end should have refused the spec: the words say what happens and where."""


@dataclass(frozen=True)
class Path:
    """A step as far as it was executed. `wrong`: some value did not fit; nothing behind that is looked at.
    `left`: a goto was taken, or a fault ended the step (then `label` is None). `chosen`: at which place, for
    which variable if for one, and what; `inside`: the accesses around, or how it came here between steps."""

    state: State
    wrong: bool = False
    left: bool = False
    label: str | None = None
    chosen: tuple[tuple[Any, str | None, Value], ...] = ()
    inside: tuple[Any, ...] = ()

    def choosing(self, place: object, target: str | None, value: Value) -> Path:
        """The path on which `value` is chosen at `place`."""
        return replace(self, chosen=(*self.chosen, ((id(place), self.inside), target, value)))

    def seen(self) -> tuple[Any, ...]:
        """Something to compare paths by."""
        return frozenset(self.state.items()), self.wrong, self.left, self.label


class Execution:
    """Executes the statements of steps by `actor`."""

    def __init__(self, world: World, actor: Instance | None) -> None:
        self.world = world
        self.actor = actor
        self.evaluation = Evaluation(world)
        self._foreach_seen: dict[int, int] = {}

    def value(self, expr: ast.Expr, path: Path, bound: Mapping[str, Value]) -> tuple[Value, Path]:
        """The value, and the path, wrong if some value on the way did not fit."""
        point = Point(path.state)
        found = self.evaluation.value(expr, point, bound)
        return found, replace(path, wrong=True) if point.misfits else path

    def asked(self, expr: ast.Expr | None, path: Path, bound: Mapping[str, Value]) -> Path | None:
        """The path behind a condition that the step waits for; one without a value counts as true."""
        if expr is None:
            return path
        point = Point(path.state)
        holds = self.evaluation.value(expr, point, bound)
        if point.misfits:
            return replace(path, wrong=True)
        return path if holds else None

    def allowed(self, path: Path) -> Path | None:
        """The path behind all that stops steps of the actor; None where something does.

        What has no value is a mistake, and nothing behind it is asked."""
        if any(path.state["halted", (fault,)] for fault in self.world.faults):
            return None
        if self.actor is not None and path.state["dead", self.actor]:
            return None
        for condition, bound in self.world.stopping(self.actor):
            holds, path = self.value(condition, path, bound)
            if path.wrong:
                return path
            if holds:
                return None
        return path

    def run(self, body: tuple[ast.Statement, ...], path: Path, bound: Mapping[str, Value]) -> list[Path]:
        """Every way to execute `body`."""
        paths = [path]
        for statement in body:
            following: list[Path] = []
            for one in paths:
                following += [one] if one.left or one.wrong else self._statement(statement, one, bound)
                if len(following) > MOST_PATHS:
                    raise TooLarge
            paths = following
        return paths

    def _statement(self, statement: ast.Statement, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        self.world.spend()
        match statement:
            case ast.Assign():
                return self._assign(statement, path, bound)
            case ast.Access():
                return self._access(statement, path, bound)
            case ast.IfStatement():
                return self._if(statement, path, bound)
            case ast.Foreach():
                return self._foreach(statement, path, bound)
            case ast.Either(branches=branches):
                return [
                    end
                    for number, branch in enumerate(branches)
                    for end in self.run(branch, path.choosing(statement, None, number), bound)
                ]
            case ast.When(condition=condition):
                after = self.asked(condition, path, bound)
                return [] if after is None else [after]
            case ast.Goto(label=label):
                return [replace(path, left=True, label=label.text)]

    def _if(self, statement: ast.IfStatement, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        for condition, body in statement.branches:
            holds, path = self.value(condition, path, bound)
            if holds:
                return self.run(body, path, bound)
        return self.run(statement.otherwise, path, bound)

    # --- assignments -------------------------------------------------------------------

    def _assign(self, statement: ast.Assign, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        variable = self.world.variables.get(statement.target.text)
        if variable is None or variable.rigid:
            raise Meaningless(f"{statement.target.text} is assigned")
        indices, there = [], True
        for index, place in zip(statement.indices, variable.positions, strict=True):
            element, path = self.value(index, path, bound)
            point = Point(path.state)
            indices.append(narrowed(element, place.type, point, self.world))
            path = replace(path, wrong=True) if point.misfits else path
            there = there and not point.misfits
        if not there:
            return [path]
        cell = (variable.name, tuple(indices))
        written = statement.value
        if isinstance(written, ast.AnyValue) and not written.choices:
            every = self.world.domain(variable.type)
            return [_set(path.choosing(statement, cell[0], value), cell, value) for value in every]
        choices = written.choices if isinstance(written, ast.AnyValue) else (written,)
        fitting = []
        for choice in choices:
            value, path = self.value(choice, path, bound)
            fits, path = self._fits(value, variable.type, path)
            fitting += [value] if fits else []
        if not fitting or not isinstance(written, ast.AnyValue):
            return [_set(path, cell, value) for value in fitting] or [path]
        each = dict.fromkeys(fitting)
        return [_set(path.choosing(statement, cell[0], value), cell, value) for value in each]

    def _fits(self, value: Value, kind: ast.Type, path: Path) -> tuple[bool, Path]:
        point = Point(path.state)
        narrowed(value, kind, point, self.world)
        return (False, replace(path, wrong=True)) if point.misfits else (True, path)

    # --- all elements at once ------------------------------------------------------------

    def _foreach(self, statement: ast.Foreach, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        elements = list(self.world.bindings(statement.binders))
        first: list[Path] | None = None
        wrong: list[Path] = []
        seen = self._foreach_seen[id(statement)] = self._foreach_seen.get(id(statement), 0) + 1
        for order in _orders(elements, MOST_ORDERS if seen <= OFTEN else 2):
            paths = [path]
            for element in order:
                paths = [
                    after for one in paths for after in self.run(statement.body, one, {**bound, **element})
                ]
                if any(one.left for one in paths):
                    raise Unsound("a foreach inside a step is left by a fault or a goto")
            wrong += [one for one in paths if one.wrong]
            if first is None:
                first = paths
            elif not wrong and {one.seen() for one in paths} != {one.seen() for one in first}:
                raise Unsound(f"the order of elements matters in a foreach: {order}")
        assert first is not None
        return wrong[:1] or first

    # --- accesses ------------------------------------------------------------------------

    def _access(self, statement: ast.Access, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        table = self.world.accesses[statement.name.text]
        inner: dict[str, Value] = {}
        all_fit = True
        for parameter, argument in zip(table.parameters, statement.arguments, strict=True):
            value, path = self.value(argument, path, bound)
            fits, path = self._fits(value, parameter.type, path)
            all_fit = all_fit and fits
            inner[parameter.name.text] = value
        if not all_fit:
            return [path]
        row, path = self._row(table, path, inner)
        ends: list[Path] = []
        around = path.inside
        for after in self.run(row.effects, replace(path, inside=(*around, id(statement))), inner):
            ends += self._outcome(statement, row, replace(after, inside=around), bound)
        return ends

    def _row(
        self, table: ast.AccessDecl, path: Path, inner: Mapping[str, Value]
    ) -> tuple[ast.AccessRow, Path]:
        """The row that decides: the first that applies."""
        for number, row in enumerate(table.rows):
            holds = True
            if row.guard is not None:
                holds, path = self.value(row.guard, path, inner)
            if holds:
                self._alone(table, number, path, inner)
                return row, path
        raise Unsound(f"no row of access '{table.name.text}' applies")

    def _alone(self, table: ast.AccessDecl, number: int, path: Path, inner: Mapping[str, Value]) -> None:
        """Rows behind the one that decides may apply as well only if they say the same."""
        deciding = table.rows[number]
        for other in table.rows[number + 1 :]:
            same = (other.result, other.detail, other.fault, other.effects) == (
                deciding.result, deciding.detail, deciding.fault, deciding.effects)  # fmt: skip
            if other.guard is None or same:
                continue
            point = Point(path.state)
            if self.evaluation.value(other.guard, point, inner) and not point.misfits:
                raise Unsound(f"rows of access '{table.name.text}' overlap with different results")

    def _outcome(
        self, statement: ast.Access, row: ast.AccessRow, path: Path, bound: Mapping[str, Value]
    ) -> list[Path]:
        outcome = (
            row.result + (f"({row.detail})" if row.detail else "") if row.fault is None else row.fault.text
        )
        if row.fault is not None or outcome in self.world.outcomes_asked:
            if self.actor is None:
                raise Unsound("an outcome that nobody takes")
            path = _set(path, ("took", (*self.actor, outcome)), True)
        for handler in statement.handlers:
            if handler.outcome.text == outcome:
                return self.run(handler.body, path, bound)
        if row.fault is None:
            return [path]
        declared = self.world.faults[outcome]
        killed = [one for name in declared.kills for one in self.world.each(name.text)]
        for victim in [*([self.actor] if declared.fatal and self.actor else []), *killed]:
            path = _set(path, ("dead", victim), True)
        if declared.halts:
            path = _set(path, ("halted", (outcome,)), True)
        return [replace(path, left=True)]


def _set(path: Path, cell: tuple[str, tuple[Value, ...]], value: Value) -> Path:
    return replace(path, state={**path.state, cell: value})


def _orders(elements: list[dict[str, Value]], most: int) -> Iterator[list[dict[str, Value]]]:
    """All orders if that is not more than `most`; else some, with every element first and last in one."""
    if factorial(len(elements)) <= most:
        yield from map(list, permutations(elements))
        return
    turned = [elements[start:] + elements[:start] for start in range(len(elements))]
    yield from islice((order for one in turned for order in (one, one[::-1])), most)
