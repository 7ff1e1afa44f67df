"""The columns of an access matrix: kinds of states, each of which every access answers in one way.

Conditions of rows are built from *aspects*: a bool or enum cell, or any other formula, taken as a bool
of its own. All values of the aspects are tried; a decision tree over those aspects that speak of the state
gives the columns. Aspects of parameters alone (`erratum`), and quantified ones, are no part of a state:
where they matter, a cell lists several rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeAlias

from tdxverify.logic.evaluate import Evaluator, Formula
from tdxverify.logic.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Quantified,
    Read,
    Role,
    Symbol,
    fixed_by,
    symbols_of,
    transform,
    walk,
)
from tdxverify.logic.expr import substitute as put_in
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import BOOL, EnumSort, Value, show
from tdxverify.model.model import AccessTable

MOST_CASES = 20_000
MOST_COLUMNS = 24

Rows: TypeAlias = frozenset[int]  # rows of one table that may decide, from 0


@dataclass(frozen=True, slots=True)
class StateColumn:
    """`header`: what holds in these states, all of it; `rows`: for each table the rows that may decide."""

    header: tuple[str, ...]
    rows: tuple[Rows, ...]


def state_columns(tables: Sequence[AccessTable]) -> tuple[StateColumn, ...] | None:
    """The columns for tables with parameters of the same sorts. None where there would be too many."""
    conditions = [_unified(table, tables[0]) for table in tables]
    aspects = list(dict.fromkeys(a for table in conditions for c in table for a in _aspects(c)))
    if prod(len(_values(aspect)) for aspect in aspects) > MOST_CASES:
        return None
    of_state = [aspect for aspect in aspects if _is_of_state(aspect)]
    answers: dict[tuple[Value, ...], list[set[int]]] = {}
    holding = _over_values(conditions, aspects)
    for values in product(*(_values(aspect) for aspect in aspects)):
        case = dict(zip(aspects, values, strict=True))
        deciding = [[i for i, holds in enumerate(table) if holds(values, (), ())] for table in holding]
        if all(len(rows) == 1 for rows in deciding):  # anything else contradicts itself
            key = tuple(case[aspect] for aspect in of_state)
            found = answers.setdefault(key, [set() for _ in tables])
            for known, rows in zip(found, deciding, strict=True):
                known.update(rows)
    frozen = {key: tuple(frozenset(rows) for rows in found) for key, found in answers.items()}
    columns = tuple(_columns(frozen, of_state, ()))
    return columns if len(columns) <= MOST_COLUMNS else None


def state_aspects(table: AccessTable) -> frozenset[str]:
    """What of a state decides in `table`, as text; parameters are called by their position."""
    like = tuple(Bound(f"#{i}", p.sort) for i, p in enumerate(table.parameters))
    names: dict[Bound, Expr] = dict(zip(table.parameters, like, strict=True))
    found = (a for row in table.rows for a in _aspects(put_in(row.condition, names)))
    return frozenset(show_expression(a) for a in found if _is_of_state(a))


def _is_of_state(aspect: Expr) -> bool:
    """Whether it is of this line or page: what other ones are like makes no good head of a column."""
    if any(isinstance(node, Quantified) for node in walk(aspect)):
        return False
    return any(symbol.role is Role.STATE for symbol in symbols_of(aspect))


def _unified(table: AccessTable, like: AccessTable) -> list[Expr]:
    """Conditions of the rows, over the parameters of `like`."""
    names: dict[Bound, Expr] = dict(zip(table.parameters, like.parameters, strict=True))
    return [put_in(row.condition, names) for row in table.rows]


def _over_values(conditions: Sequence[Sequence[Expr]], aspects: Sequence[Expr]) -> list[list[Formula]]:
    """The conditions as functions of values of `aspects`, whatever those are made of."""
    symbols = [Symbol(f"aspect {n}", Role.RIGID, (), aspect.sort) for n, aspect in enumerate(aspects)]
    reads: dict[Expr, Expr] = {aspect: Read(one) for aspect, one in zip(aspects, symbols, strict=True)}
    evaluator = Evaluator.of(symbols, {})
    return [[evaluator.formula(transform(one, reads.get)) for one in table] for table in conditions]


# --- aspects -------------------------------------------------------------------


def _aspects(condition: Expr) -> Iterator[Expr]:
    match condition:
        case Const():
            return
        case Apply(arguments=arguments) if all(argument.sort == BOOL for argument in arguments):
            for argument in arguments:
                yield from _aspects(argument)
        case _:
            yield _enum_cell(condition) or condition


def _enum_cell(condition: Expr) -> Expr | None:
    """The cell, where `condition` compares an enum cell with a member."""
    fact = fixed_by(condition)
    return fact[0] if fact is not None and isinstance(fact[0].sort, EnumSort) else None


def _values(aspect: Expr) -> range:
    return range(len(aspect.sort.members)) if isinstance(aspect.sort, EnumSort) else range(2)


# --- the decision tree ------------------------------------------------------------

Answers: TypeAlias = Mapping[tuple[Value, ...], tuple[Rows, ...]]  # by values of the state aspects


def _columns(answers: Answers, aspects: Sequence[Expr], header: tuple[str, ...]) -> Iterator[StateColumn]:
    """Split until all cases of a branch have the same answers."""
    different = set(answers.values())
    if len(different) == 1:
        yield StateColumn(header, different.pop())
        return
    position = max(range(len(aspects)), key=lambda i: (_settled(answers, i), -i))
    branches: dict[tuple[StateColumn, ...], list[Value]] = {}
    for value in _occurring(answers, position):
        inner = {key: rows for key, rows in answers.items() if key[position] == value}
        branches.setdefault(tuple(_columns(inner, aspects, ())), []).append(value)
    for columns, values in branches.items():
        condition = (_condition(aspects[position], values),) if len(branches) > 1 else ()
        for column in columns:
            yield StateColumn((*header, *condition, *column.header), column.rows)


def _occurring(answers: Answers, position: int) -> list[Value]:
    """Values of an aspect, true before false: the special case comes first."""
    found = sorted({key[position] for key in answers})
    return found[::-1] if set(found) <= {0, 1} else found


def _settled(answers: Answers, position: int) -> float:
    """The share of branches that need no further split; -1 where this aspect splits nothing."""
    branches: dict[Value, set[tuple[Rows, ...]]] = {}
    for key, rows in answers.items():
        branches.setdefault(key[position], set()).add(rows)
    if len(branches) < 2:
        return -1.0
    return sum(len(rows) == 1 for rows in branches.values()) / len(branches)


def _condition(aspect: Expr, values: Sequence[Value]) -> str:
    if not isinstance(aspect.sort, EnumSort):
        text = show_expression(aspect)
        if values[0]:
            return text
        return f"not {text}" if isinstance(aspect, Read) else f"not ({text})"
    members = " or ".join(show(aspect.sort, value) for value in values)
    return f"{show_expression(aspect)} = {members}"
