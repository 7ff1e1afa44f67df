"""What an answer is held against, and the exit status that follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Asked, Judgement, Kept, Outcome, Standing
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.run import Run
from tdxverify.diagnostics import Code, Diagnostic
from tests.changed_answers import changed

ASKED = Asked("a.tdx", 7, "p", None, "", (("Line", "any"),), True, "proved", None)
PROVED = Answer(ASKED, Outcome.PROVED, ASKED.sizes)
REFUTED = replace(PROVED, outcome=Outcome.REFUTED, length=3)
UNKNOWN = replace(PROVED, outcome=Outcome.UNKNOWN)


def kept(answer: Answer, standing: Standing) -> Answer:
    return replace(answer, kept=Kept(standing), is_given=not standing.is_lost)


@pytest.mark.parametrize(
    ("answer", "judgement", "status"),
    [
        (PROVED, Judgement.AS_EXPECTED, ExitStatus.AS_EXPECTED),
        (REFUTED, Judgement.NOT_EXPECTED, ExitStatus.NOT_EXPECTED),
        (UNKNOWN, Judgement.UNDECIDED, ExitStatus.UNDECIDED),
        (kept(PROVED, Standing.HOLDS), Judgement.AS_EXPECTED, ExitStatus.AS_EXPECTED),
        (kept(REFUTED, Standing.NEW), Judgement.NOT_EXPECTED, ExitStatus.NOT_EXPECTED),
        (kept(UNKNOWN, Standing.UNDECIDED), Judgement.UNDECIDED, ExitStatus.UNDECIDED),
        (kept(UNKNOWN, Standing.STALE), Judgement.NOT_EXPECTED, ExitStatus.NOT_EXPECTED),
    ],
)
def test_one_answer_decides_the_status(answer: Answer, judgement: Judgement, status: ExitStatus) -> None:
    assert answer.judgement is judgement
    assert Run((PROVED, answer)).exit_status is status


def test_lengths_are_expected_too() -> None:
    for expected, same in ((None, True), (3, True), (4, False)):
        assert changed(REFUTED, expected="refuted", expected_length=expected).as_expected is same


@pytest.mark.parametrize("standing", Standing)
def test_a_lost_answer_is_never_the_expected_one(standing: Standing) -> None:
    """Not even where it is expected that there is none."""
    answer = kept(changed(UNKNOWN, expected="unknown"), standing)
    assert answer.as_expected is not standing.is_lost
    assert answer.word == (standing.value if standing.is_lost else "unknown")
    assert standing.is_good + standing.is_lost + (standing is Standing.UNDECIDED) == 1


def test_nobody_got_to_answer() -> None:
    """That is not what `expect unknown` means."""
    assert not changed(UNKNOWN, expected="unknown", is_given=False).as_expected


def test_what_comes_before_what() -> None:
    mistake = Diagnostic(Code.E201, "no 'x'")
    run = Run((PROVED, UNKNOWN))
    assert run.exit_status is ExitStatus.UNDECIDED
    assert Run((PROVED,), interrupted=True).exit_status is ExitStatus.UNDECIDED
    run = replace(run, answers=(*run.answers, REFUTED), interrupted=True)
    assert run.exit_status is ExitStatus.NOT_EXPECTED
    run = replace(run, diagnostics=(mistake,))
    assert run.exit_status is ExitStatus.WRONG_INPUT
    assert replace(run, is_broken=True).exit_status is ExitStatus.INTERNAL
    assert replace(run, written=(Path("a"),)).exit_status is ExitStatus.WRONG_INPUT


def test_a_trace_is_about_its_own_sizes() -> None:
    assert PROVED.is_general and not REFUTED.is_general
    assert (ASKED.told_sizes(), changed(PROVED, any_size=False).asked.told_sizes()) == (
        "any size",
        "any number of Line",
    )
    assert changed(REFUTED, expected="refuted", expected_length=3).asked.expectation() == "refuted in 3"
