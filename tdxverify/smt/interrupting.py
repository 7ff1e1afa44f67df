"""Ctrl-C while Z3 answers a question.

Z3 could take the signal itself, but then it is lost where the answer comes at the same moment, which is not
rare where there are thousands of short questions a second. So Python keeps it, and raises KeyboardInterrupt
as soon as Z3 is back; and a thread that Python's handler wakes tells Z3 to come back.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from time import sleep
from typing import Any

import z3

_AGAIN = 0.01  # seconds after which Z3 is told once more: it may not have begun yet


@contextmanager
def ends_by_ctrl_c(solver: z3.Solver) -> Iterator[None]:
    """A question to `solver`, which does not look at Ctrl-C itself, ends soon after it inside."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python tells signals to the main thread alone
        return
    watcher = _watcher(os.getpid())
    before = signal.set_wakeup_fd(watcher.writing, warn_on_full_buffer=False)
    watcher.asked = solver.ctx
    try:
        yield
    finally:
        watcher.asked = None
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)  # somebody else may wait for signals


@cache
def _watcher(process: int) -> _Watcher:
    """One for each process: what was there before a fork belongs to the other."""
    return _Watcher()


class _Watcher:
    """`asked` is the context in which a question is being answered; None between questions. What is written
    to `writing` is the numbers of signals."""

    def __init__(self) -> None:
        self.asked: Any = None
        self._reading, self.writing = os.pipe()
        os.set_blocking(self.writing, False)
        threading.Thread(target=self._watch, name="Ctrl-C", daemon=True).start()

    def _watch(self) -> None:
        while signals := os.read(self._reading, 512):
            asked = self.asked
            if signal.SIGINT not in signals or asked is None:
                continue
            while self.asked is asked:
                asked.interrupt()
                sleep(_AGAIN)
