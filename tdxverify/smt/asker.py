"""The one place where Z3 solvers are asked, and where it is told apart why one has no answer.

Ctrl-C (see `interrupting`) turns into `unknown` or into an exception. Which part of Z3 notices decides what
the reason is called: "interrupted", "canceled", "push canceled" and the like. The latter are also what a
timeout is called, so it is the time that tells one from the other. An interrupt is raised as the
KeyboardInterrupt that it was.
Timeouts were always obeyed, within some 10 ms, by the checks that were measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TypeAlias

import z3

from tdxverify.budget import Allowance
from tdxverify.smt.interrupting import ends_by_ctrl_c

# For the next query; as a number, milliseconds. None for no limit.
Limit: TypeAlias = Callable[[], Allowance | int | None]

UNLIMITED = 4294967295  # Z3's own value for "no timeout"
PER_QUERY = 1_000  # steps that every query counts for at least: it has to be made, and read
EXHAUSTED = "the solver's limit was reached"
INTERRUPTED = "interrupted"
_SIGNAL_SECONDS = 0.05  # that Python may take to tell a signal that it has put off
_AMBIGUOUS = "canceled"
_TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class GaveUp:
    reason: str


class Asker:
    """Asks `solver`, which nobody else asks."""

    def __init__(self, solver: z3.Solver) -> None:
        self._solver = solver
        solver.set("ctrl_c", False)
        self._timeout: int | None = None
        self._effort: int | None = None

    def ask(
        self,
        assumptions: Sequence[z3.BoolRef],
        allowed: Allowance | int | None,
        effort: int | None = None,
    ) -> bool | GaveUp:
        """Whether all that was added can hold, with `assumptions`. Raises KeyboardInterrupt.

        `effort` limits what may be done for it, in steps that Z3 counts: so that the answer is the same on
        every machine, however busy that is. So does the work that is `allowed`, of which it is taken.
        """
        if not isinstance(allowed, Allowance):
            return self._ask(assumptions, allowed, effort)
        work = allowed.work
        if work is None:
            return self._ask(assumptions, allowed.milliseconds, effort)
        if work.left <= 0:
            return GaveUp(EXHAUSTED)
        before = self.spent
        try:
            most = work.left if effort is None else min(effort, work.left)
            return self._ask(assumptions, allowed.milliseconds, most)
        finally:
            work.spend(max(PER_QUERY, self.spent - before))

    def _ask(
        self, assumptions: Sequence[z3.BoolRef], milliseconds: int | None, effort: int | None
    ) -> bool | GaveUp:
        if milliseconds != self._timeout:
            self._solver.set("timeout", UNLIMITED if milliseconds is None else milliseconds)
            self._timeout = milliseconds
        if effort != self._effort:
            self._solver.set("rlimit", effort or 0)
            self._effort = effort
        before = 0 if effort is None else self.spent
        began = monotonic()
        try:
            with ends_by_ctrl_c(self._solver):
                result = self._solver.check(list(assumptions))
            if result != z3.unknown:
                return bool(result == z3.sat)
            reason = self._solver.reason_unknown()
        except z3.Z3Exception as error:
            reason = str(error)
        if effort is not None and self.spent - before >= effort:
            return GaveUp(EXHAUSTED)
        return gave_up(reason, milliseconds, 1000 * (monotonic() - began))

    @property
    def spent(self) -> int:
        """The steps that Z3 has counted so far."""
        found = (int(value) for name, value in self._solver.statistics() if name == "rlimit count")
        return next(found, 0)


def gave_up(reason: str, allowed: int | None, needed: float) -> GaveUp:
    """What Z3 means by `reason`, when it was given milliseconds and took some. Raises KeyboardInterrupt."""
    timed_out = allowed is not None and needed >= allowed - 1
    if INTERRUPTED in reason or (_AMBIGUOUS in reason and not timed_out):
        sleep(_SIGNAL_SECONDS)  # Python raises what it has kept, once
        raise KeyboardInterrupt
    return GaveUp(_TIMEOUT if _AMBIGUOUS in reason else reason)
