"""A rigid valuation and a state together as one int: a bit field per cell.

The first cell has the highest bits, rigid cells before state cells, so packed states of one packing
compare as their pairs of valuations do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import Sizes, domain


@dataclass(frozen=True, slots=True)
class Field:
    """A value v of one cell is kept as v - low in `width` bits from bit `shift` upwards."""

    shift: int
    width: int
    low: int

    @property
    def mask(self) -> int:
        """All bits of the field, in place."""
        return ((1 << self.width) - 1) << self.shift


@dataclass(frozen=True)
class Packing:
    """`rigid` and `state` hold one field per cell of the two layouts; all cells of one symbol are
    equally wide, so their shifts form an arithmetic sequence."""

    rigid: tuple[Field, ...]
    state: tuple[Field, ...]

    @staticmethod
    def of(rigid: Layout, state: Layout, sizes: Sizes) -> Packing:
        domains = [domain(cell.symbol.sort, sizes) for cell in (*rigid.cells, *state.cells)]
        shift = 0
        fields: list[Field] = []
        for values in reversed(domains):
            width = (len(values) - 1).bit_length()
            fields.append(Field(shift, width, values[0]))
            shift += width
        fields.reverse()
        return Packing(tuple(fields[: len(rigid.cells)]), tuple(fields[len(rigid.cells) :]))

    @property
    def bits(self) -> int:
        return sum(field.width for field in (*self.rigid, *self.state))

    @cached_property
    def _unpackers(self) -> tuple[list[tuple[int, int, int]], ...]:
        return tuple(
            [(field.shift, (1 << field.width) - 1, field.low) for field in fields]
            for fields in (self.rigid, self.state)
        )

    def pack(self, rigid: Valuation, state: Valuation) -> int:
        """Requires: every value is in the domain of its cell."""
        packed = 0
        for field, value in zip(self.rigid, rigid, strict=True):
            packed |= (value - field.low) << field.shift
        for field, value in zip(self.state, state, strict=True):
            packed |= (value - field.low) << field.shift
        return packed

    def unpack(self, packed: int) -> tuple[Valuation, Valuation]:
        rigid, state = self._unpackers
        return (
            tuple([(packed >> shift & mask) + low for shift, mask, low in rigid]),
            tuple([(packed >> shift & mask) + low for shift, mask, low in state]),
        )
