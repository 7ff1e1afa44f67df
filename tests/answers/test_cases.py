"""Modules that are called cases: the table of what went wrong and what mends it, in every output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdxverify.answers.cases import cases
from tdxverify.answers.checking import check
from tdxverify.answers.run import Run
from tdxverify.outputs.html.cases import cases_markup
from tdxverify.outputs.html.run_page import html_text
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.text.cases import cases_lines
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tests.inquiries.conftest import linted, said

FLUSH = """
module flush case "a page is given away before its lines are written back"
param flush : bool
param hot : bool
state dirty : bool = true
state lost : bool = false
action give { lost := dirty and not flush and hot }
property nothing_is_lost never lost
property can_be_lost reachable lost
check can_be_lost where flush expect refuted
check nothing_is_lost where hot and flush expect proved trivially
check nothing_is_lost where hot and not flush expect refuted in 1
check nothing_is_lost where flush expect proved trivially
"""
RETRY = """
module retry case "a call is tried again for ever"
enum Design { posted, bounded }
param design : Design
state tries : 0..2 = 0
state done : bool = false
action call when not done { if tries < 2 { tries := tries + 1 } else if design = bounded { done := true } }
property it_ends eventually done
property it_gives_up eventually done and tries = 2
config v1 where design = posted
config v2 where design = bounded
fair action nothing_else when false { }
check it_ends in v1 assuming fair call expect refuted
check it_ends in v2 assuming fair call expect proved
check it_ends in v2 expect refuted
check it_gives_up in v1 expect refuted
"""
SOUND = """
module sound case "nobody was wrong"
state x : bool = false
action a { x := false }
property p never x
check p expect proved trivially
"""
PLAIN = FLUSH.replace(' case "a page is given away before its lines are written back"', "")


def run_of(folder: Path, *texts: str) -> Run:
    for number, text in enumerate(texts):
        (folder / f"f{number}.tdx").write_text(text, encoding="utf-8")
    return check([folder])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = run_of(tmp_path, FLUSH, RETRY, SOUND, PLAIN)
    assert found.exit_status.value == 0
    return found


def test_the_nearest_proof_is_what_mends(run: Run) -> None:
    flush, retry, sound = cases(run.answers)
    (lost,) = flush.found
    assert lost.proved is not None and lost.by == ("flush",)
    assert (lost.refuted.asked.line, lost.refuted.length, lost.proved.asked.line) == (12, 1, 11)
    at_all, by_fairness, never_mended = retry.found
    assert at_all.by == ("design = bounded",)
    assert by_fairness.by == ("assuming fair call",)
    assert (never_mended.proved, never_mended.by) == (None, ())
    assert (sound.title, sound.found) == ("nobody was wrong", ())


def test_a_table_needs_several_cases(tmp_path: Path) -> None:
    run = run_of(tmp_path, FLUSH, PLAIN)
    assert cases(run.answers) == ()
    assert cases_lines(run.answers, 80) == []
    assert cases_markup(run.answers) is None
    assert "cases" not in json.loads(json_text(run))


def test_the_table_in_text(run: Run) -> None:
    text = plain(text_lines(run, width=80))
    table = text[text.index("cases: what went wrong, and what mends it") :].splitlines()
    assert table[2:9] == [
        "a page is given away before its lines are written back",
        "  nothing_is_lost  refuted in 1 :12   proved trivially where flush :11",
        "a call is tried again for ever",
        "  it_ends      refuted in 3 :13   proved where design = bounded :14",
        "  it_ends      refuted in 0 :15   proved assuming fair call :14",
        "  it_gives_up  refuted in 0 :16   no check of it is proved",
        "nobody was wrong",
    ]
    assert "no check shows the mistake" in " ".join(line.strip() for line in table[9:12])


def test_what_was_not_expected_has_a_sign(tmp_path: Path) -> None:
    run = run_of(
        tmp_path, FLUSH.replace("refuted in 1", "proved"), RETRY.replace("expect proved", "expect refuted")
    )
    text = plain(cases_lines(run.answers, 80))
    assert "!refuted in 1 :12" in text
    assert "!proved where design = bounded :14" in text


def test_narrow_terminals(run: Run) -> None:
    assert max(len(line) for line in plain(cases_lines(run.answers, 60)).splitlines()) <= 60


def test_the_table_of_the_page_leads_to_the_evidence(run: Run) -> None:
    page = html_text(run)
    table = page[page.index('<section id="cases">') :]
    table = table[: table.index("</section>")]
    assert '<a href="#check-3">refuted in 1</a>' in table
    assert '<a href="#check-2">proved trivially where flush</a>' in table
    assert all(f'id="check-{number}"' in page for number in (2, 3))


def test_the_cases_in_json(run: Run) -> None:
    flush, _, sound = json.loads(json_text(run))["cases"]
    assert flush["title"] == "a page is given away before its lines are written back"
    assert flush["found"] == [
        {"property": "nothing_is_lost", "refuted_line": 12, "length": 1, "proved_line": 11, "by": ["flush"]}
    ]
    assert sound["found"] == []


def test_a_case_in_which_nothing_is_mended_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.tdx").write_text(SOUND, encoding="utf-8")
    (tmp_path / "b.tdx").write_text(FLUSH, encoding="utf-8")
    assert [line for code, _, line in said(linted(tmp_path / "a.tdx")) if code == "W124"] == [2]
    assert not [code for code, _, _ in said(linted(tmp_path / "b.tdx")) if code == "W124"]
