"""What a page may say about stored proofs: only where the answer is the same one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import place_of, stored_proofs
from tests.changed_answers import changed

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name in ("02-erratum.tdx", "02-erratum.proof.json"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
    return check([tmp_path / "02-erratum.tdx"])


def test_every_answer_is_found(run: Run, tmp_path: Path) -> None:
    found = stored_proofs(run)
    assert set(found) == {place_of(c) for c in run.answers}
    assert set(found.values()) == {str(tmp_path / "02-erratum.proof.json")}


def test_another_answer_is_not_claimed_to_be_stored(run: Run) -> None:
    other = replace(run.answers[2], outcome=Outcome.REFUTED)
    elsewhere = changed(run.answers[2], where="erratum and true")
    assert stored_proofs(Run((other, elsewhere))) == {}


def test_a_damaged_or_missing_file_is_none(run: Run, tmp_path: Path) -> None:
    stored = tmp_path / "02-erratum.proof.json"
    stored.write_text("{", encoding="utf-8")
    assert stored_proofs(run) == {}
    stored.unlink()
    assert stored_proofs(run) == {}
