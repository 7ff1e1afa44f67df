"""How long checking evidence may take, and what it is called when that was not enough."""

from __future__ import annotations

from typing import Protocol


class TimeLimits(Protocol):
    """What checking evidence needs of a budget."""

    @property
    def deadline(self) -> float | None: ...

    def remaining_ms(self) -> int | None: ...


class NotRechecked(Exception):
    """Neither accepted nor refused: there was no time, or the solver gave up.

    The verdict must not be believed. An exception rather than a result, so that it cannot be overlooked.
    """
