"""Findings of `lint` for other programs: JSON like that of a run, SARIF with a result for each finding."""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.run import Run
from tdxverify.diagnostics import Diagnostic
from tdxverify.interop.sarif import Json, diagnostic_location, log_text, notification
from tdxverify.reports.as_json import json_text
from tdxverify.reports.problems import in_order


def lint_json_text(findings: Sequence[Diagnostic], mistakes: Sequence[Diagnostic], status: ExitStatus) -> str:
    """The document of a run without checks: all findings and mistakes are its diagnostics."""
    return json_text(Run((), (*mistakes, *findings)), status)


def lint_sarif_text(
    findings: Sequence[Diagnostic], mistakes: Sequence[Diagnostic], status: ExitStatus
) -> str:
    """Findings are results of level `warning`, their codes the rules; mistakes are notifications."""
    ordered = in_order(findings)
    codes = sorted({finding.code for finding in ordered}, key=lambda code: code.name)
    invocation = {
        "executionSuccessful": not mistakes,
        "exitCode": status.value,
        "toolConfigurationNotifications": [notification(one) for one in in_order(mistakes)],
    }
    return log_text(
        [{"id": code.name, "shortDescription": {"text": code.value}} for code in codes],
        invocation,
        [_result(finding, codes.index(finding.code)) for finding in ordered],
    )


def _result(finding: Diagnostic, rule: int) -> Json:
    hint = "" if finding.hint is None else f" ({finding.hint})"
    result: Json = {
        "ruleId": finding.code.name,
        "ruleIndex": rule,
        "kind": "fail",
        "level": "warning",
        "message": {"text": f"{finding.message}{hint}"},
    }
    if finding.span is not None:
        result["locations"] = [diagnostic_location(finding.span)]
    related = [(note.message, note.span) for note in finding.notes if note.span is not None]
    if related:
        result["relatedLocations"] = [
            {"id": number, **diagnostic_location(span), "message": {"text": message}}
            for number, (message, span) in enumerate(related, start=1)
        ]
    return result
