"""Enumeration of what is about whole runs: on which states, how much work, and where that is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tdxverify.budget import UNLIMITED, Budget, LimitReached, Why
from tdxverify.engines.explicit import engine, lassos
from tdxverify.engines.explicit.compiled import Link, compile_links
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.questions.problems.looping import origin_of, with_loop
from tdxverify.semantics.lasso import order_of
from tests.building import SPAN
from tests.fair_loops import tabled
from tests.retrying import PROVED, REFUTED, retrying
from tests.texts import Silent, explicit


class Counting:
    """How often the steps of a state were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.states = 0
        monkeypatch.setattr("tdxverify.engines.explicit.loops.compile_links", self._compiled)

    def _compiled(self, *arguments: Any) -> tuple[Link, ...]:
        (first, *others) = compile_links(*arguments)

        def counted(states: Sequence[int], found: list[int]) -> None:
            self.states += len(states)
            first(states, found)

        return (counted, *others)


@pytest.mark.parametrize("most", [2, 4, 9])
def test_each_state_as_it_was_asked_about_is_looked_at_once(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For all values of the binders together; none of them is copied."""
    states = 2 * (most + 1) ** 2
    counting = Counting(monkeypatch)
    proof = explicit(retrying(2, most, PROVED))
    assert isinstance(proof, Proved) and isinstance(proof.certificate, Ranking)
    assert proof.states == states
    assert 0 < counting.states <= states
    counting.states = 0
    found = explicit(retrying(2, most, REFUTED))
    assert isinstance(found, Refuted)
    assert order_of(found.trace)[0] == most + 1  # it has to come to where a retry changes nothing
    assert 0 < counting.states <= states


def test_where_keys_are_too_many_a_longer_loop_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as possible it begins all the same."""

    def too_many(*_: object) -> object:
        raise LimitReached(Why.STATE_SPACE, "more than 3 states and turns that were had")

    problems = [with_loop(a.problem, a.promise, a.fairness, SPAN) for a in map(tabled, range(150))]
    truths = [explicit(problem) for problem in problems]
    monkeypatch.setattr(lassos, "shortest_rounds", too_many)
    longer = 0
    for problem, truth in zip(problems, truths, strict=True):
        found = explicit(problem)
        if isinstance(truth, Refuted):
            assert isinstance(found, Refuted)
            assert certified(problem, found, UNLIMITED) == found
            (stem, loop), (least, shortest) = order_of(found.trace), order_of(truth.trace)
            assert stem == least and loop >= shortest
            assert bool(found.unsure) is (shortest > 1)
            longer += loop > shortest
        else:
            assert type(found) is type(truth)
    assert longer > 0


def test_what_was_changed_since_is_enumerated_as_it_is() -> None:
    """Then it need not be the question about whole runs any more that it was made of."""
    problem = retrying(1, 2, PROVED)
    assert origin_of(problem) is not None
    changed = replace(problem, actions=problem.actions[:-2])
    assert origin_of(changed) is None
    verdict = explicit(changed)
    assert isinstance(verdict, Proved) and not isinstance(verdict.certificate, Ranking)


def test_too_many_states() -> None:
    verdict = engine.run(retrying(2, 9, PROVED), Budget(max_states=50), Silent())
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.clean_through) == (Why.STATE_SPACE, None)
