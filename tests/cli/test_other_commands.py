"""`table`, `explain`, `engines`, help and usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify import __version__
from tdxverify.cli.main import COMMANDS
from tdxverify.diagnostics import Code
from tdxverify.engines.registry import ENGINES
from tests.cli.conftest import RunCommand

TABLES = """\
index Line
param erratum : bool
enum Owner { host, guest }
state owner[Line] : Owner = host
state poison[Line] : bool = false
actor kernel
fault #MC "machine check"
access read(l : Line) "a load" cite F-MC-01 {
  poison[l]                          -> fault #MC cite F-MC-10
  owner[l] = guest and not poison[l] -> ok(zeros)
  otherwise                          -> ok
}
access write(l : Line) {
  owner[l] = guest and erratum -> ok { poison[l] := true }
  otherwise -> ok
}
action reading(l : Line) by kernel { read(l) }
action writing(l : Line) by kernel { write(l) }
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "tables.tdx"
    path.write_text(TABLES, encoding="utf-8")
    return path


def matrix_rows(out: str) -> dict[str, list[str]]:
    """First cells of the matrix lines of each access, over all bands."""
    found: dict[str, list[str]] = {}
    for row in out.splitlines():
        name, *cells = (cell.strip() for cell in row.split("|"))
        if cells and name in ("read", "write"):
            found.setdefault(name, []).extend(cells)
    return found


def test_table_as_matrix(run_command: RunCommand, spec: Path) -> None:
    result = run_command("table", spec)
    assert result.status == 0
    rows = matrix_rows(result.out)
    assert sorted(rows["read"]) == ["1: #MC", "1: #MC", "2: ok(zeros)", "3: ok"]
    assert sorted(rows["write"]) == ["1: ok *", "1: ok *", "2: ok", "2: ok"]
    assert '"a load" [F-MC-01]' in result.out
    assert "1  poison[l] -> fault #MC  [F-MC-10]" in result.out
    assert "1  owner[l] = guest and erratum -> ok { poison[l] := true }" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


def test_table_of_one_access(run_command: RunCommand, spec: Path) -> None:
    result = run_command("table", spec, "--access", "write")
    assert "write(l : Line)" in result.out
    assert "read(l" not in result.out
    assert matrix_rows(result.out).keys() == {"write"}


def test_table_as_markdown(run_command: RunCommand, spec: Path) -> None:
    out = run_command("table", spec, "--format", "markdown").out
    blocks = [block.splitlines() for block in out.split("\n\n") if block.startswith("|")]
    assert len(blocks) == 3
    for block in blocks:
        assert len({row.count("|") for row in block}) == 1
    assert "### `read(l : Line)`" in out
    assert "| 1 | `poison[l]` | fault #MC |  | F-MC-10 |" in out


def test_table_of_unknown_access(run_command: RunCommand, spec: Path) -> None:
    result = run_command("table", spec, "--access", "reed")
    assert result.status == 3
    assert "error[E206]: there is no access 'reed'" in result.err
    assert "did you mean 'read'?" in result.err


def test_table_of_a_wrong_spec(run_command: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "wrong.tdx"
    path.write_text("state x : nothing\n", encoding="utf-8")
    assert run_command("table", path).status == 3


@pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
def test_every_code_is_explained(run_command: RunCommand, code: Code) -> None:
    result = run_command("explain", code.name.lower())
    assert result.status == 0
    assert result.out.startswith(f"{code.name}: {code.value}\n\n")
    assert len(result.out.split()) > 20


def test_explain_all_lists_every_code(run_command: RunCommand) -> None:
    rows = run_command("explain", "--all").out.splitlines()
    assert rows == [f"{code.name}  {code.value}" for code in Code]


@pytest.mark.parametrize(("arguments", "code"), [(("E999",), "E706"), (("nonsense",), "E706"), ((), "E708")])
def test_explain_of_what_is_no_code(run_command: RunCommand, arguments: tuple[str, ...], code: str) -> None:
    result = run_command("explain", *arguments)
    assert result.status == 3
    assert f"error[{code}]" in result.err


def test_engines_lists_the_table(run_command: RunCommand) -> None:
    result = run_command("engines")
    assert result.status == 0
    first_words = [row.split()[0] for row in result.out.splitlines() if not row.startswith(" ")]
    assert first_words == list(ENGINES)
    for row in result.out.splitlines():
        if row.startswith("bmc"):
            assert "refutes" in row
            assert "proves" not in row


def test_version(run_command: RunCommand) -> None:
    assert run_command("--version").out == f"tdxverify {__version__}\n"


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help(run_command: RunCommand, command: str | None) -> None:
    result = run_command(*([command] if command else []), "--help")
    assert result.status == 0
    assert result.out.startswith("Usage: tdxverify")


def test_no_arguments_shows_help(run_command: RunCommand) -> None:
    result = run_command()
    assert result.status == 3
    assert "Usage: tdxverify" in result.err


def test_unknown_command_names_a_similar_one(run_command: RunCommand) -> None:
    result = run_command("chek")
    assert result.status == 3
    assert "error[E708]" in result.err
    assert "check" in result.err
