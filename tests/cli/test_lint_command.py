"""`tdxverify lint` and `tdxverify check --strict`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tdxverify.outputs import run_json as as_json
from tests.cli.conftest import RunCommand

SPEC = """\
state poison : bool = false
state stopped : bool  init not stopped
action damage when not poison { poison := true }
property p always stopped implies poison
check p
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.tdx"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_findings(run_command: RunCommand, spec: Path) -> None:
    result = run_command("lint", spec)
    assert result.status == 1
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[0].startswith("warning[W111]: the proof of 'p' is trivial:")
    assert " --> spec.tdx:5:1" in lines
    assert "  | ^^^^^^^" in lines
    assert lines[-1] == "1 warning; more about it: tdxverify explain W111"


def test_no_findings(run_command: RunCommand, spec: Path) -> None:
    stop = "action stop when poison { stopped := true }\n"
    spec.write_text(SPEC.replace("property", f"{stop}property"), encoding="utf-8")
    result = run_command("lint", spec)
    assert (result.status, result.out, result.err) == (0, "no findings\n", "")


def test_mistakes_come_first(run_command: RunCommand, spec: Path) -> None:
    (spec.parent / "wrong.tdx").write_text("property q never r\n", encoding="utf-8")
    result = run_command("lint", spec.parent)
    assert result.status == 3
    assert "error[E201]" in result.err
    assert "warning[W111]" in result.out


@pytest.mark.parametrize("option", ["--size=Line", "--timeout=0", "--nonsense"])
def test_wrong_options(run_command: RunCommand, spec: Path, option: str) -> None:
    result = run_command("lint", spec, option)
    assert result.status == 3
    assert "error[E70" in result.err


def test_a_missing_file(run_command: RunCommand) -> None:
    result = run_command("lint", "nowhere.tdx")
    assert result.status == 3
    assert "E101" in result.err


def test_strict(run_command: RunCommand, spec: Path) -> None:
    assert run_command("check", spec).status == 0
    result = run_command("check", "--strict", spec)
    assert result.status == 1
    assert "proved, trivially" in result.out
    assert "'init' says 'not stopped', and 'stopped' never changes" in " ".join(result.out.split())


def test_warnings_are_explained_by_their_names(run_command: RunCommand) -> None:
    result = run_command("explain", "warning[W111]")
    assert result.status == 0
    assert result.out.startswith("W111: trivial proof")


# --- for other programs ---------------------------------------------------------------------


def test_findings_as_json(run_command: RunCommand, spec: Path) -> None:
    result = run_command("lint", spec, "--format", "json")
    document = json.loads(result.out)
    schema = Path(as_json.__file__).with_name("run.schema.json").read_text(encoding="utf-8")
    jsonschema.validate(document, json.loads(schema))
    assert result.status == document["exit_status"] == 1 and document["checks"] == []
    (found,) = document["diagnostics"]
    assert (found["code"], found["file"], found["line"]) == ("W111", "spec.tdx", 5)
    assert found["notes"][0]["line"] == 4


def test_findings_as_sarif(run_command: RunCommand, spec: Path) -> None:
    (spec.parent / "wrong.tdx").write_text("property q never r\n", encoding="utf-8")
    result = run_command("lint", spec.parent, "--format", "sarif")
    assert result.status == 3 and "error[E201]" in result.err
    (run,) = json.loads(result.out)["runs"]
    assert run["tool"]["driver"]["rules"] == [{"id": "W111", "shortDescription": {"text": "trivial proof"}}]
    (found,) = run["results"]
    assert (found["ruleId"], found["ruleIndex"], found["kind"], found["level"]) == (
        "W111",
        0,
        "fail",
        "warning",
    )
    place = found["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 5, "startColumn": 1}
    assert found["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 4
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False and invocation["exitCode"] == 3
    assert [one["descriptor"]["id"] for one in invocation["toolConfigurationNotifications"]] == ["E201"]


def test_no_findings_for_other_programs(run_command: RunCommand, spec: Path) -> None:
    stop = "action stop when poison { stopped := true }\n"
    spec.write_text(SPEC.replace("property", f"{stop}property"), encoding="utf-8")
    assert json.loads(run_command("lint", spec, "--format", "json").out)["exit_status"] == 0
    (run,) = json.loads(run_command("lint", spec, "--format", "sarif").out)["runs"]
    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_findings_go_to_a_file(run_command: RunCommand, spec: Path, form: str) -> None:
    printed = run_command("lint", spec, "--format", form)
    result = run_command("lint", spec, "--format", form, "--output", "there")
    assert result.status == printed.status == 1 and result.out == "written: there\n"
    assert Path("there").read_text(encoding="utf-8") == printed.out
    assert run_command("lint", spec, "--output", "nowhere/there").status == 3
