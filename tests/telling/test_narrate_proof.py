"""What is told about a proof is what the evidence is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.checking import check
from tdxverify.model.model import SizeRange
from tdxverify.questions.options import Options

ROOT = Path(__file__).parents[2]


def proved(name: str, **options: object) -> list[Answer]:
    run = check([ROOT / name], Options(**options))  # type: ignore[arg-type]
    return [c for c in run.answers if c.outcome is Outcome.PROVED and c.told.story is None]


def test_an_invariant_is_told_in_both_ways() -> None:
    (found,) = proved("examples/02-erratum.tdx")
    assert found.told.proof is not None
    assert tuple(said.symbols for said in found.told.proof.formulas) == found.told.invariant
    assert "There is no Line L such that poison holds for L." in [s.words for s in found.told.proof.formulas]
    assert found.told.proof.where is not None and found.told.proof.where.words == "erratum does not hold."
    assert found.told.proof.assumptions == ()
    assert {one.name: one.citations for one in found.told.proof.explained}["poison"] == ("F-TDX-13",)
    assert "holds for any size, found by the engine any-size" in found.told.proof.method
    (who,) = found.told.proof.accepted
    assert "SMT-LIB" in who and "every step keeps it" in who


def test_the_assumptions_of_the_spec_are_told() -> None:
    found = proved("examples/08-configurations.tdx")
    assert found
    for one in found:
        assert one.told.proof is not None
        assert "old_private_memory > 0" in [said.symbols for said in one.told.proof.assumptions]


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
    assert found.told.proof is not None and found.told.proof.formulas == ()
    assert (
        method in found.told.proof.method and "for each of 2 combinations of sizes" in found.told.proof.method
    )
    assert all(accepted in sentence for sentence in found.told.proof.accepted) and found.told.proof.accepted


def test_a_refutation_and_an_open_check_have_no_proof() -> None:
    run = check([ROOT / "examples" / "02-erratum.tdx"], Options(engine="bmc", bound=1))
    assert [c.told.proof for c in run.answers] == [None] * 3
