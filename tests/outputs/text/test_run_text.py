"""Runs as text: a golden report, and what must or must not be told."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.run import Run
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import outcome_text, text_lines
from tdxverify.syntax.ast import PropertyKind
from tdxverify.telling.story import Story
from tests.cells import cell
from tests.changed_answers import changed

GOLDEN = Path(__file__).parent / "golden"


def text(run: Run, *, width: int = 80, verbose: bool = False) -> str:
    return plain(text_lines(run, width=width, verbose=verbose))


def agrees_with_golden(name: str, found: str) -> bool:
    """Compare with a stored report; UPDATE_GOLDEN=1 stores instead, to be reviewed as a diff."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    return found == path.read_text(encoding="utf-8")


@pytest.fixture
def whole(proved: Answer, refuted: Answer, wrong: Answer, unknown: Answer, witness: Answer) -> Run:
    return Run((proved, refuted, wrong, unknown, witness))


def test_golden_report(whole: Run) -> None:
    assert agrees_with_golden("run.txt", text(whole))


def test_golden_verbose_report(whole: Run) -> None:
    assert agrees_with_golden("run-verbose.txt", text(whole, verbose=True))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(whole: Run, width: int) -> None:
    assert max(map(len, text(whole, width=width, verbose=True).splitlines())) <= width


def test_unknown_says_why_and_how_deep_and_that_it_is_no_proof(unknown: Answer) -> None:
    report = text(Run((unknown,)))
    assert "the bound was reached; no violation in the first 12 steps; not a proof" in " ".join(
        report.split()
    )
    assert "proved" not in report.replace("expected: proved", "")


def test_unknown_about_a_reachable_property_does_not_speak_of_violations(unknown: Answer) -> None:
    report = text(Run((changed(unknown, kind=PropertyKind.REACHABLE),)))
    assert "not reached in the first 12 steps" in report
    assert "violation" not in report


def test_unknown_without_any_clean_depth_claims_none(unknown: Answer) -> None:
    report = text(Run((dataclasses.replace(unknown, clean_through=None),)))
    assert "step" not in report


def test_witness_is_told_on_request_or_when_nobody_expected_it(witness: Answer) -> None:
    told = "donate(l = Line0) by tdx_module"
    assert told not in text(Run((witness,)))
    assert told in text(Run((witness,)), verbose=True)
    assert told in text(Run((changed(witness, expected="refuted"),)))


def test_refutation_is_told_even_if_expected(refuted: Answer) -> None:
    report = text(Run((refuted,)))
    assert "[F-TDX-31, F-TDX-32]" in report
    assert "next_kernel takes #MC" in report
    assert "never next_kernel takes #MC" in report


def test_cells_that_play_no_part_are_counted_not_listed(refuted: Answer, story: Story) -> None:
    report = text(Run((refuted,)))
    assert "td_owned[Line1]" not in report
    changed = {change.cell for step in story.steps for change in step.changes}
    assert "next_kernel took #MC = false" not in report
    assert f"({len(story.initial) - len(changed)} other cells do not change in this run)" in report
    assert "td_owned[Line1] = false" in text(Run((refuted,)), verbose=True)


def test_elements_name_the_cells_of_the_violation(refuted: Answer, story: Story) -> None:
    assert story.violation is not None
    violation = dataclasses.replace(
        story.violation,
        elements=(("l", "Line1"),),
        instead="poison[l] for l = Line1",
        is_evident=False,
        cells=(cell("poison[Line1]"),),
    )
    quiet = dataclasses.replace(story, steps=(), violation=violation)
    report = text(Run((changed(refuted, story=quiet, length=0),)))
    assert "poison[Line1] = false" in report
    assert "poison[Line0]" not in report
    assert "because poison[l] for l = Line1" in report
    assert "refuted at the start" in report


def test_words_for_outcomes(proved: Answer, refuted: Answer, witness: Answer) -> None:
    unreachable = changed(witness, outcome=Outcome.REFUTED, length=None, story=None)
    assert outcome_text(proved) == "proved"
    assert outcome_text(dataclasses.replace(refuted, length=1)) == "refuted in 1 step"
    assert outcome_text(witness) == "proved in 2 steps"
    assert outcome_text(unreachable) == "refuted: never reached"


def test_proof_for_any_size_uses_other_words_than_one_for_stated_sizes(proved: Answer) -> None:
    assert "for any size" in text(Run((changed(proved, any_size=True),)))
    assert "for Line = 2, Cpu = 1..3" in text(Run((proved,)))


def test_closing_line_counts(whole: Run) -> None:
    diagnostics = (Diagnostic(Code.E607, "m"),)
    report = text(dataclasses.replace(whole, diagnostics=diagnostics, interrupted=True))
    assert report.splitlines()[-1] == (
        "5 checks: 3 as expected, 1 not as expected, 1 undecided; 1 error; interrupted"
    )


def test_same_run_same_text(whole: Run) -> None:
    assert text(whole) == text(whole)
    assert not re.search(r"[^\x20-\x7e\n]", text(whole, verbose=True))
