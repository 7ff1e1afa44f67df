"""Rechecking answers from the file alone, and says why where it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tdxverify.answers.answer import Standing
from tdxverify.answers.checking import check
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored import rechecking
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.diagnostics import Code, InternalError
from tdxverify.evidence import second_opinion as opinion
from tdxverify.processes import FEWEST
from tdxverify.questions.options import Options
from tdxverify.smt import other_solvers as second
from tdxverify.smt.solver import GaveUp
from tests.answers.stored.sample import TEXT, Document, forged, proof_text, with_fingerprints, written

needs_cvc5 = pytest.mark.skipif(second.solver_for("ALL") is None, reason="cvc5 is not installed")


def test_every_answer_holds(tmp_path: Path) -> None:
    run = recheck([written(tmp_path)])
    assert len(run.answers) == TEXT.count("\ncheck ")
    assert {a.kept.standing for a in run.answers} == {Standing.HOLDS}
    assert all(a.as_expected for a in run.answers)
    assert run.exit_status is ExitStatus.AS_EXPECTED


def test_nothing_is_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tdxverify.engines import anysize, bmc, kinduction
    from tdxverify.engines.explicit import engine as explicit
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
    assert {a.kept.standing for a in run.answers} == {Standing.MISSING}
    assert run.exit_status is ExitStatus.NOT_EXPECTED
    assert all(f"tdxverify prove {spec}" in (a.reason or "") for a in run.answers)


def test_a_check_more_is_missing(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT + "check small where erratum expect refuted\n")
    assert [a.kept.standing for a in recheck([spec]).answers].count(Standing.MISSING) == 1


def test_a_check_less_is_left_over(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT.replace("check gets_there expect proved\n", ""))
    run = recheck([spec])
    assert [a.asked.property for a in run.answers if a.kept.standing is Standing.LEFT_OVER] == ["gets_there"]
    assert run.exit_status is ExitStatus.NOT_EXPECTED


def test_what_is_expected_to_be_open_needs_no_answer(tmp_path: Path) -> None:
    spec = tmp_path / "open.tdx"
    spec.write_text("state x : bool = false\nproperty p never x\ncheck p expect unknown\n", encoding="utf-8")
    run = recheck([spec])
    assert [a.kept.standing for a in run.answers] == [Standing.UNDECIDED]
    assert run.exit_status is ExitStatus.AS_EXPECTED


COUNTING = """\
state n : 0..2 = 0   state free : bool
action up when n < {most} {{ n := n + 1 }}
property p always n <= 2
check p expect unknown
"""


@pytest.mark.parametrize("kind", ["always n <= 2", "reachable n = 0 and n = 1", "step n <= n'"])
def test_what_is_expected_to_be_open_is_none_where_a_value_leaves_its_range(
    tmp_path: Path, kind: str
) -> None:
    """As `check` says, too."""
    spec = tmp_path / "open.tdx"
    text = COUNTING.replace("always n <= 2", kind)
    spec.write_text(text.format(most=3), encoding="utf-8")
    run, plain = recheck([spec]), check([spec])
    assert {d.code for d in run.diagnostics} == {d.code for d in plain.diagnostics} == {Code.E510}
    assert run.answers[0].reason == plain.answers[0].reason and not run.answers[0].as_expected
    assert run.exit_status is ExitStatus.WRONG_INPUT
    spec.write_text(text.format(most=2), encoding="utf-8")
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_what_is_beyond_the_states_that_are_looked_at_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rechecking, "RANGE_STATES", 2)
    spec = tmp_path / "open.tdx"
    spec.write_text(COUNTING.format(most=3), encoding="utf-8")
    (found,) = recheck([spec]).answers
    assert found.as_expected and "was not found out" in (found.reason or "")


def test_answers_that_nobody_expected_are_failures(tmp_path: Path) -> None:
    text = TEXT.replace("expect refuted in 4", "expect refuted in 3").replace(
        "gets_there expect proved", "gets_there expect refuted"
    )
    spec = written(tmp_path, text=text)
    run = recheck([spec])
    assert {a.kept.standing for a in run.answers} == {Standing.HOLDS}
    assert sum(not a.as_expected for a in run.answers) == 3
    assert run.exit_status is ExitStatus.NOT_EXPECTED


def test_renaming_a_step_makes_traces_stale_and_proofs_not(tmp_path: Path) -> None:
    spec = written(tmp_path, text=TEXT.replace("action stray", "action wander"))
    standings = {(a.asked.property, a.asked.where): a.kept.standing for a in recheck([spec]).answers}
    assert standings["no_mc", "erratum"] is Standing.STALE
    assert standings["no_mc", "not erratum"] is Standing.HOLDS


def test_mistakes_are_reported_beside_what_holds(tmp_path: Path) -> None:
    good = written(tmp_path)
    wrong = tmp_path / "wrong.tdx"
    wrong.write_text("state\ncheck p\n", encoding="utf-8")
    run = recheck([tmp_path, tmp_path / "nothing.tdx"])
    assert {d.code for d in run.diagnostics} >= {Code.E101}
    assert {a.asked.file for a in run.answers} == {str(good)}
    assert run.exit_status is ExitStatus.WRONG_INPUT


@needs_cvc5
def test_the_second_solver_confirms_what_it_can_be_asked(tmp_path: Path) -> None:
    run = recheck([written(tmp_path)], second=True)
    assert run.exit_status is ExitStatus.AS_EXPECTED
    bits, any_size = (second.version(second.solver_for(logic) or "") for logic in (second.BITS, "ALL"))
    heard = {answer.kept.second for answer in run.answers}
    assert heard == {bits, any_size, None}
    for answer in run.answers:
        is_proof = "trace" not in answer.kept.evidence
        assert answer.kept.second == ((any_size if answer.is_general else bits) if is_proof else None)
    assert all(a.kept.second is None for a in recheck([written(tmp_path)]).answers)


KINDS = """\
module kinds
index Line
state count : 0..5 = 0
state seen[Line] : bool = false
action up(l : Line) when count < 3 { count := count + 2  seen[l] := true }
property low always count <= 4
check low for Line = 2 expect proved
"""


@needs_cvc5
@pytest.mark.parametrize(
    ("evidence", "confirmed"),
    [
        ({"kind": "k-induction", "k": 3, "simple path": False}, True),
        ({"kind": "k-induction", "k": 6, "simple path": True}, True),
        ({"kind": "enumeration", "states": 6}, False),
    ],
)
def test_proofs_of_every_kind_are_confirmed(
    tmp_path: Path, evidence: dict[str, object], confirmed: bool
) -> None:
    """Enumerations are for no solver: generated code counts, and the evaluator checks what it counted."""
    spec = tmp_path / "kinds.tdx"
    spec.write_text(KINDS, encoding="utf-8")
    prove([spec], Silent())
    text = proof_path(spec).read_text(encoding="utf-8")

    def change(document: Document) -> None:
        item = document["checks"][0]["evidence"][0]
        del item["formulas"]
        item.update(evidence)

    proof_path(spec).write_text(with_fingerprints(forged(change, text), tmp_path, KINDS), encoding="utf-8")
    run = recheck([spec], second=True)
    assert [a.kept.standing for a in run.answers] == [Standing.HOLDS]
    name = second.version(second.solver_for(second.BITS) or "")
    assert run.answers[0].kept.second == (name if confirmed else None)


@needs_cvc5
def test_a_proof_that_the_second_solver_gives_up_on_is_not_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opinion, "contradictions", lambda *given: [GaveUp("tired")] * len(given[3]))
    run = recheck([written(tmp_path)], second=True)
    proofs = [a for a in run.answers if a.kept.standing is not Standing.HOLDS]
    assert len(proofs) == 8
    assert {a.kept.standing for a in proofs} == {Standing.UNDECIDED}
    assert all("tired" in str(a.reason) for a in proofs)
    assert run.exit_status is ExitStatus.UNDECIDED


@needs_cvc5
@pytest.mark.parametrize("answers", [[False], []], ids=["refuses", "is silent"])
def test_solvers_that_disagree_are_a_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[bool]
) -> None:
    monkeypatch.setattr(opinion, "contradictions", lambda *given: answers * len(given[3]))
    with pytest.raises(InternalError, match="Z3 has accepted a proof of sample"):
        recheck([written(tmp_path)], second=True)


@needs_cvc5
def test_prove_records_the_second_solver_also_of_what_has_not_changed(tmp_path: Path) -> None:
    def forget(document: Document) -> None:
        for answer in document["checks"]:
            for item in answer["evidence"]:
                item["checked by"] = item["checked by"][:1]

    spec = written(tmp_path, proof=forged(forget))
    assert {a.kept.standing for a in prove([spec], Silent()).answers} == {Standing.UNCHANGED}
    assert "cvc5" not in proof_path(spec).read_text(encoding="utf-8")
    run = prove([spec], Silent(), second=True)
    assert {a.kept.standing for a in run.answers} == {Standing.UNCHANGED}
    assert proof_path(spec).read_text(encoding="utf-8") == proof_text()
    assert sum(a.kept.second is not None for a in run.answers) == 8


def test_prove_says_that_a_second_solver_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    run = prove([written(tmp_path)], Silent(), second=True)
    assert [d.code for d in run.diagnostics] == [Code.E805]
    assert {a.kept.standing for a in run.answers} == {Standing.UNCHANGED}


def test_a_missing_second_solver_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    run = recheck([written(tmp_path)], second=True)
    assert [d.code for d in run.diagnostics] == [Code.E805]
    assert {a.kept.standing for a in run.answers} == {Standing.HOLDS}
    assert run.exit_status is ExitStatus.WRONG_INPUT


def test_proofs_found_without_the_second_solver_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    spec = written(tmp_path)
    proof_path(spec).unlink()
    prove([spec], Silent())
    stored = proof_path(spec).read_text(encoding="utf-8")
    assert "cvc5" not in stored
    assert "bitwuzla" not in stored
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
    assert list(rechecking.mapped(str.upper, ["a"] * FEWEST, 2, prepare=lambda: None)) == ["A"] * FEWEST


def test_what_there_is_no_time_for_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: object) -> None:
        while True:
            pass

    written(tmp_path)
    monkeypatch.setattr("tdxverify.answers.stored.judging.checked", slow)
    run = recheck([tmp_path], Options(timeout=0.1))
    assert Standing.UNDECIDED in {one.kept.standing for one in run.answers}
    assert {one.kept.standing for one in run.answers} <= {Standing.UNDECIDED, Standing.HOLDS}
    assert "the time ran out" in str(
        next(a for a in run.answers if a.kept.standing is Standing.UNDECIDED).reason
    )
