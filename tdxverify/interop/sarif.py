"""A run as SARIF 2.1.0, for code scanning: a rule for each property, a result for each check.

The text of the standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any, TypeAlias
from urllib.parse import quote

from tdxverify import __version__
from tdxverify.diagnostics import Diagnostic
from tdxverify.reports.as_text import expectation_text, outcome_text, reason_text
from tdxverify.reports.problems import in_order
from tdxverify.reports.sequence import called
from tdxverify.reports.trace_text import violation_reason
from tdxverify.results.run import CheckRun, ExitStatus, Outcome, Run
from tdxverify.results.story import Story

Json: TypeAlias = dict[str, Any]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_text(run: Run, exit_status: ExitStatus | None = None) -> str:
    """The log, indented. Checks that came out as expected are results of kind `pass`."""
    status = run.exit_status if exit_status is None else exit_status
    rules = list(dict.fromkeys(check.property for check in run.checks))
    described = {check.property: check.description for check in run.checks}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tdxverify",
                        "version": __version__,
                        "rules": [_rule(name, described[name]) for name in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(run, status)],
                "results": [_result(check, rules.index(check.property)) for check in run.checks],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rule(name: str, description: str | None) -> Json:
    return {"id": name, "shortDescription": {"text": description or name}}


def _invocation(run: Run, status: ExitStatus) -> Json:
    return {
        "executionSuccessful": status < ExitStatus.WRONG_INPUT and not run.interrupted,
        "exitCode": status.value,
        "toolConfigurationNotifications": [_notification(one) for one in in_order(run.diagnostics)],
    }


def _notification(found: Diagnostic) -> Json:
    told: Json = {
        "descriptor": {"id": found.code.name},
        "level": "error",
        "message": {"text": found.message},
    }
    if found.span is not None:
        told["locations"] = [_location(found.span.source.path, found.span.line, found.span.column)]
    return told


def _result(check: CheckRun, rule: int) -> Json:
    kind, level = _kind(check)
    result: Json = {
        "ruleId": check.property,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": _message(check)},
        "locations": [_location(check.file, check.line)],
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
    return "; ".join(parts)


def _flow(check: CheckRun, story: Story) -> Json:
    """Steps have no place of their own in a story: all of them point to the check."""
    locations = [
        {
            "executionOrder": step.number,
            "location": {
                **_location(check.file, check.line),
                "message": {"text": f"{called(step)} by {step.actor}" if step.actor else called(step)},
            },
            "state": {change.cell: {"text": change.after} for change in step.changes},
        }
        for step in story.steps
    ]
    return {"threadFlows": [{"locations": locations}]}


def _location(file: str, line: int, column: int | None = None) -> Json:
    region = {"startLine": line} if column is None else {"startLine": line, "startColumn": column}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
