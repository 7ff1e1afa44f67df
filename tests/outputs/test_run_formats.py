"""Every format of every command that yields answers, for every fate of a stored answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tdxverify.answers.answer import Answer, Judgement, Standing
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored import proving
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.outputs import run_json as as_json
from tdxverify.outputs.formats import FORMATS, Document
from tdxverify.questions.options import Options
from tdxverify.questions.question import every_check
from tdxverify.questions.specs import Spec, load_model
from tests.answers.stored.sample import TEXT, entry, forged, item_of, written
from tests.cli.conftest import Result, RunCommand

OPEN = "property never_asked never count > 3\ncheck never_asked expect unknown\ncheck counts_to_two\n"
SPEC = TEXT.replace("check gets_there expect proved", "check gets_there expect refuted") + OPEN
FATES = {
    Standing.HOLDS,
    Standing.STALE,
    Standing.REFUSED,
    Standing.MISSING,
    Standing.LEFT_OVER,
    Standing.UNDECIDED,
}


def spoil(document: dict[str, Any]) -> None:
    """One answer of every fate that rechecking knows."""
    item_of(document, "no_mc", "not erratum").update(formulas=[])
    item_of(document, "no_mc", "erratum").update(fingerprint="sha256:0")
    gone = entry(document, "gets_back")
    document["checks"].remove(gone)
    document["checks"].append({**gone, "where": "erratum"})


@dataclass(frozen=True)
class Case:
    """A command and what it is about: `run` finds the answers that it reports."""

    name: str
    run: Callable[[Path], Run]
    proof: Callable[[], str | None]


COMPLAINTS = {
    Judgement.AS_EXPECTED: [],
    Judgement.NOT_EXPECTED: ["failure"],
    Judgement.UNDECIDED: ["error"],
}
CASES = [
    Case("check", lambda spec: check([spec]), lambda: None),
    Case("recheck", lambda spec: recheck([spec]), lambda: forged(spoil)),
    Case("prove", lambda spec: prove([spec], Silent()), lambda: None),
]


@dataclass(frozen=True)
class Told:
    """What a command was asked, and what it ought to tell."""

    run: Run
    give: Callable[[str], Result]

    def pairs(self, found: list[Any]) -> Iterator[tuple[Answer, Any]]:
        return zip(self.run.answers, found, strict=True)


@pytest.fixture(scope="module")
def found() -> dict[str, Run]:
    """What each case was found to be, once a test has asked."""
    return {}


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def told(
    request: pytest.FixtureRequest, run_command: RunCommand, tmp_path: Path, found: dict[str, Run]
) -> Told:
    case: Case = request.param
    if case.name not in found:  # the same for every test: it is about the same files
        written(tmp_path, SPEC, case.proof())
        found[case.name] = case.run(Path("sample.tdx"))
    written(tmp_path, SPEC, case.proof())  # as it was: proving keeps what it finds
    return Told(found[case.name], lambda form: run_command(case.name, "sample.tdx", "--format", form))


def test_the_samples_have_every_fate(told: Told) -> None:
    found = {answer.kept.standing for answer in told.run.answers if answer.kept is not None}
    assert found in (set(), FATES, {Standing.UNCHANGED, Standing.NEW})
    assert {answer.judgement for answer in told.run.answers} >= {
        Judgement.AS_EXPECTED,
        Judgement.NOT_EXPECTED,
    }


@pytest.mark.parametrize("form", FORMATS[Document.RUN])
def test_every_format_names_every_property_and_has_the_same_status(told: Told, form: str) -> None:
    result = told.give(form)
    assert (result.status, result.err) == (told.run.exit_status, "")
    for answer in told.run.answers:
        assert answer.asked.property in unescape(result.out)
        if answer.kept is not None:
            assert answer.kept.standing.value in " ".join(unescape(result.out).split())


def test_json(told: Told) -> None:
    document = json.loads(told.give("json").out)
    schema = Path(as_json.__file__).with_name("run.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(document, json.loads(schema))
    for answer, found in told.pairs(document["checks"]):
        assert (found["verdict"], found["length"]) == (answer.outcome.value, answer.length)
        assert found["as_expected"] is answer.as_expected
        assert found["sizes"] == dict(answer.sizes)
        names = ("standing", "evidence", "second")
        if answer.kept is None:
            assert not set(names) & set(found)
        else:
            kept = answer.kept.standing.value, answer.kept.evidence, answer.kept.second
            assert tuple(found[name] for name in names) == kept
    assert ("written" in document) is (told.run.written is not None)


def test_junit(told: Told, tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser")
    path = tmp_path / "report.xml"
    path.write_text(told.give("junit").out, encoding="utf-8")
    (suite,) = junitparser.JUnitXml.fromfile(str(path))
    judged = [answer.judgement for answer in told.run.answers]
    assert suite.failures == judged.count(Judgement.NOT_EXPECTED)
    assert suite.errors == judged.count(Judgement.UNDECIDED)
    cases = ElementTree.parse(path).getroot().findall("./testsuite/testcase")
    assert ":0" not in path.read_text(encoding="utf-8")
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names)
    spec = Path("sample.tdx")
    questions = every_check(Spec(spec, load_model(spec)), Options())
    line_of = {asked.name: asked.check.span.line for asked in questions}
    there = [(a.asked.name, a.asked.line) for a in told.run.answers if a.asked.line]
    assert sorted(there) == sorted(line_of.items())
    for answer, case in told.pairs(cases):
        line = str(answer.asked.line) if answer.asked.line else None
        assert (case.get("file"), case.get("line")) == (answer.asked.file, line)
        complaints = [child.tag for child in case if child.tag in ("failure", "error")]
        wanted = {
            Judgement.AS_EXPECTED: [],
            Judgement.NOT_EXPECTED: ["failure"],
            Judgement.UNDECIDED: ["error"],
        }
        assert complaints == wanted[answer.judgement]
        failure = case.find("failure")
        assert failure is None or failure.get("type") == answer.word
        if answer.kept is not None:
            facts = {one.get("name"): one.get("value") for one in case.findall("properties/property")}
            assert facts.items() >= dict(answer.kept.facts()).items()


def test_sarif(told: Told) -> None:
    sarif = pytest.importorskip("sarif_pydantic").Sarif
    log = json.loads(told.give("sarif").out)
    sarif.model_validate(log)
    (run,) = log["runs"]
    kinds = {
        Judgement.AS_EXPECTED: "pass",
        Judgement.NOT_EXPECTED: "fail",
        Judgement.UNDECIDED: "open",
    }
    for answer, result in told.pairs(run["results"]):
        assert result["kind"] == kinds[answer.judgement]
        place = result["locations"][0]["physicalLocation"]
        stated = answer.asked.property_at
        if stated is None:  # the check is gone, and nobody knows about the property
            assert "region" not in place and result["relatedLocations"] == []
        else:
            assert place["region"]["startLine"] == stated.line
            related = result["relatedLocations"][0]["physicalLocation"]
            assert related["region"]["startLine"] == answer.asked.line
        facts = {} if answer.kept is None else dict(answer.kept.facts())
        assert result.get("properties", {}) == facts


def test_html_counts_what_is_lost_as_not_expected(told: Told) -> None:
    page = told.give("html").out
    wrong = told.run.count(Judgement.NOT_EXPECTED)
    assert f"<b>{wrong}</b> not as expected" in page
    assert page.count("✗</span>") == wrong


@pytest.mark.parametrize("form", FORMATS[Document.RUN])
@pytest.mark.parametrize("command", ["check", "prove", "recheck"])
def test_reports_go_to_files(run_command: RunCommand, tmp_path: Path, command: str, form: str) -> None:
    written(tmp_path)
    result = run_command(command, "sample.tdx", "--format", form, "--output", "report")
    assert result.status == 0 and result.out.splitlines()[-1] == "report: report"
    assert result.out.startswith("11 checks: 11 ")
    assert "links_are_owned" in (tmp_path / "report").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["prove", "recheck"])
def test_a_report_takes_the_place_of_no_proof(run_command: RunCommand, tmp_path: Path, command: str) -> None:
    proof = proof_path(written(tmp_path))
    before = proof.read_bytes()
    for target in ("sample.tdx", proof.name):
        result = run_command(command, "sample.tdx", "--format", "json", "--output", target)
        assert result.status == 3 and "error[E705]" in result.err
    assert proof.read_bytes() == before


def test_what_was_written_is_named(run_command: RunCommand, tmp_path: Path) -> None:
    proof_path(written(tmp_path)).unlink()
    assert json.loads(run_command("prove", "sample.tdx", "--format", "json").out)["written"] == [
        "sample.proof.json"
    ]
    for command in ("prove", "recheck"):
        assert json.loads(run_command(command, "sample.tdx", "--format", "json").out)["written"] == []


@pytest.mark.parametrize("form", FORMATS[Document.RUN])
def test_an_interrupted_run_is_told(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """What was found before is there, in every format."""
    proof_path(written(tmp_path)).unlink()
    real = proving.answer

    def impatient(asked: Any, *others: Any) -> Any:
        if asked.check.property == "counts_to_two":
            raise KeyboardInterrupt
        return real(asked, *others)

    monkeypatch.setattr(proving, "answer", impatient)
    result = run_command("prove", "sample.tdx", "--format", form)
    assert result.status == 2
    assert "no_mc" in result.out and "gets_there" in result.out
    assert "not started: the run was interrupted" in result.out.replace("\n", " ") or form == "text"
    match form:
        case "json":
            assert json.loads(result.out)["interrupted"] is True
        case "sarif":
            assert json.loads(result.out)["runs"][0]["invocations"][0]["executionSuccessful"] is False
        case "junit":
            assert result.out.count('type="undecided"') >= 2
            assert "there may be more checks" in result.out
        case "text" | "html":
            assert "interrupted" in result.out


def test_mistakes_stand_beside_answers(run_command: RunCommand, tmp_path: Path) -> None:
    written(tmp_path)
    Path("wrong.tdx").write_text("property q never r\ncheck q\n", encoding="utf-8")
    result = run_command("recheck", ".", "--format", "json")
    document = json.loads(result.out)
    assert result.status == document["exit_status"] == 3 and "error[E201]" in result.err
    assert [one["code"] for one in document["diagnostics"]] == ["E201"] and len(document["checks"]) == 11


def damage(spec: Path) -> Path:
    proof_path(spec).write_text("no JSON")
    return proof_path(spec)


def no_text(spec: Path) -> Path:
    spec.write_bytes(b"\0")
    return spec


def nothing(spec: Path) -> Path:
    spec.unlink()
    return spec


def another_spec(spec: Path) -> Path:
    proof_path(spec).write_text(forged(lambda document: document.update(spec="other.tdx")))
    return proof_path(spec)


def newer(spec: Path) -> Path:
    proof_path(spec).write_text(forged(lambda document: document.update(format=2)))
    return proof_path(spec)


def a_folder(spec: Path) -> Path:
    proof_path(spec).unlink()
    proof_path(spec).mkdir()
    return proof_path(spec)


@pytest.mark.parametrize("spoiled", [damage, no_text, nothing, another_spec, newer, a_folder])
def test_a_mistake_about_a_whole_file_names_it(
    run_command: RunCommand, tmp_path: Path, spoiled: Callable[[Path], Path]
) -> None:
    written(tmp_path, SPEC)
    file = str(spoiled(Path("sample.tdx")))
    (found,) = json.loads(run_command("recheck", "sample.tdx", "--format", "json").out)["diagnostics"]
    assert (found["file"], found["line"]) == (file, None) and file in found["message"]
    log = json.loads(run_command("recheck", "sample.tdx", "--format", "sarif").out)
    (told,) = log["runs"][0]["invocations"][0]["toolConfigurationNotifications"]
    assert told["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": file}}}]
    suites = ElementTree.fromstring(run_command("recheck", "sample.tdx", "--format", "junit").out)
    (case,) = suites.iter("testcase")
    assert (case.get("classname"), case.get("name")) == (file, found["code"])


FLUSH = """\
index Cpu
index Line
state stopped[Cpu] : bool = false
state dirty[Cpu, Line] : bool = false
state jumped : bool = false
state clobbered[Line] : bool = false
action call(c : Cpu, l : Line) when not stopped[c] and not jumped { dirty[c, l] := true }
action evict(c : Cpu, l : Line) when dirty[c, l] { dirty[c, l] := false  if jumped { clobbered[l] := true } }
process stop(c : Cpu) {
  halt:  { stopped[c] := true }
  flush: { foreach l : Line { dirty[c, l] := false } }
}
action jump when forall c : Cpu: stop[c] at done { jumped := true }
property memory_stays never exists l : Line: clobbered[l]
check memory_stays
property calls_stop never exists c : Cpu: stop[c] at done and not stopped[c]
check calls_stop
"""


def test_an_invariant_is_listed_in_one_order_by_whoever_tells_it(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(FLUSH)
    invariants = []
    for command in ("check", "prove", "recheck"):
        found = json.loads(run_command(command, "a.tdx", "--format", "json").out)["checks"]
        invariants.append([one["invariant"] for one in found])
    assert len(set(map(str, invariants))) == 1 and max(map(len, invariants[0])) > 1
    assert all(listed == sorted(set(listed)) for listed in invariants[0])
    pages = {
        command: run_command(command, "a.tdx", "--format", "html").out for command in ("check", "recheck")
    }
    text = run_command("check", "a.tdx", "--show-invariant").out
    for listed in invariants[0]:
        for told in (text, unescape(pages["check"]), unescape(pages["recheck"])):
            told = " ".join(told.split())
            places = [told.index(formula) for formula in listed]
            assert places == sorted(places)
