"""Who is told how far a run is."""

from __future__ import annotations

from typing import Protocol

from tdxverify.engines.base import Observer


class RunObserver(Observer, Protocol):
    """An engine observer that is also told which check comes next; `position` counts from 1."""

    def check_started(self, file: str, name: str, position: int, total: int) -> None: ...


class Silent:
    """Listens to nothing."""

    def progress(self, engine: str, text: str) -> None:
        del engine, text

    def check_started(self, file: str, name: str, position: int, total: int) -> None:
        del file, name, position, total
