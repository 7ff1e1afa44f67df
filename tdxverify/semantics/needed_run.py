"""Given steps taken from a start that is known in part only: nothing is looked at that decides nothing.

A cell of a later state is asked for by whoever reads it, and then it is the last write to it that is asked,
and so on back to the start. What is read there, and was not known, comes out as `Missing`.

Some cells follow from others: constants with a value, variables whose initial value is one expression, and
those that `init` gives one (`init forall l : Line: x[l] = e`). They are computed, never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

from tdxverify.logic.evaluate import Formula, Values
from tdxverify.logic.expr import (
    Bound,
    Expr,
    Quantified,
    Read,
    Role,
    Symbol,
    equated,
    names_of,
    walk,
)
from tdxverify.logic.layout import Cell, Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Moves, Semantics, WriteClosures
from tdxverify.semantics.trace import Step


@dataclass(frozen=True, slots=True)
class Place:
    """A cell by its position in the layout of its role."""

    role: Role
    position: int

    def __hash__(self) -> int:
        return self.position  # places are looked up all the time, and cells of one position are two


Known: TypeAlias = dict[Place, Value]  # of cells of the start


class Missing(Exception):
    """`place` would have to be known; it can be one of `options`."""

    def __init__(self, place: Place, options: Sequence[Value]) -> None:
        super().__init__(place)
        self.place = place
        self.options = options


class NoSuchStart(Exception):
    """What is known allows no start at all."""


@dataclass(frozen=True, slots=True)
class _Instance:
    """A write for one choice of its binders, the `order`-th of its step."""

    order: int
    bound: tuple[Value, ...]
    write: WriteClosures

    def target(self, rigid: Values, state: Values, bound: list[Value]) -> int:
        """The position that it writes to."""
        parts = zip(self.write.indices, self.write.strides, strict=True)
        return self.write.base + sum(index(rigid, state, (), bound) * stride for index, stride in parts)


class Starts:
    """Values of the cells before the first step. `known` may be changed between questions; `read`, if there
    is such a set, grows.

    `defined`: names of the rigid symbols that may follow from others.
    """

    def __init__(self, semantics: Semantics, defined: frozenset[str]) -> None:
        self.semantics = semantics
        self.problem = semantics.problem
        self.known: Known = {}
        self.read: set[Place] | None = None
        self.rigid = _Cells(self._rigid)
        self.state = _Cells(self._state)
        self._definitions = definitions(self.problem, defined)
        self._initial = {start.symbol.name: start for start in self.problem.initial}
        self._formulas: dict[int, Formula] = {}
        self._rigid_places = self._places(Role.RIGID)
        self._state_places = self._places(Role.STATE)

    def _places(self, role: Role) -> list[Place]:
        layout = self.problem.rigid_layout if role is Role.RIGID else self.problem.state_layout
        return [Place(role, position) for position in range(len(layout.cells))]

    def formula(self, expr: Expr, parameters: tuple[Bound, ...] = ()) -> Formula:
        """`expr`, compiled once. It has to live as long as this."""
        if id(expr) not in self._formulas:
            self._formulas[id(expr)] = self.semantics.evaluator.formula(expr, parameters)
        return self._formulas[id(expr)]

    def _choices(self, place: Place) -> tuple[Expr, ...] | None:
        """What it may start with; None for any value."""
        if place.role is Role.RIGID:
            return None
        return self._initial[self.cell(place).symbol.name].choices

    def follows(self, place: Place) -> bool:
        """Whether its value follows from those of others."""
        choices = self._choices(place)
        return self.cell(place).symbol.name in self._definitions or (
            choices is not None and len(choices) == 1
        )

    def is_constant(self, place: Place) -> bool:
        """Whether it starts with a value that no other cell decides."""
        choices = self._choices(place)
        return choices is not None and len(choices) == 1 and not names_of(choices[0])

    def is_chosen(self, place: Place) -> bool:
        """Whether it starts with one of a few values."""
        return self._choices(place) is not None

    def cell(self, place: Place) -> Cell:
        """The cell at `place`."""
        layouts = self.problem.rigid_layout, self.problem.state_layout
        return layouts[place.role is Role.STATE].cells[place.position]

    def options(self, place: Place) -> Sequence[Value]:
        """What it may be, ascending, whatever constraints say. Raises Missing."""
        cell, choices = self.cell(place), self._choices(place)
        if choices is None:
            return domain(cell.symbol.sort, self.problem.size_of)
        binders = self._initial[cell.symbol.name].binders
        return sorted({self.formula(choice, binders)(self.rigid, (), cell.indices) for choice in choices})

    def filled(self, known: Known) -> tuple[Valuation, Valuation]:
        """Rigid valuation and first state that agree with `known`; where that leaves a choice, the least."""
        self.known = dict(known)
        values = []
        for role, layout in (
            (Role.RIGID, self.problem.rigid_layout),
            (Role.STATE, self.problem.state_layout),
        ):
            cells = self.rigid if role is Role.RIGID else self.state
            for position in range(len(layout.cells)):
                place = Place(role, position)
                if place not in self.known and not self.follows(place):
                    self.known[place] = self.options(place)[0]
            values.append(tuple(cells[position] for position in range(len(layout.cells))))
        return values[0], values[1]

    def _rigid(self, position: int) -> Value:
        return self._value(self._rigid_places[position])

    def _state(self, position: int) -> Value:
        return self._value(self._state_places[position])

    def _value(self, place: Place) -> Value:
        known = self.known.get(place)
        if known is not None:
            if self.read is not None:
                self.read.add(place)
            return known
        options = self._defined(place) or self.options(place)
        if self.follows(place):
            return options[0]
        raise Missing(place, options)

    def _defined(self, place: Place) -> tuple[Value, ...]:
        """The value that is stated of it, if one is. Raises NoSuchStart, Missing."""
        cell = self.cell(place)
        stated = self._definitions.get(cell.symbol.name)
        if stated is None:
            return ()
        binders, expr = stated
        value = self.formula(expr, binders)(self.rigid, (), cell.indices)
        if value not in domain(cell.symbol.sort, self.problem.size_of):
            raise NoSuchStart
        return (value,)


class _Cells(Sequence[Value]):
    """Values by position, each computed when it is looked at."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __getitem__(self, position: Any) -> Any:
        return self._value(position)

    def __len__(self) -> int:
        raise TypeError("nobody asks how many there are")


class NeededRun:
    """`steps`, of actions of the problem of `starts`, from there."""

    def __init__(self, starts: Starts, steps: Sequence[Step]) -> None:
        self._starts = starts
        semantics = starts.semantics
        self._moves = [semantics.moves_named(step.action) for step in steps]
        self._arguments = [step.arguments for step in steps]
        self._writes = [
            _Writes(starts.problem, moves, step.arguments)
            for moves, step in zip(self._moves, steps, strict=True)
        ]
        self._bad = semantics.evaluator.formula(starts.problem.bad)

    def ends_badly(self) -> bool:
        """Whether every step is possible and the last state is bad. Raises Missing, NoSuchStart."""
        rigid = self._starts.rigid
        state: Values = self._starts.state
        for moves, arguments, writes in zip(self._moves, self._arguments, self._writes, strict=True):
            bound = [*arguments, *[0] * (moves.slots - len(arguments))]
            if not (moves.always(rigid, state, (), bound) and moves.guard(rigid, state, (), bound)):
                return False
            state = writes.after(rigid, state)
        return bool(self._bad(rigid, state, ()))


class _Writes:
    """What one step writes, by where it goes to."""

    def __init__(self, problem: Problem, moves: Moves, arguments: tuple[Value, ...]) -> None:
        self._slots = moves.slots
        self._arguments = arguments
        self._fixed: dict[int, list[_Instance]] = {}
        self._moving: list[tuple[range, _Instance]] = []
        order = 0
        for written, write in zip(moves.action.writes, moves.writes, strict=True):
            is_fixed = not any(isinstance(node, Read) for index in written.indices for node in walk(index))
            cells = _cells_of(problem, written.symbol)
            for choice in write.choices:
                order += 1
                bound = (*arguments, *choice)
                instance = _Instance(order, bound, write)
                if is_fixed:
                    position = instance.target((), (), self._room(bound))
                    self._fixed.setdefault(position, []).append(instance)
                else:
                    self._moving.append((cells, instance))

    def _room(self, bound: tuple[Value, ...]) -> list[Value]:
        return [*bound, *[0] * (self._slots - len(bound))]

    def after(self, rigid: Values, before: Values) -> Values:
        """The state that the step leads to from `before`."""
        found: dict[int, Value] = {}

        def value(position: int) -> Value:
            if position not in found:
                found[position] = self._written(position, rigid, before)
            return found[position]

        return _Cells(value)

    def _written(self, position: int, rigid: Values, before: Values) -> Value:
        candidates = [(one, True) for one in self._fixed.get(position, ())]
        candidates += [(one, False) for cells, one in self._moving if position in cells]
        for one, is_there in sorted(candidates, key=lambda pair: -pair[0].order):
            bound = self._room(one.bound)
            if not is_there and one.target(rigid, before, bound) != position:
                continue
            if one.write.condition(rigid, before, (), bound):
                return one.write.value(rigid, before, (), bound)
        return before[position]


def _cells_of(problem: Problem, symbol: Symbol) -> range:
    """The positions of a variable's cells."""
    first = problem.state_layout.offset[symbol.name]
    return range(first, first + prod(len(domain(sort, problem.size_of)) for sort in symbol.indices))


def definitions(problem: Problem, names: frozenset[str]) -> Mapping[str, tuple[tuple[Bound, ...], Expr]]:
    """Symbols that assumptions or initial constraints say the value of, with that.

    A rigid one is among `names` and its value made of symbols that were declared before it; that of a
    variable is made of rigid ones. No variable is among them that the problem gives initial values. Where
    several say it, it is the first, which is the file and no check.
    """
    earlier: set[str] = set()
    stated = {symbol.name: said for symbol, said in [*_equations(problem.assumptions, Role.RIGID)][::-1]}
    found: dict[str, tuple[tuple[Bound, ...], Expr]] = {}
    for symbol in problem.rigid_symbols:
        if symbol.name in names & stated.keys() and names_of(stated[symbol.name][1]) <= earlier:
            found[symbol.name] = stated[symbol.name]
        earlier.add(symbol.name)
    free = {start.symbol.name for start in problem.initial if start.choices is None}
    for symbol, (binders, value) in _equations(problem.constraints, Role.STATE):
        if symbol.name in free and names_of(value) <= earlier:
            found.setdefault(symbol.name, (binders, value))
    return found


def _equations(facts: Iterable[Expr], role: Role) -> Iterator[tuple[Symbol, tuple[tuple[Bound, ...], Expr]]]:
    """Of facts of the form `forall i: x[i] = e` those about an x of that role."""
    for fact in facts:
        binders: tuple[Bound, ...] = ()
        if isinstance(fact, Quantified) and fact.universal:
            binders, fact = fact.binders, fact.body
        for read, value in equated(fact):
            if read.symbol.role is role and _covers(read, binders):
                yield read.symbol, (tuple(i for i in read.indices if isinstance(i, Bound)), value)
                break


def _covers(read: Read, binders: tuple[Bound, ...]) -> bool:
    """Whether it is every cell of its symbol, each once."""
    same = len(binders) == len(read.indices) and set(binders) == set(read.indices)
    return same and all(
        index.sort == sort for index, sort in zip(read.indices, read.symbol.indices, strict=True)
    )
