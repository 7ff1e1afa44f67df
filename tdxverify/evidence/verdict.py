"""What an engine found out about a `Problem`: is a bad state reachable?

`Proved` cannot be built without a certificate nor `Refuted` without a trace, so bounded search has
no way to claim a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.budget import Why
from tdxverify.evidence.bad_run import BadRun
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.no_start import NoStart
from tdxverify.evidence.trap import Trap
from tdxverify.semantics.trace import Trace


@dataclass(frozen=True, slots=True)
class Proved:
    """No bad state is reachable. `states` is the exact number of reachable states if it was counted."""

    certificate: Evidence
    states: int | None = None

    @property
    def evidence(self) -> Evidence:
        return self.certificate


@dataclass(frozen=True, slots=True)
class Refuted:
    """`trace` ends in the first bad state and no shorter one exists; of one that goes round, none in which
    the loop begins sooner, and of those none with a shorter loop. Where that is not known, `unsure` says why.
    In a `trap`, where one was asked for.
    """

    trace: Trace
    unsure: str = ""
    trap: Trap | None = None

    @property
    def evidence(self) -> Evidence:
        return BadRun(self.trace) if self.trap is None else self.trap


@dataclass(frozen=True, slots=True)
class Vacuous:
    """There is no initial state at all: assumptions, sizes and `where` contradict one another.

    With `any_size` at no size, else at the problem's.
    """

    detail: str
    any_size: bool = False

    @property
    def evidence(self) -> Evidence:
        return NoStart(self.any_size)


@dataclass(frozen=True, slots=True)
class Unknown:
    """`clean_through` is the largest k such that every depth 0..k had a definite answer without a
    bad state; None if not even depth 0 had one. A query that gave up stops it for ever.
    `longest`: the length of the longest run, where that is known; every greater depth is clean then.
    """

    why: Why
    clean_through: int | None
    detail: str = ""
    longest: int | None = None

    @property
    def told(self) -> str:
        """Why, in one sentence."""
        return self.why.told(self.detail)


Verdict: TypeAlias = Proved | Refuted | Vacuous | Unknown


def verdict_of(evidence: Evidence) -> Proved | Refuted | Vacuous:
    """The verdict that `evidence` is for."""
    match evidence:
        case BadRun(trace=trace):
            return Refuted(trace)
        case Trap(trace=trace):
            return Refuted(trace, trap=evidence)
        case NoStart(any_size=any_size):
            return Vacuous("", any_size)
        case _:
            return Proved(evidence)


def run_in(evidence: Evidence) -> Trace:
    """The run that `evidence` is. Requires that it has a length."""
    assert isinstance(evidence, BadRun | Trap)
    return evidence.trace


def is_clean(verdict: Verdict, most: int) -> bool:
    """Whether `verdict` says that no bad state is reached in at most `most` steps."""
    match verdict:
        case Proved() | Vacuous():
            return True
        case Unknown(clean_through=int(depth)):
            return depth >= most
        case _:
            return most < 0
