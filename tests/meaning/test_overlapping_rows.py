"""Rows with the same result may overlap: the access happens once all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check

SPEC = """
actor host
fault #PF fixable
fault #MC fatal
index Line
state a : bool
state b : bool
state c[Line] : 0..3 = 0
state x : bool = false
state n : 0..9 = 0
state handled : 0..9 = 0
access flip { a -> ok { x := not x }  b -> ok { x := not x }  otherwise -> ok }
access count { a -> ok { n := n + 1 }  b -> ok { n := n + 1 }  a and b -> ok { n := n + 1 }  otherwise -> ok }
access raise { a -> fault #PF  b -> fault #PF  otherwise -> ok }
access both { a -> fault #PF { n := n + 1 }  b -> fault #PF { n := n + 1 }  otherwise -> ok }
access cells(l : Line) {
  c[l] = 0 -> ok { c[l] := c[l] + 1 }
  c[l] < 2 and a -> ok { c[l] := c[l] + 1 }
  otherwise -> ok { c[l] := 0 }
}
"""


def outcome(folder: Path, step: str, claim: str) -> Outcome:
    path = folder / "spec.tdx"
    path.write_text(f"{SPEC}\n{step}\nproperty p {claim}\ncheck p\n", encoding="utf-8")
    run = check([path])
    assert run.diagnostics == (), run.diagnostics
    return run.answers[0].outcome


@pytest.mark.parametrize(
    ("step", "claim"),
    [
        ("action go { flip() }", "step a or b implies (x' iff not x)"),
        ("action go when n < 9 { count() }", "step n' <= n + 1"),
        (
            "action go by host when handled < 9 { raise() on #PF { handled := handled + 1 } }",
            "step handled' <= handled + 1",
        ),
        (
            "action go by host when handled < 9 and n < 9 { both() on #PF { handled := handled + 1 } }",
            "step handled' - handled = n' - n and n' <= n + 1",
        ),
        (
            "action go(l : Line) { cells(l) }",
            "step forall l : Line: c'[l] <= c[l] + 1",
        ),
        ("action go { foreach l : Line { cells(l) } }", "step forall l : Line: c'[l] <= c[l] + 1"),
    ],
)
def test_effects_faults_and_handlers_come_once(step: str, claim: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, step, claim) is Outcome.PROVED


@pytest.mark.parametrize(
    ("step", "claim"),
    [
        ("action go { flip() }", "never x"),
        ("action go when n < 9 { count() }", "never n = 1"),
        (
            "action go by host when handled < 9 { raise() on #PF { handled := handled + 1 } }",
            "never handled = 1",
        ),
    ],
)
def test_they_do_come(step: str, claim: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, step, claim) is Outcome.REFUTED


def test_the_first_row_is_the_one_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(
        f"{SPEC}\naction go {{ flip() }}\ninit a and b\nproperty p never x\ncheck p\n", encoding="utf-8"
    )
    story = check([path]).answers[0].told.story
    assert story is not None
    assert [row.row for row in story.steps[0].rows] == [1]
