"""Workers that are forks of the test's process: what is loaded need not be loaded again for each question.

As with true workers, nothing that they did is given back; what a test has put in the place of something else
is in its place there as well.
"""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import BinaryIO

import pytest

from tdxverify.engines.bdd import process
from tdxverify.engines.bdd.backend import Manager, version
from tdxverify.processes import Died
from tdxverify.smt import horn


class Fork:
    """What a test needs of a `Worker`."""

    def __init__(self, number: int, stream: BinaryIO) -> None:
        self._number = number
        self._stream = stream

    def heard(self, seconds: float | None) -> object:
        """What was sent next, or that there is no more. Requires: no limit, so that nothing is waited for."""
        assert seconds is None
        try:
            found: object = pickle.load(self._stream)
        except EOFError:
            return Died(0, "")
        return found


@contextmanager
def forked(module: str, function: str, argument: object) -> Iterator[Fork]:
    """As `processes.working`."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there may be threads of the test runner
        number = os.fork()
    if number == 0:
        _work(module, function, argument, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as stream:
            yield Fork(number, stream)
    finally:
        os.waitpid(number, 0)


def _work(module: str, function: str, argument: object, writing: int) -> None:
    try:
        with os.fdopen(writing, "wb") as stream:
            getattr(import_module(module), function)(argument, lambda sent: pickle.dump(sent, stream))
    finally:
        os._exit(0)


def fork_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engines that work in processes of their own fork these, with all they need loaded."""
    if version() is not None:
        Manager()
    for module in (process, horn):
        monkeypatch.setattr(module, "working", forked)
