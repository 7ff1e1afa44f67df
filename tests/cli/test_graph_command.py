"""`tdxverify graph`: pictures that are no text, and what is drawn of many states."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import RunCommand

EXAMPLES = Path(__file__).parents[2] / "examples"
ERRATUM = EXAMPLES / "02-erratum.tdx"
MODEL = EXAMPLES / "07-common-model.tdx"
PNG = b"\x89PNG\r\n\x1a\n"


def test_png_by_the_ending(run_command: RunCommand) -> None:
    result = run_command("graph", ERRATUM, "--output", "g.png")
    assert (result.status, result.out, result.err) == (0, "written: g.png\n", "")
    assert Path("g.png").read_bytes().startswith(PNG)


def test_an_ending_that_is_no_format_is_a_mistake(run_command: RunCommand) -> None:
    result = run_command("graph", ERRATUM, "--output", "g.foo")
    assert (result.status, result.out) == (3, "") and not Path("g.foo").exists()
    told = " ".join(result.err.split())
    assert "error[E708]" in told and "'.foo'" in told and all(f".{name}" in told for name in ("svg", "dot"))


@pytest.mark.parametrize(
    ("name", "options", "begin"),
    [
        ("g", [], b"digraph"),
        ("g.SVG", [], b"<svg"),
        ("g.foo", ["--format", "svg"], b"<svg"),
        ("g.svg", ["--format", "dot"], b"digraph"),
    ],
)
def test_what_is_asked_for_goes_before_the_ending(
    name: str, options: list[str], begin: bytes, run_command: RunCommand
) -> None:
    assert run_command("graph", ERRATUM, "--output", name, *options).status == 0
    assert begin in Path(name).read_bytes()[:200]


def test_png_into_a_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tdxverify", "graph", str(ERRATUM), "--format", "png"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=True)
    assert done.stdout.startswith(PNG) and done.stderr == b""


def test_no_png_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tdxverify", "graph", str(ERRATUM), "--format", "png"]
    try:
        done = subprocess.run(
            command, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path, check=False, text=True
        )
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 3
    told = " ".join(done.stderr.split())
    assert "error[E708]" in told and "--output FILE.png" in told


def test_without_a_program_that_draws_there_is_a_hint(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdxverify.outputs.graphs.png.find_spec", lambda name: None)
    result = run_command("graph", ERRATUM, "--output", "g.png")
    assert result.status == 3
    assert "error[E710]" in result.err and "pip install resvg-py" in " ".join(result.err.split())


def nodes(run_command: RunCommand, *options: str) -> int:
    result = run_command("graph", MODEL, "--line", "56", "--size", "Line=2", "--what", "states", *options)
    assert result.status == 0
    return len(json.loads(result.out)["nodes"])


def test_programs_get_all_states_and_people_those_that_differ(run_command: RunCommand) -> None:
    assert nodes(run_command, "--format", "json") == 318
    few = nodes(run_command, "--format", "json", "--symmetry")
    assert 318 / 2 <= few < 318
    dot = ("graph", MODEL, "--line", "56", "--size", "Line=2", "--what", "states", "--format", "dot")
    assert f"{few} nodes for 318 states" in " ".join(run_command(*dot).out.split())
    assert "nodes for" not in run_command(*dot, "--no-symmetry").out


NO_START = """\
index A
const k[A] : bool
state x[A] : bool = false
assume false
action go(a : A) { x[a] := true }
property p never exists a : A : x[a]
check p expect vacuous
"""


@pytest.mark.parametrize("what", ["trace", "neighbourhood", "states"])
@pytest.mark.parametrize("symmetry", ["--symmetry", "--no-symmetry"])
def test_nothing_to_draw_where_there_is_no_initial_state(
    run_command: RunCommand, what: str, symmetry: str
) -> None:
    Path("none.tdx").write_text(NO_START, encoding="utf-8")
    result = run_command("graph", "none.tdx", "--what", what, symmetry)
    assert (result.status, result.out) == ((3, "") if what == "states" else (2, ""))
    assert ("no initial state" if what == "states" else "has a trace") in result.err


def test_states_are_those_of_parameters_that_have_some(run_command: RunCommand) -> None:
    text = "param k : bool\nstate x : bool = false\ninit k\nproperty p never x\ncheck p expect proved\n"
    Path("some.tdx").write_text(text, encoding="utf-8")
    assert "x = true" not in (shown := run_command("graph", "some.tdx", "--what", "states").out)
    assert '"s0"' in shown


def test_nothing_is_explained_where_there_is_no_initial_state(run_command: RunCommand) -> None:
    Path("none.tdx").write_text(NO_START, encoding="utf-8")
    result = run_command("why", "none.tdx")
    assert result.status == 2 and "there is no initial state" in result.err
