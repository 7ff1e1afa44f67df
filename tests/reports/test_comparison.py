"""The comparison of several files that check the same properties."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tdxverify.checker import check
from tdxverify.reports.comparison import comparison_lines
from tdxverify.reports.layout import plain
from tdxverify.results.run import Outcome

MATRIX = Path(__file__).parents[2] / "spec" / "matrix"


def test_platforms_side_by_side() -> None:
    run = check([MATRIX])
    text = plain(comparison_lines(run.checks, 80))
    names = {path.stem for path in MATRIX.glob("*.tdx")}
    lines = [line.split() for line in text.splitlines() if line.strip()]
    rows = {words[0]: words[1:] for words in lines if words[0] in names}
    assert set(rows) == names
    assert rows["sgx"] == ["yes"] * 5
    assert rows["pkvm_old"][:3] == ["no", "2", "yes"]
    assert max(map(len, text.splitlines())) <= 80
    assert "(5) no_device_changes_private_memory" in text
    open_one = [replace(c, outcome=Outcome.UNKNOWN) for c in run.checks]
    assert "unknown" in plain(comparison_lines(open_one, 80))


def test_nothing_to_compare() -> None:
    run = check([MATRIX / "sgx.tdx", MATRIX / "cca.tdx"])
    assert comparison_lines(run.checks, 80) == []
