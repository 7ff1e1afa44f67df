"""Trivial proofs about elements that have an order: what the definition says, by looking at every state."""

from __future__ import annotations

from collections import Counter

import pytest

from tdxverify.evidence.verdict import Proved
from tests.ordered_specs import ordered_spec
from tests.texts import explicit, problem_of
from tests.thorough import parts
from tests.triviality.generated import is_trivial
from tests.triviality.test_judging import found


@pytest.mark.parametrize("seeds", parts(range(900, 1060), 40))
def test_a_proof_is_trivial_where_looking_at_every_state_says_so(seeds: range) -> None:
    told: Counter[bool] = Counter()
    for seed in seeds:
        spec = ordered_spec(seed)
        if "last" in spec.partition("action")[2]:
            continue
        for epochs in (2, 3):
            problem = problem_of(spec, sizes={"Epoch": epochs, "Cpu": 1})
            if isinstance(explicit(problem), Proved):
                wanted = is_trivial(problem)
                (one,) = found(f"{spec} for Epoch = {epochs}, Cpu = 1\n")
                assert one.trivial is wanted, (seed, epochs)
                told[wanted] += 1
    assert told[True] > 5
