"""Every format tells what is in the way of the answer that was expected."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from re import sub
from xml.etree import ElementTree

import jsonschema
import pytest

from tdxverify.answers.run import Run
from tdxverify.outputs import run_json
from tdxverify.outputs.html.run_page import html_text
from tdxverify.outputs.junit import junit_text
from tdxverify.outputs.sarif import sarif_text
from tdxverify.outputs.text.layout import line_width, plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.telling.story import Location
from tdxverify.telling.unexpected import Obstacle, Part, Unexpected
from tests.changed_answers import changed
from tests.outputs.conftest import PROVED, UNKNOWN

GUARD = Part("when", "flush.go: when not lazy", Location("spec/host/flush.tdx", 12), "caches are flushed")
OBSTACLE = Obstacle(
    GUARD,
    run=("write(l = Line0)", "flush.go(c = Cpu0)", "read(l = Line0)"),
    alone=True,
    before=("write(l = Line0)",),
    stopped="flush.go(c = Cpu0)",
    never="flush.go never happens at any size",
)
COMMAND = "tdxverify why examples/02-erratum.tdx --line 40"
SURPRISE = changed(
    PROVED,
    expected="refuted",
    unexpected=Unexpected("for Line = 2", (OBSTACLE,), command=COMMAND),
)
SENTENCES = (
    "flush.go never happens at any size.",
    "As it is: write(l = Line0); then flush.go(c = Cpu0) is not possible.",
    "Without this, all else as it is, the property fails in 3 steps: "
    "write(l = Line0), flush.go(c = Cpu0), read(l = Line0).",
)


def joined(text: str) -> str:
    return " ".join(text.split())


def test_text() -> None:
    lines = text_lines(Run((SURPRISE,)), width=80)
    told = joined(plain(lines))
    assert "---- kexec_takes_no_mc: proved for Line = 2, Cpu = 1..3, but expected: refuted" in told
    assert all(sentence in told for sentence in SENTENCES) and COMMAND in plain(lines)
    assert max(map(line_width, lines)) <= 80


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"before": None, "stopped": None}, "As it is, no run starts like that."),
        ({"before": (), "stopped": "go"}, "As it is, go is not possible at the start."),
        ({"before": ("go",), "stopped": "on", "possible": True}, "As it is: go; then on leads elsewhere."),
        ({"run": ()}, "Without this, all else as it is, the property fails at the start."),
        (
            {"writers": ("go assigns x, and never happens",)},
            "go assigns x, and never happens. As it is: write(l = Line0); then",
        ),
        (
            {"run": ("go",), "alone": False},
            "all that the proof does not need, the property fails in 1 step: go.",
        ),
    ],
)
def test_other_obstacles(other: dict[str, object], sentence: str) -> None:
    told = Unexpected("", (replace(OBSTACLE, **other),))  # type: ignore[arg-type]
    assert sentence in joined(plain(text_lines(Run((changed(SURPRISE, unexpected=told),)), width=80)))


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (Unexpected("for Line = 2", excluding=(GUARD,)), "since this can never hold for Line = 2:"),
        (Unexpected(excluding=(GUARD, GUARD)), "since these contradict one another:"),
        (Unexpected(start=()), "There is an initial state."),
        (Unexpected("for Line = 2", idle=("go", "on")), "Steps that never happen for Line = 2: go, on."),
        (Unexpected(unassigned=("a", "b")), "No step ever assigns a or b, of which the property speaks."),
        (Unexpected(remark="It was not found out."), "It was not found out."),
    ],
)
def test_other_answers(told: Unexpected, sentence: str) -> None:
    run = Run((changed(SURPRISE, unexpected=told),))
    assert sentence in joined(plain(text_lines(run, width=80)))
    assert sentence.rstrip(":") in unescape(sub(r"<[^>]*>", "", html_text(run)))
    assert sentence in joined(json.loads(sarif_text(run))["runs"][0]["results"][0]["message"]["text"])


def test_json() -> None:
    document = json.loads(run_json.json_text(Run((SURPRISE, PROVED))))
    schema = json.loads(Path(run_json.__file__).with_name("run.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    first, second = document["checks"]
    assert second["unexpected"] is None
    told = first["unexpected"]
    assert told["at"] == "for Line = 2" and told["command"] == COMMAND
    (obstacle,) = told["obstacles"]
    assert obstacle["part"]["at"] == {"file": "spec/host/flush.tdx", "line": 12}
    assert obstacle["run"] == list(OBSTACLE.run) and obstacle["never"] == OBSTACLE.never
    assert obstacle["writers"] == []


def test_html() -> None:
    page = html_text(Run((SURPRISE,)))
    shown = joined(unescape(sub(r"<[^>]*>", "", page)))
    assert all(sentence in shown for sentence in (*SENTENCES, COMMAND, "“caches are flushed”"))
    assert 'href="#check-1"' in page and 'id="check-1"' in page


def test_junit() -> None:
    root = ElementTree.fromstring(junit_text(Run((SURPRISE,))))
    failure = root.find(".//failure")
    assert failure is not None and failure.text is not None
    assert all(sentence in joined(failure.text) for sentence in (*SENTENCES, COMMAND))


def test_sarif() -> None:
    (result,) = json.loads(sarif_text(Run((SURPRISE,))))["runs"][0]["results"]
    assert all(sentence in result["message"]["text"] for sentence in (*SENTENCES, f"more: {COMMAND}"))
    related = result["relatedLocations"][-1]
    assert related["message"]["text"] == "in the way: flush.go: when not lazy"
    assert related["physicalLocation"]["region"]["startLine"] == 12


def test_what_to_do_about_undecided_checks_is_said_once() -> None:
    told = joined(plain(text_lines(Run((UNKNOWN, UNKNOWN)), width=80)))
    assert told.count("more may be found out with more time") == 1
    assert "more may be found out" not in joined(plain(text_lines(Run((PROVED,)), width=80)))
