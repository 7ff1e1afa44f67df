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
from tdxverify.answers.answer import Answer, Judgement
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.run import Run
from tdxverify.characters import visible_json
from tdxverify.diagnostics import Diagnostic
from tdxverify.outputs.text.problems import in_order
from tdxverify.outputs.text.run_text import expectation_text, outcome_text, reason_text
from tdxverify.outputs.text.trace_text import violation_reason
from tdxverify.outputs.text.unexpected_text import explanation
from tdxverify.semantics.steps import with_actor
from tdxverify.source import Span
from tdxverify.telling.story import Location, Story, told_call

Json: TypeAlias = dict[str, Any]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# The standard allows a level other than `none` for failures only.
_KINDS = {
    Judgement.AS_EXPECTED: ("pass", "none"),
    Judgement.UNDECIDED: ("open", "none"),
    Judgement.NOT_EXPECTED: ("fail", "error"),
}


def sarif_text(run: Run) -> str:
    """The log, indented. Checks that came out as expected are results of kind `pass`."""
    named = _rule_ids(run.answers)
    pairs = zip(run.answers, named, strict=True)
    described = {name: check.asked.description for check, name in pairs if _is_known(check)}
    rules = list(dict.fromkeys(named))
    number = {name: position for position, name in enumerate(rules)}
    return log_text(
        [_rule(name, described.get(name)) for name in rules],
        _invocation(run),
        [_result(check, name, number[name]) for check, name in zip(run.answers, named, strict=True)],
    )


def _rule_ids(answers: Sequence[Answer]) -> list[str]:
    """The names of properties; with the file where properties of one name are described otherwise there."""
    said: dict[str, set[str | None]] = {}
    for check in filter(_is_known, answers):
        said.setdefault(check.asked.property, set()).add(check.asked.description)
    several = {name for name, descriptions in said.items() if len(descriptions) > 1}
    return [
        f"{_home(check)}/{check.asked.property}" if check.asked.property in several else check.asked.property
        for check in answers
    ]


def _is_known(check: Answer) -> bool:
    """Of an answer whose check is gone nobody knows what the property says."""
    return check.asked.line != 0


def _home(check: Answer) -> str:
    return check.asked.file if check.asked.property_at is None else check.asked.property_at.file


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


def _invocation(run: Run) -> Json:
    status = run.exit_status
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
    elif found.file is not None:
        told["locations"] = [_location(found.file, 0)]
    return told


def diagnostic_location(span: Span) -> Json:
    """Where a diagnostic, or a note of it, points to."""
    return _location(span.source.path, span.line, span.column)


def _result(check: Answer, name: str, rule: int) -> Json:
    kind, level = _KINDS[check.judgement]
    result: Json = {
        "ruleId": name,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": _message(check)},
        "locations": [_at(check.asked.property_at or Location(check.asked.file, check.asked.line))],
        "relatedLocations": _related(check),
    }
    if check.told.story is not None and check.told.story.steps:
        result["codeFlows"] = [_flow(check, check.told.story)]
    if check.kept is not None:
        result["properties"] = dict(check.kept.facts())
    return result


def _message(check: Answer) -> str:
    parts = [f"{check.asked.property}: {outcome_text(check)}"]
    expected = expectation_text(check)
    if expected is not None:
        parts.append(expected)
    parts += check.asked.narrowing()
    reason = reason_text(check)
    if reason is not None:
        parts.append(reason)
    elif check.told_shortest:
        parts.append(check.told_shortest)
    if check.told.story is not None and check.told.story.violation is not None:
        parts.append(violation_reason(check.told.story.violation) or check.told.story.violation.formula)
    parts += map(str, check.told.partly_checked)
    parts += filter(None, (check.asked.told_refined(),))
    told = explanation(check)
    return "\n".join(["; ".join(parts), *(told.texts() if told is not None else ())])


def _related(check: Answer) -> list[Json]:
    """The check itself, the rule that decided in the last step of its trace, what is in the way of one, and
    what is refined in the model."""
    decided = None if check.told.story is None else check.told.story.decided_at()
    places = [("the check", Location(check.asked.file, check.asked.line))] if check.asked.line else []
    if decided is not None:
        places.append(("the rule that decided in the last step", decided))
    unexpected = check.told.unexpected
    for obstacle in unexpected.obstacles if unexpected is not None else ():
        if obstacle.part.at is not None:
            places.append((f"in the way: {obstacle.part.text}", obstacle.part.at))
    places += [(f"refined here: {one.change}", one.at) for one in check.asked.refined]
    return [
        {"id": number, **_at(place), "message": {"text": text}}
        for number, (text, place) in enumerate(places, start=1)
    ]


def _flow(check: Answer, story: Story) -> Json:
    """Every step where its action is written, with the rows that decided below it; else at the check."""
    here = Location(check.asked.file, check.asked.line)
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
    place: Json = {"artifactLocation": {"uri": _uri(file)}}
    if line:  # else it is about the file
        place["region"] = (
            {"startLine": line} if column is None else {"startLine": line, "startColumn": column}
        )
    return {"physicalLocation": place}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
