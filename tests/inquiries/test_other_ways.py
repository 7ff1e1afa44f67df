"""`why --all`: every run that leads there takes all actions of one of the ways, by trying all sets."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.verdict import Refuted
from tdxverify.inquiries.causes import actions_of, other_traces
from tests.inquiries.conftest import WriteSpec
from tests.inquiries.test_switch_sentences import traces


def test_ways_of_generated_models(write_spec: WriteSpec) -> None:
    several = 0
    for found in traces(write_spec, 100):
        others = other_traces(found)
        assert others.complete
        ways = [actions_of(trace) for trace in (found.trace, *others.traces)]
        several += len(ways) > 1
        names = [action.name for action in found.problem.actions]
        for count in range(len(names) + 1):
            for kept in map(frozenset, combinations(names, count)):
                actions = tuple(action for action in found.problem.actions if action.name in kept)
                part = replace(found.problem, actions=actions)
                verdict = ENGINES["explicit"].run(part, Budget(), Silent())
                assert isinstance(verdict, Refuted) == any(way <= kept for way in ways)
    assert several
