"""The symbolic state inside one step: writes done so far, every term over the state before the step.

NOTE(pre-state): conditions, indices and values stored here never mention a state after a write;
`Effects.now` turns an expression about the current point of the step into one about the state
before the step. That makes "later statements see earlier effects" a matter of rewriting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tdxverify.model import expr as core
from tdxverify.model.expr import Bound, Expr, Read, Role, Symbol
from tdxverify.model.measure import LARGEST_STEP, Measure, TooLarge
from tdxverify.model.model import Write


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
        mapping: dict[Bound, Expr] = {}
        matches: list[Expr] = []
        for at, wanted in zip(write.indices, indices, strict=True):
            if isinstance(at, Bound) and at in write.binders and at not in mapping:
                mapping[at] = wanted
            else:
                matches.append(core.equal(core.substitute(at, mapping), wanted))
        condition = core.conjunction(*matches, core.substitute(write.condition, mapping))
        value = core.conditional(condition, core.substitute(write.value, mapping), value)
        require(value)
    return value


@dataclass
class Effects:
    """Writes by symbol name, in the order in which they were done. `reads` logs what `now` looked at.

    Methods raise TooLarge where a term would explode: before it is made, not after.
    """

    writes: dict[str, list[Write]] = field(default_factory=dict)
    order: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    measure: Measure = field(default_factory=Measure)

    def add(self, write: Write) -> None:
        self.measure.require(write.condition, write.value)
        if write.condition != core.FALSE:
            self.writes.setdefault(write.symbol.name, []).append(write)
            self.order.append(write)

    def replace_since(self, start: int, new: list[Write]) -> None:
        """Exchange every write added since position `start` of `order` for `new`."""
        kept = [*self.order[:start], *new]
        self.order, self.writes = [], {}
        for write in kept:
            self.add(write)

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
        indices = tuple(self.now(index, arguments) for index in read.indices)
        self.reads.append(Read(read.symbol, indices))
        writes = self.writes.get(read.symbol.name, [])
        return value_after(writes, read.symbol, indices, self.measure.require)
