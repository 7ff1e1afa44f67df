"""Where a `goto` may lead: out of loops, round in them, to the end, and never into the middle of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check

PROCESS = """
index Line
state dirty[Line] : bool = true
state n : 0..9 = 0
process p {
  a: { JUMP }
  b: foreach l : Line { c: { dirty[l] := false } d: { INNER } }
  e: while n < 2 { f: { n := n + 1 } }
  g: { n := 9 }
}
"""


@pytest.mark.parametrize(
    ("jump", "inner", "claim", "length"),
    [
        ("", "goto done", "never p at done", 3),
        ("goto done", "", "never p at done", 1),
        ("goto g", "", "never n = 9", 2),
        ("goto b", "", "never n = 9", 6),
        ("", "goto e", "never exists l : Line: not dirty[l]", 2),
        ("", "goto b", "never n = 1", 4),
        ("goto e", "", "never n = 2", 3),
        ("goto f", "", "never n = 2", 3),
    ],
)
def test_jumps_that_keep_loops_whole(jump: str, inner: str, claim: str, length: int, tmp_path: Path) -> None:
    text = PROCESS.replace("JUMP", jump).replace("INNER", inner)
    path = tmp_path / "spec.tdx"
    path.write_text(f"{text}property q {claim}\ncheck q for Line = 1\n", encoding="utf-8")
    run = check([path])
    assert run.diagnostics == ()
    assert (run.answers[0].outcome, run.answers[0].length) == (Outcome.REFUTED, length)


@pytest.mark.parametrize("target", ["c", "d"])
def test_jumps_into_the_middle_are_refused(target: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    text = PROCESS.replace("JUMP", f"goto {target}").replace("INNER", "")
    path.write_text(f"{text}property q never n = 9\ncheck q\n", encoding="utf-8")
    run = check([path])
    assert [d.code.name for d in run.diagnostics] == ["E414"]
    assert run.diagnostics[0].message == f"'goto {target}' jumps into a foreach from outside"
    assert run.diagnostics[0].hint is not None and "goto b" in run.diagnostics[0].hint
