"""The symbolic state inside one step: writes done so far, every term over the state before the step.

NOTE(pre-state): conditions, indices and values stored here never mention a state after a write;
`Effects.now` turns an expression about the current point of the step into one about the state
before the step. That makes "later statements see earlier effects" a matter of rewriting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tdxverify.model import expr as core
from tdxverify.model.expr import Bound, Expr, Read, Role, Symbol
from tdxverify.model.model import Write


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


def value_after(writes: list[Write], symbol: Symbol, indices: tuple[Expr, ...]) -> Expr:
    """The value of `symbol[indices]` once `writes` (all of that symbol, in order) are done."""
    value: Expr = Read(symbol, indices)
    for write in writes:
        condition, mapping = reaching(write, indices)
        value = core.conditional(condition, core.substitute(write.value, mapping), value)
    return value


def after(writes: Iterable[Write], expr: Expr) -> Expr:
    """`expr` about the state in which `writes` are done, as an expression over the state before them."""
    by_symbol: dict[str, list[Write]] = {}
    for write in writes:
        by_symbol.setdefault(write.symbol.name, []).append(write)

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or node.symbol.role is Role.RIGID:
            return None
        indices = tuple(core.transform(index, visit) for index in node.indices)
        return value_after(by_symbol.get(node.symbol.name, []), node.symbol, indices)

    return core.transform(expr, visit)


@dataclass
class Effects:
    """Writes by symbol name, and in the order in which they were done."""

    writes: dict[str, list[Write]] = field(default_factory=dict)
    order: list[Write] = field(default_factory=list)

    def add(self, write: Write) -> None:
        if write.condition != core.FALSE:
            self.writes.setdefault(write.symbol.name, []).append(write)
            self.order.append(write)

    def now(self, expr: Expr, arguments: dict[Bound, Expr]) -> Expr:
        """`expr`, evaluated after the writes done so far, as an expression over the state before the step.

        `arguments` stand for the parameters of the access being performed; they are about the state
        before the step already.
        """

        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, Read) or node.symbol.role is Role.RIGID:
                return arguments.get(node) if isinstance(node, Bound) else None
            indices = tuple(self.now(i, arguments) for i in node.indices)
            return value_after(self.writes.get(node.symbol.name, []), node.symbol, indices)

        return core.transform(expr, visit)
