"""What need not be asked again of tables that several programs import.

Whether exactly one row answers every state follows from what the rows say and what is assumed of it, not
from how bound variables are called or where anything is written. So that is what is remembered.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, Symbol
from tdxverify.model.model import AccessTable

Decided: TypeAlias = set[Hashable]  # contents of tables: all was decided, nothing had to be reported


def content_of(table: AccessTable, assumption: Expr) -> Hashable:
    """Everything that the answers about `table` depend on: equal for tables that differ in nothing else."""
    said = _Said()
    for parameter in table.parameters:
        said.variable(parameter)
    for row in table.rows:
        said.parts.append((row.outcome, row.effects, row.guard == "otherwise"))
        said.expression(row.condition)
    said.expression(assumption)
    return tuple(said.parts), tuple(said.symbols.values())


class _Said:
    """Expressions as one flat list, in which variables are numbers and symbols are named."""

    def __init__(self) -> None:
        self.parts: list[Hashable] = []
        self.symbols: dict[str, Symbol] = {}
        self._numbers: dict[str, int] = {}

    def variable(self, bound: Bound) -> None:
        """A number of its own for each, by first occurrence: names are unique within one program."""
        self.parts += (self._numbers.setdefault(bound.name, len(self._numbers)), bound.sort)

    def expression(self, expr: Expr) -> None:
        """Says it so that it could be read back: what stands first tells what follows."""
        match expr:
            case Read(symbol=symbol, indices=indices, primed=primed):
                self.parts += ("read", symbol.name, primed)
                self.symbols[symbol.name] = symbol
                for index in indices:
                    self.expression(index)
            case Const(value=value, sort=sort):
                self.parts += ("value", value, sort)
            case Bound():
                self.variable(expr)
            case Apply(op=op, arguments=arguments, sort=sort):
                self.parts += (op.value, len(arguments), sort)
                for argument in arguments:
                    self.expression(argument)
            case Quantified(universal=universal, binders=binders, body=body):
                self.parts += ("every" if universal else "some", len(binders))
                for binder in binders:
                    self.variable(binder)
                self.expression(body)
