"""What a trace's end really depends on: a dynamic backward slice, by the evaluator's rules.

Of each formula only the cells count that decide its value in the state at hand: one false part of a
false conjunction, one instance of a true `exists`. The step that last wrote a cell made it, but for one
that only repeats what an earlier step made; then the guard of that step, the write's condition, indices
and value need cells of the state before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.logic.evaluate import Evaluator, addressing
from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Role
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import Value
from tdxverify.model.model import Action, Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.trace import Trace

START = 0  # the producer of values that were there from the beginning


Places: TypeAlias = frozenset[Place]
_NONE: Places = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """Step `consumer` (the end: one more than the last step) needs the cell at `position` of the state
    layout to be, in the state of number `at`, as step `producer` left it, or as it was at the `START`."""

    consumer: int
    position: int
    producer: int
    at: int


@dataclass(frozen=True, slots=True)
class Slice:
    """`steps` (from 1) that matter; `needs`, latest consumer first; rigid positions by consumer."""

    steps: frozenset[int]
    needs: tuple[Need, ...]
    parameters: Mapping[int, tuple[int, ...]]


def slice_trace(problem: Problem, trace: Trace) -> Slice:
    """Requires: `trace` is a run of `problem` that ends in a bad state."""
    last = Reading(problem, trace.rigid, trace.states[-1])
    return slice_from(problem, trace, {len(trace): last.of(problem.bad)})


def slice_from(
    problem: Problem, trace: Trace, wanted: Mapping[int, Iterable[Place]], taken: Sequence[int] = ()
) -> Slice:
    """The same of any run. `wanted`: what the end needs, by the number of the state of which it needs that;
    besides, that the steps `taken` (from 1) are, and that what they may write is as it is at the end."""
    return _Slicer(problem, trace, wanted, taken).slice()


class _Slicer:
    def __init__(
        self,
        problem: Problem,
        trace: Trace,
        wanted: Mapping[int, Iterable[Place]],
        taken: Sequence[int],
    ) -> None:
        self._problem = problem
        self._trace = trace
        self._of_end = wanted
        self._taken = frozenset(taken)
        self._needs: list[Need] = []
        self._parameters: dict[int, set[int]] = {}
        # Position in the state layout to its consumers so far, each with the number of the state.
        self._wanted: dict[int, set[tuple[int, int]]] = {}

    def slice(self) -> Slice:
        for number in self._taken:
            self._want(len(self._trace) + 1, len(self._trace), self._may_write(number))
        steps = {number for number in range(len(self._trace), 0, -1) if self._pass(number)}
        self._want(len(self._trace) + 1, 0, self._of_end.get(0, ()))
        for position, consumers in sorted(self._wanted.items()):
            self._needs.extend(Need(consumer, position, START, at) for consumer, at in sorted(consumers))
        order = sorted(self._needs, key=lambda need: (-need.consumer, -need.producer, need.position))
        parameters = {consumer: tuple(sorted(found)) for consumer, found in self._parameters.items()}
        return Slice(frozenset(steps), tuple(order), parameters)

    def _want(self, consumer: int, at: int, places: Iterable[Place]) -> None:
        for place in places:
            if place.role is Role.RIGID:
                self._parameters.setdefault(consumer, set()).add(place.position)
            else:
                self._wanted.setdefault(place.position, set()).add((consumer, at))

    def _pass(self, number: int) -> bool:
        """Step `number`, seen from behind: whether it made something that was wanted.

        A write that was not made, but would have spoilt what was wanted, counts by what prevented it.
        """
        self._want(len(self._trace) + 1, number, self._of_end.get(number, ()))
        action, bound, reading = self._scene(number)
        attempts = list(self._attempts(action.writes, bound, reading))
        after = self._trace.states[number]
        found: set[Place] = set()
        made: list[int] = []
        for position in sorted(self._wanted):
            mine = [attempt for attempt in reversed(attempts) if attempt.position == position]
            if len(mine) == 1 and self._only_repeats(number, mine[0], reading):
                continue
            for attempt in mine:
                if attempt.made:
                    made.append(position)
                    found |= attempt.places(reading)
                    break
                if attempt.value(reading) != after[position]:
                    found |= reading.of(attempt.write.condition, attempt.bound)
        for position in made:
            consumers = sorted(self._wanted.pop(position))
            self._needs.extend(Need(consumer, position, number, at) for consumer, at in consumers)
        self._want(number, number - 1, found)
        matters = bool(made) or number in self._taken
        if matters:
            self._want(number, number - 1, reading.of(action.guard, bound))
        return matters

    def _scene(self, number: int) -> tuple[Action, dict[Bound, Value], Reading]:
        """Step `number`, what it is given, and the state before it."""
        step = self._trace.steps[number - 1]
        action = self._problem.action_named[step.action]
        bound = dict(zip(action.parameters, step.arguments, strict=True))
        return action, bound, Reading(self._problem, self._trace.rigid, self._trace.states[number - 1])

    def _may_write(self, number: int) -> Places:
        action, bound, reading = self._scene(number)
        attempts = self._attempts(action.writes, bound, reading)
        return frozenset(Place(Role.STATE, attempt.position) for attempt in attempts)

    def _only_repeats(self, number: int, attempt: _Attempt, reading: Reading) -> bool:
        """Whether step `number` assigned, whatever the state, the value that an earlier step had made."""
        values = [state[attempt.position] for state in self._trace.states[: number + 1]]
        is_kept = attempt.made and values[-2] == values[-1] and len(set(values)) > 1
        return is_kept and not reading.of(attempt.write.value, attempt.bound)

    def _attempts(
        self, writes: Iterable[Write], bound: Mapping[Bound, Value], reading: Reading
    ) -> Iterator[_Attempt]:
        """Every write for every choice of its binders, in order, made or not."""
        layout, sizes = self._problem.state_layout, self._problem.size_of
        for write in writes:
            base, strides = addressing(layout, write.symbol, sizes)
            for values in values_of(write.binders, sizes):
                chosen = {**bound, **dict(zip(write.binders, values, strict=True))}
                indices = (reading.value(index, chosen) for index in write.indices)
                position = base + sum(i * s for i, s in zip(indices, strides, strict=True))
                yield _Attempt(write, chosen, position, bool(reading.value(write.condition, chosen)))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A write at one choice of its binders; `made` is false where its condition is."""

    write: Write
    bound: Mapping[Bound, Value]
    position: int
    made: bool

    def value(self, reading: Reading) -> Value:
        return reading.value(self.write.value, self.bound)

    def places(self, reading: Reading) -> Places:
        parts = (self.write.condition, self.write.value, *self.write.indices)
        return _NONE.union(*(reading.of(part, self.bound) for part in parts))


@dataclass(frozen=True)
class Reading:
    """Which cells decide the value of a formula in one state."""

    problem: Problem
    rigid: Valuation
    state: Valuation

    def value(self, expr: Expr, bound: Mapping[Bound, Value] | None = None) -> Value:
        layouts = self.problem.rigid_layout, self.problem.state_layout
        return Evaluator(*layouts, self.problem.size_of).evaluate(expr, self.rigid, self.state, bound)

    def of(self, expr: Expr, bound: Mapping[Bound, Value] | None = None) -> Places:
        """Cells that decide the value of `expr` as they are."""
        return self._decided(expr, bound or {})[1]

    def _decided(self, expr: Expr, bound: Mapping[Bound, Value]) -> tuple[Value, Places]:
        match expr:
            case Const(value=value):
                return value, _NONE
            case Bound():
                return bound[expr], _NONE
            case Read():
                return self._read(expr, bound)
            case Quantified():
                return self._quantified(expr, bound)
            case Apply(op=Op.AND | Op.OR as op, arguments=arguments):
                return _junction((self._decided(part, bound) for part in arguments), decisive=op is Op.OR)
            case Apply(op=Op.IMPLIES, arguments=(left, right)):
                value, places = self._decided(left, bound)
                parts = ((1 - value, places), self._decided(right, bound))
                return _junction(parts, decisive=True)
            case Apply(op=Op.ITE, arguments=(test, then, otherwise)):
                holds, places = self._decided(test, bound)
                value, more = self._decided(then if holds else otherwise, bound)
                return value, places | more
            case Apply(arguments=arguments):
                places = _NONE.union(*(self._decided(part, bound)[1] for part in arguments))
                return self.value(expr, bound), places

    def _read(self, expr: Read, bound: Mapping[Bound, Value]) -> tuple[Value, Places]:
        parts = [self._decided(index, bound) for index in expr.indices]
        rigid = expr.symbol.role is Role.RIGID
        layout = self.problem.rigid_layout if rigid else self.problem.state_layout
        base, strides = addressing(layout, expr.symbol, self.problem.size_of)
        position = base + sum(value * stride for (value, _), stride in zip(parts, strides, strict=True))
        own = Place(expr.symbol.role, position)
        value = (self.rigid if rigid else self.state)[position]
        return value, frozenset({own}).union(*(places for _, places in parts))

    def _quantified(self, expr: Quantified, bound: Mapping[Bound, Value]) -> tuple[Value, Places]:
        choices = values_of(expr.binders, self.problem.size_of)
        parts = (
            self._decided(expr.body, {**bound, **dict(zip(expr.binders, values, strict=True))})
            for values in choices
        )
        return _junction(parts, decisive=not expr.universal)


def _junction(parts: Iterable[tuple[Value, Places]], *, decisive: bool) -> tuple[Value, Places]:
    """Of the parts with the decisive value the one that needs least; all of them where none has it."""
    known = list(parts)
    deciding = [places for value, places in known if bool(value) is decisive]
    if deciding:
        return int(decisive), min(deciding, key=len)
    return int(not decisive), _NONE.union(*(places for _, places in known))
