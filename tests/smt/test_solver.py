"""Answers that cannot be mistaken for one another, time limits, and Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest
import z3

from tdxverify.diagnostics import InternalError
from tdxverify.logic.sorts import BOOL
from tdxverify.smt.solver import Answer, GaveUp, Sat, Solver, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Terms
from tdxverify.smt.unroll import Unrolling
from tests.smt.pigeons import pigeons

ROOT = Path(__file__).parents[2]


def test_the_three_answers() -> None:
    terms = Terms()
    solver = Solver(terms, lambda: None)
    one, other = z3.Bool("one", terms.context), z3.Bool("other", terms.context)
    solver.add(z3.Or(one, other))
    assert isinstance(solver.check(), Sat)
    assert solver.check((z3.Not(one), z3.Not(other))) == Unsat(outright=False)
    assert isinstance(solver.check((one,)), Sat)
    solver.add(0)
    assert solver.check((one,)) == Unsat(outright=True)


def test_values_are_fetched_by_those_who_want_some_and_in_time() -> None:
    terms = Terms()
    solver = Solver(terms, lambda: None)
    one = z3.Bool("one", terms.context)
    solver.add(one)
    first = solver.check()
    assert isinstance(first, Sat) and solver.models == 0
    wanted = solver.check()
    assert isinstance(wanted, Sat) and wanted.model is wanted.model and solver.models == 1
    solver.add(z3.Bool("other", terms.context))
    assert wanted.model.value(one, BOOL) == 1
    with pytest.raises(InternalError, match="others were asked already"):
        _ = first.model
    late = solver.check()
    solver.add(z3.Not(one))
    with pytest.raises(InternalError):
        _ = late.model  # type: ignore[union-attr]


def test_core_names_the_assumptions_that_matter() -> None:
    terms = Terms()
    solver = Solver(terms, lambda: None)
    used, unused = z3.Bool("used", terms.context), z3.Bool("unused", terms.context)
    solver.add(z3.Not(used))
    assert isinstance(solver.check((used, unused)), Unsat)
    assert solver.core() == {used.get_id()}


def test_timeout_is_a_give_up_and_the_solver_survives_it() -> None:
    limit = 300
    runs = Unrolling(SymbolicSystem.of(pigeons(14)), lambda: limit, initialised=True)
    for _ in range(2):
        began = monotonic()
        assert runs.exists() == GaveUp("timeout")
        assert 0.25 < monotonic() - began < 2
    runs.solver.add(0)
    assert isinstance(runs.exists(), Unsat)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("interrupted from keyboard", None), ("canceled", None), ("timeout", GaveUp("timeout"))],
)
def test_unknown_without_a_timeout_is_read_by_its_reason(
    monkeypatch: pytest.MonkeyPatch, reason: str, expected: Answer | None
) -> None:
    solver = Solver(Terms(), lambda: None)
    monkeypatch.setattr(z3.Solver, "check", lambda self, *assumptions: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda self: reason)
    if expected is None:
        with pytest.raises(KeyboardInterrupt):
            solver.check()
    else:
        assert solver.check() == expected


def test_an_error_inside_z3_is_a_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: z3.Solver, *assumptions: object) -> None:
        raise z3.Z3Exception("out of memory")

    monkeypatch.setattr(z3.Solver, "check", fail)
    assert Solver(Terms(), lambda: None).check() == GaveUp("out of memory")


PROGRAM = """
from time import monotonic
from tdxverify.budget import Budget
from tdxverify.engines.{engine} import run
from tests.smt.pigeons import pigeons

class Ready:
    def progress(self, engine, text):
        print("ready", flush=True)

try:
    run(pigeons(14), Budget(), Ready())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def interrupted_after(engine: str, wait: Callable[[], None]) -> tuple[str, float]:
    """What a search that Ctrl-C interrupts says, and how long it took to say so."""
    command = [sys.executable, "-c", PROGRAM.format(engine=engine)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        wait()
        began = monotonic()
        process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=20)
        finally:
            process.kill()
        return rest, monotonic() - began


@pytest.mark.parametrize("engine", ["bmc", "kinduction"])
def test_ctrl_c_stops_a_long_query_within_a_second(engine: str) -> None:
    said, seconds = interrupted_after(engine, lambda: sleep(1))
    assert said == "interrupted\n"
    assert seconds < 1
