"""Where there is nothing to check, every command says so, in every format; beside files with checks none is
missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdxverify.outputs.formats import FORMATS, Document
from tests.cli.conftest import RunCommand

LIBRARY = "state x : bool = false\naction go { x := true }\nproperty p never x\nproperty q never not x\n"
ONE_CHECK = f"{LIBRARY}config v1 where true\ncheck p expect refuted in 1\ncheck q in v1 expect refuted in 0\n"
RUNS = ("check", "prove", "recheck")
ASKING = ("why", "trace")
HINT = "add a line such as: check my_property expect proved"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    for name in ("a.tdx", "b.tdx"):
        (tmp_path / "library" / name).write_text(LIBRARY, encoding="utf-8")
    (tmp_path / "one.tdx").write_text(ONE_CHECK, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", (*RUNS, *ASKING))
def test_a_file_without_checks(run_command: RunCommand, folder: Path, command: str) -> None:
    result = run_command(command, "library/a.tdx")
    assert result.status == 3
    assert "error[E606]: there is no check in library/a.tdx\n" in result.err and HINT in result.err
    assert "nothing to do" not in result.out


@pytest.mark.parametrize("command", RUNS)
@pytest.mark.parametrize("form", FORMATS[Document.RUN])
def test_every_format_says_so(run_command: RunCommand, folder: Path, command: str, form: str) -> None:
    result = run_command(command, "library", "--format", form, "--output", "told")
    assert result.status == 3 and "error[E606]: there is no check in library\n" in result.err
    told = (folder / "told").read_text(encoding="utf-8")
    if form == "json":
        assert [one["code"] for one in json.loads(told)["diagnostics"]] == ["E606"]
    else:
        assert "E606" in told or "1 error" in told


@pytest.mark.parametrize("command", RUNS)
def test_files_without_checks_beside_others(run_command: RunCommand, folder: Path, command: str) -> None:
    run_command("prove", "one.tdx")
    for paths in ((".",), ("library/a.tdx", "one.tdx")):
        result = run_command(command, *paths)
        assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize("command", RUNS)
def test_a_mistake_is_not_told_twice(run_command: RunCommand, folder: Path, command: str) -> None:
    (folder / "wrong.tdx").write_text("property p never y\ncheck p\n", encoding="utf-8")
    result = run_command(command, "wrong.tdx", "library")
    assert result.status == 3 and "E606" not in result.err


def test_recheck_says_what_is_left_over_in_a_file_that_has_no_checks_any_more(
    run_command: RunCommand, folder: Path
) -> None:
    run_command("prove", "one.tdx")
    (folder / "one.tdx").write_text(LIBRARY, encoding="utf-8")
    result = run_command("recheck", "one.tdx")
    assert result.status == 1 and "2 left over" in result.out
    result = run_command("prove", "one.tdx")
    assert result.status == 3 and "E606" in result.err and "wrote one.proof.json" in result.out
    result = run_command("recheck", "one.tdx")
    assert result.status == 3 and "E606" in result.err


@pytest.mark.parametrize("command", [("lint",), *((one,) for one in ASKING)])
def test_a_line_without_a_check(run_command: RunCommand, folder: Path, command: tuple[str, ...]) -> None:
    result = run_command(*command, "one.tdx", "--line", "2")
    assert result.status == 3 and "error[E606]: there is no check in line 2 of one.tdx\n" in result.err
    assert "hint: the nearest is at one.tdx:6" in result.err
    result = run_command(*command, "library/a.tdx", "--line", "2")
    assert "error[E606]: there is no check in library/a.tdx\n" in result.err and HINT in result.err


@pytest.mark.parametrize("command", ["check", "lint", *ASKING])
def test_options_that_choose_no_check_together(run_command: RunCommand, folder: Path, command: str) -> None:
    result = run_command(command, "one.tdx", "--property", "p", "--config", "v1")
    told = "error[E606]: no check of one.tdx is chosen by all of the options\n"
    assert result.status == 3 and told in result.err
    assert "hint: leave one of them out" in result.err


def test_the_code_explains_both_of_its_messages(run_command: RunCommand) -> None:
    """`graph` and `simulate` have it where a check has no initial state."""
    result = run_command("explain", "E606")
    assert "no initial state" in " ".join(result.out.split())
