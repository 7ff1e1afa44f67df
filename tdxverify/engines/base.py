"""What every engine is: a function from a problem, a budget and an observer to a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from time import monotonic
from typing import Protocol

from tdxverify.results.verdict import Verdict
from tdxverify.ts.problem import Problem


@dataclass(frozen=True, slots=True)
class Budget:
    """`bound`: largest depth searched. `deadline`: value of `time.monotonic()` at which to stop.

    `query_ms`: limit of a single solver query. `max_states`: limit of explicit enumeration.
    None means no limit.
    """

    bound: int = 100
    deadline: float | None = None
    query_ms: int | None = None
    max_states: int = 5_000_000

    def expired(self) -> bool:
        return self.deadline is not None and monotonic() >= self.deadline

    def remaining_ms(self) -> int | None:
        """Milliseconds for the next query: the smaller of both limits, at least 1; None if unlimited."""
        limits = [] if self.query_ms is None else [self.query_ms]
        if self.deadline is not None:
            # Rounded up: a query that ran into it ended after the deadline, so `expired` says why.
            limits.append(ceil((self.deadline - monotonic()) * 1000))
        return max(1, min(limits)) if limits else None


class Observer(Protocol):
    """Told how far an engine is. Engines never print."""

    def progress(self, engine: str, text: str) -> None: ...


class Engine(Protocol):
    """Requires a Problem from `ts.lower`. Ensures: Refuted traces are shortest; Unknown never hides a hole.

    KeyboardInterrupt may be raised out of an engine; nothing else may, except InternalError.
    """

    def __call__(self, problem: Problem, budget: Budget, observer: Observer) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """A row of the engine table. `can_prove` and `can_refute` say which verdicts it may give,
    `any_size` whether its proofs can be for every number of elements at once, `needs` the package without
    which it cannot run, which the extra of the engine's name brings."""

    name: str
    run: Engine
    summary: str
    can_prove: bool
    can_refute: bool
    any_size: bool = False
    needs: str | None = None

    @property
    def is_installed(self) -> bool:
        return self.needs is None or find_spec(self.needs) is not None
