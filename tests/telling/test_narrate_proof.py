"""What is told about a proof is what the evidence is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.checker import Options, check
from tdxverify.model.model import SizeRange
from tdxverify.results.run import CheckRun, Outcome

ROOT = Path(__file__).parents[2]


def proved(name: str, **options: object) -> list[CheckRun]:
    run = check([ROOT / name], Options(**options))  # type: ignore[arg-type]
    return [c for c in run.checks if c.outcome is Outcome.PROVED and c.story is None]


def test_an_invariant_is_told_in_both_ways() -> None:
    (found,) = proved("examples/02-erratum.tdx")
    assert found.proof is not None
    assert tuple(said.symbols for said in found.proof.formulas) == found.invariant
    assert "There is no Line L such that poison holds for L." in [s.words for s in found.proof.formulas]
    assert found.proof.where is not None and found.proof.where.words == "erratum does not hold."
    assert found.proof.assumptions == ()
    assert {one.name: one.citations for one in found.proof.explained}["poison"] == ("F-TDX-13",)
    assert "holds for any size, found by the engine any-size" in found.proof.method
    (who,) = found.proof.accepted
    assert "SMT-LIB" in who and "every step keeps it" in who


def test_the_assumptions_of_the_spec_are_told() -> None:
    found = proved("examples/08-configurations.tdx")
    assert found
    for one in found:
        assert one.proof is not None
        assert "old_private_memory > 0" in [said.symbols for said in one.proof.assumptions]


@pytest.mark.parametrize(
    ("engine", "method", "accepted"),
    [
        ("explicit", "all reachable states, listed one by one", "The evaluator, without any solver"),
        ("k-induction", "induction over", "base case and induction step"),
    ],
)
def test_other_evidence(engine: str, method: str, accepted: str) -> None:
    sizes = (SizeRange("Line", 1, 2),)
    (found,) = proved("examples/02-erratum.tdx", engine=engine, sizes=sizes)
    assert found.proof is not None and found.proof.formulas == ()
    assert method in found.proof.method and "for each of 2 combinations of sizes" in found.proof.method
    assert all(accepted in sentence for sentence in found.proof.accepted) and found.proof.accepted


def test_a_refutation_and_an_open_check_have_no_proof() -> None:
    run = check([ROOT / "examples" / "02-erratum.tdx"], Options(engine="bmc", bound=1))
    assert [c.proof for c in run.checks] == [None] * 3
