"""What is stored is left alone, survives, is repaired, or is found anew; and never overwritten unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers import deciding
from tdxverify.answers.answer import Answer, Judgement, Outcome, Standing
from tdxverify.answers.checking import check
from tdxverify.answers.deciding import Conclusion
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored import proving
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.judging import Judge
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.evidence.base import Undecided
from tdxverify.outputs.junit import junit_text
from tdxverify.outputs.sarif import sarif_text
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tests.answers.stored.sample import TEXT, answer_about, proof_text, written

LINKS = "check links_are_owned expect proved"
CLEAN = "check no_mc where not erratum expect proved"
DIRTY = "check no_mc where erratum expect refuted in 4"


def changed(folder: Path, *replacements: str) -> Path:
    """The spec with a change, beside the proof file of the unchanged one."""
    text = TEXT
    for old, new in zip(replacements[::2], replacements[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return written(folder, text=text)


def proved(spec: Path) -> Run:
    run = prove([spec], Silent())
    assert not run.diagnostics
    return run


def answer(run: Run, spec: Path, line: str) -> Answer:
    return answer_about(run, line, spec.read_text(encoding="utf-8"))


LEAVES_ITS_RANGE = """\
state k : 0..3 = 0
action inc { k := k + 1 }
property r never k = 9
check r expect unknown
check r
"""


def test_a_mistake_that_shows_in_a_check_is_no_answer_and_is_told_once(tmp_path: Path) -> None:
    """Whoever runs it: what is expected to be unknown is not what nobody could answer."""
    spec = tmp_path / "leaves.tdx"
    spec.write_text(LEAVES_ITS_RANGE, encoding="utf-8")
    runs = check([spec]), prove([spec], Silent())
    for run in runs:
        assert [(a.as_expected, a.is_given, a.judgement) for a in run.answers] == [
            (False, False, Judgement.UNDECIDED)
        ] * 2
        assert [mistake.code for mistake in run.diagnostics] == [Code.E510]
        told = junit_text(run) + sarif_text(run) + plain(text_lines(run))
        assert told.count("the spec is wrong: a value leaves its range (E510)") >= 6
        assert "expected: unknown" not in junit_text(run) + sarif_text(run)
        assert "unknown, but" not in told
    assert not proof_path(spec).exists()
    assert [a.reason for a in runs[0].answers] == [a.reason for a in runs[1].answers]


def test_what_was_found_and_not_rechecked_is_not_the_unknown_that_is_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "small.tdx"
    spec.write_text(LEAVES_ITS_RANGE.replace("k + 1", "0").replace("check r\n", ""), encoding="utf-8")
    monkeypatch.setattr(Judge, "judge", lambda *_, **__: Undecided("the solver gave up"))
    (found,) = prove([spec], Silent()).answers
    assert (found.is_given, found.as_expected) == (False, False)


def test_a_mistake_of_one_check_leaves_the_others_their_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "sample.tdx"
    spec.write_text(TEXT, encoding="utf-8")

    def strict(asked: Question, *others: Any) -> Conclusion:
        if asked.check.property == "idle":
            raise SpecError([Diagnostic(Code.E510, "it makes no sense", asked.check.span)])
        return deciding.answer(asked, *others)

    monkeypatch.setattr(proving, "answer", strict)
    run = prove([spec], Silent())
    assert len(run.answers) == 11 and [mistake.code for mistake in run.diagnostics] == [Code.E510]
    (idle,) = [one for one in run.answers if one.asked.property == "idle"]
    assert (idle.is_given, idle.reason) == (False, "it makes no sense (E510)")


def test_everything_is_new_at_first(tmp_path: Path) -> None:
    spec = tmp_path / "sample.tdx"
    spec.write_text(TEXT, encoding="utf-8")
    run = proved(spec)
    assert {a.kept.standing for a in run.answers} == {Standing.NEW}
    assert run.exit_status is ExitStatus.AS_EXPECTED
    outcomes = [a.outcome for a in run.answers]
    assert outcomes.count(Outcome.PROVED) == 6
    assert outcomes.count(Outcome.REFUTED) == 3
    assert outcomes.count(Outcome.VACUOUS) == 2
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_everything_is_unchanged_afterwards(tmp_path: Path) -> None:
    run = proved(changed(tmp_path, "index Line", "// comments and layout do not count\n\nindex   Line"))
    assert {a.kept.standing for a in run.answers} == {Standing.UNCHANGED}
    assert run.written == ()


def test_a_proof_survives_what_does_not_break_it(tmp_path: Path) -> None:
    spec = changed(tmp_path, "when owned[l] and l != m", "when owned[l] and phase = running and l != m")
    assert answer(recheck([spec]), spec, LINKS).kept.standing is Standing.STALE
    run = proved(spec)
    found = answer(run, spec, LINKS)
    assert (found.kept.standing, found.kept.evidence) == (Standing.SURVIVING, "invariant of 2 formulas")
    assert answer(run, spec, CLEAN).kept.standing is Standing.UNCHANGED
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_a_trace_survives_symbols_that_it_does_not_need(tmp_path: Path) -> None:
    more = "state noise[Line] : bool\ndefine deafening = forall l : Line: noise[l]\nactor kernel"
    spec = changed(tmp_path, "actor kernel", more, "leave when phase", "leave when not deafening and phase")
    assert answer(proved(spec), spec, DIRTY).kept.standing is Standing.SURVIVING


def test_a_broken_proof_is_repaired(tmp_path: Path) -> None:
    """One more step writes what the proof is about; that it is never made has to be known now."""
    spec = changed(
        tmp_path,
        "action tick",
        "state given[Line] : bool = false\n"
        "action give(l : Line) { given[l] := true }\n"
        "action taint(l : Line) when kernel_dead { poison[l] := true }\n"
        "define kernel_dead = count = 3\n"
        "action tick",
    )
    run = proved(spec)
    found = answer(run, spec, CLEAN)
    assert found.kept.standing is Standing.REPAIRED
    assert found.outcome is Outcome.PROVED
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_what_has_become_false_is_refuted_anew(tmp_path: Path) -> None:
    spec = changed(tmp_path, "when owned[l] and erratum {", "when owned[l] {")
    run = proved(spec)
    found = answer(run, spec, CLEAN)
    assert (found.kept.standing, found.outcome, found.length) == (Standing.NEW, Outcome.REFUTED, 4)
    assert not found.as_expected
    assert run.exit_status is ExitStatus.NOT_EXPECTED
    # The answer is kept, and recheck says the same.
    rechecked = answer(recheck([spec]), spec, CLEAN)
    assert (rechecked.kept.standing, rechecked.outcome) == (Standing.HOLDS, Outcome.REFUTED)
    assert recheck([spec]).exit_status is ExitStatus.NOT_EXPECTED


def test_an_answer_follows_its_check_when_the_where_is_edited(tmp_path: Path) -> None:
    edited = "check no_mc where not erratum and mode = running expect proved"
    spec = changed(tmp_path, CLEAN, edited)
    assert answer(recheck([spec]), spec, edited).kept.standing is Standing.MISSING
    assert Standing.LEFT_OVER in {a.kept.standing for a in recheck([spec]).answers}
    assert answer(proved(spec), spec, edited).kept.standing is Standing.SURVIVING
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_answers_to_checks_that_are_gone_are_dropped(tmp_path: Path) -> None:
    spec = changed(tmp_path, DIRTY + "\n", "")
    run = proved(spec)
    assert {a.kept.standing for a in run.answers} == {Standing.UNCHANGED}
    assert run.written == (proof_path(spec),)
    assert '"where": "erratum"' not in proof_path(spec).read_text(encoding="utf-8")


def test_a_mistake_in_the_spec_leaves_the_file_alone(tmp_path: Path) -> None:
    spec = changed(tmp_path, "state phase", "state state")
    run = prove([spec], Silent())
    assert run.exit_status is ExitStatus.WRONG_INPUT
    assert not run.answers
    assert proof_path(spec).read_text(encoding="utf-8") == proof_text()


def test_an_assignment_out_of_range_is_a_mistake_too(tmp_path: Path) -> None:
    spec = changed(tmp_path, "action tick when count < 2 {", "action tick {")
    run = prove([spec], Silent())
    assert Code.E510 in {d.code for d in run.diagnostics}
    assert proof_path(spec).read_text(encoding="utf-8") == proof_text()


def test_undecided_checks_are_listed_and_what_is_stored_is_kept(tmp_path: Path) -> None:
    """With no time at all nothing new is decided."""
    spec = changed(tmp_path, "action stray(l : Line) when owned[l]", "action stray(l : Line) when count = 2")
    run = prove([spec], Silent(), Options(timeout=1e-9))
    standings = {a.kept.standing for a in run.answers}
    assert Standing.UNDECIDED in standings
    assert run.exit_status is ExitStatus.UNDECIDED
    undecided = answer(run, spec, DIRTY)
    assert undecided.kept.standing is Standing.UNDECIDED
    assert undecided.reason is not None
    assert answer(recheck([spec]), spec, DIRTY).kept.standing is Standing.STALE


@pytest.mark.parametrize("content", ["", "{}", proof_text().replace("Line0", "Line1")])
def test_what_cannot_be_used_is_only_overwritten_when_told_to(content: str, tmp_path: Path) -> None:
    spec = written(tmp_path, proof=content)
    run = prove([spec], Silent())
    assert run.exit_status is ExitStatus.WRONG_INPUT
    assert proof_path(spec).read_text(encoding="utf-8") == content
    run = prove([spec], Silent(), update=True)
    assert run.exit_status is ExitStatus.AS_EXPECTED
    assert {a.kept.standing for a in run.answers} == {Standing.NEW}
    assert proof_path(spec).read_text(encoding="utf-8") == proof_text()


def test_other_specs_are_still_proved(tmp_path: Path) -> None:
    broken = written(tmp_path, proof="")
    good = tmp_path / "good.tdx"
    good.write_text(TEXT, encoding="utf-8")
    run = prove([tmp_path], Silent())
    assert {d.code for d in run.diagnostics} == {Code.E801}
    assert run.written == (proof_path(good),)
    assert {a.asked.file for a in run.answers} == {str(good)}
    assert proof_path(broken).read_text(encoding="utf-8") == ""


def test_a_spec_without_checks_has_no_file(tmp_path: Path) -> None:
    library = tmp_path / "library.tdx"
    library.write_text("state x : bool = false\n", encoding="utf-8")
    run = prove([tmp_path], Silent())
    assert (run.answers, run.written) == ((), ())
    assert not proof_path(library).exists()
