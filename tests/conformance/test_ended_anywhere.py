"""A check that is ended at any point whatever says less, never something wrong, and leaves nothing behind.

The timer of `held` is not waited for: its signal comes at chosen calls of functions, counted.
"""

from __future__ import annotations

import _signal
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import CO_GENERATOR
from math import inf
from pathlib import Path
from time import monotonic
from types import FrameType

import pytest

from tdxverify import budget
from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.questions.options import Options
from tests.thorough import THOROUGH

MANY_SECONDS = 10_000.0
POINTS = 12  # of each run at which it is ended
USUAL = range(1, POINTS, 4)  # of them, for each engine and each kind of answer
PARTS = [
    pytest.param(USUAL, id="usual"),
    pytest.param([n for n in range(POINTS) if n not in USUAL], id="more", marks=THOROUGH),
]
pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such timers here")

HEAD = """\
index L
param k : bool
state m[L] : 0..2 = 0
state busy : bool = false
"""
SPECS = {
    "refuted": f"""{HEAD}
action take(l : L) when not busy {{ m[l] := 2  busy := true }}
action give(l : L) when busy {{ m[l] := if k then 1 else m[l]  busy := false }}
property p never forall l : L: m[l] = 1
check p SIZES expect refuted in 4
""",
    "proved": f"""{HEAD}
action take(l : L) when not busy {{ m[l] := 2  busy := true }}
action give(l : L) when m[l] = 2 {{ m[l] := 0  busy := false }}
property p never exists a, b : L: a != b and m[a] = 2 and m[b] = 2
check p SIZES expect proved
""",
}
SIZED = ["explicit", "bmc", "k-induction", "pdr", "auto", "spacer"]
QUESTIONS = [(engine, "for L = 2") for engine in SIZED] + [("auto", ""), ("any-size", "")]


_handler = _signal.getsignal  # that of `signal` makes an enumeration's member of a number each time


class Ending:
    """Counts events while a deadline is watched; at the event `at` the deadline is over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int | None) -> None:
        self.events = 0
        self._at = at
        self._monkeypatch = monkeypatch

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            if frame.f_code.co_flags & CO_GENERATOR:
                return  # perhaps to end one that nobody goes on with, where no signal arrives
        elif event != "c_return":
            return
        if _handler(signal.SIGALRM) is not budget._ring:
            return
        self.events += 1
        if self.events == self._at:
            late = budget.monotonic() + 2 * MANY_SECONDS
            self._monkeypatch.setattr(budget, "monotonic", lambda: late)
            sys.setprofile(None)  # there is nothing more to be counted
            signal.raise_signal(signal.SIGALRM)


@contextmanager
def profiled(ending: Callable[[FrameType, str, object], None]) -> Iterator[None]:
    before = sys.getprofile()
    sys.setprofile(ending)
    try:
        yield
    finally:
        sys.setprofile(before)


def outcome(spec: Path, engine: str) -> Outcome | None:
    """What is said about the only check; None where not even the spec was understood in time."""
    run = check([spec], Options(engine=engine, timeout=MANY_SECONDS))
    if not run.answers:
        assert [one.code.name for one in run.diagnostics] == ["E608"]
        return None
    return run.answers[0].outcome


@pytest.mark.parametrize("points", PARTS)
@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(("engine", "sizes"), QUESTIONS)
def test_whatever_is_half_done_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, sizes: str, name: str, points: Sequence[int]
) -> None:
    spec = tmp_path / "spec.tdx"
    spec.write_text(SPECS[name].replace("SIZES", sizes), encoding="utf-8")
    right = outcome(spec, engine)
    whole = Ending(monkeypatch, None)
    with profiled(whole):
        assert outcome(spec, engine) is right
    step = whole.events / POINTS
    for point in points:
        with monkeypatch.context() as patched:
            ending = Ending(patched, int((point + 0.5) * step))
            with profiled(ending):
                found = outcome(spec, engine)
            assert found in (right, Outcome.UNKNOWN, None), ending.events
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is not budget._ring
    assert outcome(spec, engine) is right


class Clock:
    """Time stands still until it has been looked at so often, and is over from then on."""

    def __init__(self, looks: float) -> None:
        self.looks = 0
        self._most = looks
        self._began = monotonic()

    def __call__(self) -> float:
        self.looks += 1
        return self._began + (0.0 if self.looks <= self._most else 2 * MANY_SECONDS)


@pytest.mark.parametrize("points", PARTS)
@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(("engine", "sizes"), QUESTIONS)
def test_whatever_looks_at_the_clock_may_find_it_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, sizes: str, name: str, points: Sequence[int]
) -> None:
    spec = tmp_path / "spec.tdx"
    spec.write_text(SPECS[name].replace("SIZES", sizes), encoding="utf-8")
    whole = Clock(inf)
    with monkeypatch.context() as patched:
        patched.setattr(budget, "monotonic", whole)
        right = outcome(spec, engine)
    step = max(1.0, whole.looks / POINTS)
    for point in (point for point in points if point < whole.looks):
        with monkeypatch.context() as patched:
            patched.setattr(budget, "monotonic", Clock(point * step))
            assert outcome(spec, engine) in (right, Outcome.UNKNOWN, None), point
    assert outcome(spec, engine) is right
