"""How far a long check is, on stderr: a status line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import TextIO

from tdxverify.characters import visible_line
from tdxverify.cli.terminal import coloured, write
from tdxverify.outputs.text.layout import shorten

QUIET = 1.0  # seconds a check may take before anything is said about it
TICK = 0.25
FIRST_PAUSE = 5.0  # seconds between two lines where there is no status line; each pause is longer than
PAUSE_GROWTH = 1.3  # the one before, so that a night of waiting does not fill a log


class Progress(AbstractContextManager["Progress"]):
    """A RunObserver. A thread of its own speaks, because engines are silent during a long query."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = coloured(stream)
        self._lock = Lock()
        self._stopped = Event()
        self._what = ""
        self._text = ""
        self._began: float | None = None
        self._thread = Thread(target=self._speak, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def check_started(self, file: str, name: str, position: int, total: int) -> None:
        with self._lock:
            self._what, self._text = visible_line(f"[{position}/{total}] {file}: {name}"), ""
            self._began = monotonic()

    def progress(self, engine: str, text: str) -> None:
        with self._lock:
            self._text = visible_line(f"{engine}: {text}")

    def _message(self) -> str | None:
        """What to say now; None while nothing has taken long."""
        with self._lock:
            if self._began is None or monotonic() - self._began < QUIET:
                return None
            seconds = f"{monotonic() - self._began:.0f} s"
            return ", ".join(part for part in (self._what, self._text, seconds) if part)

    def _speak(self) -> None:
        if self._live:
            self._speak_live()
        else:
            self._speak_plainly()

    def _speak_plainly(self) -> None:
        next_time, pause, what = 0.0, FIRST_PAUSE, ""
        while not self._stopped.wait(TICK):
            message = self._message()
            if message is not None and (monotonic() >= next_time or what != self._what):
                pause = FIRST_PAUSE if what != self._what else pause * PAUSE_GROWTH
                next_time, what = monotonic() + pause, self._what
                write(message + "\n", self._stream)

    def _speak_live(self) -> None:
        """Requires a terminal. rich is only loaded once there is something to say."""
        while not self._stopped.wait(TICK):
            if self._message() is not None:
                self._status_line()

    def _status_line(self) -> None:
        from rich.console import Console
        from rich.status import Status
        from rich.text import Text

        console = Console(file=self._stream)
        with Status("", console=console) as status:
            while (message := self._message()) is not None:
                status.update(Text(shorten(message, console.width - 4)))
                if self._stopped.wait(TICK):
                    return
