"""The search in a process of its own: one operation on large diagrams can take minutes, and nothing but the
end of its process stops it.

Frames are pickles, one after another. In: the problem. Out: reports, then the verdict or what went wrong.
The order of sets of names in the other process is fixed, so that it always does the same.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, Queue
from signal import SIG_IGN, SIGINT, signal
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, NoReturn, TypeAlias

from tdxverify.budget import Why
from tdxverify.decision_diagrams.search import search
from tdxverify.diagnostics import InternalError
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.ts.problem import Problem

_DEEPEST = 20_000  # calls inside one another in the other process: as many as a diagram has levels
_LINGERS = 10.0  # seconds that a process may take to end once it has closed its output


@dataclass(frozen=True, slots=True)
class Report:
    """How far the search is; `clean_through`: as in Unknown."""

    text: str
    clean_through: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """An InternalError on the other side."""

    message: str
    bundle: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Ended:
    """There are no more frames."""


Frame: TypeAlias = Report | Failed | Verdict | _Ended


def decide(problem: Problem, remaining: Callable[[], float | None], report: Callable[[str], None]) -> Verdict:
    """Decide `problem`, or give up when no seconds are `remaining`; None: there is no limit.

    KeyboardInterrupt ends the other process too. Requires: `dd` is installed.
    """
    clean_through: int | None = None
    with TemporaryFile() as complaints, _started(problem, complaints) as (process, frames):
        while True:
            try:
                frame = frames.get(timeout=remaining())
            except Empty:
                return Unknown(Why.TIMEOUT, clean_through)
            match frame:
                case Report(text=text, clean_through=clean_through):
                    report(text)
                case Failed(message=message, bundle=bundle):
                    raise InternalError(message, bundle)
                case _Ended():
                    return _died(problem, process.wait(_LINGERS), complaints, clean_through)
                case Proved() | Refuted() | Vacuous() | Unknown():
                    return frame


@contextmanager
def _started(
    problem: Problem, complaints: IO[bytes]
) -> Iterator[tuple[subprocess.Popen[bytes], Queue[Frame]]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=environment,
    )
    frames: Queue[Frame] = Queue()
    try:
        assert process.stdin is not None and process.stdout is not None
        Thread(target=_read, args=(process.stdout, frames), daemon=True).start()
        try:
            pickle.dump(problem, process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it is dead already; there will be no frames
        yield process, frames
    finally:
        process.kill()
        process.wait()


def _read(stream: IO[bytes], frames: Queue[Frame]) -> None:
    """Pass on frames until the stream ends, in the middle of one if need be."""
    with stream:
        while True:
            try:
                frames.put(pickle.load(stream))
            except (EOFError, pickle.UnpicklingError, OSError):
                frames.put(_Ended())
                return


def _died(problem: Problem, status: int, complaints: IO[bytes], clean_through: int | None) -> Unknown:
    """There was no verdict. What kills a process from outside is most often that memory is used up.

    Ctrl-C goes to both processes, and may end this one while it is still being started.
    """
    if status == -SIGINT:
        raise KeyboardInterrupt
    if status < 0:
        return Unknown(Why.STATE_SPACE, clean_through, f"the search was ended by signal {-status}")
    complaints.seek(0)
    text = complaints.read().decode(errors="replace")
    bundle = {"problem": repr(problem), "stderr": text}
    raise InternalError(f"the search on decision diagrams ended with status {status}", bundle)


def serve() -> NoReturn:
    """The other side of `decide`."""
    signal(SIGINT, SIG_IGN)  # it is for the process that asks, which will end this one
    sys.setrecursionlimit(_DEEPEST)
    problem = pickle.load(sys.stdin.buffer)
    output = sys.stdout.buffer

    def send(frame: Frame) -> None:
        pickle.dump(frame, output)
        output.flush()

    try:
        send(search(problem, lambda text, clean: send(Report(text, clean))))
    except InternalError as error:
        send(Failed(str(error), error.bundle))
    os._exit(0)  # giving millions of nodes back takes longer than it is worth
