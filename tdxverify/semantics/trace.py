"""Traces: runs of a problem, as plain values that no solver is needed to read."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Value


@dataclass(frozen=True, slots=True)
class Step:
    """One fired action: its name, and a value for each of its parameters (hidden ones included)."""

    action: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """`sizes` (sort, elements) sorted by declaration; `rigid` and `states` follow the problem's layouts.

    There is one more state than there are steps; `len(trace)` is the number of steps.
    """

    sizes: tuple[tuple[str, int], ...]
    rigid: Valuation
    states: tuple[Valuation, ...]
    steps: tuple[Step, ...]

    def __len__(self) -> int:
        return len(self.steps)
