"""A function applied to many things, by several processes where that pays."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_ALLOCATIONS = 100_000  # between two looks for garbage: models are large, and live as long as the process
FEWEST = 8  # things, below which starting processes takes longer than it saves


def mapped(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int, prepare: Callable[[], None]
) -> Iterator[Result]:
    """`map(function, items)`. Requires: arguments and results can be pickled.

    Processes are forked, so that they need not load again what is loaded; elsewhere than on Linux
    that is not safe, and everything happens here. `prepare` is called before they are.
    """
    if jobs < 2 or len(items) < FEWEST or sys.platform != "linux":
        yield from map(function, items)
        return
    prepare()
    forking = multiprocessing.get_context("fork")
    with forking.Pool(min(jobs, len(items)), initializer=_begin) as pool:
        yield from pool.imap(function, items, chunksize=1)


def _begin() -> None:
    """In each new process: interrupts are for the parent, and what it has loaded is no garbage."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
