"""The comparison of several files that check the same properties."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.run import Run
from tdxverify.answers.stored.overview import stored_proofs
from tdxverify.outputs.html.comparison import comparison_markup
from tdxverify.outputs.text.comparison import comparison_lines
from tdxverify.outputs.text.layout import plain

MATRIX = Path(__file__).parents[3] / "spec" / "matrix"
PKVM, TDX = ("pkvm linux_6_12", "pkvm newer_trees"), ("tdx erratum_present", "tdx fixed")
ROWS = ("cca", *PKVM, "sev_snp", "sgx", *TDX)


@pytest.fixture(scope="module")
def run() -> Run:
    return check([MATRIX])


def test_platforms_side_by_side(run: Run) -> None:
    text = plain(comparison_lines(run.answers, 80))
    rows = {
        name: line.removeprefix(name).split()
        for line in text.splitlines()
        for name in ROWS
        if line.startswith(f"{name} ")
    }
    assert tuple(rows) == ROWS and {name.split()[0] for name in ROWS} == {
        f.stem for f in MATRIX.glob("*.tdx")
    }
    assert rows["sgx"][::2] == ["yes"] * 5
    assert rows["pkvm linux_6_12"][:3] == ["no", "2", f":{line_of(run, 'pkvm')}"]
    assert "proof.json" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "(5) no_device_changes_private_memory" in text
    open_one = [replace(c, outcome=Outcome.UNKNOWN) for c in run.answers]
    assert "unknown" in plain(comparison_lines(open_one, 80))


def line_of(run: Run, stem: str) -> int:
    """Of the first check in that file."""
    return next(check.asked.line for check in run.answers if Path(check.asked.file).stem == stem)


def test_the_evidence_is_named(run: Run) -> None:
    stored = stored_proofs(run)
    text = plain(comparison_lines(run.answers, 400, stored))
    assert text.count("evidence of ") == len(ROWS)
    files = {Path(file).name: file for file in stored.values()}
    for row in ROWS:
        assert f"evidence of {row}: {files[f'{row.split()[0]}.proof.json']}\n" in text


def test_every_cell_of_the_page_leads_to_its_evidence(run: Run) -> None:
    markup = comparison_markup(run.answers)
    assert markup is not None
    answers = re.findall(r'<span class="verdict (\w+)"><a href="#check-(\d+)">', markup.text)
    assert len(answers) == len(run.answers)
    for verdict, number in answers:
        assert run.answers[int(number) - 1].outcome.value == verdict


def test_nothing_to_compare() -> None:
    run = check([MATRIX / "sgx.tdx", MATRIX / "cca.tdx"])
    assert comparison_lines(run.answers, 80) == []
