"""Small specs with known answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

# A counter that anybody may raise up to the number of lines; see the checks for what is true of it.
COUNTER = """\
module counter
index Line
param limit : 0..3
param fast : bool
enum Mode { slow, quick }
param mode : Mode
state count : 0..9 = 0
state used[Line] : bool = false
action take(l : Line) when not used[l] and count < limit { used[l] := true  count := count + 1 }
property below always count < 3
property small always count <= 3
property three reachable count = 3
property four reachable count = 4
"""

WriteSpec = Callable[..., Path]


@pytest.fixture
def write_spec(tmp_path: Path) -> WriteSpec:
    """Writes COUNTER (or another text) with further lines to a file, and returns its path."""

    def write(*lines: str, name: str = "counter.tdx", text: str = COUNTER) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
