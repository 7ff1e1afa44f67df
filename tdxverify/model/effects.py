"""The symbolic state inside one step: writes done so far, every term over the state before the step.

NOTE(pre-state): conditions, indices and values stored here never mention a state after a write;
`Effects.now` turns an expression about the current point of the step into one about the state
before the step. That makes "later statements see earlier effects" a matter of rewriting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tdxverify.budget import TooLarge
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Read, Role, Symbol
from tdxverify.logic.measure import LARGEST_STEP, Measure
from tdxverify.model.model import Write
from tdxverify.model.ranges import as_indices


def reaching(write: Write, indices: tuple[Expr, ...]) -> tuple[Expr, dict[Bound, Expr]]:
    """When `write` is made to the cell at `indices`, and which elements its binders are then."""
    mapping: dict[Bound, Expr] = {}
    others: list[tuple[Expr, Expr]] = []
    for at, wanted in zip(write.indices, indices, strict=True):
        if isinstance(at, Bound) and at in write.binders and at not in mapping:
            mapping[at] = wanted
        else:
            others.append((at, wanted))
    matches = [core.equal(core.substitute(at, mapping), wanted) for at, wanted in others]
    return core.conjunction(*matches, core.substitute(write.condition, mapping)), mapping


def value_after(
    writes: list[Write],
    symbol: Symbol,
    indices: tuple[Expr, ...],
    require: Callable[[Expr], None] = lambda value: None,
) -> Expr:
    """The value of `symbol[indices]` once `writes` (all of that symbol, in order) are done.

    `require` is called with each value that it has in between, and may raise.
    """
    value: Expr = Read(symbol, indices)
    for write in writes:
        condition, mapping = reaching(write, indices)
        value = core.conditional(condition, core.substitute(write.value, mapping), value)
        require(value)
    return value


def after(writes: Iterable[Write], expr: Expr, *, primed_only: bool = False) -> Expr:
    """`expr` about the state in which `writes` are done, as an expression over the state before them.

    `primed_only`: only what is primed in `expr` is about that state.
    """
    by_symbol: dict[str, list[Write]] = {}
    for write in writes:
        by_symbol.setdefault(write.symbol.name, []).append(write)

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or node.symbol.role is Role.RIGID or (primed_only and not node.primed):
            return None
        indices = as_indices(
            tuple(core.transform(index, visit) for index in node.indices), node.symbol.indices
        )
        return value_after(by_symbol.get(node.symbol.name, []), node.symbol, indices)

    return core.transform(expr, visit)


@dataclass
class Effects:
    """Writes by symbol name, and in the order in which they were done.

    Methods raise TooLarge where a term would explode: before it is made, not after.
    """

    writes: dict[str, list[Write]] = field(default_factory=dict)
    order: list[Write] = field(default_factory=list)
    measure: Measure = field(default_factory=Measure)

    def add(self, write: Write) -> None:
        self.measure.require(write.condition, write.value)
        if write.condition != core.FALSE:
            self.writes.setdefault(write.symbol.name, []).append(write)
            self.order.append(write)

    def now(self, expr: Expr, arguments: dict[Bound, Expr]) -> Expr:
        """`expr`, evaluated after the writes done so far, as an expression over the state before the step.

        `arguments` stand for the parameters of the access being performed; they are about the state
        before the step already.
        """
        put_in = 0  # nodes of all that takes the place of something

        def visit(node: Expr) -> Expr | None:
            nonlocal put_in
            if isinstance(node, Bound):
                found = arguments.get(node)
            elif isinstance(node, Read) and node.symbol.role is not Role.RIGID:
                found = self._value(node, arguments)
            else:
                return None
            put_in += 0 if found is None else self.measure.size(found)
            if put_in > LARGEST_STEP:
                raise TooLarge
            return found

        return core.transform(expr, visit)

    def _value(self, read: Read, arguments: dict[Bound, Expr]) -> Expr:
        indices = as_indices(tuple(self.now(index, arguments) for index in read.indices), read.symbol.indices)
        writes = self.writes.get(read.symbol.name, [])
        return value_after(writes, read.symbol, indices, self.measure.require)
