"""Short names for writing core expressions, actions and problems by hand in tests."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.logic.expr import TRUE, Bound, Const, Expr, Read, Role, Symbol, quantified
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort, Sort
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.source import SourceFile, Span

SOURCE = SourceFile("hand-made", "hand-made\n")
SPAN = Span(SOURCE, 0, 9)


def state(name: str, sort: Sort = BOOL, *indices: Sort) -> Symbol:
    return Symbol(name, Role.STATE, indices, sort)


def rigid(name: str, sort: Sort = BOOL, *indices: Sort) -> Symbol:
    return Symbol(name, Role.RIGID, indices, sort)


def read(symbol: Symbol, *indices: Expr) -> Read:
    return Read(symbol, indices)


def primed(symbol: Symbol, *indices: Expr) -> Read:
    return Read(symbol, indices, primed=True)


def number(value: int) -> Const:
    return Const(value, RangeSort(value, value))


def member(sort: EnumSort, name: str) -> Const:
    return Const(sort.members.index(name), sort)


def every(binder: Bound, body: Expr) -> Expr:
    return quantified((binder,), body, universal=True)


def some(binder: Bound, body: Expr) -> Expr:
    return quantified((binder,), body, universal=False)


def write(
    symbol: Symbol,
    value: Expr,
    *indices: Expr,
    binders: tuple[Bound, ...] = (),
    condition: Expr = TRUE,
) -> Write:
    return Write(symbol, binders, indices, condition, value)


def action(
    name: str,
    guard: Expr,
    *writes: Write,
    parameters: tuple[Bound, ...] = (),
    hidden: int = 0,
    actor: str | None = None,
) -> Action:
    return Action(name, actor, parameters, hidden, guard, writes, (), (), None, (), SPAN)


def start(symbol: Symbol, *choices: Expr) -> InitialValue:
    """Every cell of `symbol` takes one of `choices`; any value of the sort if there are none."""
    binders = tuple(Bound(f"{symbol.name}.{k}", sort) for k, sort in enumerate(symbol.indices))
    return InitialValue(symbol, binders, choices or None)


def problem(
    name: str,
    initial: Sequence[InitialValue],
    actions: Sequence[Action],
    bad: Expr,
    *,
    sizes: Sequence[tuple[IndexSort, int]] = (),
    parameters: Sequence[Symbol] = (),
    assumptions: Sequence[Expr] = (),
    constraints: Sequence[Expr] = (),
) -> Problem:
    """A problem whose state symbols are those of `initial` and whose rigid ones are `parameters`."""
    return Problem(
        name=name,
        sizes=tuple((sort.name, size) for sort, size in sizes),
        symbols=(*parameters, *(value.symbol for value in initial)),
        assumptions=tuple(assumptions),
        initial=tuple(initial),
        constraints=tuple(constraints),
        actions=tuple(actions),
        bad=bad,
    )
