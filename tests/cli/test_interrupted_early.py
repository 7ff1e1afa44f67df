"""Ctrl-C before there is a first answer: the report is written all the same, and lists every check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tdxverify.outputs.formats import FORMATS, Document
from tests.cli.conftest import RunCommand
from tests.cli.test_time import TWO, interrupting, usual_handler

assert usual_handler  # a fixture
COMMANDS = ("check", "prove", "recheck")
OTHER = "state z : bool = false\nproperty third never z\ncheck third\n"

# Where the signal arrives, and how often the function was called.
WHILE_READ = [
    ("check", "tdxverify.answers.checking.load_all", 1),
    ("check", "tdxverify.questions.specs.load", 1),
    ("check", "tdxverify.questions.specs.load", 2),
    ("check", "tdxverify.wellformed.building.checked_table", 1),
    ("check", "tdxverify.answers.checking.wrong_options", 1),
    ("check", "tdxverify.answers.checking.every_check", 1),
    ("prove", "tdxverify.answers.stored.proving.load_all", 1),
    ("prove", "tdxverify.questions.specs.load", 1),
    ("prove", "tdxverify.questions.specs.load", 2),
    ("prove", "tdxverify.wellformed.building.checked_table", 1),
    ("prove", "tdxverify.answers.stored.proving.every_check", 1),
    ("prove", "tdxverify.answers.stored.proving.read", 1),
    ("prove", "tdxverify.answers.stored.proving.read", 2),
    ("recheck", "tdxverify.questions.specs.load", 1),
    ("recheck", "tdxverify.wellformed.building.checked_table", 1),
    ("recheck", "tdxverify.answers.stored.rechecking.every_check", 1),
    ("recheck", "tdxverify.answers.stored.rechecking.read", 1),
]


@pytest.fixture
def specs(tmp_path: Path) -> tuple[str, ...]:
    for name, text in (("two.tdx", TWO), ("other.tdx", OTHER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return "two.tdx", "other.tdx"


@pytest.mark.usefixtures("usual_handler")
@pytest.mark.parametrize(("command", "place", "call"), WHILE_READ)
def test_every_check_is_listed(
    run_command: RunCommand,
    specs: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    place: str,
    call: int,
) -> None:
    interrupting(monkeypatch, place, call)
    done = run_command(command, *specs, "--format", "json", "--output", "told.json")
    assert done.status == 2, done.err
    told: dict[str, Any] = json.loads(Path("told.json").read_text(encoding="utf-8"))
    assert told["interrupted"] is True
    assert {one["property"] for one in told["checks"]} == {"first", "second", "third"}
    if not place.endswith("proving.read"):
        assert {one["reason"] for one in told["checks"]} == {"not started: the run was interrupted"}


@pytest.mark.usefixtures("usual_handler")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", FORMATS[Document.RUN])
def test_every_format_tells(
    run_command: RunCommand,
    specs: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    form: str,
) -> None:
    interrupting(monkeypatch, "tdxverify.questions.specs.load", 1)
    done = run_command(command, *specs, "--format", form, "--output", "told")
    assert done.status == 2, done.err
    told = Path("told").read_text(encoding="utf-8")
    assert all(name in told for name in ("first", "second", "third"))
    assert "interrupted" in told or '"executionSuccessful": false' in told


@pytest.mark.usefixtures("usual_handler")
def test_what_was_kept_before_is_not_lost(
    run_command: RunCommand, specs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes while the first file is written: it is, and its answers are told."""
    with monkeypatch.context() as patch:
        interrupting(patch, "tdxverify.answers.stored.proving.write", 1)
        done = run_command("prove", *specs)
    assert done.status == 2 and "2 new" in done.out and "wrote two.proof.json" in done.out
    assert "1 undecided" in done.out
    assert "2 unchanged" in run_command("prove", *specs).out
