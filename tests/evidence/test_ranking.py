"""Ranks show that no fair run breaks a promise; whoever claims that where one does is refused."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tdxverify.budget import UNLIMITED
from tdxverify.evidence.base import Accepted, Evidence, Refused
from tdxverify.evidence.certifying import checked
from tdxverify.evidence.enumeration import ClosedSet, reachable
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.verdict import Proved, Refuted
from tdxverify.logic.components import Ranks, Reason
from tdxverify.questions.problems.looping import origin_of, with_loop
from tdxverify.questions.problems.problem import Problem
from tests.building import SPAN
from tests.fair_loops import Promised, tabled
from tests.problems import CASES
from tests.retrying import PROVED, REFUTED, retrying
from tests.texts import explicit

SEEDS = range(150)


def looping(asked: Promised) -> Problem:
    return with_loop(asked.problem, asked.promise, asked.fairness, SPAN)


def is_refused(problem: Problem, evidence: Evidence) -> bool:
    judged = checked(problem, evidence, UNLIMITED)
    assert isinstance(judged, Accepted | Refused)
    return isinstance(judged, Refused)


def ranking(problem: Problem) -> Ranking | None:
    verdict = explicit(problem)
    if not isinstance(verdict, Proved):
        return None
    assert isinstance(verdict.certificate, Ranking)
    return verdict.certificate


def all_states(problem: Problem) -> ClosedSet:
    """Of the question about whole runs."""
    origin = origin_of(problem)
    assert origin is not None
    for count in range(1, 100):
        try:
            return reachable(origin.problem, count, UNLIMITED)
        except Unusable:  # there are more
            continue
    raise AssertionError


def test_what_was_found_is_accepted_and_so_is_what_is_stored_of_it() -> None:
    found = [(problem, ranking(problem)) for problem in map(looping, map(tabled, SEEDS))]
    found.append((retrying(2, 3, PROVED), ranking(retrying(2, 3, PROVED))))
    proofs = [(problem, proof) for problem, proof in found if proof is not None]
    assert any(proof.ranks and proof.ranks[0].of for _, proof in proofs)
    for problem, proof in proofs:
        assert not is_refused(problem, proof)
        assert not is_refused(problem, Ranking(proof.states))
        assert is_refused(problem, Ranking(proof.states + 1))
        assert is_refused(problem, replace(proof, states=proof.states + 1))


def test_proofs_of_strong_fairness_are_none_of_weak_fairness() -> None:
    refused = 0
    for seed in range(1500):
        asked = tabled(seed)
        if not any(one.strong for one in asked.fairness):
            continue
        proof = ranking(looping(asked))
        for number, one in enumerate(asked.fairness if proof is not None else ()):
            weaker = (
                *asked.fairness[:number],
                replace(one, strong=False),
                *asked.fairness[number + 1 :],
            )
            problem = looping(replace(asked, fairness=weaker))
            if isinstance(explicit(problem), Refuted):
                assert proof is not None and is_refused(problem, proof), seed
                refused += 1
    assert refused > 5


@pytest.mark.parametrize("tries", [12])
def test_nothing_shows_that_a_broken_promise_is_kept(tries: int) -> None:
    for seed in SEEDS:
        problem, random = looping(tabled(seed)), Random(seed)
        if isinstance(explicit(problem), Refuted):
            members = all_states(problem)
            assert is_refused(problem, Ranking(len(members)))
            for _ in range(tries):
                made_up = Ranking(len(members), members, (_made_up(members, random),))
                assert is_refused(problem, made_up), (seed, made_up)


def _made_up(members: ClosedSet, random: Random) -> Ranks:
    ranks = Ranks()
    for packed in members.packed:
        if random.random() < 0.9:
            rank = tuple(random.choice((0, 0, 1)) for _ in range(random.choice((1, 1, 2))))
            ranks.of[packed] = rank
    for rank in list(ranks.of.values()):
        for count in range(1, len(rank) + 1):
            ranks.reasons[rank[:count]] = Reason(random.choice((0, 0, 1, 2, 3)), random.choice((0, 1, 2, 7)))
    return ranks


@pytest.mark.parametrize("seed", range(40))
def test_a_state_or_a_rank_that_is_missing_is_noticed(seed: int) -> None:
    problem = looping(tabled(seed))
    proof = ranking(problem)
    if proof is None or proof.members is None:
        return
    for packed in proof.members.packed:
        fewer = replace(proof.members, packed=proof.members.packed - {packed})
        assert is_refused(problem, replace(proof, states=proof.states - 1, members=fewer))
        if packed in proof.ranks[0].of:
            left = {node: rank for node, rank in proof.ranks[0].of.items() if node != packed}
            assert is_refused(problem, replace(proof, ranks=(Ranks(left, proof.ranks[0].reasons),)))
    assert is_refused(problem, replace(proof, ranks=()))


def test_it_is_about_whole_runs_and_about_no_other_question() -> None:
    assert is_refused(CASES[0].problem, Ranking(1))
    problem = retrying(1, 2, PROVED)
    proof = ranking(problem)
    assert proof is not None
    assert is_refused(replace(problem, bad=problem.actions[0].guard), proof)  # it was changed since
    assert is_refused(retrying(1, 3, PROVED), proof)
    assert is_refused(retrying(1, 2, REFUTED), proof)
