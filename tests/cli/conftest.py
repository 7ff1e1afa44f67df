"""Running commands in this process, the way a shell sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from tdxverify.cli.main import main


@dataclass(frozen=True)
class Result:
    """What a shell sees of a command."""

    status: int
    out: str
    err: str


RunCommand: TypeAlias = Callable[..., Result]


@pytest.fixture
def run_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RunCommand:
    """Runs `tdxverify` with arguments, in an empty directory; no machine is so slow that progress is told."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tdxverify.cli.progress.QUIET", 1e9)

    def run(*arguments: str | Path) -> Result:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Result(int(caught.value.code), captured.out, captured.err)

    return run
