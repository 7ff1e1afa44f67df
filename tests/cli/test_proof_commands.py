"""The commands about proof files, as a shell sees them."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.inquiries.unexpected import explained_again
from tdxverify.smt import other_solvers as second
from tdxverify.smt.text import contradictions
from tests.answers.stored.sample import TEXT, forged, item_of, proof_text, written
from tests.cli.conftest import RunCommand


def test_prove_writes_and_recheck_believes(run_command: RunCommand, tmp_path: Path) -> None:
    spec = tmp_path / "sample.tdx"
    spec.write_text(TEXT, encoding="utf-8")
    result = run_command("prove", "sample.tdx")
    assert result.status == 0
    assert "11 checks: 11 new" in result.out
    assert "wrote sample.proof.json" in result.out
    assert "trace of 4 steps" in result.out
    assert (tmp_path / "sample.proof.json").read_text(encoding="utf-8") == proof_text()
    result = run_command("recheck", "sample.tdx")
    assert (result.status, result.err) == (0, "")
    assert "11 checks: 11 hold" in result.out
    result = run_command("prove", "sample.tdx")
    assert "11 checks: 11 unchanged" in result.out
    assert "wrote" not in result.out


def test_quiet_shows_what_is_wrong_only(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    result = run_command("recheck", "-q", "sample.tdx")
    assert result.status == 0
    assert result.out.startswith("11 checks: 11 hold")
    written(tmp_path, text=TEXT.replace("when owned[l] and erratum {", "when owned[l] {"))
    result = run_command("recheck", "--quiet", "sample.tdx")
    assert result.status == 1
    assert "stale" in result.out
    assert "run: tdxverify prove sample.tdx" in " ".join(result.out.split())
    assert not [line for line in result.out.splitlines() if line.lstrip().startswith("ok")]


CONFIGURED = """\
param fixed : bool   state dirty : bool = false
action write when not fixed { dirty := true }
config posted where not fixed
config mended where fixed
config unasked where true
property safe never dirty
check safe in posted expect refuted in 1
check safe in mended expect proved
"""


def test_checks_in_one_configuration(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "two.tdx").write_text(CONFIGURED, encoding="utf-8")
    (tmp_path / "none.tdx").write_text(TEXT, encoding="utf-8")
    proofs = tmp_path / "two.proof.json"
    assert "1 check: 1 new" in run_command("prove", "--config", "mended", ".").out
    assert not (tmp_path / "none.proof.json").exists()
    first = json.loads(proofs.read_text(encoding="utf-8"))["checks"]
    assert [one["where"] for one in first] == ["fixed"]
    result = run_command("recheck", "--config", "mended", "two.tdx")
    assert (result.status, "1 check: 1 holds" in result.out) == (0, True), result.out
    result = run_command("recheck", "--config", "posted", "two.tdx")
    assert (result.status, "1 missing" in result.out) == (1, True)
    assert "1 check: 1 new" in run_command("prove", "--config", "posted", "two.tdx").out
    both = proofs.read_bytes()
    assert len(json.loads(both)["checks"]) == 2
    assert "2 checks: 2 unchanged" in run_command("prove", "two.tdx").out
    assert run_command("recheck", "two.tdx").status == 0
    assert proofs.read_bytes() == both


def test_what_is_kept_about_other_configurations_is_left_alone(
    run_command: RunCommand, tmp_path: Path
) -> None:
    spec = tmp_path / "two.tdx"
    spec.write_text(CONFIGURED, encoding="utf-8")
    run_command("prove", "two.tdx")
    before = json.loads((tmp_path / "two.proof.json").read_text(encoding="utf-8"))["checks"]
    spec.write_text(
        CONFIGURED.replace("{ dirty := true }", "{ dirty := fixed or not fixed }"), encoding="utf-8"
    )
    assert run_command("prove", "--config", "posted", "two.tdx").status == 0
    after = json.loads((tmp_path / "two.proof.json").read_text(encoding="utf-8"))["checks"]
    kept = [one for one in before if one["where"] == "fixed"]
    assert [one for one in after if one["where"] == "fixed"] == kept
    spec.write_text(CONFIGURED.replace("check safe in mended expect proved\n", ""), encoding="utf-8")
    assert "1 check" in run_command("recheck", "--config", "posted", "two.tdx").out


def test_certificates_of_one_configuration(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "two.tdx").write_text(CONFIGURED, encoding="utf-8")
    run_command("prove", "two.tdx")
    shown = run_command("certificate", "show", "--config", "mended", "two.tdx").out
    assert "2. safe in mended" in shown and "posted" not in shown
    result = run_command("certificate", "export", "--config", "posted", "two.tdx")
    assert result.status == 3 and "none of these checks has a stored proof" in " ".join(result.err.split())


@pytest.mark.parametrize(
    "words", [("prove",), ("recheck",), ("certificate", "show"), ("certificate", "export")]
)
def test_configurations_that_no_check_is_in(
    run_command: RunCommand, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "two.tdx").write_text(CONFIGURED, encoding="utf-8")
    run_command("prove", "two.tdx")
    for name, told in (("postd", "did you mean 'posted'?"), ("unasked", "add: check PROPERTY in unasked")):
        result = run_command(*words, "--config", name, "two.tdx")
        assert result.status == 3 and "error[E713]" in result.err and told in result.err


COMMANDS = ("check", "prove", "recheck")

SURPRISING = """\
param fixed : bool   state dirty : bool = false   state lost : bool = false
action write { dirty := true }
action crash when dirty and not fixed { lost := true }
property safe never lost
property gone reachable lost
check safe where fixed expect refuted
check safe where not fixed expect proved
check gone where fixed expect proved
check gone where not fixed expect refuted
check safe where fixed and not fixed expect proved
check safe where fixed expect proved
"""


def test_unexpected_answers_are_explained_as_check_does(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "surprising.tdx").write_text(SURPRISING, encoding="utf-8")
    runs = [
        run_command(*words, "surprising.tdx")
        for words in (["check"], ["prove"], ["prove"], ["recheck"], ["recheck", "--quiet"])
    ]
    assert {one.status for one in runs} == {1}
    for told in (one.out for one in runs):
        assert told.count("What is in the way:") == 2 and told.count("crash never happens.") == 2
        assert "Without this, all else as it is, the property fails in 2 steps: write," in told
        assert told.count("these contradict one another") == 1
        assert "more   tdxverify why surprising.tdx --line 6\n" in told
        assert "more   tdxverify why surprising.tdx --line 11" not in told
    for told in (one.out for one in runs[1:]):  # traces that are stored are not told here
        assert "---- safe: refuted in 2 steps, but expected: proved ---" in told
        assert all(f"more   tdxverify why surprising.tdx --line {line}\n" in told for line in (7, 9))
    documents = [json.loads(run_command(word, "--format", "json", "surprising.tdx").out) for word in COMMANDS]
    commands = [[(one["unexpected"] or {}).get("command") for one in d["checks"]] for d in documents]
    assert commands[0] == commands[1] == commands[2]
    # A document tells traces, which then need no other explanation.
    assert [bool(command) for command in commands[0]] == [True, False, True, False, False, False]


def test_nothing_is_explained_where_the_file_changed_meanwhile(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "surprising.tdx"
    spec.write_text(SURPRISING, encoding="utf-8")
    run_command("prove", spec)
    run = recheck([spec])
    spec.write_text(f"// another first line\n{SURPRISING}", encoding="utf-8")
    assert explained_again(run, Silent(), None) == run
    spec.unlink()
    assert explained_again(run, Silent(), None) == run


def test_forged_files_are_an_error_of_their_own(run_command: RunCommand, tmp_path: Path) -> None:
    text = forged(lambda d: item_of(d, "no_mc", "not erratum").update(formulas=[]))
    written(tmp_path, proof=text)
    result = run_command("recheck", "sample.tdx")
    assert result.status == 1
    assert "refused" in result.out
    result = run_command("prove", "sample.tdx")
    assert result.status == 3
    assert "error[E804]" in result.err
    assert (tmp_path / "sample.proof.json").read_text(encoding="utf-8") == text
    assert run_command("prove", "--update", "sample.tdx").status == 0
    assert run_command("recheck", "sample.tdx").status == 0


def test_damaged_files_are_named(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path, proof=proof_text()[:-100])
    for command in ("prove", "recheck"):
        result = run_command(command, "sample.tdx")
        assert result.status == 3
        assert "error[E801]: sample.proof.json is damaged" in result.err
        assert "prove --update" in result.err


def test_a_control_character_stays_in_the_file(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path, proof=forged(lambda d: d["checks"].append({**d["checks"][0], "where": "\x1b[2Jgone"})))
    result = run_command("recheck", "sample.tdx")
    assert "\x1b" not in result.out
    assert "left over" in result.out


def test_second_opinion(run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    solver = second.solver_for(second.ANY_LOGIC)
    if solver is not None:
        result = run_command("recheck", "--second", "sample.tdx")
        assert result.status == 0
        assert second.version(solver) in " ".join(result.out.split())
        bits = second.version(second.solver_for(second.BITS) or "")
        others = {bits: 3, second.version(solver): 5} if bits != second.version(solver) else {bits: 8}
        told = ", ".join(f"{count} by {name}" for name, count in sorted(others.items()))
        assert f"11 hold; also accepted: {told};" in " ".join(result.out.split())
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    result = run_command("recheck", "--second", "sample.tdx")
    assert result.status == 3
    assert "error[E805]" in result.err
    assert "11 hold" in result.out


def test_what_is_found_and_not_written_does_not_read_as_kept(run_command: RunCommand, tmp_path: Path) -> None:
    """Where one stored answer is refused, the file stays as it is, and with it the answers to the others."""
    wrong = forged(lambda d: (item_of(d, "no_mc", "not erratum").update(formulas=[]), d["checks"].pop(-1)))
    spec = written(tmp_path, proof=wrong)
    result = run_command("prove", "sample.tdx")
    assert result.status == 3 and "error[E804]" in result.err
    assert proof_path(spec).read_text(encoding="utf-8") == wrong
    assert " new" not in result.out and "wrote" not in result.out
    told = " ".join(result.out.split())
    assert "found (proved), but not written: sample.proof.json stays as it is (E804)" in told
    assert "11 checks: 9 unchanged, 2 not written; 1 error;" in told
    document = json.loads(run_command("prove", "sample.tdx", "--format", "json").out)
    standings = [(one["standing"], one["as_expected"]) for one in document["checks"]]
    assert standings.count(("not written", False)) == 2 and standings.count(("unchanged", True)) == 9
    report = ElementTree.fromstring(run_command("prove", "sample.tdx", "--format", "junit").out)
    failures = [one.attrib for one in report.iter("failure")]
    assert failures == [{"message": "not written", "type": "not written"}] * 2
    sarif = run_command("prove", "sample.tdx", "--format", "sarif").out
    assert "no_mc: not written; where not erratum; found (proved), but not written" in sarif
    assert run_command("prove", "--update", "sample.tdx").status == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_written_does_not_read_as_kept(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "sample.tdx").write_text(TEXT, encoding="utf-8")
    tmp_path.chmod(0o500)
    result = run_command("prove", "sample.tdx")
    tmp_path.chmod(0o700)
    assert result.status == 3 and "error[E705]" in result.err
    assert "11 checks: 11 not written; 1 error;" in result.out


def test_certificates_are_shown(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    result = run_command("certificate", "show", "sample.tdx")
    assert result.status == 0
    assert "not exists any_line : Line: poison[any_line]" in result.out
    assert "1. own(Line0)" in result.out
    assert "accepted by evaluator" in result.out
    one = run_command("certificate", "show", "--check", "2", "sample.tdx").out
    assert "\n\n2. no_mc where not erratum\n" in one
    named = run_command("certificate", "show", "--property", "no_mc", "sample.tdx").out
    assert named.count("no_mc where") == 3


def test_what_is_shown_is_said_not_to_be_checked(run_command: RunCommand, tmp_path: Path) -> None:
    false = {"text": "false", "formula": False}
    written(tmp_path, proof=forged(lambda d: item_of(d, "no_mc", "not erratum").update(formulas=[false])))
    result = run_command("certificate", "show", "--check", "2", "sample.tdx")
    assert result.out.startswith(
        "What sample.proof.json says; not checked here: tdxverify recheck sample.tdx"
    )
    assert "the file says: proved" in result.out
    assert not re.search("^ *proved", result.out, re.MULTILINE)


_PARTS = [
    (number, place, key)
    for number, stored in enumerate(json.loads(proof_text())["checks"])
    for place, item in enumerate(stored["evidence"])
    for key in item
]
_INSTEAD = (None, 7, {}, [7], [None], [{}], [["own", 7]], [{"text": 7}], "nothing like it")


@pytest.mark.parametrize(("number", "place", "key"), _PARTS)
def test_damaged_evidence_is_shown_or_a_mistake(
    number: int, place: int, key: str, run_command: RunCommand, tmp_path: Path
) -> None:
    """As `export` does: a file is not of our making, even where its checksum fits."""
    changes = [lambda item: item.pop(key)]
    changes += [lambda item, value=value: item.update({key: value}) for value in _INSTEAD]
    for change in changes:
        written(tmp_path, proof=forged(lambda d, c=change: c(d["checks"][number]["evidence"][place])))
        result = run_command("certificate", "show", "sample.tdx")
        assert result.status in (0, 3)
        assert (result.status == 3) == ("error[E80" in result.err)


@pytest.mark.parametrize("part", ["steps", "formulas"])
def test_evidence_without_its_lines_cannot_be_shown(
    part: str, run_command: RunCommand, tmp_path: Path
) -> None:
    where = {"steps": "erratum", "formulas": "not erratum"}[part]
    written(tmp_path, proof=forged(lambda d: item_of(d, "no_mc", where).pop(part)))
    for verb in ("show", "export"):
        result = run_command("certificate", verb, "sample.tdx")
        assert (result.status, "error[E806]" in result.err) == (3, True)
        assert f"has no '{part}'" in result.err


def test_obligations_are_exported(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    result = run_command("certificate", "export", "sample.tdx", "--property", "no_mc", "--output", "scripts")
    assert result.status == 0
    files = sorted((tmp_path / "scripts").glob("*.smt2"))
    assert f"{len(files)} scripts in scripts" in result.out
    assert files[0].name == "002-no_mc-00-initiation.smt2"
    for file in files:
        text = file.read_text(encoding="utf-8")
        body, end = text.rsplit("(check-sat)", 1)
        assert end == "\n"
        assert list(contradictions(body, [""], lambda: None)) == [True]
        logic = re.search(r"\(set-logic (\w+)\)", body)
        assert logic is not None
        solver = second.solver_for(logic[1])
        if solver is not None:
            prelude = body.replace(logic[0], "")
            assert second.contradictions(solver, logic[1], prelude, [""], None) == [True]


def test_exports_go_beside_the_caller(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    assert run_command("certificate", "export", "sample.tdx").status == 0
    assert list((tmp_path / "sample.smt2").glob("001-*.smt2"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "sample.tdx", "--check", "99"], "E708"),
        (["show", "sample.tdx", "--property", "no_md"], "E707"),
        (["export", "sample.tdx", "--check", "3"], "E806"),
        (["export", "sample.tdx", "--output", "sample.tdx"], "E705"),
        (["show", "nothing.tdx"], "E101"),
    ],
)
def test_mistakes(arguments: list[str], code: str, run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    result = run_command("certificate", *arguments)
    assert result.status == 3
    assert f"error[{code}]" in result.err


def test_there_is_nothing_to_show_before_anything_is_proved(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "sample.tdx").write_text(TEXT, encoding="utf-8")
    result = run_command("certificate", "show", "sample.tdx")
    assert result.status == 3
    assert "error[E806]" in result.err


def test_a_stored_trace_is_one_at_its_sizes(run_command: RunCommand) -> None:
    """It does not show that there is none shorter at others."""
    text = "index A\nstate n[A] : 0..3 = 0\naction up(a : A) when n[a] < 3 { n[a] := n[a] + 1 }\n"
    text += "property p never exists a : A: n[a] = 3\ncheck p expect refuted in 3\n"
    Path("up.tdx").write_text(text, encoding="utf-8")
    for command in ("prove", "recheck"):
        out = run_command(command, "up.tdx").out
        assert "refuted in 3" in out and "for A = 1" in out
        assert "any size" not in out and "shortest" not in out


@pytest.mark.parametrize("command", ["prove", "recheck"])
def test_a_file_with_an_error_is_not_nothing_to_do(run_command: RunCommand, command: str) -> None:
    Path("a.tdx").write_text("state x : nothing\nproperty p never true\ncheck p\n")
    run_command(command, "a.tdx", "--output", "there")
    result = run_command(command, "a.tdx", "--output", "there")
    assert result.status == 3 and "0 checks; 1 error" in result.out and "nothing to do" not in result.out
