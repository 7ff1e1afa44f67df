"""A run as JUnit XML: a suite for each file, a case for each check."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tdxverify.answers.answer import Answer, Judgement
from tdxverify.answers.run import Run
from tdxverify.characters import visible
from tdxverify.diagnostics import Diagnostic
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.problems import in_order
from tdxverify.outputs.text.run_text import reason_text, surprise_text
from tdxverify.outputs.text.trace_text import story_lines
from tdxverify.outputs.text.unexpected_text import unexpected_lines
from tdxverify.questions.names import told_apart

_WIDTH = 100


def junit_text(run: Run) -> str:
    """A check that came out otherwise than expected, or whose stored answer is lost, is a failure; undecided
    ones and mistakes are errors."""
    root = Element("testsuites", name="tdxverify")
    for file, checks in groupby(run.answers, key=lambda check: check.asked.file):
        _suite(root, file, list(checks))
    if run.diagnostics:
        _mistakes(root, in_order(run.diagnostics))
    if run.interrupted:
        _interrupted(root)
    for what in ("tests", "failures", "errors"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, file: str, checks: Sequence[Answer]) -> None:
    suite = SubElement(root, "testsuite", name=visible(file))
    for check in checks:
        _case(suite, check)
    judged = [check.judgement for check in checks]
    failures, errors = judged.count(Judgement.NOT_EXPECTED), judged.count(Judgement.UNDECIDED)
    seconds = sum(check.seconds for check in checks)
    _count(suite, len(checks), failures, errors)
    suite.set("time", f"{seconds:.3f}")


def _case(suite: Element, check: Answer) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=visible(check.asked.file),
        name=visible(check.asked.name),
        file=visible(check.asked.file),
        time=f"{check.seconds:.3f}",
    )
    if check.asked.line:  # else the check is gone
        case.set("line", str(check.asked.line))
    facts = [(name, str(place)) for name, place in check.places()]
    facts += [("refined", str(one)) for one in check.asked.refined]
    facts += check.kept.facts() if check.kept is not None else ()
    if facts:
        properties = SubElement(case, "properties")
        for fact, value in facts:
            SubElement(properties, "property", name=fact, value=visible(value))
    if check.as_expected:
        if check.told.partly_checked:
            SubElement(case, "system-out").text = visible("\n".join(map(str, check.told.partly_checked)))
        return
    undecided = check.judgement is Judgement.UNDECIDED
    complaint = SubElement(
        case,
        "error" if undecided else "failure",
        message=visible(surprise_text(check)),
        type="undecided" if undecided else check.word,
    )
    complaint.text = _told(check)


def _told(check: Answer) -> str:
    """Where the check stands, why it is undecided, what it rests on, and the trace if there is one, or why
    there is none."""
    lines = [
        check.asked.place(),
        *(f"{name}: {place}" for name, place in check.places()),
        *filter(None, (check.asked.told_refined(),)),
    ]
    reason = reason_text(check)
    if reason is not None:
        lines.append(reason)
    elif check.told_shortest:
        lines.append(check.told_shortest)
    lines += map(str, check.told.partly_checked)
    if check.told.story is not None:
        lines.append(plain(story_lines(check.told.story, _WIDTH, everything=False)))
    if check.told.unexpected is not None:
        lines.append(plain(unexpected_lines(check, _WIDTH)))
    return "\n".join(visible(part) for text in lines for part in text.split("\n"))


def _mistakes(root: Element, diagnostics: Sequence[Diagnostic]) -> None:
    suite = SubElement(root, "testsuite", name="specifications")
    places = [
        one.file or "" if one.span is None else f"{one.span.source.path}:{one.span.line}"
        for one in diagnostics
    ]
    names = _names_of_mistakes(diagnostics, places)
    for found, place, name in zip(diagnostics, places, names, strict=True):
        case = SubElement(suite, "testcase", classname=visible(place or "tdxverify"), name=name)
        SubElement(case, "error", message=visible(found.message), type=found.code.name).text = visible(place)
    _count(suite, len(diagnostics), 0, len(diagnostics))


def _interrupted(root: Element) -> None:
    """An error of its own, since checks that were not begun may not be listed."""
    suite = SubElement(root, "testsuite", name="interrupted")
    case = SubElement(suite, "testcase", classname="tdxverify", name="interrupted")
    told = "the run was interrupted: there may be more checks"
    SubElement(case, "error", message=told, type="undecided")
    _count(suite, 1, 0, 1)


def _names_of_mistakes(diagnostics: Sequence[Diagnostic], places: Sequence[str]) -> list[str]:
    """Their codes; a second one at the same place is told apart by a counter."""
    named = [f"{place} {found.code.name}" for place, found in zip(places, diagnostics, strict=True)]
    return [name[len(place) + 1 :] for place, name in zip(places, told_apart(named), strict=True)]


def _count(suite: Element, tests: int, failures: int, errors: int) -> None:
    suite.set("tests", str(tests))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
