"""The mutation score: which mutants there are, and when one counts as killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.syntax.ast import AccessDecl
from tdxverify.syntax.imports import load, written
from tdxverify.wellformed import build_model
from tools.mutants import mutants
from tools.mutation import Root, main, roots, score

RULES = """\
index Line
actor host
fault #MC
state armed : bool = false
memory Line { bad : bool = false  seen : bool = false }
access read(l : Line) {
  bad[l] and not seen[l] -> fault #MC
  otherwise              -> ok
}
action spoil(l : Line) by host when armed and not seen[l] { bad[l] := true }
action arm by host { armed := true  if armed and not armed { armed := false } }
action look(l : Line) by host { read(l)  seen[l] := true }
"""
CHECKS = """\
import "rules.tdx"
property safe never host took #MC
check safe expect refuted in 3
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "rules.tdx").write_text(RULES, encoding="utf-8")
    (tmp_path / "checks.tdx").write_text(CHECKS, encoding="utf-8")
    return tmp_path


def test_every_place_is_broken_once(files: Path) -> None:
    (module,) = load(files / "rules.tdx")
    assert [mutant.place for mutant in mutants(module)] == [
        "line 7, read: without 'bad[l]'",
        "line 7, read: without 'not seen[l]'",
        "line 7, read: succeeds instead of #MC",
        "line 10, spoil: without 'armed'",
        "line 10, spoil: without 'not seen[l]'",
        "line 10, spoil: no 'bad[l] := true'",
        "line 11, arm: no 'armed := true'",
        "line 11, arm: no 'if armed and not armed { armed := false }'",
        "line 11, arm: without 'armed'",
        "line 11, arm: without 'not armed'",
        "line 11, arm: no 'armed := false'",
        "line 12, look: no 'read(l)'",
        "line 12, look: no 'seen[l] := true'",
    ]


def test_a_mutant_differs_from_the_original_and_is_a_specification(files: Path) -> None:
    (module,) = load(files / "rules.tdx")
    for mutant in mutants(module):
        assert mutant.module != module
        assert len(build_model((mutant.module,)).actions) == 3


def test_a_dropped_access_does_what_another_row_does(tmp_path: Path) -> None:
    text = RULES.replace("bad[l] and not seen[l] -> fault #MC", "bad[l] and not seen[l] -> dropped")
    (tmp_path / "rules.tdx").write_text(text, encoding="utf-8")
    (without,) = load(tmp_path / "rules.tdx")
    assert not [mutant for mutant in mutants(without) if "dropping" in mutant.place]
    (tmp_path / "rules.tdx").write_text(text.replace("-> ok", "-> ok { seen[l] := true }"), encoding="utf-8")
    (module,) = load(tmp_path / "rules.tdx")
    (broken,) = [mutant for mutant in mutants(module) if "dropping" in mutant.place]
    (table,) = [d for d in broken.module.declarations if isinstance(d, AccessDecl)]
    assert broken.place == "line 7, read: succeeds instead of dropping"
    assert table.rows[0].result == "ok" and table.rows[0].effects == table.rows[1].effects


def test_refinements_are_broken_too(tmp_path: Path, files: Path) -> None:
    refining = """\
import "rules.tdx"
state twice : bool = false
refine state armed = true
refine action look when armed and not twice
refine actor host stopped when twice
refine row otherwise of read { not bad[l] -> ok cite F-X-1  otherwise -> dropped cite F-X-1 }
refine action arm by process arming by host { first: { twice := true }  second: as arm }
property p never twice
"""
    (tmp_path / "refining.tdx").write_text(refining, encoding="utf-8")
    found = list(mutants(list(written(files / "refining.tdx").modules.values())[-1]))
    assert [mutant.place for mutant in found] == [
        "line 3, armed: no 'refine state armed = true'",
        "line 4, look: without 'armed'",
        "line 4, look: without 'not twice'",
        "line 5, host: without 'twice'",
        "line 7, arming: no 'twice := true'",
    ]
    assert [len(mutant.module.declarations) for mutant in found] == [6, 7, 7, 6, 7]


def test_only_files_with_checks_are_asked(files: Path) -> None:
    assert [root.graph.root.name for root in roots([files])] == ["checks.tdx"]


def test_what_no_check_notices_survives(files: Path) -> None:
    (root,) = roots([files])
    found = score(root.modules[0].span.source.path, [root])
    assert found.killed == 7 and found.refused == 0
    assert found.survivors == (
        "line 7, read: without 'not seen[l]'",
        "line 10, spoil: without 'not seen[l]'",
        "line 11, arm: no 'if armed and not armed { armed := false }'",
        "line 11, arm: without 'armed'",
        "line 11, arm: no 'armed := false'",
        "line 12, look: no 'seen[l] := true'",
    )


def test_a_mutant_that_is_no_specification_is_not_counted(tmp_path: Path) -> None:
    rows = RULES.replace("otherwise              -> ok", "not bad[l] or seen[l] -> ok")
    (tmp_path / "rules.tdx").write_text(rows, encoding="utf-8")
    (tmp_path / "checks.tdx").write_text(CHECKS, encoding="utf-8")
    root = Root(written(tmp_path / "checks.tdx"))
    assert score(root.modules[0].span.source.path, [root]).refused == 2  # the two rows would overlap


def test_the_script_prints_the_share(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(files), "--jobs", "1", "--only", "rules.tdx"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("rules.tdx: 7 of 13 killed")
    assert lines[-1] == "in all: 7 of 13 killed (53.8 %), 0 refused as specifications"


def test_a_file_is_broken_as_it_is_written(files: Path) -> None:
    """Whoever refines it has it refined, broken or not, and nobody else has."""
    (files / "armed.tdx").write_text(
        f"{CHECKS}refine state armed = true\n".replace("3", "2"), encoding="utf-8"
    )
    every = roots([files])
    source = next(m.span.source.path for m in every[0].modules if m.span.source.path.endswith("rules.tdx"))
    assert score(source, every) == score(source, every[::-1])
    assert "line 11, arm: no 'armed := true'" not in score(source, every).survivors
    refined = score(every[0].modules[-1].span.source.path, every[:1])
    assert refined.killed == 1 and not refined.survivors


def test_who_refines_what_is_gone_says_nothing(files: Path) -> None:
    row = "refine row bad[l] and not seen[l] of read { bad[l] and not seen[l] -> fault #MC cite F-X-1 }\n"
    (files / "another.tdx").write_text(CHECKS + row, encoding="utf-8")
    every = roots([files])
    source = next(m.span.source.path for m in every[0].modules if m.span.source.path.endswith("rules.tdx"))
    found = score(source, every)
    assert (found.killed, found.refused) == (7, 0)
