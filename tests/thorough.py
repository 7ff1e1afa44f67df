"""Parameters of which a usual run takes some, and a thorough one (`pytest --thorough`) all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

THOROUGH = pytest.mark.thorough


def each(values: Sequence[Any], usual: Callable[[int], bool]) -> list[Any]:
    """`values`, one test each; those whose position is not a `usual` one in thorough runs only. Tuples are
    for several arguments."""
    return [
        value if usual(position) else pytest.param(*_several(value), marks=THOROUGH)
        for position, value in enumerate(values)
    ]


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def first(values: Sequence[Any], count: int) -> list[Any]:
    """`values`, one test each; all behind the first `count` in thorough runs only."""
    return each(values, lambda position: position < count)


Many = Callable[[int], int]  # of a thorough run -> of this one


def many(config: pytest.Config, usual: int = 3) -> Many:
    """How many of so many a test looks at, or has to find: all in thorough runs, else one of `usual`."""
    return lambda count: count if config.getoption("--thorough") else count // usual


def parts(values: Sequence[Any], count: int) -> list[Any]:
    """Two tests: one of the first `count` of `values`, and for thorough runs one of the others."""
    return [
        pytest.param(values[:count], id="usual"),
        pytest.param(values[count:], id="more", marks=THOROUGH),
    ]
