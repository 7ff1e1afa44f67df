"""Specs examined in processes of their own: one that hangs is killed, and the others go on."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.differential.comparing import Effort, Examined, Fault, examine
from tests.forked import fork_workers


@dataclass(frozen=True)
class Job:
    """What to examine; `number` is for the one who asked."""

    number: int
    files: dict[str, str]
    effort: Effort


def _serve(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    fork_workers(pytest.MonkeyPatch())  # for as long as this process lives
    while True:
        job = connection.recv()
        if job is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            connection.send(examine(job.files, Path(folder), job.effort))


class _Worker:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.until = 0.0

    def give(self, job: Job, seconds: float) -> None:
        self.job, self.until = job, monotonic() + seconds
        self.connection.send(job)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def examined(jobs: Iterable[Job], count: int, seconds: float) -> Iterator[tuple[Job, Examined]]:
    """The results as they come, from `count` processes. One that takes longer than `seconds` is stalled."""
    waiting = iter(jobs)
    workers = [_Worker() for _ in range(count)]
    try:
        for position, worker in enumerate(workers):
            _next(worker, waiting, seconds)
            workers[position] = worker
        yield from _until_done(workers, waiting, seconds)
    finally:
        for worker in workers:
            worker.end()


def _until_done(
    workers: list[_Worker], waiting: Iterator[Job], seconds: float
) -> Iterator[tuple[Job, Examined]]:
    while any(worker.job for worker in workers):
        yield from _collected(workers, waiting, seconds)


def _next(worker: _Worker, waiting: Iterator[Job], seconds: float) -> None:
    worker.job = None
    job = next(waiting, None)
    if job is not None:
        worker.give(job, seconds)


def _collected(
    workers: list[_Worker], waiting: Iterator[Job], seconds: float
) -> Iterator[tuple[Job, Examined]]:
    busy = {worker.connection: worker for worker in workers if worker.job}
    nearest = min(worker.until for worker in busy.values())
    ready: list[Any] = wait(list(busy), timeout=max(0.0, nearest - monotonic()))
    for connection, worker in busy.items():
        job = worker.job
        assert job is not None
        if connection in ready:
            try:
                found = worker.connection.recv()
            except EOFError:
                found = Examined(faults=[Fault("process died", "the process that examined it died")])
            else:
                _next(worker, waiting, seconds)
                yield job, found
                continue
        elif monotonic() >= worker.until:
            found = Examined()
            found.skipped["stalled"] += 1
        else:
            continue
        _replace(workers, worker, waiting, seconds)
        yield job, found


def _replace(workers: list[_Worker], broken: _Worker, waiting: Iterator[Job], seconds: float) -> None:
    broken.end()
    fresh = _Worker()
    workers[workers.index(broken)] = fresh
    _next(fresh, waiting, seconds)


class Examiner:
    """One process for many specs, one after another; a new one where it was killed."""

    def __init__(self, seconds: float) -> None:
        self._workers = [_Worker()]
        self._seconds = seconds

    def examine(self, files: dict[str, str], effort: Effort) -> Examined:
        nothing: Iterator[Job] = iter(())
        self._workers[0].give(Job(0, files, effort), self._seconds)
        for _, found in _until_done(self._workers, nothing, self._seconds):
            return found
        raise AssertionError("no result")

    def end(self) -> None:
        self._workers[0].end()
