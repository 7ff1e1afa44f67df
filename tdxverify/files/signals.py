"""Signals that would end the program, held back for a moment."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


@contextmanager
def signals_held_back() -> Iterator[None]:
    """What would end the program meanwhile ends it afterwards. Only the main thread can hold it back."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    before = {number: signal.signal(number, note) for number in _ENDING if _is_ours(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


def _is_ours(number: int) -> bool:
    """Neither ignored nor handled by something that is not Python, which could not be put back."""
    return signal.getsignal(number) not in (None, signal.SIG_IGN)
