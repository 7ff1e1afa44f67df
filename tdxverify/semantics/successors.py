"""What a problem's states, steps and bad states are, by the evaluator: the reference that traces
and closed sets are checked with, and that generated programs are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.diagnostics import InternalError
from tdxverify.logic.evaluate import Closure, Evaluator, Formula, Values, addressing, slots_needed
from tdxverify.logic.expr import Bound, Expr, conjunction, conjuncts, walk
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Combinations, Value, domain
from tdxverify.model.model import Action, Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.assignments import InitialStates, rigid_valuations
from tdxverify.semantics.trace import Step

_TRIES = 1024  # lists of arguments between two looks at the clock


@dataclass(frozen=True)
class WriteClosures:
    """A write as closures; the binders' slots follow the action's parameters."""

    base: int
    strides: tuple[int, ...]
    indices: tuple[Closure, ...]
    condition: Closure
    value: Closure
    allowed: range
    choices: Combinations  # of the binders
    symbol: str


@dataclass(frozen=True)
class Moves:
    """One action's steps. `always` is the part of the guard that no parameter occurs in, `guard` the rest."""

    action: Action
    always: Closure
    guard: Closure
    writes: tuple[WriteClosures, ...]
    arguments: tuple[range, ...]  # domain of each parameter
    slots: int  # of the list of bound values

    def steps(
        self, rigid: Valuation, state: Valuation, budget: Budget = UNLIMITED
    ) -> Iterator[tuple[Valuation, dict[int, Value]]]:
        """Arguments for which the guard holds, ascending, each with what they change.

        Of values of hidden parameters that nothing looked at, the least stands for all. Raises LimitReached.
        """
        if not self.always(rigid, state, (), [0] * self.slots):
            return
        for tried, bound in enumerate(self._tried()):
            if tried % _TRIES == _TRIES - 1:
                budget.check_time()
            if self.guard(rigid, state, (), bound):
                arguments = tuple(bound[: len(self.arguments)])
                yield arguments, self.changes(rigid, state, bound)

    def _tried(self) -> Iterator[list[Value]]:
        """Bound values to look at, ascending: what was read of one list decides what the next one is."""
        open_to_view = len(self.arguments) - self.action.hidden
        spare = [0] * (self.slots - len(self.arguments))
        for arguments in product(*self.arguments[:open_to_view]):
            if self.action.hidden:
                yield from _choices(arguments, self.arguments[open_to_view:], spare)
            else:
                yield [*arguments, *spare]

    def changes(self, rigid: Valuation, state: Valuation, bound: list[Value]) -> dict[int, Value]:
        """Position to new value of every cell written, the last write winning.

        From the last write backwards, so that nobody looks at what is overwritten.
        """
        found: dict[int, Value] = {}
        first = len(self.arguments)
        for write in reversed(self.writes):
            for choice in reversed(write.choices):
                if choice:
                    bound[first : first + len(choice)] = choice
                position = write.base
                for index, stride in zip(write.indices, write.strides, strict=True):
                    position += index(rigid, state, (), bound) * stride
                if position in found or not write.condition(rigid, state, (), bound):
                    continue
                value = write.value(rigid, state, (), bound)
                if value not in write.allowed:
                    raise InternalError(f"{self.action.name} writes {value} to {write.symbol}")
                found[position] = value
        return found


class _Noted(list[Value]):
    """Bound values; `read` has a 1 where an element was looked at."""

    def __init__(self, values: Iterable[Value]) -> None:
        super().__init__(values)
        self.read = bytearray(len(self))

    def __getitem__(self, position: Any) -> Any:
        if not isinstance(position, slice):
            self.read[position] = 1
        return super().__getitem__(position)


def _choices(arguments: Values, hidden: Sequence[range], spare: list[Value]) -> Iterator[list[Value]]:
    """Values for `hidden` behind `arguments`, ascending. A list is valid until the next one is asked for.

    A position gets its next value only if somebody has looked at it since the values before it were set.
    If nobody has, every value there would have led to the very same thing, whatever stands behind it.
    """
    bound = _Noted([*arguments, *(values[0] for values in hidden), *spare])
    first = len(arguments)
    current = [values[0] for values in hidden]
    while True:
        yield bound
        position = len(hidden) - 1
        while position >= 0 and not (
            bound.read[first + position] and current[position] < hidden[position][-1]
        ):
            bound.read[first + position] = 0
            current[position] = hidden[position][0]
            bound[first + position] = current[position]
            position -= 1
        if position < 0:
            return
        current[position] += 1
        bound[first + position] = current[position]


class Semantics:
    """The transition system of one problem."""

    def __init__(self, problem: Problem, budget: Budget = UNLIMITED) -> None:
        """`budget`: how long it may take to list steps."""
        self.problem = problem
        self._budget = budget
        self.evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        self._moves: dict[str, Moves] = {}
        self._bad = self.evaluator.formula(problem.bad)
        self._assumptions = [self.evaluator.formula(part) for part in problem.assumptions]
        self._constraints = [self.evaluator.formula(part) for part in problem.constraints]

    @cached_property
    def moves(self) -> tuple[Moves, ...]:
        """Of all actions, as declared."""
        return tuple(self.moves_named(action.name) for action in self.problem.actions)

    @cached_property
    def initial(self) -> InitialStates:
        return InitialStates(self.problem, self.evaluator)

    def moves_named(self, action: str) -> Moves:
        """Of the action of that name."""
        if action not in self._moves:
            self._moves[action] = _moves(self.problem.action_named[action], self.evaluator)
        return self._moves[action]

    def rigid_valuations(self, limits: Budget) -> Iterator[Valuation]:
        return rigid_valuations(self.problem, self.evaluator, limits)

    def initial_states(self, rigid: Valuation, limits: Budget) -> Iterator[Valuation]:
        return self.initial.of(rigid, limits)

    def assumed(self, rigid: Valuation) -> bool:
        return _all_hold(self._assumptions, rigid, ())

    def is_initial(self, rigid: Valuation, state: Valuation) -> bool:
        """`state` takes one of each cell's choices and satisfies the constraints."""
        choices = self.initial.choices(rigid)
        allowed = all(value in options for value, options in zip(state, choices, strict=True))
        return allowed and _all_hold(self._constraints, rigid, state)

    def after(self, action: str, rigid: Valuation, state: Valuation, arguments: Values) -> Valuation | None:
        """The state after the action of that name with `arguments`, or None if its guard forbids it."""
        moves = self.moves_named(action)
        bound = [*arguments, *[0] * (moves.slots - len(arguments))]
        if not (moves.always(rigid, state, (), bound) and moves.guard(rigid, state, (), bound)):
            return None
        return _updated(state, moves.changes(rigid, state, bound))

    def is_bad(self, rigid: Valuation, state: Valuation) -> bool:
        return bool(self._bad(rigid, state, ()))

    def successors(
        self, rigid: Valuation, state: Valuation, budget: Budget | None = None
    ) -> Iterator[tuple[Step, Valuation]]:
        """Every step from `state`: actions as declared, arguments ascending; of choices that nothing
        looks at, the least. `budget` takes the place of the usual one. Raises LimitReached."""
        for moves in self.moves:
            for arguments, changes in moves.steps(rigid, state, budget or self._budget):
                yield Step(moves.action.name, arguments), _updated(state, changes)


def _updated(state: Valuation, changes: dict[int, Value]) -> Valuation:
    after = list(state)
    for position, value in changes.items():
        after[position] = value
    return tuple(after)


def _all_hold(formulas: list[Formula], rigid: Valuation, state: Valuation) -> bool:
    return all(formula(rigid, state, ()) for formula in formulas)


def split_guard(action: Action) -> tuple[Expr, Expr]:
    """The guard as (part without parameters, rest)."""
    parameters, parts = set(action.parameters), conjuncts(action.guard)
    free = [part for part in parts if not any(node in parameters for node in _variables(part))]
    rest = [part for part in parts if part not in free]
    return conjunction(*free), conjunction(*rest)


def _variables(expr: Expr) -> Iterator[Bound]:
    return (node for node in walk(expr) if isinstance(node, Bound))


def _moves(action: Action, evaluator: Evaluator) -> Moves:
    always, guard = split_guard(action)
    parameters = action.parameters
    needed = max(slots_needed(always), slots_needed(guard))
    for write in action.writes:
        needed = max(needed, len(write.binders) + max(slots_needed(part) for part in write.expressions))
    return Moves(
        action,
        evaluator.closure(always, parameters),
        evaluator.closure(guard, parameters),
        tuple(_write(write, parameters, evaluator) for write in action.writes),
        tuple(domain(parameter.sort, evaluator.sizes) for parameter in parameters),
        len(parameters) + needed,
    )


def _write(write: Write, parameters: tuple[Bound, ...], evaluator: Evaluator) -> WriteClosures:
    bound = (*parameters, *write.binders)
    base, strides = addressing(evaluator.state, write.symbol, evaluator.sizes)
    return WriteClosures(
        base,
        strides,
        tuple(evaluator.closure(index, bound) for index in write.indices),
        evaluator.closure(write.condition, bound),
        evaluator.closure(write.value, bound),
        domain(write.symbol.sort, evaluator.sizes),
        Combinations(domain(binder.sort, evaluator.sizes) for binder in write.binders),
        write.symbol.name,
    )
