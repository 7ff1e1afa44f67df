"""Initial values that read other initial values.

What they read starts with one value, which is put in. So the initial values of a model read nothing but what
never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read, Role
from tdxverify.logic.sorts import domain
from tdxverify.model.model import InitialValue
from tdxverify.model.ranges import as_indices


def circle(initial: Sequence[InitialValue]) -> tuple[str, ...]:
    """The names of symbols whose initial values read one another in a circle; nothing if none do."""
    reads = {start.symbol.name: sorted(_read(start)) for start in initial}
    done: set[str] = set()

    def search(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return (*path[path.index(name) :], name)
        if name not in done:
            for other in reads[name]:
                if found := search(other, (*path, name)):
                    return found
            done.add(name)
        return ()

    return next((found for name in reads if (found := search(name, ()))), ())


def left_open(initial: Sequence[InitialValue]) -> tuple[str, str] | None:
    """A symbol whose initial value reads another one that starts with any of several, and that one."""
    several = {start.symbol.name for start in initial if start.choices is None or len(start.choices) > 1}
    found = ((start.symbol.name, name) for start in initial for name in sorted(_read(start) & several))
    return next(found, None)


def settled(initial: Sequence[InitialValue], refresh: Callable[[Expr], Expr]) -> tuple[InitialValue, ...]:
    """Initial values that read no state. Requires: no `circle`, and nothing `left_open`."""
    known: dict[str, InitialValue] = {}
    waiting = {start.symbol.name: start for start in initial}
    while waiting:
        ready = [name for name, start in waiting.items() if not _read(start) & waiting.keys()]
        for name in ready:
            start = waiting.pop(name)
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
            return core.Const(domain(node.symbol.sort, {})[0], node.symbol.sort)
        (value,) = start.choices
        return refresh(core.substitute(value, dict(zip(start.binders, indices, strict=True))))

    return core.transform(expr, visit)
