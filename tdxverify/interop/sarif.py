"""A run as SARIF 2.1.0, for code scanning: a rule for each property, a result for each check.

A result stands where its property is written. The check and the rule that decided are related locations, and
the trace is a code flow through the actions and rows of its steps.

The text of the standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, TypeAlias
from urllib.parse import quote

from tdxverify import __version__
from tdxverify.characters import visible_json
from tdxverify.diagnostics import Diagnostic
from tdxverify.reports.as_text import expectation_text, outcome_text, reason_text
from tdxverify.reports.problems import in_order
from tdxverify.reports.trace_text import violation_reason
from tdxverify.results.run import CheckRun, ExitStatus, Outcome, Run
from tdxverify.results.story import Location, Story
from tdxverify.source import Span
from tdxverify.telling.steps import told_call, with_actor

Json: TypeAlias = dict[str, Any]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_text(run: Run, exit_status: ExitStatus | None = None) -> str:
    """The log, indented. Checks that came out as expected are results of kind `pass`."""
    status = run.exit_status if exit_status is None else exit_status
    rules = list(dict.fromkeys(check.property for check in run.checks))
    described = {check.property: check.description for check in run.checks}
    return log_text(
        [_rule(name, described[name]) for name in rules],
        _invocation(run, status),
        [_result(check, rules.index(check.property)) for check in run.checks],
    )


def log_text(rules: Sequence[Json], invocation: Json, results: Sequence[Json]) -> str:
    """A log of one run of this program."""
    driver = {"name": "tdxverify", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return visible_json(json.dumps(log, indent=2, ensure_ascii=True)) + "\n"


def _rule(name: str, description: str | None) -> Json:
    return {"id": name, "shortDescription": {"text": description or name}}


def _invocation(run: Run, status: ExitStatus) -> Json:
    return {
        "executionSuccessful": status < ExitStatus.WRONG_INPUT and not run.interrupted,
        "exitCode": status.value,
        "toolConfigurationNotifications": [notification(one) for one in in_order(run.diagnostics)],
    }


def notification(found: Diagnostic) -> Json:
    """What was wrong with a specification or the command."""
    told: Json = {
        "descriptor": {"id": found.code.name},
        "level": "error",
        "message": {"text": found.message},
    }
    if found.span is not None:
        told["locations"] = [diagnostic_location(found.span)]
    return told


def diagnostic_location(span: Span) -> Json:
    """Where a diagnostic, or a note of it, points to."""
    return _location(span.source.path, span.line, span.column)


def _result(check: CheckRun, rule: int) -> Json:
    kind, level = _kind(check)
    result: Json = {
        "ruleId": check.property,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": _message(check)},
        "locations": [_at(check.property_at or Location(check.file, check.line))],
        "relatedLocations": _related(check),
    }
    if check.story is not None and check.story.steps:
        result["codeFlows"] = [_flow(check, check.story)]
    return result


def _kind(check: CheckRun) -> tuple[str, str]:
    """The standard allows a level other than `none` for failures only."""
    if check.as_expected:
        return "pass", "none"
    return ("open", "none") if check.outcome is Outcome.UNKNOWN else ("fail", "error")


def _message(check: CheckRun) -> str:
    parts = [f"{check.property}: {outcome_text(check)}"]
    if not check.as_expected:
        parts.append(f"expected: {expectation_text(check)}")
    if check.where:
        parts.append(f"where {check.where}")
    reason = reason_text(check)
    if reason is not None:
        parts.append(reason)
    if check.story is not None and check.story.violation is not None:
        parts.append(violation_reason(check.story.violation) or check.story.violation.formula)
    parts += map(str, check.partly_checked)
    return "; ".join(parts)


def _related(check: CheckRun) -> list[Json]:
    """The check itself, and the rule that decided in the last step of its trace."""
    decided = None if check.story is None else check.story.decided_at()
    places = [("the check", Location(check.file, check.line))]
    if decided is not None:
        places.append(("the rule that decided in the last step", decided))
    return [
        {"id": number, **_at(place), "message": {"text": text}}
        for number, (text, place) in enumerate(places, start=1)
    ]


def _flow(check: CheckRun, story: Story) -> Json:
    """Every step where its action is written, with the rows that decided below it; else at the check."""
    here = Location(check.file, check.line)
    locations: list[Json] = []
    for step in story.steps:
        text = with_actor(told_call(step), step.actor)
        state = {change.cell.text: {"text": change.after} for change in step.changes}
        locations.append({**_stop(step.number, step.at or here, text, 0), "state": state})
        for row in step.rows:
            told = f"{row.access}, row {row.row}: {row.guard} -> {row.outcome}"
            locations.append(_stop(step.number, row.at or step.at or here, told, 1))
    return {"threadFlows": [{"locations": locations}]}


def _stop(order: int, place: Location, text: str, level: int) -> Json:
    location = {**_at(place), "message": {"text": text}}
    return {"executionOrder": order, "nestingLevel": level, "location": location}


def _at(place: Location) -> Json:
    return _location(place.file, place.line)


def _location(file: str, line: int, column: int | None = None) -> Json:
    region = {"startLine": line} if column is None else {"startLine": line, "startColumn": column}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
