"""What the README shows is what one gets. UPDATE_README=1 stores the real output, for review."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import RunCommand

README = Path(__file__).parents[2] / "README.md"
TEXT = README.read_text(encoding="utf-8")
SPECS = re.findall(r"```tdx (\S+)\n(.*?)```", TEXT, re.DOTALL)
CONSOLE = re.findall(r"```console\n\$ tdxverify (.*?)\n(.*?)```", TEXT, re.DOTALL)
FLAGSHIP = re.search(r"```text\n(.*?)```", TEXT, re.DOTALL)
SECONDS = re.compile(r"\d+\.\d\d s")


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in SPECS:
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_is_something_to_test() -> None:
    assert len(SPECS) >= 4
    assert len(CONSOLE) >= 3


@pytest.mark.parametrize("name", [name for name, _ in SPECS])
def test_specs_check_as_expected(tutorial: Path, run_command: RunCommand, name: str) -> None:
    assert run_command("check", tutorial / name).status == 0


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_shown_output(tutorial: Path, run_command: RunCommand, command: str, shown: str) -> None:
    found = SECONDS.sub("0.01 s", run_command(*command.split()).out)
    if os.environ.get("UPDATE_README"):
        old = f"$ tdxverify {command}\n{shown}```"
        new = f"$ tdxverify {command}\n{found}```"
        README.write_text(README.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    else:
        assert found == shown


def test_flagship_trace(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace at the top is the tool's own; `...` stands for what is left out."""
    monkeypatch.chdir(README.parent)
    assert FLAGSHIP is not None
    run = run_command("check", "spec/properties/seed_mail.tdx", "--property", "next_kernel_takes_no_mc")
    rest = run.out
    for part in FLAGSHIP.group(1).split("...\n"):
        assert part in rest
        rest = rest[rest.index(part) + len(part) :]
