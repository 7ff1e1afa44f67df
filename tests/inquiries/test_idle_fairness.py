"""Fairness that asks nothing is found; and no fairness excludes all runs: compared with all loops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.inquiries.lint import LintOptions, lint
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE
from tdxverify.questions.kinds.kind import Promise
from tests.fair_loops import is_broken, promised
from tests.thorough import parts

SPEC = """
param off : bool
index Cpu
state up[Cpu] : bool = false
state n : 0..2 = 0
strongly fair action count when n < 2 { n := n + 1 }
action boot(c : Cpu) when not off and not up[c] { up[c] := true }
process p { first: { } last: as first }
property comes_up each c : Cpu: eventually up[c]
property counts eventually n = 2
property small never n > 2
property ends eventually p at done
"""


def said(tmp_path: Path, line: str) -> list[str]:
    path = tmp_path / "spec.tdx"
    path.write_text(f"{SPEC}{line}\n")
    run = lint([path], LintOptions(), Silent())
    assert not run.mistakes
    return [one.message for one in run.findings if one.code.name == "W123"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("check comes_up assuming fair boot where not off", []),
        ("check counts assuming fair boot expect proved", []),
        (
            "check comes_up for Cpu = 2 assuming fair boot where off expect refuted",
            ["'fair boot' asks nothing in this check: no step of it is ever possible for Cpu = 2"],
        ),
        ("check counts assuming fair count", ["'fair count' asks nothing more: it is fair already"]),
        (
            "check counts assuming strongly fair count",
            ["'strongly fair count' asks nothing more: it is fair already"],
        ),
        (
            "check comes_up assuming fair boot, strongly fair boot where not off",
            ["'fair boot' asks nothing more: it is fair already"],
        ),
        ("check ends assuming fair p, p", ["'fair p' asks nothing more: it is fair already"]),
        ("check ends assuming fair p.first, p.last", []),
        (
            "check small assuming fair boot",
            ["'assuming fair boot' plays no part: 'small' says nothing of whole runs"],
        ),
    ],
)
def test_what_asks_nothing(tmp_path: Path, line: str, told: list[str]) -> None:
    assert said(tmp_path, line) == told


@pytest.mark.parametrize("seeds", parts(range(1200), 20))
def test_from_every_state_there_is_a_fair_run(seeds: range) -> None:
    """Something is reached where, and only where, a fair run comes there that never does the impossible."""
    reached = 0
    for seed in seeds:
        asked = promised(seed)
        problem = replace(asked.problem, bad=FALSE, range_monitor=None, undefined=FALSE)
        where = TRUE if not asked.promise.binders else FALSE
        where = core.conjunction(where, asked.promise.kept)
        fair = replace(asked, problem=problem, promise=Promise((), where, FALSE))
        free = replace(fair, fairness=())
        assert is_broken(fair) == is_broken(free), seed
        reached += is_broken(free)
    assert reached > len(seeds) // 10
