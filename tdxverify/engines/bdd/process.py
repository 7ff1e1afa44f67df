"""The search in a process of its own: one operation on large diagrams can take minutes, and nothing but the
end of its process stops it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from tdxverify.budget import Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines.bdd.search import search
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.processes import Died, Send, working
from tdxverify.questions.problems.problem import Problem

_DEEPEST = 20_000  # calls inside one another in the other process: as many as a diagram has levels


@dataclass(frozen=True, slots=True)
class Report:
    """How far the search is; `clean_through`: as in Unknown."""

    text: str
    clean_through: int | None


def decide(problem: Problem, remaining: Callable[[], float | None], report: Callable[[str], None]) -> Verdict:
    """Decide `problem`, or give up when no seconds are `remaining`; None: there is no limit.

    KeyboardInterrupt ends the other process too. Requires: `dd` is installed.
    """
    clean_through: int | None = None
    with working(__name__, "decided", problem) as worker:
        while True:
            match worker.heard(remaining()):
                case Report(text=text, clean_through=clean_through):
                    report(text)
                case Proved() | Refuted() | Vacuous() | Unknown() as verdict:
                    return verdict
                case Died(status=status) if status < 0:  # most often memory is used up
                    told = f"the search was ended by signal {-status}"
                    return Unknown(Why.STATE_SPACE, clean_through, told)
                case Died(status=status, complaints=complaints):
                    bundle = {"problem": repr(problem), "stderr": complaints}
                    raise InternalError(f"the search on decision diagrams ended with status {status}", bundle)
                case _:
                    return Unknown(Why.TIMEOUT, clean_through)


def decided(problem: Problem, send: Send) -> None:
    """The other side of `decide`: reports, then the verdict."""
    sys.setrecursionlimit(_DEEPEST)
    send(search(problem, lambda text, clean: send(Report(text, clean))))
