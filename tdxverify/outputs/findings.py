"""Findings of `lint` for other programs: JSON like that of a run, SARIF with a result for each finding."""

from __future__ import annotations

from msgspec.structs import replace

from tdxverify.answers.run import Run
from tdxverify.diagnostics import Diagnostic
from tdxverify.inquiries.lint import LintRun
from tdxverify.outputs.run_json import document, document_text
from tdxverify.outputs.sarif import Json, diagnostic_location, log_text, notification
from tdxverify.outputs.text.problems import in_order


def json_text(found: LintRun) -> str:
    """The document of a run without checks: all findings and mistakes are its diagnostics."""
    told = document(Run((), (*found.mistakes, *found.findings), found.interrupted))
    return document_text(replace(told, exit_status=found.exit_status.value))


def sarif_text(found: LintRun) -> str:
    """Findings are results of level `warning`, their codes the rules; mistakes are notifications."""
    ordered = in_order(found.findings)
    codes = sorted({finding.code for finding in ordered}, key=lambda code: code.name)
    invocation = {
        "executionSuccessful": not found.mistakes and not found.interrupted,
        "exitCode": found.exit_status.value,
        "toolConfigurationNotifications": [notification(one) for one in in_order(found.mistakes)],
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
