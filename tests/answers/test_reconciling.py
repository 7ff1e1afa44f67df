"""From verdicts to an outcome, by a table; and nobody else makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.reconciling import outcome_of
from tdxverify.budget import Why
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file
from tdxverify.semantics.trace import Trace
from tests.architecture.modules import MODULES, PACKAGE

TEXT = """
index Line
state used[Line] : bool = false
action take(l : Line) {{ used[l] := true }}
property never_all {claim}
check never_all {sizes} expect proved
"""
CLEAN, CLEAN_EVERYWHERE = Proved(Invariant((), any_size=False)), Proved(Invariant((), any_size=True))
EMPTY, EMPTY_EVERYWHERE = Vacuous(""), Vacuous("", any_size=True)
FOUND = Refuted(Trace((), (), (), ()))
OPEN = Unknown(Why.TIMEOUT, None)
STATED, ANY = "for Line <= 2", ""
NEVER, REACHABLE = "never forall l : Line : used[l]", "reachable forall l : Line : used[l]"
ROWS: list[tuple[str, list[Verdict], Outcome, Outcome]] = [
    (STATED, [CLEAN, CLEAN], Outcome.PROVED, Outcome.REFUTED),
    (STATED, [CLEAN, FOUND], Outcome.REFUTED, Outcome.PROVED),
    (STATED, [OPEN, FOUND], Outcome.REFUTED, Outcome.PROVED),
    (STATED, [OPEN, CLEAN], Outcome.UNKNOWN, Outcome.UNKNOWN),
    (STATED, [EMPTY, CLEAN], Outcome.PROVED, Outcome.REFUTED),
    (STATED, [CLEAN, EMPTY], Outcome.PROVED, Outcome.REFUTED),
    (STATED, [EMPTY, EMPTY], Outcome.VACUOUS, Outcome.VACUOUS),
    (STATED, [EMPTY, OPEN], Outcome.UNKNOWN, Outcome.UNKNOWN),
    (ANY, [FOUND], Outcome.REFUTED, Outcome.PROVED),
    (ANY, [CLEAN], Outcome.UNKNOWN, Outcome.UNKNOWN),
    (ANY, [CLEAN, CLEAN, CLEAN], Outcome.UNKNOWN, Outcome.UNKNOWN),
    (ANY, [CLEAN_EVERYWHERE], Outcome.PROVED, Outcome.REFUTED),
    (ANY, [EMPTY], Outcome.UNKNOWN, Outcome.UNKNOWN),
    (ANY, [EMPTY_EVERYWHERE], Outcome.VACUOUS, Outcome.VACUOUS),
    (ANY, [OPEN], Outcome.UNKNOWN, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("sizes", "verdicts", "never", "reachable"), ROWS)
def test_what_verdicts_show_together(
    sizes: str, verdicts: list[Verdict], never: Outcome, reachable: Outcome, tmp_path: Path
) -> None:
    for claim, expected in ((NEVER, never), (REACHABLE, reachable)):
        path = tmp_path / "spec.tdx"
        path.write_text(TEXT.format(claim=claim, sizes=sizes))
        (question,) = in_file(path, Options(), None)
        assert outcome_of(question, verdicts) is expected


def test_outcomes_are_made_in_one_place() -> None:
    """A kind of property says what a bad state means for it; only `outcome_of` asks."""
    asking = {
        path.relative_to(PACKAGE).as_posix() for path in MODULES if ".holds(found=" in path.read_text("utf-8")
    }
    assert asking == {"answers/reconciling.py"}
