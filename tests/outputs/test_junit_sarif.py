"""SARIF and JUnit of a whole run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tdxverify.answers.answer import Answer
from tdxverify.answers.run import Run
from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.outputs.junit import junit_text
from tdxverify.outputs.sarif import sarif_text
from tdxverify.source import SourceFile, Span
from tdxverify.telling.story import Location
from tests.changed_answers import changed
from tests.outputs.conftest import PROVED, REFUTED, UNKNOWN, WRONG

MISTAKE = Diagnostic(Code.E201, "no 'x' \x01here", Span(SourceFile("a b.tdx", "\n  x\n"), 3, 4))
RUN = Run((PROVED, REFUTED, WRONG, UNKNOWN), (MISTAKE,))


# --- SARIF -----------------------------------------------------------------------------


def place_of(location: dict[str, Any]) -> tuple[str, int]:
    place = location["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_sarif_results_stand_at_their_property() -> None:
    log = json.loads(sarif_text(RUN))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [(r["kind"], r["level"]) for r in run["results"]] == [
        ("pass", "none"),
        ("pass", "none"),
        ("fail", "error"),
        ("open", "none"),
    ]
    for result, check in zip(run["results"], RUN.answers, strict=True):
        assert [place_of(one) for one in result["locations"]] == [("spec/properties/kexec.tdx", 3)]
        places = [place_of(one) for one in result["relatedLocations"]]
        decided = [("spec/platform/tdx.tdx", 24)] if check.told.story else []
        assert places == [(check.asked.file, check.asked.line), *decided]
        assert [one["id"] for one in result["relatedLocations"]] == list(range(1, len(places) + 1))
        assert (
            run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
            == result["ruleId"]
            == check.asked.property
        )


def test_sarif_flows_are_the_traces() -> None:
    results = json.loads(sarif_text(RUN))["runs"][0]["results"]
    assert "codeFlows" not in results[0]
    (thread,) = results[2]["codeFlows"][0]["threadFlows"]
    told = [(p["nestingLevel"], p["location"]["message"]["text"]) for p in thread["locations"]]
    assert [level for level, _ in told] == [0, 0, 1, 0, 0, 0, 1]
    assert told[0][1] == "donate(l = Line0) by tdx_module"
    assert told[2][1] == "host_partial_write(Line0), row 1: td_owned[l] and erratum -> ok"
    assert thread["locations"][1]["state"] == {"poison[Line0]": {"text": "true"}}
    places = [place_of(place["location"]) for place in thread["locations"]]
    assert places[2] == ("spec/platform/tdx.tdx", 29) and places[3] == ("spec/host/kexec.tdx", 50)
    assert places[0] == (WRONG.asked.file, WRONG.asked.line)  # where that of the step is not known
    assert [place["executionOrder"] for place in thread["locations"]] == [1, 2, 2, 3, 4, 5, 5]


def test_another_library_reads_the_sarif() -> None:
    sarif = pytest.importorskip("sarif_pydantic").Sarif
    log = json.loads(sarif_text(RUN))
    (run,) = sarif.model_validate(log).runs
    assert [result.rule_id for result in run.results] == [check.asked.property for check in RUN.answers]
    lines = [
        flow.location.physical_location.region.start_line
        for flow in run.results[1].code_flows[0].thread_flows[0].locations
    ]
    told = log["runs"][0]["results"][1]["codeFlows"][0]["threadFlows"][0]["locations"]
    assert lines == [place_of(one["location"])[1] for one in told]
    del log["runs"][0]["tool"]["driver"]["name"]
    with pytest.raises(ValueError, match="name"):
        sarif.model_validate(log)


def test_sarif_without_places_falls_back_to_the_check() -> None:
    check = changed(PROVED, property_at=None)
    (result,) = json.loads(sarif_text(Run((check,))))["runs"][0]["results"]
    assert place_of(result["locations"][0]) == (check.asked.file, check.asked.line)


def test_sarif_tells_mistakes() -> None:
    (invocation,) = json.loads(sarif_text(RUN))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False and invocation["exitCode"] == 3
    (told,) = invocation["toolConfigurationNotifications"]
    assert told["descriptor"]["id"] == "E201"
    assert told["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.tdx"},
        "region": {"startLine": 2, "startColumn": 3},
    }
    assert json.loads(sarif_text(Run((PROVED,))))["runs"][0]["invocations"][0]["executionSuccessful"] is True


# --- JUnit -----------------------------------------------------------------------------


def test_sarif_rules_tell_files_apart_whose_properties_say_something_else() -> None:
    other = replace(
        PROVED.asked, file="b.tdx", description="Another thing.", property_at=Location("b.tdx", 9)
    )
    (run,) = json.loads(sarif_text(Run((PROVED, replace(PROVED, asked=other), WRONG))))["runs"]
    rules = {rule["id"]: rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]}
    name = PROVED.asked.property
    home = "" if PROVED.asked.property_at is None else PROVED.asked.property_at.file
    assert rules[f"b.tdx/{name}"] == "Another thing."
    assert rules[f"{home}/{name}"] == PROVED.asked.description
    assert [one["ruleId"] for one in run["results"]][:2] == [f"{home}/{name}", f"b.tdx/{name}"]
    alike = replace(PROVED, asked=replace(other, description=PROVED.asked.description))
    (run,) = json.loads(sarif_text(Run((PROVED, alike))))["runs"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == [name]


def test_junit_counts_and_complaints() -> None:
    root = ElementTree.fromstring(junit_text(RUN))
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "5",
        "failures": "1",
        "errors": "2",
    }
    cases = root.findall("./testsuite/testcase")
    bad = [[child.tag for child in case if child.tag != "properties"] for case in cases]
    assert bad == [[], [], ["failure"], ["error"], ["error"]]
    failure = cases[2].findall("failure")[0]
    assert failure.get("message") == "refuted in 5 steps, but expected: proved"
    assert failure.text is not None and "stray_write" in failure.text
    assert cases[1].get("name") == RUN.answers[1].asked.name
    assert cases[4][0].get("message") == "no 'x' \\x01here"


def test_junit_tells_where_to_look() -> None:
    cases = ElementTree.fromstring(junit_text(Run((PROVED, WRONG)))).findall("./testsuite/testcase")
    told = [[(p.get("name"), p.get("value")) for p in case.findall("properties/property")] for case in cases]
    stated, decided = ("property", "spec/properties/kexec.tdx:3"), ("decided-by", "spec/platform/tdx.tdx:24")
    assert told == [[stated], [stated, decided]]
    assert (cases[1].get("file"), cases[1].get("line")) == (WRONG.asked.file, str(WRONG.asked.line))
    assert "decided-by: spec/platform/tdx.tdx:24\n" in (cases[1].findtext("failure") or "")


def test_junit_is_read_by_a_consumer(tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser")
    path = tmp_path / "report.xml"
    path.write_text(junit_text(RUN), encoding="utf-8")
    suites = list(junitparser.JUnitXml.fromfile(str(path)))
    assert [suite.name for suite in suites] == ["examples/02-erratum.tdx", "specifications"]
    assert suites[0].tests == 4 and suites[0].failures == 1 and suites[0].errors == 1


def hostile(check: Answer) -> Answer:
    evil = "\"'><&]]>\x00\u202e"
    return changed(check, file=evil, property=evil, where=evil, description=evil, expected=evil)


def test_hostile_names() -> None:
    run = Run((hostile(WRONG),))
    assert ElementTree.fromstring(junit_text(run)).get("failures") == "1"
    assert json.loads(sarif_text(run))["runs"][0]["results"][0]["kind"] == "fail"
