"""The value of each cell after a step, as a function of the state before it and the step's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import Value, domain
from tdxverify.model.model import Action, Write
from tdxverify.smt.encode import Environment
from tdxverify.smt.terms import Encoded
from tdxverify.smt.valuation import Valuation


@dataclass(frozen=True)
class Choice:
    """An action, the condition under which it is the one chosen, and its parameters' values."""

    action: Action
    chosen: Encoded
    parameters: Environment


@dataclass(frozen=True)
class _Specialised:
    """What a write means for one cell: which variables the cell's indices settle, and what else must hold."""

    settled: dict[Bound, Value]
    tests: tuple[tuple[Expr, Value], ...]


def successor(before: Valuation, choices: tuple[Choice, ...]) -> tuple[Encoded, ...]:
    """One value per state cell: that of the last write to it by the chosen action, else the old one."""
    writing: dict[str, list[tuple[Choice, Write]]] = {}
    for choice in choices:
        for write in choice.action.writes:
            writing.setdefault(write.symbol.name, []).append((choice, write))
    events: dict[tuple[str, tuple[tuple[Bound, Value], ...]], Encoded] = {}
    after: list[Encoded] = []
    for cell, old in zip(before.problem.state_layout.cells, before.state, strict=True):
        value = old
        for choice, write in writing.get(cell.symbol.name, ()):
            value = _written(before, cell, value, choice, write, events)
        after.append(value)
    return tuple(after)


def _written(
    before: Valuation,
    cell: Cell,
    old: Encoded,
    choice: Choice,
    write: Write,
    events: dict[tuple[str, tuple[tuple[Bound, Value], ...]], Encoded],
) -> Encoded:
    """`cell` after `write`, given its value `old` after all writes before."""
    special = _specialise(before, cell, write, choice.parameters)
    if special is None:
        return old
    terms, sizes = before.terms, before.problem.size_of
    parameters = tuple((b, v) for b, v in special.settled.items() if b in choice.parameters)
    key = (choice.action.name, parameters)
    if key not in events:
        equalities = (terms.equal(choice.parameters[b], v, b.sort, sizes) for b, v in parameters)
        events[key] = terms.conjunction((choice.chosen, *equalities))
    environment = {**choice.parameters, **special.settled}
    tests = (_test(before, expr, value, environment) for expr, value in special.tests)
    condition = before.encoder.encode(write.condition, environment)
    value = before.encoder.encode(write.value, environment)
    stored = before.encoder.convert(value, write.value.sort, cell.symbol.sort)
    fires = terms.conjunction((events[key], *tests, condition))
    return terms.choose(fires, stored, old, cell.symbol.sort, sizes)


def _specialise(
    before: Valuation, cell: Cell, write: Write, parameters: Mapping[Bound, Encoded]
) -> _Specialised | None:
    """Match the write's indices with the cell's; None if the write cannot reach the cell."""
    settled: dict[Bound, Value] = {}
    tests: list[tuple[Expr, Value]] = []
    for index, value in zip(write.indices, cell.indices, strict=True):
        if not isinstance(index, Bound):
            tests.append((index, value))
        elif settled.setdefault(index, value) != value or value not in _values(before, index, parameters):
            return None
    return _Specialised(settled, tuple(tests))


def _values(before: Valuation, bound: Bound, parameters: Mapping[Bound, Encoded]) -> range:
    known = parameters.get(bound)
    if isinstance(known, int):
        return range(known, known + 1)
    return domain(bound.sort, before.problem.size_of)


def _test(before: Valuation, index: Expr, value: Value, environment: Environment) -> Encoded:
    """That the expression `index` has the given value, which may lie outside its interval."""
    if value not in domain(index.sort, before.problem.size_of):
        return 0
    encoded = before.encoder.encode(index, environment)
    return before.terms.equal(encoded, value, index.sort, before.problem.size_of)


def guards(before: Valuation, choices: tuple[Choice, ...]) -> Iterator[Encoded]:
    """Per action: if it is chosen its guard holds."""
    for choice in choices:
        guard = before.encoder.encode(choice.action.guard, choice.parameters)
        yield before.terms.implication(choice.chosen, guard)
