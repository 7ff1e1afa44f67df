"""Runs as JSON: the schema is current, documents satisfy it, and values survive."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import jsonschema
import pytest

import tdxverify
from tdxverify.answers.answer import Answer, Bearing, UnknownUse
from tdxverify.answers.run import Run
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.outputs import run_json as as_json
from tdxverify.source import SourceFile, Span
from tdxverify.telling.story import Story
from tests.changed_answers import changed

SCHEMA = Path(as_json.__file__).with_name("run.schema.json")


@pytest.fixture
def whole(proved: Answer, refuted: Answer, wrong: Answer, unknown: Answer, witness: Answer) -> Run:
    source = SourceFile("a.tdx", "state x\nstate x\n")
    here, there = Span(source, 14, 15), Span(source, 6, 7)
    mistake = Diagnostic(Code.E202, "'x' is declared twice", here, (Note("first here", there),), "rename it")
    return Run((proved, refuted, wrong, unknown, witness), (mistake, Diagnostic(Code.E607, "no file")))


def test_stored_schema_is_current() -> None:
    """UPDATE_GOLDEN=1 stores it; a change that removes something needs a new as_json.SCHEMA."""
    current = json.dumps(as_json.schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        SCHEMA.write_text(current, encoding="utf-8")
    assert current == SCHEMA.read_text(encoding="utf-8")


def test_documents_satisfy_the_stored_schema(whole: Run) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(as_json.json_text(whole)), schema)
    jsonschema.validate(json.loads(as_json.json_text(Run(()))), schema)


def test_schema_refuses_what_is_no_document(whole: Run) -> None:
    document = json.loads(as_json.json_text(whole))
    document["checks"][0]["verdict"] = "maybe"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_head_of_the_document(whole: Run) -> None:
    document = json.loads(as_json.json_text(whole))
    assert document["schema"] == as_json.SCHEMA == 1
    assert document["tool"] == {"name": "tdxverify", "version": tdxverify.__version__}
    assert document["exit_status"] == whole.exit_status == 3
    assert json.loads(as_json.json_text(dataclasses.replace(whole, is_broken=True)))["exit_status"] == 4


def test_check_and_trace_carry_every_value(whole: Run, refuted: Answer, story: Story) -> None:
    found = json.loads(as_json.json_text(whole))["checks"][1]
    for name in ("file", "line", "property", "where", "expected"):
        assert found[name] == getattr(refuted.asked, name)
    for name in ("as_expected", "length", "engine", "seconds"):
        assert found[name] == getattr(refuted, name)
    assert found["verdict"] == "refuted"
    assert found["sizes"] == dict(refuted.sizes)
    assert found["parameters"] == dict(refuted.told.parameters)
    assert found["initial"] == {str(cell): value for cell, value in story.initial}
    assert [step["step"] for step in found["trace"]] == [1, 2, 3, 4, 5]
    assert found["trace"][1]["rows"] == [
        {
            "access": "host_partial_write(Line0)",
            "row": 1,
            "guard": "td_owned[l] and erratum",
            "outcome": "ok",
            "citations": ["F-TDX-31", "F-TDX-32"],
            "at": {"file": "spec/platform/tdx.tdx", "line": 29},
        }
    ]
    assert found["trace"][4]["faults"] == [{"actor": "next_kernel", "fault": "#MC", "handled": False}]
    assert found["trace"][2]["at"] == {"file": "spec/host/kexec.tdx", "line": 50}
    assert found["property_at"] == {"file": "spec/properties/kexec.tdx", "line": 3}
    assert found["decided_at"] == {"file": "spec/platform/tdx.tdx", "line": 24}
    assert found["violation"]["formula"] == "never next_kernel takes #MC"


def test_unknowns_are_told(proved: Answer) -> None:
    use = UnknownUse(("U-05",), "guess", Bearing.FOUND_WITH, ("one",), ("three",), ("two",))
    told = json.loads(as_json.json_text(Run((changed(proved, unknowns=(use,)),))))
    jsonschema.validate(told, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert told["checks"][0]["unknowns"] == [
        {
            "unknowns": ["U-05"],
            "parameter": "guess",
            "bearing": "found with",
            "values": ["one"],
            "others": ["three"],
            "also": ["two"],
        }
    ]


def test_no_trace_is_null_and_an_empty_one_is_not(proved: Answer, refuted: Answer, story: Story) -> None:
    at_start = changed(refuted, story=dataclasses.replace(story, steps=()))
    checks = json.loads(as_json.json_text(Run((proved, at_start))))["checks"]
    assert checks[0]["trace"] is checks[0]["initial"] is checks[0]["violation"] is None
    assert checks[1]["trace"] == []


def test_diagnostics_have_places(whole: Run) -> None:
    first, second = json.loads(as_json.json_text(whole))["diagnostics"]
    assert (first["code"], first["file"], first["line"]) == ("E607", None, None)
    assert (second["line"], second["column"], second["end_line"], second["end_column"]) == (2, 7, 2, 8)
    assert second["notes"] == [{"message": "first here", "file": "a.tdx", "line": 1, "column": 7}]
    assert (second["title"], second["hint"]) == ("declared twice", "rename it")
