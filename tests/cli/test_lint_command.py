"""`tdxverify lint` and `tdxverify check --strict`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import RunCommand

SPEC = """\
state poison : bool = false
state stopped : bool = false
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
    assert lines[0].startswith("warning[W111]: this check of 'p' is about nothing:")
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
    assert "vacuous" in result.out
    assert "its condition is never true: stopped" in " ".join(result.out.split())


def test_warnings_are_explained_by_their_names(run_command: RunCommand) -> None:
    result = run_command("explain", "warning[W111]")
    assert result.status == 0
    assert result.out.startswith("W111: what the property is about never happens")
