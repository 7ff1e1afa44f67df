"""What an importing file has changed is said where it stands: in traces, tables, pages, documents, `why`."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tdxverify.telling.refined_model import refinements_of, told_refined
from tests.meaning.test_refining import meaning, prepared

LIBRARY = """\
index Line
actor kernel
fault #MC fatal
state armed : bool = false
memory Line { poison : bool = false }
access load(l : Line) {
  poison[l] -> fault #MC
  otherwise -> ok
}
action spoil(l : Line) by kernel "a stray write" { poison[l] := true }
action read(l : Line) by kernel "a read" { load(l) }
"""
ROOT = """\
import lib
refine state armed = true "the switch is on" cite F-X-1
refine action spoil when armed "only then" cite F-X-2
refine row poison[l] of load {
  poison[l] and armed     -> fault #MC "as it was" cite F-X-3
  poison[l] and not armed -> ok cite F-X-4
}
refine action read by process slow(l : Line) by kernel { think: { } do: as read }
property lives never kernel takes #MC
check lives for Line = 1 expect refuted
check lives for Line = 1 where true
property safe never armed and not armed
"""
NOWHERE = "refined here"


@pytest.fixture
def spec(run_command: Callable[..., Any]) -> Callable[..., str]:
    """Runs a command on the refined spec; what it prints."""
    Path("lib.tdx").write_text(LIBRARY, encoding="utf-8")
    Path("root.tdx").write_text(ROOT, encoding="utf-8")

    def run(command: str, *arguments: str) -> str:
        return str(run_command(command, "root.tdx", *arguments).out)

    return run


def unbroken(text: str) -> str:
    return " ".join(text.split())


def test_traces(spec: Callable[..., str]) -> None:
    told = unbroken(spec("check"))
    assert 'armed refined here: in place of false (root.tdx:2) "the switch is on" [F-X-1]' in told
    assert '"a stray write" refined here: only when armed (root.tdx:3) "only then" [F-X-2]' in told
    assert "slow.think(l = Line0) by kernel refined here: in place of action read (root.tdx:8)" in told
    assert (
        "load(Line0), row 1: poison[l] and armed -> fault #MC [F-X-3] "
        "refined here: in place of poison[l] -> fault #MC (root.tdx:4)" in told
    )


def test_without_refinements_nothing_is_said(spec: Callable[..., str]) -> None:
    kept = [line for line in ROOT.splitlines() if not line.startswith(("refine", "  ", "}"))]
    Path("root.tdx").write_text("\n".join(kept), encoding="utf-8")
    for command in (("check",), ("table",), ("check", "--format", "json"), ("check", "--format", "html")):
        assert NOWHERE not in spec(*command)
        assert '"refined"' not in spec(*command)


def test_tables(spec: Callable[..., str]) -> None:
    told = unbroken(spec("table"))
    assert told.count("refined here: in place of poison[l] -> fault #MC (root.tdx:4)") == 2
    assert unbroken(spec("table", "--format", "markdown")).count("refined here") == 2


def test_documents(spec: Callable[..., str]) -> None:
    document = json.loads(spec("check", "--format", "json"))
    steps = document["checks"][0]["trace"]
    assert [step["refined"][0]["change"] for step in steps] == [
        "only when armed",
        "in place of action read",
        "in place of action read",
    ]
    (value,) = document["checks"][0]["refined_values"]["armed"]
    assert (value["change"], value["at"]["line"]) == ("in place of false", 2)
    spoil, _, read = steps
    assert spoil["refined"][0] == {
        "change": "only when armed",
        "at": {"file": "root.tdx", "line": 3},
        "description": "only then",
        "citations": ["F-X-2"],
    }
    (row,) = read["rows"]
    assert row["refined"][0]["change"] == "in place of poison[l] -> fault #MC"
    assert row["at"]["file"] == "root.tdx"


def test_pages(spec: Callable[..., str]) -> None:
    spec("check", "--report", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "armed refined here: in place of false (root.tdx:2)" in page
    assert "refined here: only when armed (root.tdx:3)" in page
    assert "refined here: in place of poison[l] -&gt; fault #MC (root.tdx:4)" in page


def test_what_a_proof_needs(spec: Callable[..., str]) -> None:
    text = ROOT.replace("refine state armed = true", "refine state armed = any { false }")
    Path("root.tdx").write_text(text.replace("expect refuted", "expect proved"), encoding="utf-8")
    told = unbroken(spec("why", "--line", "11"))
    assert 'start armed = false root.tdx:2 [F-X-1] refined here: in place of false "the switch is on"' in told


def test_why_a_trace(spec: Callable[..., str]) -> None:
    told = unbroken(spec("why", "--line", "10"))
    assert 'spoil(l = Line0) by kernel refined here: only when armed (root.tdx:3) "only then" [F-X-2]' in told
    assert "-> fault #MC [F-X-3] refined here: in place of poison[l] -> fault #MC (root.tdx:4)" in told


def test_a_walk(spec: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    told = unbroken(spec("simulate", "--line", "10"))
    assert '1 spoil(l = Line0) by kernel "a stray write" (refined here)' in told
    assert "2 slow.think(l = Line0) by kernel (refined here)" in told


def test_an_actor_that_stops(spec: Callable[..., str]) -> None:
    """Each of its steps asks more than its file says."""
    Path("root.tdx").write_text(
        f"{ROOT}\nrefine actor kernel stopped when not armed cite F-X-5", encoding="utf-8"
    )
    told = unbroken(spec("check"))
    assert told.count("refined here: kernel stopped when not armed (root.tdx:14) [F-X-5]") == 6
    text = ROOT.replace("refine state armed = true", "refine state armed = any { false }")
    text += "\nrefine actor kernel stopped when not armed cite F-X-5"
    text = text.replace("refine action spoil when armed", "refine action spoil when true")
    Path("root.tdx").write_text(text.replace("expect refuted", "expect proved"), encoding="utf-8")
    told = unbroken(spec("why", "--line", "11"))
    assert "refined here: kernel stopped when not armed" in told


MODEL = "the model is refined in root.tdx:2, 3, 4, 8"


def test_whatever_shows_a_verdict_in_full_says_so(spec: Callable[..., str]) -> None:
    """Of a proof as well, in which no trace shows it."""
    Path("root.tdx").write_text(ROOT + "check safe expect proved\n", encoding="utf-8")
    assert unbroken(spec("check", "-v")).count(MODEL) == 1
    assert MODEL not in spec("check", "--line", "13")
    (*_, safe) = json.loads(spec("check", "--format", "json"))["checks"]
    assert safe["verdict"] == "proved"
    assert [one["at"]["line"] for one in safe["refinements"]] == [2, 3, 4, 8]
    (*_, found) = json.loads(spec("check", "--format", "sarif"))["runs"][0]["results"]
    assert MODEL in found["message"]["text"]
    told = [one["message"]["text"] for one in found["relatedLocations"]]
    assert "refined here: in place of action read" in told
    cases = spec("check", "--format", "junit")
    assert cases.count('<property name="refined" value="refined here: only when armed (root.tdx:3)') == 3
    page = spec("check", "--format", "html")
    assert page.count(MODEL) >= 2
    text = ROOT.replace("refine state armed = true", "refine state armed = any { false }")
    Path("root.tdx").write_text(text.replace("expect refuted", "expect proved"), encoding="utf-8")
    assert MODEL in unbroken(spec("check", "--show-invariant", "--engine", "pdr"))


@pytest.mark.parametrize("what", ["trace", "neighbourhood", "states", "dependencies"])
def test_pictures_say_so(spec: Callable[..., str], what: str) -> None:
    for form in ("dot", "svg", "mermaid", "json"):
        shown = re.sub(r"\\[nl]|<[^>]*>", " ", spec("graph", "--what", what, "--format", form))
        assert MODEL in unbroken(shown), form


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_every_refinement_of_a_model_is_told_once(seed: int, tmp_path: Path) -> None:
    """Against the file: whatever changes a step, a row or a value, by the line that it stands in."""
    library, asking, made = prepared(seed)
    lines = asking.count("\n") + 1
    texts = [text for text, _, _ in made if "\n" not in text]
    model = meaning(tmp_path, asking + "\n".join(texts), library)
    if isinstance(model, list):
        return
    told = [one.at.line for one in refinements_of(model)]
    assert told == sorted(set(told))
    may_do_nothing = ("refine process", "refine actor", "refine row")  # no step, or no access
    wanted = {lines + n for n, text in enumerate(texts) if not text.startswith(may_do_nothing)}
    assert wanted <= set(told) <= set(range(lines, lines + len(texts)))


def test_a_model_of_its_own_is_not_refined() -> None:
    assert told_refined(()) is None
