"""Rechecking answers from the file alone, and says why where it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tdxverify.checker.options import Silent
from tdxverify.diagnostics import Code
from tdxverify.proofs import rechecking
from tdxverify.proofs.file import proof_path
from tdxverify.proofs.processes import FEWEST
from tdxverify.proofs.proving import prove
from tdxverify.proofs.rechecking import recheck
from tdxverify.proofs.results import Standing
from tdxverify.results.run import ExitStatus
from tdxverify.smt import second
from tests.proofs.sample import TEXT, proof_text, written

needs_cvc5 = pytest.mark.skipif(second.version() is None, reason="cvc5 is not installed")


def test_every_answer_holds(tmp_path: Path) -> None:
    run = recheck([written(tmp_path)])
    assert len(run.answers) == TEXT.count("\ncheck ")
    assert {a.standing for a in run.answers} == {Standing.HOLDS}
    assert all(a.as_expected for a in run.answers)
    assert run.exit_status is ExitStatus.AS_EXPECTED


def test_nothing_is_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tdxverify.engines import anysize, bmc, explicit, kinduction
    from tdxverify.engines.pdr import engine as pdr

    def searched(*_: object, **__: object) -> None:
        raise AssertionError("a search was begun")

    for engine in (anysize, bmc, explicit, kinduction, pdr):
        monkeypatch.setattr(engine, "run", searched)
    monkeypatch.setattr(anysize, "decide", searched)
    assert recheck([written(tmp_path)]).exit_status is ExitStatus.AS_EXPECTED


def test_without_a_file_everything_is_missing(tmp_path: Path) -> None:
    spec = written(tmp_path)
    proof_path(spec).unlink()
    run = recheck([spec])
    assert {a.standing for a in run.answers} == {Standing.MISSING}
    assert run.exit_status is ExitStatus.NOT_EXPECTED
    assert all(f"tdxverify prove {spec}" in (a.reason or "") for a in run.answers)


def test_a_check_more_is_missing(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT + "check small where erratum expect refuted\n")
    assert [a.standing for a in recheck([spec]).answers].count(Standing.MISSING) == 1


def test_a_check_less_is_left_over(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT.replace("check gets_there expect proved\n", ""))
    run = recheck([spec])
    assert [a.key.property for a in run.answers if a.standing is Standing.LEFT_OVER] == ["gets_there"]
    assert run.exit_status is ExitStatus.NOT_EXPECTED


def test_what_is_expected_to_be_open_needs_no_answer(tmp_path: Path) -> None:
    spec = tmp_path / "open.tdx"
    spec.write_text("state x : bool = false\nproperty p never x\ncheck p expect unknown\n", encoding="utf-8")
    run = recheck([spec])
    assert [a.standing for a in run.answers] == [Standing.UNDECIDED]
    assert run.exit_status is ExitStatus.AS_EXPECTED


def test_answers_that_nobody_expected_are_failures(tmp_path: Path) -> None:
    text = TEXT.replace("expect refuted in 4", "expect refuted in 3").replace(
        "gets_there expect proved", "gets_there expect refuted"
    )
    spec = written(tmp_path, text=text)
    run = recheck([spec])
    assert {a.standing for a in run.answers} == {Standing.HOLDS}
    assert sum(not a.as_expected for a in run.answers) == 3
    assert run.exit_status is ExitStatus.NOT_EXPECTED


def test_renaming_a_step_makes_traces_stale_and_proofs_not(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT.replace("action stray", "action wander"))
    standings = {(a.key.property, a.key.where): a.standing for a in recheck([spec]).answers}
    assert standings["no_mc", "erratum"] is Standing.STALE
    assert standings["no_mc", "not erratum"] is Standing.HOLDS


def test_mistakes_are_reported_beside_what_holds(tmp_path: Path) -> None:
    good = written(tmp_path)
    wrong = tmp_path / "wrong.tdx"
    wrong.write_text("state\ncheck p\n", encoding="utf-8")
    run = recheck([tmp_path, tmp_path / "nothing.tdx"])
    assert {d.code for d in run.diagnostics} >= {Code.E101}
    assert {a.file for a in run.answers} == {good}
    assert run.exit_status is ExitStatus.WRONG_INPUT


@needs_cvc5
def test_the_second_solver_confirms_what_it_can_be_asked(tmp_path: Path) -> None:
    run = recheck([written(tmp_path)], second=True)
    assert run.exit_status is ExitStatus.AS_EXPECTED
    for answer in run.answers:
        assert (answer.second == second.version()) is (
            "invariant" in answer.evidence or answer.key.property == "idle"
        )
    assert all(a.second is None for a in recheck([written(tmp_path)]).answers)


def test_a_missing_second_solver_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "PACKAGE", "a_solver_that_nobody_has")
    run = recheck([written(tmp_path)], second=True)
    assert [d.code for d in run.diagnostics] == [Code.E805]
    assert {a.standing for a in run.answers} == {Standing.HOLDS}
    assert run.exit_status is ExitStatus.WRONG_INPUT


def test_proofs_found_without_the_second_solver_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second, "PACKAGE", "a_solver_that_nobody_has")
    spec = written(tmp_path)
    proof_path(spec).unlink()
    prove([spec], Silent())
    assert "cvc5" not in proof_path(spec).read_text(encoding="utf-8")
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    for number in range(FEWEST):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        written(folder, proof=proof_text() if number != 3 else "")
    (tmp_path / "9").mkdir()
    shutil.copy(written(tmp_path / "9", text="state\n"), tmp_path / "9" / "other.tdx")
    one, two = recheck([tmp_path]), recheck([tmp_path], jobs=2)
    assert one.answers == two.answers
    assert [(d.code, d.message) for d in one.diagnostics] == [(d.code, d.message) for d in two.diagnostics]
    assert rechecking.mapped(str.upper, ["a"] * FEWEST, 2, prepare=lambda: None) == ["A"] * FEWEST
