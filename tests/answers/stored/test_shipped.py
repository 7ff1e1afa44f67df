"""The answers that are shipped with the specs: they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.files.writing import PROOF_SUFFIX as SUFFIX
from tests.thorough import THOROUGH

ROOT = Path(__file__).parents[3]


PROOFS = sorted(path for folder in ("spec", "examples") for path in (ROOT / folder).rglob(f"*{SUFFIX}"))


@pytest.mark.parametrize(
    ("proofs", "least"),
    [(PROOFS[::8], 100), pytest.param(PROOFS, 300, marks=THOROUGH)],
    ids=["usual", "all"],
)
def test_shipped_answers_hold(proofs: list[Path], least: int) -> None:
    """Some; `.ci/run` rechecks all, with a second solver too. If it fails because a spec was changed:
    tdxverify prove spec examples."""
    run = recheck([path.with_name(path.name.replace(SUFFIX, ".tdx")) for path in proofs])
    assert not run.diagnostics
    assert not [
        (a.asked.file, a.asked.line, a.reason)
        for a in run.answers
        if not (a.kept.standing.is_good and a.as_expected)
    ]
    assert run.exit_status is ExitStatus.AS_EXPECTED
    assert len(run.answers) > least


def test_no_proof_file_is_left_behind_by_its_spec() -> None:
    assert len(PROOFS) > 30
    assert not [path for path in PROOFS if not path.with_name(path.name.replace(SUFFIX, ".tdx")).exists()]
