"""What is done in other processes: programs that draw, work that only the end of its process can stop, and a
function applied to many things by several at once. All of them are started, limited and ended here.

Ctrl-C goes to every process of a terminal. It is for the one that asks, which ends the others.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from queue import Empty, Queue
from signal import SIG_IGN, SIGINT, signal
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, NoReturn, TypeAlias, TypeVar

from tdxverify.diagnostics import InternalError

Item = TypeVar("Item")
Result = TypeVar("Result")
Send: TypeAlias = Callable[[object], None]

FEWEST = 8  # things, below which starting processes takes longer than it saves
_ALLOCATIONS = 100_000  # between two looks for garbage: models are large, and live as long as the process
_LINGERS = 10.0  # seconds that a process may take to end once it has closed its output


def output_of(command: list[str], given: bytes, seconds: float) -> bytes | None:
    """What a program prints that reads `given`. None where it fails, takes too long, or is none."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=seconds, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


# --- a function in a process of its own --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Died:
    """The process ended, by itself or by a signal (then `status` is negative), with these complaints."""

    status: int
    complaints: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An InternalError on the other side."""

    message: str
    bundle: dict[str, str]


class Worker:
    """The process that a function works in."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._process = process
        self._complaints = complaints
        self._heard: Queue[object] = Queue()
        assert process.stdout is not None
        Thread(target=_read, args=(process.stdout, self._heard), daemon=True).start()

    def give(self, argument: object) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(argument, self._process.stdin)
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it is dead already, and will say nothing

    def heard(self, seconds: float | None) -> object:
        """What it has sent next, or Died; None where that is nothing for `seconds`.

        Raises InternalError for one on the other side, and KeyboardInterrupt where Ctrl-C has ended it.
        """
        try:
            found = self._heard.get(timeout=seconds)
        except Empty:
            return None
        if isinstance(found, Failed):
            raise InternalError(found.message, found.bundle)
        if found is not None:
            return found
        status = self._process.wait(_LINGERS)
        if status == -SIGINT:  # it was still being started
            raise KeyboardInterrupt
        self._complaints.seek(0)
        return Died(status, self._complaints.read().decode(errors="replace"))


@contextmanager
def working(module: str, function: str, argument: object) -> Iterator[Worker]:
    """`function(argument, send)` of `module` in a process of its own, which ends with this context.

    What it sends are pickles, one after another. The order of sets of names in that process is fixed, so
    that it always does the same.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"}
    code = f"from {__name__} import serve; serve({module!r}, {function!r})"
    with TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment,
        )
        try:
            worker = Worker(process, complaints)
            worker.give(argument)
            yield worker
        finally:
            process.kill()
            process.wait()


def _read(stream: IO[bytes], heard: Queue[object]) -> None:
    """Pass on what is sent until the stream ends, in the middle of something if need be; then None."""
    with stream:
        while True:
            try:
                heard.put(pickle.load(stream))
            except (EOFError, pickle.UnpicklingError, OSError):
                heard.put(None)
                return


def serve(module: str, function: str) -> NoReturn:
    """The other side of `working`."""
    signal(SIGINT, SIG_IGN)
    work = getattr(import_module(module), function)
    output = sys.stdout.buffer

    def send(sent: object) -> None:
        pickle.dump(sent, output)
        output.flush()

    try:
        work(pickle.load(sys.stdin.buffer), send)
    except InternalError as error:
        send(Failed(str(error), error.bundle))
    os._exit(0)  # giving back all that was made can take longer than it is worth


# --- a function applied to many things ---------------------------------------------------


def mapped(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int, prepare: Callable[[], None]
) -> Iterator[Result]:
    """`map(function, items)`, by several processes where that pays.

    Requires: arguments and results can be pickled. Processes are forked, so that they need not load again
    what is loaded; elsewhere than on Linux that is not safe, and everything happens here. `prepare` is
    called before they are.
    """
    if jobs < 2 or len(items) < FEWEST or sys.platform != "linux":
        yield from map(function, items)
        return
    from multiprocessing import get_context

    prepare()
    with get_context("fork").Pool(min(jobs, len(items)), initializer=_begin) as pool:
        yield from pool.imap(function, items, chunksize=1)


def _begin() -> None:
    """In each new process: interrupts are for the parent, and what it has loaded is no garbage."""
    signal(SIGINT, SIG_IGN)
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
