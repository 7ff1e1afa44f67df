"""Names by `let` for what is shared in a long formula, so that the script grows with its objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from tdxverify.logic.expr import Bound, Expr
from tdxverify.logic.measure import Measure
from tdxverify.logic.sharing import FreeVariables, parts_first, shared_parts

_LONG = 5_000  # nodes of a formula, shared ones as often as they occur


class Lets:
    """The names that are in scope."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._given = 0

    def name_of(self, expr: Expr) -> str | None:
        """What `expr` is called here; None if it has no name."""
        return self._names.get(id(expr))

    def written(self, expr: Expr, bound: Collection[Bound], text: Callable[[Expr], str]) -> str:
        """The `text` of `expr`, around it the names of what is shared in it and is about nothing but the
        variables `bound` here. Requires: `text` uses `name_of`."""
        if not self._names and Measure().size(expr) <= _LONG:
            return text(expr)
        shared, free = shared_parts(expr) - self._names.keys(), FreeVariables()
        own = [part for part in parts_first(expr) if id(part) in shared and free.of(part) <= set(bound)]
        bodies: list[tuple[str, str]] = []
        for part in own:
            body = text(part)
            name = f"|!let {self._given}|"
            self._given += 1
            bodies.append((name, body))
            self._names[id(part)] = name
        whole = text(expr)
        for part in own:
            del self._names[id(part)]
        for name, body in reversed(bodies):
            whole = f"(let (({name} {body})) {whole})"
        return whole

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Without the names so far: a variable is bound again that they may be about."""
        kept, self._names = self._names, {}
        try:
            yield
        finally:
            self._names = kept
