"""The part of a problem that can have to do with whether, and how soon, a bad state is reached.

What is asked and assumed is looked at, what is written to what that reads, and so on. Steps that write
nothing of it are not needed on the way to a bad state, so a shortest run has none of them; and what the
others write besides decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.logic.sorts import Sort, element_sort
from tdxverify.model.model import Action
from tdxverify.questions.problems.lower import stated
from tdxverify.questions.problems.problem import Problem


def cone(problem: Problem) -> Problem:
    """That part: its shortest runs into a bad state are as long as those of `problem`, at every size."""
    assumptions = stated(problem)
    seen: dict[Expr, None] = {}
    names: set[str] = set()
    waiting = [problem.bad, *assumptions, *problem.constraints]
    while waiting:
        seen.update(dict.fromkeys(waiting))
        for expr in waiting:
            names |= core.names_of(expr)
        waiting = [expr for expr in _deciding(problem, names) if expr not in seen]
    actions = (_part(action, names) for action in problem.actions)
    return replace(
        problem,
        symbols=tuple(symbol for symbol in problem.symbols if symbol.name in names),
        assumptions=assumptions,
        initial=tuple(start for start in problem.initial if start.symbol.name in names),
        actions=tuple(action for action in actions if action.writes),
        range_monitor=problem.range_monitor if problem.range_monitor in names else None,
    )


def _deciding(problem: Problem, names: set[str]) -> Iterator[Expr]:
    """What the symbols `names` start with, and what decides when and how they are written."""
    for start in problem.initial:
        if start.symbol.name in names:
            yield from start.choices or ()
    for action in problem.actions:
        part = _part(action, names)
        if part.writes:
            yield from part.expressions


def _part(action: Action, names: set[str]) -> Action:
    return replace(action, writes=tuple(write for write in action.writes if write.symbol.name in names))


def sorts_of(problem: Problem) -> frozenset[str]:
    """The index sorts whose number of elements means anything to `problem`."""
    elements = map(element_sort, _sorts(problem))
    return frozenset(sort.name for sort in elements if sort is not None)


def _sorts(problem: Problem) -> Iterator[Sort]:
    for symbol in problem.symbols:
        yield from (*symbol.indices, symbol.sort)
    for expr in problem.expressions():
        yield from (bound.sort for bound in core.variables_of(expr))
    for action in problem.actions:
        for write in action.writes:
            yield from (binder.sort for binder in write.binders)
