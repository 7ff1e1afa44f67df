"""What a problem's states, steps and bad states are, by the evaluator: the reference that traces
and closed sets are checked with, and that generated programs are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tdxverify.diagnostics import InternalError
from tdxverify.explore.assignments import InitialStates, rigid_valuations
from tdxverify.explore.limits import Limits
from tdxverify.model.evaluate import Closure, Evaluator, Formula, Values, addressing, slots_needed
from tdxverify.model.expr import Apply, Bound, Expr, Op, conjunction, walk
from tdxverify.model.layout import Valuation
from tdxverify.model.model import Action, Write
from tdxverify.model.sorts import Value, domain
from tdxverify.results.trace import Step
from tdxverify.ts.problem import Problem


@dataclass(frozen=True)
class _Write:
    """A write as closures; the binders' slots follow the action's parameters."""

    base: int
    strides: tuple[int, ...]
    indices: tuple[Closure, ...]
    condition: Closure
    value: Closure
    allowed: range
    choices: tuple[tuple[Value, ...], ...]  # of the binders
    symbol: str


@dataclass(frozen=True)
class Moves:
    """One action's steps. `always` is the part of the guard that no parameter occurs in, `guard` the rest."""

    action: Action
    always: Closure
    guard: Closure
    writes: tuple[_Write, ...]
    arguments: tuple[range, ...]  # domain of each parameter
    slots: int  # of the list of bound values

    def enabled(self, rigid: Valuation, state: Valuation) -> Iterator[list[Value]]:
        """The argument lists for which the guard holds, ascending. Each list is the caller's to overwrite."""
        spare = [0] * (self.slots - len(self.arguments))
        if not self.always(rigid, state, (), [0] * self.slots):
            return
        for arguments in product(*self.arguments):
            bound = [*arguments, *spare]
            if self.guard(rigid, state, (), bound):
                yield bound

    def changes(self, rigid: Valuation, state: Valuation, bound: list[Value]) -> dict[int, Value]:
        """Position to new value of every cell written, the last write winning."""
        found: dict[int, Value] = {}
        first = len(self.arguments)
        for write in self.writes:
            for choice in write.choices:
                if choice:
                    bound[first : first + len(choice)] = choice
                if not write.condition(rigid, state, (), bound):
                    continue
                value = write.value(rigid, state, (), bound)
                if value not in write.allowed:
                    raise InternalError(f"{self.action.name} writes {value} to {write.symbol}")
                position = write.base
                for index, stride in zip(write.indices, write.strides, strict=True):
                    position += index(rigid, state, (), bound) * stride
                found[position] = value
        return found


class Semantics:
    """The transition system of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        self.moves = tuple(_moves(action, self.evaluator) for action in problem.actions)
        self.initial = InitialStates(problem, self.evaluator)
        self._bad = self.evaluator.formula(problem.bad)
        self._assumptions = [self.evaluator.formula(part) for part in problem.assumptions]
        self._constraints = [self.evaluator.formula(part) for part in problem.constraints]

    def rigid_valuations(self, limits: Limits) -> Iterator[Valuation]:
        return rigid_valuations(self.problem, self.evaluator, limits)

    def initial_states(self, rigid: Valuation, limits: Limits) -> Iterator[Valuation]:
        return self.initial.of(rigid, limits)

    def assumed(self, rigid: Valuation) -> bool:
        return _all_hold(self._assumptions, rigid, ())

    def is_initial(self, rigid: Valuation, state: Valuation) -> bool:
        """`state` takes one of each cell's choices and satisfies the constraints."""
        choices = self.initial.choices(rigid)
        allowed = all(value in options for value, options in zip(state, choices, strict=True))
        return allowed and _all_hold(self._constraints, rigid, state)

    def after(self, moves: Moves, rigid: Valuation, state: Valuation, arguments: Values) -> Valuation | None:
        """The state after firing with `arguments`, or None if the guard forbids it."""
        bound = [*arguments, *[0] * (moves.slots - len(arguments))]
        if not (moves.always(rigid, state, (), bound) and moves.guard(rigid, state, (), bound)):
            return None
        return _updated(state, moves.changes(rigid, state, bound))

    def is_bad(self, rigid: Valuation, state: Valuation) -> bool:
        return bool(self._bad(rigid, state, ()))

    def successors(self, rigid: Valuation, state: Valuation) -> Iterator[tuple[Step, Valuation]]:
        """Every step from `state`: actions as declared, arguments ascending."""
        for moves in self.moves:
            for bound in moves.enabled(rigid, state):
                arguments = tuple(bound[: len(moves.arguments)])
                after = _updated(state, moves.changes(rigid, state, bound))
                yield Step(moves.action.name, arguments), after


def _updated(state: Valuation, changes: dict[int, Value]) -> Valuation:
    after = list(state)
    for position, value in changes.items():
        after[position] = value
    return tuple(after)


def _all_hold(formulas: list[Formula], rigid: Valuation, state: Valuation) -> bool:
    return all(formula(rigid, state, ()) for formula in formulas)


def split_guard(action: Action) -> tuple[Expr, Expr]:
    """The guard as (part without parameters, rest)."""
    guard, parameters = action.guard, set(action.parameters)
    parts = guard.arguments if isinstance(guard, Apply) and guard.op is Op.AND else (guard,)
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


def _write(write: Write, parameters: tuple[Bound, ...], evaluator: Evaluator) -> _Write:
    bound = (*parameters, *write.binders)
    base, strides = addressing(evaluator.state, write.symbol, evaluator.sizes)
    return _Write(
        base,
        strides,
        tuple(evaluator.closure(index, bound) for index in write.indices),
        evaluator.closure(write.condition, bound),
        evaluator.closure(write.value, bound),
        domain(write.symbol.sort, evaluator.sizes),
        tuple(product(*(domain(binder.sort, evaluator.sizes) for binder in write.binders))),
        write.symbol.name,
    )
