"""Initial values that read other initial values.

What they read starts with one value, which is put in. So the initial values of a model read nothing but what
never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read, Role
from tdxverify.logic.sorts import lowest
from tdxverify.model.model import InitialValue
from tdxverify.model.ranges import as_indices


def circle_of_states(initial: Sequence[InitialValue]) -> tuple[str, ...]:
    """The names of symbols whose initial values read one another in a circle, from the one that is declared
    first back to it; nothing if none do."""
    return _around({start.symbol.name: _read(start) for start in initial})


def circle_of_constants(values: Sequence[tuple[Read, Expr]]) -> tuple[str, ...]:
    """The same of constants, with the value of each at its binders. What another cell has is no circle."""
    reads = {
        constant.symbol.name: {
            one.symbol.name
            for one in core.walk(value)
            if isinstance(one, Read) and one.symbol.role is Role.RIGID and one.indices == constant.indices
        }
        for constant, value in values
    }
    return _around(reads)


def _around(reads: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The first circle of names that read one another, from the one that is first back to it."""
    try:
        _in_order(reads)
    except CycleError as found:
        around = found.args[1][:0:-1]  # each is read by the one before
        names = list(reads)
        at = around.index(min(around, key=names.index))
        return (*around[at:], *around[: at + 1])
    return ()


def _in_order(reads: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The names, each behind those that it reads. Raises CycleError."""
    return tuple(TopologicalSorter({name: sorted(read) for name, read in reads.items()}).static_order())


def left_open(initial: Sequence[InitialValue]) -> tuple[str, str] | None:
    """A symbol whose initial value reads another one that starts with any of several, and that one."""
    several = {start.symbol.name for start in initial if start.choices is None or len(start.choices) > 1}
    found = ((start.symbol.name, name) for start in initial for name in sorted(_read(start) & several))
    return next(found, None)


def settled(initial: Sequence[InitialValue], refresh: Callable[[Expr], Expr]) -> tuple[InitialValue, ...]:
    """Initial values that read no state. Requires: no `circle`, and nothing `left_open`."""
    written = {start.symbol.name: start for start in initial}
    known: dict[str, InitialValue] = {}
    for name in _in_order({name: _read(start) for name, start in written.items()}):
        start = written[name]
        if _read(start):
            start = replace(start, choices=tuple(_put_in(c, known, refresh) for c in start.choices or ()))
        known[name] = start
    return tuple(known[start.symbol.name] for start in initial)


def _read(start: InitialValue) -> set[str]:
    return {s.name for choice in start.choices or () for s in core.symbols_of(choice) if s.role is Role.STATE}


def _put_in(expr: Expr, known: dict[str, InitialValue], refresh: Callable[[Expr], Expr]) -> Expr:
    """`expr` with the initial values of what it reads."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or node.symbol.role is not Role.STATE:
            return None
        indices = as_indices(
            tuple(core.transform(index, visit) for index in node.indices), node.symbol.indices
        )
        start = known[node.symbol.name]
        if not start.choices:  # its own value never fits, which is the mistake: any other stands in
            return core.Const(lowest(node.symbol.sort), node.symbol.sort)
        (value,) = start.choices
        return refresh(core.substitute(value, dict(zip(start.binders, indices, strict=True))))

    return core.transform(expr, visit)
