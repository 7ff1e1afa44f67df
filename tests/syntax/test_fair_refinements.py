"""A process in the place of an action that is fair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.questions.options import Options
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.telling.refined_model import refinements_of
from tdxverify.wellformed import build_model

LIBRARY = """
index C
state want[C] : bool = false
state got[C] : bool = false
action ask(c : C) when not got[c] { want[c] := true }
FAIR action serve(c : C) when want[c] { got[c] := true  want[c] := false }
"""
CLAIM = "property p each c : C: want[c] leads_to got[c]\ncheck p for C <= 2\n"
SAME = "{ s: as serve  goto s }"
ANEW = "{ s: when want[c] { got[c] := true  want[c] := false }  goto s }"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(fair: str, process: str) -> Path:
    Path("lib.tdx").write_text(LIBRARY.replace("FAIR", fair), encoding="utf-8")
    path = Path("main.tdx")
    path.write_text(f"import lib\nrefine action serve by {process}\n{CLAIM}", encoding="utf-8")
    return path


@pytest.mark.parametrize("fair", ["", "fair", "strongly fair"])
@pytest.mark.parametrize("process", ["process sv(c : C)", "process sv", "fair process sv(c : C)"])
def test_a_step_that_does_what_the_action_did_is_as_fair(fair: str, process: str) -> None:
    """As if the fairness of the action had been assumed by the check."""
    path = write(fair, f"{process} {SAME}")
    assumed = [one for one in build_model(load(path)).fairness if one.name == "sv.s"]
    assert [one.strong for one in assumed] == ([] if not fair else [fair != "fair"])
    (answer,) = check([path], Options(engine="explicit")).answers
    wanted = bool(fair) or process.startswith("fair")
    assert (answer.outcome is Outcome.PROVED) == wanted


@pytest.mark.parametrize(
    ("fair", "process", "told"),
    [
        ("fair", f"process sv(c : C) {ANEW}", ", which was fair: this is not"),
        ("strongly fair", f"process sv(c : C) {ANEW}", ", which was strongly fair: this is not"),
        ("fair", f"fair process sv(c : C) {ANEW}", ""),
        ("fair", f"process sv(c : C) {ANEW.replace('s: when', 'fair s: when')}", ""),
        ("fair", f"process sv(c : C) {SAME}", ""),
        ("", f"process sv(c : C) {ANEW}", ""),
    ],
)
def test_what_is_told_of_fairness_that_is_gone(fair: str, process: str, told: str) -> None:
    found = refinements_of(build_model(load(write(fair, process))))
    assert {one.change for one in found} == {f"in place of action serve{told}"}


def test_names_behind_assuming_get_the_prefix() -> None:
    path = write("fair", f"process sv(c : C) {SAME}")
    path.write_text(path.read_text() + "actor k\ncheck p assuming fair ask, fair sv.s, fair k\n")
    Path("top.tdx").write_text("import main as old\nparam none_such : bool\n", encoding="utf-8")
    clauses = [
        one for module in load(Path("top.tdx")) for one in ast.nodes(module.declarations, ast.FairClause)
    ]
    assert [one.name.text for one in clauses] == ["old_ask", "old_sv", "old_k"]
