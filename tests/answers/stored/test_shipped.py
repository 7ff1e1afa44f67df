"""The answers that are shipped with the specs: every check has one, and every one holds."""

from __future__ import annotations

from pathlib import Path

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.files.writing import PROOF_SUFFIX as SUFFIX

ROOT = Path(__file__).parents[3]


def test_every_shipped_answer_holds() -> None:
    """If it fails because a spec was changed: tdxverify prove spec examples."""
    run = recheck([ROOT / "spec", ROOT / "examples"])
    assert not run.diagnostics
    assert not [
        (a.asked.file, a.asked.line, a.reason)
        for a in run.answers
        if not (a.kept.standing.is_good and a.as_expected)
    ]
    assert run.exit_status is ExitStatus.AS_EXPECTED
    assert len(run.answers) > 300


def test_no_proof_file_is_left_behind_by_its_spec() -> None:
    files = [path for folder in ("spec", "examples") for path in (ROOT / folder).rglob(f"*{SUFFIX}")]
    assert len(files) > 30
    assert not [path for path in files if not path.with_name(path.name.replace(SUFFIX, ".tdx")).exists()]
