"""Without which fairness a promise is broken: compared with checks that do not assume it."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.budget import Budget
from tdxverify.inquiries.fair_needs import fair_needs
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file

SPEC = """
index Cpu
actor cpu[Cpu], owner
state wants[Cpu] : bool = false
state done[Cpu] : bool = false
fair action ask(c : Cpu) by cpu[c] when not wants[c] { wants[c] := true }
action serve(c : Cpu) by owner when wants[c] { done[c] := true }
action withdraw(c : Cpu) by cpu[c] when wants[c] and not done[c] { wants[c] := false }
property served each c : Cpu: wants[c] leads_to done[c]
property one eventually exists c : Cpu: done[c]
"""
CLAUSES = ("strongly fair serve", "fair withdraw", "fair cpu", "fair owner")


def test_each_is_asked_without(tmp_path: Path) -> None:
    chosen = [c for size in range(1, 4) for c in combinations(CLAUSES, size)]
    lines = [f"check {p} for Cpu = 2 assuming {', '.join(c)}" for c in chosen for p in ("served", "one")]
    path = tmp_path / "spec.tdx"
    path.write_text(SPEC + "\n".join(lines) + "\n")
    outcomes = {(a.asked.property, a.asked.assuming): a.outcome for a in check([path]).answers}
    looked_at = 0
    for asked in in_file(path, Options(), None):
        if outcomes[asked.check.property, asked.check.assuming_text()] is not Outcome.PROVED:
            continue
        for need in fair_needs(asked, Budget()):
            left = [one for one in asked.check.assuming if one != need.fair]
            told = ", ".join(f"{'strongly ' if one.strong else ''}fair {one.name}" for one in left)
            known = outcomes.get((asked.check.property, f"assuming {told}"))
            if known is not None and len(left) < len(asked.check.assuming):
                assert need.holds is (known is Outcome.PROVED)
                assert need.holds or need.run.endswith(("again and again", "then stops", "at the start"))
                looked_at += 1
    assert looked_at > 5
