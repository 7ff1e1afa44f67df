"""A run as JUnit XML: a suite for each file, a case for each check."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tdxverify.characters import visible
from tdxverify.diagnostics import Diagnostic
from tdxverify.reports.as_text import expectation_text, outcome_text, reason_text
from tdxverify.reports.layout import plain
from tdxverify.reports.problems import in_order
from tdxverify.reports.trace_text import story_lines
from tdxverify.results.run import CheckRun, Outcome, Run, places_of

_WIDTH = 100


def junit_text(run: Run) -> str:
    """A check that came out otherwise than expected is a failure; undecided ones and mistakes are errors."""
    root = Element("testsuites", name="tdxverify")
    for file, checks in groupby(run.checks, key=lambda check: check.file):
        _suite(root, file, list(checks))
    if run.diagnostics:
        _mistakes(root, in_order(run.diagnostics))
    for what in ("tests", "failures", "errors"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, file: str, checks: Sequence[CheckRun]) -> None:
    suite = SubElement(root, "testsuite", name=visible(file))
    for check in checks:
        _case(suite, check)
    wrong = [check for check in checks if not check.as_expected]
    errors = sum(check.outcome is Outcome.UNKNOWN for check in wrong)
    seconds = sum(check.seconds for check in checks)
    _count(suite, len(checks), len(wrong) - errors, errors)
    suite.set("time", f"{seconds:.3f}")


def _case(suite: Element, check: CheckRun) -> None:
    name = f"{check.property}[{check.where}]" if check.where else check.property
    case = SubElement(
        suite,
        "testcase",
        classname=visible(check.file),
        name=visible(name),
        file=visible(check.file),
        line=str(check.line),
        time=f"{check.seconds:.3f}",
    )
    places = places_of(check)
    if places:
        properties = SubElement(case, "properties")
        for place_name, place in places:
            SubElement(properties, "property", name=place_name, value=visible(str(place)))
    if check.as_expected:
        if check.partly_checked:
            SubElement(case, "system-out").text = visible("\n".join(map(str, check.partly_checked)))
        return
    undecided = check.outcome is Outcome.UNKNOWN
    message = f"{outcome_text(check)}, but expected: {expectation_text(check)}"
    complaint = SubElement(
        case,
        "error" if undecided else "failure",
        message=visible(message),
        type="undecided" if undecided else check.outcome.value,
    )
    complaint.text = _told(check)


def _told(check: CheckRun) -> str:
    """Where the check stands, why it is undecided, what it rests on, and the trace if there is one."""
    lines = [f"{check.file}:{check.line}", *(f"{name}: {place}" for name, place in places_of(check))]
    reason = reason_text(check)
    if reason is not None:
        lines.append(reason)
    lines += map(str, check.partly_checked)
    if check.story is not None:
        lines.append(plain(story_lines(check.story, _WIDTH, everything=False)))
    return "\n".join(visible(part) for text in lines for part in text.split("\n"))


def _mistakes(root: Element, diagnostics: Sequence[Diagnostic]) -> None:
    suite = SubElement(root, "testsuite", name="specifications")
    for found in diagnostics:
        place = "" if found.span is None else f"{found.span.source.path}:{found.span.line}"
        case = SubElement(suite, "testcase", classname=visible(place or "tdxverify"), name=found.code.name)
        SubElement(case, "error", message=visible(found.message), type=found.code.name).text = visible(place)
    _count(suite, len(diagnostics), 0, len(diagnostics))


def _count(suite: Element, tests: int, failures: int, errors: int) -> None:
    suite.set("tests", str(tests))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
