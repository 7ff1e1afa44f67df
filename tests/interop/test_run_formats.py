"""SARIF and JUnit of a whole run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tdxverify.diagnostics import Code, Diagnostic
from tdxverify.interop.junit import junit_text
from tdxverify.interop.sarif import sarif_text
from tdxverify.results.run import CheckRun, Run
from tdxverify.source import SourceFile, Span
from tests.reports.conftest import PROVED, REFUTED, UNKNOWN, WRONG

MISTAKE = Diagnostic(Code.E201, "no 'x' \x01here", Span(SourceFile("a b.tdx", "\n  x\n"), 3, 4))
RUN = Run((PROVED, REFUTED, WRONG, UNKNOWN), (MISTAKE,))


# --- SARIF -----------------------------------------------------------------------------


def test_sarif_results_stand_at_their_check() -> None:
    log = json.loads(sarif_text(RUN))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [(r["kind"], r["level"]) for r in run["results"]] == [
        ("pass", "none"),
        ("pass", "none"),
        ("fail", "error"),
        ("open", "none"),
    ]
    for result, check in zip(run["results"], RUN.checks, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == check.file
        assert place["region"] == {"startLine": check.line}
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == check.property


def test_sarif_flows_are_the_traces() -> None:
    results = json.loads(sarif_text(RUN))["runs"][0]["results"]
    assert "codeFlows" not in results[0]
    (thread,) = results[2]["codeFlows"][0]["threadFlows"]
    told = [place["location"]["message"]["text"] for place in thread["locations"]]
    assert told[0] == "donate(l = Line0) by tdx_module" and len(told) == 5
    assert thread["locations"][1]["state"] == {"poison[Line0]": {"text": "true"}}


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


def test_junit_counts_and_complaints() -> None:
    root = ElementTree.fromstring(junit_text(RUN))
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "5",
        "failures": "1",
        "errors": "2",
    }
    cases = root.findall("./testsuite/testcase")
    assert [[child.tag for child in case] for case in cases] == [[], [], ["failure"], ["error"], ["error"]]
    failure = cases[2][0]
    assert failure.get("message") == "refuted in 5 steps, but expected: proved"
    assert failure.text is not None and "stray_write" in failure.text
    assert cases[1].get("name") == "kexec_takes_no_mc[erratum and not reset_on_kexec]"
    assert cases[4][0].get("message") == "no 'x' \\u0001here"


def test_junit_is_read_by_a_consumer(tmp_path: Path) -> None:
    junitparser = pytest.importorskip("junitparser")
    path = tmp_path / "report.xml"
    path.write_text(junit_text(RUN), encoding="utf-8")
    suites = list(junitparser.JUnitXml.fromfile(str(path)))
    assert [suite.name for suite in suites] == ["examples/02-erratum.tdx", "specifications"]
    assert suites[0].tests == 4 and suites[0].failures == 1 and suites[0].errors == 1


def hostile(check: CheckRun) -> CheckRun:
    evil = "\"'><&]]>\x00\u202e"
    return dataclasses.replace(check, file=evil, property=evil, where=evil, description=evil, expected=evil)


def test_hostile_names() -> None:
    run = Run((hostile(WRONG),))
    assert ElementTree.fromstring(junit_text(run)).get("failures") == "1"
    assert json.loads(sarif_text(run))["runs"][0]["results"][0]["kind"] == "fail"
