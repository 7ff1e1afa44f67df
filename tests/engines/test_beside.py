"""Bounded search beside a search that takes long: what it finds, and that it takes no more than its share."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tdxverify.budget import Budget, Work
from tdxverify.engines import anysize, bmc
from tdxverify.engines.beside import AHEAD, LONG, SHARE, Beside
from tdxverify.engines.bmc import BoundedSearch
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.verdict import Proved, Refuted
from tests.problems import common_model
from tests.texts import Silent, problem_of

# A long way, which frames follow step by step while much else goes on.
ROUNDS = """
index Line
state round : 0..40 = 0
state taken[Line] : bool = false
state dirty[Line] : bool = false
state a : 0..9 = 0
state b : 0..9 = 0
state c : 0..9 = 0
action spin_a { a := (a + 3) mod 10 }
action spin_b { b := (b + 3) mod 10 }
action spin_c { c := (c + 7) mod 10 }
action take(l : Line) when not dirty[l] { taken[l] := true }
action write(l : Line) { dirty[l] := true }
action next(l : Line) when taken[l] and round < 36 and a = b and b = c { round := round + 1 }
property p never round = 36
check p
"""


def test_a_long_trace_is_found_while_frames_take_long() -> None:
    problem = problem_of(ROUNDS)
    budget = Budget().working(60_000_000)
    found = anysize.decide(problem, budget, Silent())
    assert isinstance(found.verdict, Refuted)
    assert len(found.verdict.trace) == 37
    assert found.problem.sizes == (("Line", 1),)
    assert found.verdict == bmc.run(found.problem, Budget(), Silent())
    small = anysize.instance(problem, 2)
    assert pdr.run(small, Budget(), Silent()) == bmc.run(small, Budget(), Silent())


def test_short_searches_have_none_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counter[str]()
    original = BoundedSearch.advance

    def advance(search: BoundedSearch, limits: Budget | None = None) -> object:
        asked["beside" if limits is not None else "last"] += 1
        return original(search, limits)

    monkeypatch.setattr(BoundedSearch, "advance", advance)
    for broken in (True, False):
        verdict = anysize.run(common_model(2, True, not broken), Budget(), Silent())
        assert isinstance(verdict, Refuted | Proved)
    assert not asked["beside"]


def test_no_more_than_a_share_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[Work] = []

    def advance(search: BoundedSearch, budget: Budget) -> None:
        assert budget.work is not None
        if budget.work not in limits:
            limits.append(budget.work)
        budget.work.spend(400_000)

    monkeypatch.setattr(BoundedSearch, "advance", advance)
    work = Work(10**9)
    beside = Beside(common_model(2, True, True), replace(Budget(), work=work))
    assert beside.ends(LONG - 1) is None
    assert not limits
    for other in range(LONG, 10 * LONG, LONG // 2):
        assert beside.ends(other) is None
        taken = 10**9 - work.left
        assert taken <= AHEAD + other // SHARE + 400_000
    assert len(limits) > 3
