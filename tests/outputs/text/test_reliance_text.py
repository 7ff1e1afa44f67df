"""What reports say of the values that a trace relies on, from the spec to the line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.tracing import find_traces
from tdxverify.logic.show import show_cell
from tdxverify.outputs.html.run_page import page_text
from tdxverify.outputs.junit import junit_text
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.sarif import sarif_text
from tdxverify.outputs.text.layout import NO_BREAK, plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.outputs.text.trace_text import initial_lines
from tdxverify.questions.options import Options
from tdxverify.semantics.successors import Semantics
from tdxverify.telling import enough, sufficient
from tests.inquiries.test_switch_sentences import FLAGS, random_spec

PLAIN = "state x : bool = false property q never x check q "
AB = "param a : bool param b : bool "


def ran(tmp_path: Path, text: str) -> Run:
    path = tmp_path / "spec.tdx"
    path.write_text(text)
    return check([path])


def told(tmp_path: Path, text: str) -> str:
    return plain(text_lines(ran(tmp_path, text), width=400)).replace(NO_BREAK, " ")


@pytest.mark.parametrize(
    ("text", "lines", "never"),
    [
        (AB + "action f when a or b { x := true } " + PLAIN + "where a iff b",
         ["(1 other parameter does not matter)"], ["by `where`"]),
        (AB + "action f when a and b { x := true } " + PLAIN + "where a iff b",
         ["with a = true; by `where`: a iff b"], ["matter"]),
        (AB + "action f when a { x := true } " + PLAIN + "where a",
         ["by `where`: a = true", "(1 other parameter does not matter)"], ["with"]),
        (AB + "action f when a and b { x := true } " + PLAIN + "where a and (b or not a)",
         ["by `where`: a = true, b = true"], ["matter", "with"]),
        (AB + "param c : bool action f when (a or b) and c { x := true } " + PLAIN + "where c and (a or b)",
         ["by `where`: c = true, (a or b)"], ["matter", "with"]),
        (AB + "state y : bool init y implies a action f when y { x := true } " + PLAIN,
         ["with a = true", "(1 other parameter does not matter)"], []),
        ("enum E { e0, e1, e2 } param e : E param a : bool action f when e != e2 and a { x := true } "
         + PLAIN + "where a and e in { e0, e1 }",
         ["by `where`: a = true, (e in { e0, e1 })"], ["matter", "with"]),
        (AB + "define either_one = a or b action f when a or b { x := true } " + PLAIN + "where either_one",
         ["by `where`: a or b"], ["matter", "with"]),
        ("param n : 0..7 action f when n < 6 { x := true } " + PLAIN, ["with n = 0"], ["matter"]),
        ("const n : 0..1 = 1 action f when n = 1 { x := true } " + PLAIN, [], ["matter", "n = 1\n"]),
        ("param p : bool state s : bool = p action f when s { x := true } " + PLAIN,
         ["with p = true"], ["matter"]),
        ("param p : bool state s : bool init s iff p action f when s { x := true } " + PLAIN,
         ["with p = true"], ["matter"]),
    ],
)  # fmt: skip
def test_parameters(tmp_path: Path, text: str, lines: list[str], never: list[str]) -> None:
    found = told(tmp_path, text)
    assert [wanted for wanted in lines if wanted not in found] == []
    assert [unwanted for unwanted in never if unwanted in found] == []


def test_a_start_that_could_be_another_is_an_example(tmp_path: Path) -> None:
    """But not where `init` leaves no other value beside what is relied on."""
    step = "action f when w { x := true z := not z } " + PLAIN
    assert "for example z = false" in told(tmp_path, "state z : bool state w : bool init w or z " + step)
    found = told(tmp_path, "state z : bool state w : bool init w iff not z " + step)
    assert "z = false" in found and "for example" not in found


STARTS_AS_A = "assume a implies n = 1 state y : bool = a "


@pytest.mark.parametrize(
    ("start", "where", "is_example"),
    [
        ("state y : bool = a ", "", True),
        (STARTS_AS_A, "", True),
        (STARTS_AS_A, "where n = 0", False),
        ("state y : bool init y iff a and n = 1 ", "where n = 0", False),
        ("state y : bool init y iff a and n = 1 ", "", True),
        ("state y : 0..3 = n ", "where n = 0", False),
        ("state y : 0..3 = n + (if a then 2 else 0) ", "where n = 0", True),
    ],
)
def test_an_example_can_start_otherwise_in_this_check(
    tmp_path: Path, start: str, where: str, is_example: bool
) -> None:
    """Where a parameter that nothing relies on decides it, and the check leaves that no other value."""
    change = "not y" if "y : bool" in start else "if y < 3 then y + 1 else 0"
    step = f"action f {{ x := true y := {change} }} "
    found = told(tmp_path, "param a : bool param n : 0..1 " + start + step + PLAIN + where)
    assert "y = " in found
    assert ("for example y = " in found) == is_example, found


def test_of_a_deadlock_what_is_true_is_said(tmp_path: Path) -> None:
    """That no action is enabled is so: it is no part of the property that is false."""
    run = ran(tmp_path, "state x : bool action f when not x { x := true } property q never deadlock check q")
    text = plain(text_lines(run, width=400)).replace(NO_BREAK, " ")
    for report in (text, page_text(run), junit_text(run), sarif_text(run)):
        assert "because no action is enabled" in report and "this is false" not in report
    violation = json.loads(json_text(run))["checks"][0]["violation"]
    assert violation == {"formula": "never deadlock", "conjunct": "no action is enabled", "elements": {}}


def test_json_has_the_parts_of_where(tmp_path: Path) -> None:
    run = ran(tmp_path, AB + "action f when a or b { x := true } " + PLAIN + "where a or b")
    relies_on = json.loads(json_text(run))["checks"][0]["relies_on"]
    assert (relies_on["needed"], relies_on["by_where"], relies_on["by_where_parts"]) == ({}, {}, ["a or b"])
    assert "by `where`: <code>a or b</code>" in page_text(run)


def test_unknowns_are_told_together(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        'param a : bool "one" cite U-01 param b : bool "two" cite U-02 param c : 0..9 "three" cite U-03 '
        "action f when not (a and b) and c < 7 { x := true } " + PLAIN,
    )
    assert "found with U-01: a = false; not said for true" in found
    assert "the same whatever U-02: b is" in found
    assert "found with U-03: c = 0, and the same with 1, 2, 3, 4, 5 or 6; not said for 7, 8 or 9" in found


def test_no_value_is_said_to_do_as_well_that_the_check_excludes_beside_the_others(tmp_path: Path) -> None:
    """With a true, no start has b false: then the steps are none."""
    found = told(
        tmp_path,
        'param a : bool "one" cite U-01 param b : bool "two" cite U-02 '
        "action f when a and b { x := true } " + PLAIN + "where a iff b",
    )
    assert "found with U-01: a = true; not said for false" in found
    assert "found with U-02: b = true; not said for false" in found


KEEPS = """
index Page
const first : Page
fault #PF fatal
actor host
state allocated : bool = false
state vmsa : Page
access w() { allocated and vmsa = first -> fault #PF  otherwise -> ok }
action alloc(p : Page) when not allocated { allocated := true  vmsa := p }
action write by host when allocated { w() }
property safe never host takes #PF
check safe for Page = 2
"""


def test_an_assignment_that_kept_a_value_is_shown(tmp_path: Path) -> None:
    run = ran(tmp_path, KEEPS)
    page, document = page_text(run), json.loads(json_text(run))
    assert "vmsa: Page0, as before" in plain(text_lines(run))
    assert "<code>vmsa</code>: Page0, as before" in page
    assert document["checks"][0]["trace"][0]["kept"] == {"vmsa": "Page0"}
    assert document["checks"][0]["relies_on"]["needed"] == {"first": "Page0"}


def test_a_row_shows_the_parameters_that_decided_it_though_they_do_not_matter(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "param slow : bool actor h access r() { slow -> dropped  otherwise -> ok } "
        "action f by h { r() x := true } " + PLAIN,
    )
    assert "(here slow = false)" in found or "(here slow = true)" in found
    assert "(1 other parameter does not matter)" in found


def test_what_is_not_found_out_is_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = AB + "action f when a { x := true } " + PLAIN
    monkeypatch.setattr(sufficient, "MOST_RUNS", 0)
    assert "not known to matter: a = true" in told(tmp_path, text)
    monkeypatch.setattr(enough, "MOST_STARTS", -1)
    monkeypatch.setattr(enough, "EFFORT", 1)
    assert "(1 other parameter is not known to matter)" in told(tmp_path, text)


def test_cells_play_no_part_only_where_that_is_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the values which are left over may be any is compared with trying every start elsewhere."""
    text = "state y : bool init y or not y action f { x := true } " + PLAIN
    assert "1 cell plays no part" in page_text(ran(tmp_path, text))
    read = text.replace("action f {", "action f when y {")
    assert "play no part" not in page_text(ran(tmp_path, read)).replace("plays", "play")
    monkeypatch.setattr(sufficient, "MOST_RUNS", 0)
    monkeypatch.setattr(enough, "MOST_STARTS", -1)
    monkeypatch.setattr(enough, "EFFORT", 1)
    assert "play no part" not in page_text(ran(tmp_path, text)).replace("plays", "play")


def test_the_cells_that_are_counted_do_not_change_in_this_run(tmp_path: Path) -> None:
    """Of generated models: those that the start does not show have one value in all states of the trace,
    though in other runs they may change."""
    may_change = 0
    path = tmp_path / "spec.tdx"
    for seed in range(120):
        path.write_text(random_spec(seed))
        for found in find_traces(path, Options(), None, Silent()):
            shown = plain(initial_lines(found.story, 400, everything=False))
            cells = [show_cell(cell) for cell in found.problem.state_layout.cells]
            rest = [at for at, name in enumerate(cells) if f"{name} = " not in shown and name in FLAGS]
            said = re.search(r"\((\d+) (other )?cells? do(es)? not change in this run\)", shown)
            assert len(rest) == (0 if said is None else int(said[1])), shown
            assert all(len({state[at] for state in found.trace.states}) == 1 for at in rest)
            semantics = Semantics(found.problem)
            may_change += any(
                after[at] != state[at]
                for state in found.trace.states
                for _, after in semantics.successors(found.trace.rigid, state)
                for at in rest
            )
    assert may_change > 5


def test_a_trace_without_steps_changes_no_variable(tmp_path: Path) -> None:
    assert "no variable changes" in page_text(
        ran(tmp_path, "param p : bool " + PLAIN.replace("never x", "never p"))
    )
