"""Random specs about elements that have an order: every engine, and any size against brute force."""

from __future__ import annotations

from collections import Counter

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import anysize
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.model.model import SizeRange
from tests.conformance.test_engines import agree, forks
from tests.ordered_specs import ordered_problem
from tests.texts import Silent, explicit, require_accepted
from tests.thorough import parts

__all__ = ("forks",)
SIZES = [(epochs, cpus) for epochs in (1, 2, 3, 4) for cpus in (1, 2)]


@pytest.mark.parametrize("seeds", parts(range(120), 12))
def test_engines_agree(seeds: range) -> None:
    for seed in seeds:
        agree(ordered_problem(seed, epochs=1 + seed % 3, cpus=1 + seed % 2))


@pytest.mark.parametrize("seeds", parts(range(200, 500), 25))
def test_what_is_said_of_every_size_is_so_at_small_ones(seeds: range) -> None:
    told: Counter[type] = Counter()
    for seed in seeds:
        found = anysize.decide(ordered_problem(seed, 2, 2), Budget(), Silent())
        told[type(found.verdict)] += 1
        require_accepted(found.problem, found.verdict, Budget())
        match found.verdict:
            case Proved():
                for sizes in SIZES:
                    assert isinstance(explicit(ordered_problem(seed, *sizes)), Proved), (seed, sizes)
            case Refuted():
                assert explicit(found.problem) == found.verdict
            case other:
                assert isinstance(other, Unknown)
    assert told[Proved] > 3
    assert told[Refuted] > 3


@pytest.mark.parametrize("seeds", parts(range(800, 860), 10))
def test_stated_beside_open_sizes(seeds: range) -> None:
    """Of two or three epochs, and any number of CPUs."""
    told: Counter[type] = Counter()
    for seed in seeds:
        asked = ordered_problem(seed, 3, 2).limited((SizeRange("Epoch", 2, 3),))
        found = anysize.decide(asked, Budget(), Silent())
        told[type(found.verdict)] += 1
        require_accepted(found.problem, found.verdict, Budget())
        match found.verdict:
            case Proved():
                for epochs, cpus in ((2, 1), (2, 2), (3, 1), (3, 2)):
                    assert isinstance(explicit(ordered_problem(seed, epochs, cpus)), Proved), (seed, epochs)
            case Refuted():
                assert explicit(found.problem) == found.verdict
            case other:
                assert isinstance(other, Unknown)
    assert told[Proved] > 3
