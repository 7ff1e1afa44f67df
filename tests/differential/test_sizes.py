"""One proof for every size against many small instances: whatever is said of all must hold of each."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import anysize
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Why
from tdxverify.questions.problems.problem import Problem
from tests.differential.sized_specs import NOT_STARTED, PROVED, REFUTED, SPECS, UNKNOWN, VACUOUS
from tests.generated import random_problem
from tests.texts import Silent, problem_of, require_accepted

FEW = Budget(max_states=20_000)
CELLS = 40  # of a state, beyond which instances are not compared


def instances(problem: Problem, largest: int) -> list[Problem]:
    """Every combination of sizes up to `largest`; with more than one sort also 4 of each."""
    names = [name for name, _ in problem.sizes]
    found = [
        dict(zip(names, sizes, strict=True)) for sizes in product(range(1, largest + 1), repeat=len(names))
    ]
    found += [dict.fromkeys(names, 4)] if largest < 4 else []
    sized = [_sized(problem, sizes) for sizes in found]
    return [one for one in sized if len(one.state_layout.cells) <= CELLS]


def _sized(problem: Problem, sizes: dict[str, int]) -> Problem:
    return replace(problem, sizes=tuple(sizes.items()))


def test_every_spec_has_an_expectation() -> None:
    assert len(SPECS) >= 40
    assert {*PROVED, *UNKNOWN, *REFUTED, VACUOUS, NOT_STARTED} == set(SPECS)


@pytest.mark.parametrize("name", PROVED)
def test_proved_at_every_size_means_proved_at_each(name: str) -> None:
    problem = problem_of(SPECS[name])
    found = anysize.decide(problem, Budget(), Silent())
    assert isinstance(found.verdict, Proved)
    assert isinstance(found.verdict.certificate, Invariant)
    assert found.verdict.certificate.any_size
    require_accepted(found.problem, found.verdict, Budget())
    largest = 4 if len(problem.sizes) == 1 else 2
    for small in instances(problem, largest):
        ground = pdr.run(small, Budget(), Silent())
        assert isinstance(ground, Proved | Vacuous), small.sizes
        require_accepted(small, ground, Budget())
        counted = explicit.run(small, FEW, Silent())
        assert isinstance(counted, Proved | Vacuous | Unknown), small.sizes
        assert not isinstance(counted, Vacuous) or isinstance(ground, Vacuous)


@pytest.mark.parametrize("name", REFUTED)
def test_refuted_at_the_smallest_sizes(name: str) -> None:
    sizes, length = REFUTED[name]
    found = anysize.decide(problem_of(SPECS[name]), Budget(), Silent())
    assert isinstance(found.verdict, Refuted)
    assert tuple(size for _, size in found.problem.sizes) == sizes
    assert len(found.verdict.trace) == length
    assert found.verdict == explicit.run(found.problem, Budget(), Silent())
    for sort, size in found.problem.sizes:
        if size > 1:
            smaller = _sized(found.problem, dict(found.problem.sizes) | {sort: size - 1})
            assert not isinstance(explicit.run(smaller, Budget(), Silent()), Refuted)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_no_quantified_invariant_shows_is_not_claimed(name: str) -> None:
    found = anysize.decide(problem_of(SPECS[name]), Budget(), Silent())
    assert isinstance(found.verdict, Unknown)
    assert found.verdict.why is Why.NO_GENERAL_PROOF
    assert found.verdict.clean_through is None
    assert "proved for 1, 2, 3 and 4 elements of each sort" in found.verdict.detail
    for small in instances(found.problem, 4):
        assert isinstance(explicit.run(small, FEW, Silent()), Proved)


def test_vacuous_means_at_every_size() -> None:
    found = anysize.decide(problem_of(SPECS[VACUOUS]), Budget(), Silent())
    assert isinstance(found.verdict, Vacuous)
    assert found.verdict.any_size
    require_accepted(found.problem, found.verdict, Budget())


def test_no_initial_state_at_few_elements_is_not_vacuous() -> None:
    problem = problem_of(SPECS[NOT_STARTED])
    verdict = anysize.run(problem, Budget(), Silent())
    assert isinstance(verdict, Unknown)
    assert "no initial state" in verdict.detail
    assert isinstance(explicit.run(_sized(problem, {"Line": 6}), Budget(), Silent()), Vacuous)
    assert isinstance(explicit.run(_sized(problem, {"Line": 7}), Budget(), Silent()), Refuted)


def test_generated_problems() -> None:
    kinds = {Proved: 0, Refuted: 0, Vacuous: 0}
    for seed in range(120):
        problem = random_problem(seed)
        found = anysize.decide(problem, Budget(bound=40), Silent())
        require_accepted(found.problem, found.verdict, Budget())
        truths = [explicit.run(anysize.instance(problem, size), FEW, Silent()) for size in (1, 2)]
        match found.verdict:
            case Proved():
                assert not any(isinstance(truth, Refuted) for truth in truths), seed
            case Refuted():
                assert found.verdict == explicit.run(found.problem, Budget(), Silent()), seed
            case Vacuous():
                assert all(isinstance(truth, Vacuous) for truth in truths), seed
            case Unknown(clean_through=depth):
                assert depth is None
                continue
        kinds[type(found.verdict)] += 1
    assert all(count > 10 for count in kinds.values())
