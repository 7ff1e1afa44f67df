"""Three-valued evaluation: the value of an expression when only some cells are known (Kleene).

Used to search for a state by case splits without a solver. The result names a cell whose value
would have to be known next, so that a search splits only on cells that matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Symbol
from tdxverify.logic.layout import Cell, values_of
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import Sizes, Value

Place: TypeAlias = tuple[str, tuple[Value, ...]]  # a cell by the name of its symbol and its indices
Known: TypeAlias = dict[Place, Value]
Partial: TypeAlias = Value | Cell  # a value, or the cell that is missing for it


class PartialEvaluator:
    """Evaluates under `known` (which the caller may change between calls) with `sizes` elements."""

    def __init__(self, known: Known, sizes: Sizes) -> None:
        self.known = known
        self.sizes = sizes
        self.cells: dict[Place, Cell] = {}  # by place, since hashing a cell means hashing its symbol

    def value(self, expr: Expr, bound: dict[Bound, Value]) -> Partial:
        """The value of `expr`, or a cell that it depends on and that is not known."""
        match expr:
            case Apply():
                return self._apply(expr, bound)
            case Read():
                return self._read(expr, bound)
            case Const():
                return expr.value
            case Bound():
                return bound[expr]
            case Quantified():
                return self._junction(self._instances(expr, bound), absorbing=0 if expr.universal else 1)

    def _read(self, expr: Read, bound: dict[Bound, Value]) -> Partial:
        indices: list[Value] = []
        for index in expr.indices:
            value = self.value(index, bound)
            if isinstance(value, Cell):
                return value
            indices.append(value)
        place = (expr.symbol.name, tuple(indices))
        known = self.known.get(place)
        return self._cell(place, expr.symbol) if known is None else known

    def _cell(self, place: Place, symbol: Symbol) -> Cell:
        cell = self.cells.get(place)
        if cell is None:
            cell = self.cells[place] = Cell(symbol, place[1])
        return cell

    def _instances(self, expr: Quantified, bound: dict[Bound, Value]) -> Iterator[Partial]:
        for values in values_of(expr.binders, self.sizes):
            yield self.value(expr.body, {**bound, **dict(zip(expr.binders, values, strict=True))})

    def _junction(self, parts: Iterable[Partial], *, absorbing: Value) -> Partial:
        missing: Cell | None = None
        for part in parts:
            if isinstance(part, Cell):
                missing = missing or part
            elif part == absorbing:
                return absorbing
        return 1 - absorbing if missing is None else missing

    def _apply(self, expr: Apply, bound: dict[Bound, Value]) -> Partial:
        arguments = expr.arguments
        match expr.op:
            case Op.NOT:
                value = self.value(arguments[0], bound)
                return value if isinstance(value, Cell) else 1 - value
            case Op.AND:
                return self._junction((self.value(a, bound) for a in arguments), absorbing=0)
            case Op.OR:
                return self._junction((self.value(a, bound) for a in arguments), absorbing=1)
            case Op.IMPLIES:
                left = self.value(arguments[0], bound)
                if not isinstance(left, Cell) and left == 0:
                    return 1
                right = self.value(arguments[1], bound)
                if not isinstance(right, Cell) and right == 1:
                    return 1
                return left if isinstance(left, Cell) else right
            case Op.ITE:
                condition = self.value(arguments[0], bound)
                if isinstance(condition, Cell):
                    return condition
                return self.value(arguments[1] if condition else arguments[2], bound)
            case op:
                values: list[Value] = []
                for argument in arguments:
                    value = self.value(argument, bound)
                    if isinstance(value, Cell):
                        return value
                    values.append(value)
                return int(op.row.meaning(*values))
