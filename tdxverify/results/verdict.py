"""What an engine found out about a `Problem`: is a bad state reachable?

`Proved` cannot be built without a certificate nor `Refuted` without a trace, so bounded search has
no way to claim a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.budget import Why as Why
from tdxverify.results.certificate import Certificate
from tdxverify.results.trace import Trace


@dataclass(frozen=True, slots=True)
class Proved:
    """No bad state is reachable. `states` is the exact number of reachable states if it was counted."""

    certificate: Certificate
    states: int | None = None


@dataclass(frozen=True, slots=True)
class Refuted:
    """`trace` ends in the first bad state and no shorter one exists."""

    trace: Trace


@dataclass(frozen=True, slots=True)
class Vacuous:
    """There is no initial state at all: assumptions, sizes and `where` contradict one another.

    With `any_size` at no size, else at the problem's.
    """

    detail: str
    any_size: bool = False


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


Verdict: TypeAlias = Proved | Refuted | Vacuous | Unknown
