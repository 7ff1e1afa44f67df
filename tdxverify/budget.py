"""How long and how far anything may go: the only module that looks at a clock to end something.

A `Budget` is passed down, narrowed on the way. Loops that can go on for long ask it
(`check_time`, `check_count`, `expired`), and what they had found by then is kept. Not everything is such a
loop: expressions are built, code is generated and solvers are fed in many small functions that know of no
budget. `held` is for those: it ends whatever is being done soon after the deadline.

What is found must not depend on the clock, so it never chooses between two ways to go on: it ends things.
Where parts of a search are to have a share each, `Work` is counted and shared out instead of time.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil
from time import monotonic
from types import FrameType
from typing import Any

LATE = 0.5  # seconds beyond a deadline that certifying and telling an answer may take
GRACE = 0.25  # seconds behind the deadline in which loops that look at the clock end by themselves
_AGAIN = 0.5  # seconds after which a call to stop is repeated, in case something has swallowed it
MOST_SECONDS = 1_000_000  # eleven days: timers and solvers count milliseconds in 32 bits
STEPS_A_SECOND = 2_000_000  # that solvers take, roughly
_LOSING = ("__del__", "from_param", "__enter__", "__exit__")
_SOON = 0.001  # seconds after which it is tried again where an exception would be lost


class Why(Enum):
    """Why nothing was decided; the value is what the user reads."""

    BOUND_REACHED = "the bound was reached"
    RUNS_END = "every run was searched to its end, but this search has no certificate for it"
    TIMEOUT = "the time ran out"
    SOLVER_GAVE_UP = "the solver gave up"
    STATE_SPACE = "the state space is too large for the budget"
    UNSUPPORTED = "not supported by this engine"
    NO_GENERAL_PROOF = "no proof for every size was found"
    INTERRUPTED = "interrupted"

    def told(self, detail: str) -> str:
        """Both in one sentence."""
        return f"{self.value}: {detail}" if detail else self.value


class LimitReached(Exception):
    """Something ended before it was done; `why` and `detail` say what the user reads."""

    def __init__(self, why: Why, detail: str = "") -> None:
        self.why = why
        self.detail = detail
        super().__init__(detail or why.value)

    @property
    def told(self) -> str:
        """Both in one sentence."""
        return self.why.told(self.detail)


class TooLarge(Exception):
    """There is more of something than anybody should work through. Whoever asked for it does without."""


class NotDecided(Exception):
    """There was no answer, and the message says why. Whoever asked goes on without it."""


@dataclass(slots=True, eq=False)
class Work:
    """How many steps solvers may still take, as they count them: the same on every machine, however busy.

    What is spent here is spent of `outer` as well.
    """

    left: int
    outer: Work | None = None

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.outer is not None:
            self.outer.spend(steps)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a solver may take for one question. None means no limit."""

    milliseconds: int | None
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """`bound`: largest depth searched. `deadline`: value of `time.monotonic()` at which to stop.

    `query_ms`: limit of a single solver query. `max_states`: how many states, pairs of parameter values and
    a state, or the like may be kept in memory. `work`: for all solvers together. None means no limit.
    """

    bound: int = 100
    deadline: float | None = None
    query_ms: int | None = None
    max_states: int = 5_000_000
    work: Work | None = None

    @staticmethod
    def of(seconds: float | None) -> Budget:
        """With `seconds` from now on; None: no limit."""
        return Budget().within(seconds)

    def within(self, seconds: float | None) -> Budget:
        """The same with at most `seconds` from now on."""
        return self if seconds is None else self.until(monotonic() + seconds)

    def until(self, deadline: float | None) -> Budget:
        """The same with `deadline` where that is earlier."""
        if deadline is None or (self.deadline is not None and self.deadline <= deadline):
            return self
        return replace(self, deadline=deadline)

    def extended(self, seconds: float) -> Budget:
        """With as much more time, to certify and tell what was found at the very end."""
        return self if self.deadline is None else replace(self, deadline=self.deadline + seconds)

    def working(self, steps: int) -> Budget:
        """The same with at most so many steps of solvers."""
        left = steps if self.work is None else min(steps, self.work.left)
        return replace(self, work=Work(left, self.work))

    def uncounted(self) -> Budget:
        """The same without a limit of the work, to certify what was found."""
        return self if self.work is None else replace(self, work=None)

    def briefly(self, seconds: float) -> Budget:
        """The same with at most `seconds` from now on; where work is counted, with as much of that."""
        if self.work is not None:
            return self.working(int(seconds * STEPS_A_SECOND))
        return self.within(seconds)

    def share(self, part: float) -> Budget:
        """The same with `part` of what is left: of the work where that is counted, else of the time."""
        if self.work is not None:
            return self.working(int(part * self.work.left))
        left = self.seconds_left()
        return self if left is None else self.within(part * left)

    def seconds_left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())

    def is_late(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and monotonic() >= self.deadline

    def expired(self) -> bool:
        return self.is_late() or (self.work is not None and self.work.left <= 0)

    def allowance(self) -> Allowance:
        """For the next query of a solver."""
        return Allowance(self.remaining_ms(), self.work)

    def remaining_ms(self) -> int | None:
        """Milliseconds for the next query: the smaller of both limits, at least 1; None if unlimited."""
        limits = [] if self.query_ms is None else [self.query_ms]
        if self.deadline is not None:
            # Rounded up: a query that ran into it ended after the deadline, so `expired` says why.
            limits.append(ceil((self.deadline - monotonic()) * 1000))
        return max(1, min(limits)) if limits else None

    def check_time(self) -> None:
        """Raises LimitReached."""
        if self.is_late():
            raise LimitReached(Why.TIMEOUT)
        if self.expired():
            raise LimitReached(Why.SOLVER_GAVE_UP)

    def check_count(self, count: int, what: str) -> None:
        """Raises LimitReached where there are more than `max_states`."""
        if count > self.max_states:
            raise LimitReached(Why.STATE_SPACE, f"more than {self.max_states:,} {what}")


UNLIMITED = Budget()


def wrong_seconds(seconds: float) -> str | None:
    """Why nobody can be allowed so much time; None where it is fine."""
    if not seconds > 0:  # nor is what is no number
        return f"{seconds:g} is no time: a number above 0 is needed"
    if seconds > MOST_SECONDS:
        return f"{seconds:g} is too much: at most {MOST_SECONDS:,} seconds are possible"
    return None


class held:
    """Raise LimitReached inside, wherever that is, soon after the deadline of `budget`.

    A timer of the operating system interrupts the main thread. Elsewhere, and where there are no such timers
    (Windows), only what looks at the clock by itself ends in time. A call into a library is not interrupted:
    solvers are given a limit of their own. Other timers that are set, also those of an outer `held`, go on.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._handler: Any = None
        self._outer = self._began = 0.0

    def __enter__(self) -> None:
        left = self._budget.seconds_left()
        if left is None or not _can_be_called():
            return
        left += GRACE
        self._outer, _ = signal.getitimer(signal.ITIMER_REAL)
        if 0 < self._outer <= left:
            return
        self._began = monotonic()
        self._handler = signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, left, _AGAIN)

    def __exit__(self, *_: object) -> None:
        if self._handler is None:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        if self._outer:
            left = self._outer - (monotonic() - self._began)
            signal.setitimer(signal.ITIMER_REAL, max(_SOON, left), _AGAIN)


def _can_be_called() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _ring(number: int, frame: FrameType | None) -> None:
    if signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0):
        # It has just been switched off, so what it was for is over; set again, it would outlive this handler.
        return
    if loses_exceptions(frame):
        signal.setitimer(signal.ITIMER_REAL, _SOON, _AGAIN)
        return
    raise LimitReached(Why.TIMEOUT)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt inside, also where Python would have printed and forgotten it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler: Any = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler:  # somebody else deals with it, or it is to be ignored
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if loses_exceptions(frame):
        again = threading.Timer(_SOON, signal.raise_signal, (signal.SIGINT,))
        again.daemon = True
        again.start()
        return
    raise KeyboardInterrupt


def loses_exceptions(frame: FrameType | None) -> bool:
    """Whether an exception must not be raised in `frame`.

    In finalizers, callbacks of weak references, and conversions of arguments by ctypes it is lost, or comes
    out as something else. Where a `with` begins or ends it would keep what is to be put back from being put
    back; and an object that is half made gives back in its finalizer what it does not have yet.
    """
    while frame is not None:
        name = frame.f_code.co_name
        if name in _LOSING or frame.f_globals.get("__name__") == "weakref":
            return True
        if name == "__init__" and hasattr(frame.f_locals.get("self"), "__del__"):
            return True
        frame = frame.f_back
    return False
