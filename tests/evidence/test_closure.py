"""A closed set is accepted as it is, and refused with one state missing or one bad state added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.evidence.base import Accepted, Judgement, Refused, Undecided
from tdxverify.evidence.certifying import checked
from tdxverify.evidence.enumeration import ClosedSet, Enumeration
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.expr import FALSE
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tests.generated import random_problem
from tests.problems import CASES, Case, common_model
from tests.semantics.reference import explore
from tests.texts import explicit

PROVED = [case for case in CASES if case.expected == "proved"]


def closed_set(problem: Problem) -> ClosedSet:
    verdict = explicit(problem)
    assert isinstance(verdict, Proved)
    assert isinstance(verdict.certificate, Enumeration)
    assert verdict.certificate.members is not None
    return verdict.certificate.members


def judged(problem: Problem, members: ClosedSet, budget: Budget = UNLIMITED) -> Judgement:
    return checked(problem, Enumeration.of(members), budget)


def refused(problem: Problem, members: ClosedSet, why: str) -> bool:
    found = judged(problem, members)
    return isinstance(found, Refused) and re.search(why, found.reason) is not None


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_reachable_sets_are_accepted(case: Case) -> None:
    assert isinstance(judged(case.problem, closed_set(case.problem)), Accepted)


def test_the_set_lists_pairs_of_valuations() -> None:
    problem = replace(common_model(1, None, None), bad=FALSE)
    certificate = closed_set(problem)
    pairs = set(certificate)
    assert len(pairs) == len(certificate)
    assert pairs == explore(problem).reachable


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_every_missing_state_is_noticed(case: Case) -> None:
    """Each state is initial or the successor of another one: without it the set is not closed."""
    certificate = closed_set(case.problem)
    removed = 0
    for packed in sorted(certificate.packed)[:: max(1, len(certificate) // 20)]:
        smaller = replace(certificate, packed=certificate.packed - {packed})
        assert refused(case.problem, smaller, r"missing|leads out")
        removed += 1
    assert removed > 0


def test_an_added_bad_state_is_noticed() -> None:
    added = 0
    for case in PROVED:
        semantics, certificate = Semantics(case.problem), closed_set(case.problem)
        for rigid, state in certificate:
            bad = next((s for s in _neighbours(case.problem, state) if semantics.is_bad(rigid, s)), None)
            if bad is not None:
                larger = certificate.packed | {certificate.packing.pack(rigid, bad)}
                assert refused(case.problem, replace(certificate, packed=larger), r"is bad|leads out")
                added += 1
                break
    assert added >= 8


def _neighbours(problem: Problem, state: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """States that differ from `state` in one cell."""
    for position, cell in enumerate(problem.state_layout.cells):
        for value in domain(cell.symbol.sort, problem.size_of):
            if value != state[position]:
                yield (*state[:position], value, *state[position + 1 :])


def test_sets_of_generated_problems_lose_no_state_unnoticed() -> None:
    removed = 0
    for seed in range(200):
        problem = random_problem(seed)
        verdict = explicit(problem)
        if not isinstance(verdict, Proved):
            continue
        certificate = closed_set(problem)
        assert isinstance(judged(problem, certificate), Accepted)
        for packed in sorted(certificate.packed)[:5]:
            assert refused(
                problem, replace(certificate, packed=certificate.packed - {packed}), r"missing|leads out"
            )
            removed += 1
    assert removed > 100


def test_values_outside_the_domain_are_refused() -> None:
    """Owner has three members in two bits: the fourth pattern is no state."""
    problem = common_model(1, True, True)
    certificate = closed_set(problem)
    field = certificate.packing.state[0]
    packed = min(certificate.packed) | field.mask
    assert refused(problem, replace(certificate, packed=certificate.packed | {packed}), "outside")
    beyond = frozenset({1 << certificate.packing.bits})
    assert refused(problem, replace(certificate, packed=certificate.packed | beyond), "not a packed state")


def test_a_packing_that_confuses_states_is_refused() -> None:
    """Two cells in one field would let one state stand for another."""
    problem = common_model(1, True, True)
    certificate = closed_set(problem)
    fields = certificate.packing.state
    overlapping = replace(certificate.packing, state=(*fields[:-1], fields[-2]))
    narrow = replace(certificate.packing, state=(replace(fields[0], width=1), *fields[1:]))
    short = replace(certificate.packing, state=fields[:-1])
    gap = replace(
        certificate.packing, rigid=tuple(replace(f, shift=f.shift + 1) for f in certificate.packing.rigid)
    )
    for packing in (overlapping, narrow, short, gap):
        assert refused(problem, replace(certificate, packing=packing), r"one to one|fields for|gaps")


def test_running_out_of_time_is_not_acceptance() -> None:
    problem = common_model(2, True, True)
    brief = Budget(deadline=monotonic() - 1)
    assert isinstance(judged(problem, closed_set(problem), brief), Undecided)
