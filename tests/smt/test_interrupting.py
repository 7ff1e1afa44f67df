"""Ctrl-C while many short questions are asked is never lost. That it ends long ones: test_solver.py."""

from __future__ import annotations

import os
import signal
import threading

import pytest
import z3

from tdxverify.budget import interruptible
from tdxverify.smt.asker import Asker

OFTEN = 30
MANY = 200_000  # questions, of which there are some ten thousand a second


@pytest.mark.parametrize("number", range(OFTEN))
def test_between_short_questions_and_during_them(number: int) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    literal, solver = z3.Bool("x"), z3.SimpleSolver()
    solver.add(z3.Or(literal, z3.Bool("y")))
    asker = Asker(solver)
    timer = threading.Timer(0.01 + 0.0007 * number, os.kill, (os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt), interruptible():
            timer.start()
            for _ in range(MANY):
                asker.ask([literal], None)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
