"""Workers that are forks of the test's process: what is loaded need not be loaded again for each question.

As with true workers, nothing that they did is given back; what a test has put in the place of something else
is in its place there as well.
"""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from tdxverify.diagnostics import InternalError
from tdxverify.engines.bdd import process
from tdxverify.engines.bdd.backend import Manager, version
from tdxverify.processes import Died
from tdxverify.smt import horn


class Fork:
    """What callers need of a `Worker`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def heard(self, seconds: float | None) -> object:
        """What was sent next, or that there is no more; None where that is nothing for `seconds`."""
        if not self._connection.poll(seconds):
            return None
        try:
            found: object = self._connection.recv()
        except EOFError:
            return Died(0, "")
        if isinstance(found, InternalError):
            raise found
        return found


@contextmanager
def forked(module: str, function: str, argument: object) -> Iterator[Fork]:
    """As `processes.working`."""
    ours, theirs = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there may be threads of the test runner
        number = os.fork()
    if number == 0:
        _work(module, function, argument, theirs)
    theirs.close()
    try:
        yield Fork(ours)
    finally:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        ours.close()


def _work(module: str, function: str, argument: object, theirs: Connection) -> None:
    try:
        getattr(import_module(module), function)(argument, theirs.send)
    except InternalError as error:
        theirs.send(error)
    finally:
        os._exit(0)


def load_workers() -> None:
    """Load what workers need, so that forks have it."""
    if version() is not None:
        Manager()


def fork_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engines that work in processes of their own fork these."""
    load_workers()
    for module in (process, horn):
        monkeypatch.setattr(module, "working", forked)
