"""The clock: what is narrowed, what ends, and that nothing is lost on the way."""

from __future__ import annotations

import ctypes
import signal
import threading
from contextlib import suppress
from time import monotonic

import pytest

from tdxverify.budget import UNLIMITED, Budget, LimitReached, Why, _ring, held, interruptible

AGO = Budget(deadline=0.0)
SHORT = 0.01
needs_timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such timers here")


def forever() -> None:
    """Something that never looks at a clock."""
    while True:
        pass


def test_a_budget_is_only_narrowed() -> None:
    assert UNLIMITED.within(None) == UNLIMITED
    assert AGO.within(10.0) == AGO.until(1.0) == AGO
    soon = UNLIMITED.within(10.0)
    assert soon.until(0.0) == AGO
    assert soon.within(5.0).deadline is not None
    assert UNLIMITED.share(0.5) == UNLIMITED
    left = soon.share(0.5).seconds_left()
    assert left is not None and left <= 5.0
    assert UNLIMITED.seconds_left() is None and AGO.seconds_left() == 0.0
    assert AGO.extended(1.0) == Budget(deadline=1.0)
    assert UNLIMITED.extended(1.0) == UNLIMITED


def test_what_is_over_is_said() -> None:
    with pytest.raises(LimitReached) as reached:
        AGO.check_time()
    assert (reached.value.why, reached.value.told) == (Why.TIMEOUT, "the time ran out")
    with pytest.raises(LimitReached) as reached:
        Budget(max_states=3).check_count(4, "states")
    assert reached.value.told == f"{Why.STATE_SPACE.value}: more than 3 states"
    UNLIMITED.check_time()
    Budget(max_states=3).check_count(3, "states")


@needs_timers
def test_what_never_looks_at_a_clock_is_ended() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(LimitReached), held(AGO):
        forever()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@needs_timers
def test_an_outer_deadline_is_kept_inside_and_behind_an_inner_one() -> None:
    with pytest.raises(LimitReached), held(AGO), held(Budget.of(1000.0)):
        forever()
    with pytest.raises(LimitReached), held(Budget.of(SHORT)):
        with suppress(LimitReached), held(AGO):
            forever()
        forever()


@needs_timers
def test_what_swallows_the_call_to_stop_hears_it_again() -> None:
    with pytest.raises(LimitReached), held(AGO):
        with suppress(LimitReached):
            forever()
        forever()


@needs_timers
def test_nothing_is_raised_where_it_would_be_lost() -> None:
    ended: list[str] = []

    class Slow:
        def __del__(self) -> None:
            until = monotonic() + 0.4
            while monotonic() < until:
                pass
            ended.append("finalizer")

    class Argument:
        @classmethod
        def from_param(cls, value: int) -> ctypes.c_int:
            until = monotonic() + 0.4
            while monotonic() < until:
                pass
            ended.append("conversion")
            return ctypes.c_int(value)

    class Tidying:
        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            until = monotonic() + 0.4
            while monotonic() < until:
                pass
            ended.append("end of a with")

    class HalfMade:
        def __init__(self) -> None:
            until = monotonic() + 0.4
            while monotonic() < until:
                pass
            self.taken = True
            ended.append("made")

        def __del__(self) -> None:
            assert self.taken

    absolute = ctypes.CDLL(None).abs
    absolute.argtypes = [Argument]
    with pytest.raises(LimitReached), held(AGO):
        slow = Slow()
        del slow
        forever()
    with pytest.raises(LimitReached), held(AGO):
        absolute(3)
        forever()
    with pytest.raises(LimitReached), held(AGO):
        with Tidying():
            pass
        forever()
    with pytest.raises(LimitReached), held(AGO):
        HalfMade()
        forever()
    assert ended == ["finalizer", "conversion", "end of a with", "made"]


@needs_timers
def test_timers_of_others_go_on() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.35)
        with suppress(LimitReached), held(AGO):
            forever()
        while not rung:
            pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_another_thread_has_to_look_at_the_clock() -> None:
    found: list[str] = []

    def work() -> None:
        with held(AGO):
            found.append("undisturbed")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["undisturbed"]


def test_ctrl_c_in_a_finalizer_is_not_lost() -> None:
    class Slow:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            slow = Slow()
            del slow
            forever()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@needs_timers
def test_an_alarm_that_comes_when_the_timer_is_off_sets_none() -> None:
    """It had set the timer again while `held` was being left: the next alarm met nobody and ended all."""
    _ring(signal.SIGALRM, None)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
