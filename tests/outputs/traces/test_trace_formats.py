"""Traces for other programs: read back by their own readers."""

from __future__ import annotations

import io
import json
import re

import pytest

from tdxverify.answers.tracing import FoundTrace
from tdxverify.diagnostics import SpecError
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import show
from tdxverify.outputs.traces.diagrams import mermaid_text, plantuml_text
from tdxverify.outputs.traces.itf import itf_text
from tdxverify.outputs.traces.trace_json import read_trace, sizes_of, trace_text
from tdxverify.outputs.traces.vcd import vcd_text
from tests.traces import trace_of

EXAMPLES = ["03-kexec.tdx", "04-missing-flush.tdx", "06-two-page-sizes.tdx", "10-retry-loop.tdx"]


@pytest.fixture(params=EXAMPLES)
def found(request: pytest.FixtureRequest) -> FoundTrace:
    return trace_of(request.param)


def cells(found: FoundTrace, number: int) -> dict[str, str]:
    pairs = zip(found.problem.state_layout.cells, found.trace.states[number], strict=True)
    return {show_cell(cell): show(cell.symbol.sort, value) for cell, value in pairs}


# --- JSON ------------------------------------------------------------------------------


def test_json_is_read_back_as_the_same_trace(found: FoundTrace) -> None:
    text = trace_text(found.problem, found.trace)
    assert sizes_of(text) == found.problem.size_of
    assert read_trace(found.problem, text) == found.trace


def spoiled(change: str) -> str:
    found = trace_of("03-kexec.tdx")
    document = json.loads(trace_text(found.problem, found.trace))
    match change:
        case "skip a step":
            del document["steps"][1]
            document["steps"][2]["action"] = "kexec.start"
        case "unknown action":
            document["steps"][0]["action"] = "fly"
        case "argument":
            document["steps"][0]["arguments"] = ["Line7"]
        case "arguments":
            document["steps"][0]["arguments"] = []
        case "initial":
            document["initial"]["phase"] = "handover"
        case "assumption":
            document["parameters"]["erratum"] = "false"
        case "cells":
            del document["initial"]["phase"]
        case "sizes":
            document["sizes"] = {"Line": 2}
        case "format":
            document["format"] = "else"
        case "version":
            document["version"] = 99
        case "steps":
            document["steps"] = 3
        case "text":
            return "{"
        case "list":
            return "[]"
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("skip a step", "is not possible there"),
        ("unknown action", "there is no action 'fly'"),
        ("argument", "'Line7' is no value of"),
        ("arguments", "donate takes 1 argument"),
        ("initial", "does not begin in an initial state"),
        ("assumption", "violate an assumption"),
        ("cells", "the cells are not the same"),
        ("sizes", "its sizes are not"),
        ("format", "not of format"),
        ("version", "of version 99"),
        ("steps", "it has no steps"),
        ("text", "no JSON"),
        ("list", "not of format"),
    ],
)
def test_a_trace_that_is_none_is_refused(change: str, told: str) -> None:
    with pytest.raises(SpecError, match=re.escape(told)) as caught:
        read_trace(trace_of("03-kexec.tdx").problem, spoiled(change))
    assert caught.value.diagnostics[0].code.name == "E709"


# --- ITF -------------------------------------------------------------------------------


def test_itf_reads_back(found: FoundTrace) -> None:
    itf_py = pytest.importorskip("itf_py")
    document = json.loads(itf_text(found.problem, found.trace, found.story))
    trace = itf_py.trace_from_json(document)
    assert len(trace.states) == len(found.trace) + 1
    for number, state in enumerate(trace.states):
        flat = {}
        for name, value in state.values.items():
            indexed = isinstance(value, dict) or hasattr(value, "items")
            flat.update({(name, key): v for key, v in value.items()} if indexed else {(name, None): value})
        for cell, value in zip(found.problem.state_layout.cells, found.trace.states[number], strict=True):
            keys = tuple(show(s, i) for s, i in zip(cell.symbol.indices, cell.indices, strict=True))
            key = None if not keys else keys[0] if len(keys) == 1 else keys
            told = flat[cell.symbol.name, key]
            text = str(told).lower() if isinstance(told, bool) else str(told)
            assert text == show(cell.symbol.sort, value)


def test_itf_tells_what_happened() -> None:
    found = trace_of("03-kexec.tdx")
    document = json.loads(itf_text(found.problem, found.trace, found.story))
    assert document["#meta"]["format"] == "ITF"
    assert document["params"] == ["erratum", "reset_on_kexec"]
    assert document["states"][2]["#meta"] == {
        "index": 2,
        "action": "stray_write",
        "actor": "host_kernel",
        "arguments": {"l": "Line0"},
    }
    assert document["states"][2]["poison"] == {"#map": [["Line0", True]]}


# --- VCD -------------------------------------------------------------------------------


def test_vcd_reads_back(found: FoundTrace) -> None:
    reader = pytest.importorskip("vcd.reader")
    text = vcd_text(found.problem, found.trace, found.story)
    names: dict[str, str] = {}
    scopes: list[str] = []
    values: dict[str, str] = {}
    states: list[dict[str, str]] = []
    for token in reader.tokenize(io.BytesIO(text.encode())):
        kind = token.kind.name
        if kind == "SCOPE":
            scopes.append(token.scope.ident)
        elif kind == "UPSCOPE":
            scopes.pop()
        elif kind == "VAR":
            names[token.var.id_code] = ".".join([*scopes[1:], token.var.reference])
        elif kind == "CHANGE_TIME" and token.time_change:
            states.append(dict(values))
        elif kind.startswith("CHANGE_") and kind != "CHANGE_TIME":
            change = token.data
            values[names[change.id_code]] = str(change.value)
    assert scopes == [] and len(states) == len(found.trace) + 1
    told = [state["action"] for state in states[1:]]
    for name, step in zip(told, found.story.steps, strict=True):
        assert name == step.action or (step.chosen and name.startswith(f"{step.action}-"))
    for number, state in enumerate(states):
        for name, value in cells(found, number).items():
            symbol, _, index = name.partition("[")
            signal = name if not index else f"{symbol}.{index.rstrip(']').replace(', ', '-')}"
            if name.endswith(" at") or " " in signal:
                continue
            told = {"true": "1", "false": "0"}.get(value, value)
            assert state[signal] == told


def test_identifier_codes_of_a_dump_are_unique() -> None:
    from tdxverify.outputs.traces.vcd import _code

    codes = [_code(number) for number in range(20_000)]
    assert len(set(codes)) == len(codes)
    assert all(33 <= ord(character) <= 126 for code in codes for character in code)


# --- sequence diagrams -------------------------------------------------------------------


def test_mermaid() -> None:
    lines = mermaid_text(trace_of("03-kexec.tdx").story).splitlines()
    assert lines[0] == "sequenceDiagram"
    assert "  participant p2 as host_kernel" in lines
    assert "  p4--xp3: fault #35;MC" in lines
    assert lines[-1] == "  Note over p1,p4: broken: never next_kernel takes #35;MC"


def test_plantuml() -> None:
    lines = plantuml_text(trace_of("03-kexec.tdx").story).splitlines()
    assert (lines[0], lines[-1]) == ("@startuml", "@enduml")
    assert "p4 -[#red]->x p3: fault &#35;MC" in lines
    assert [line for line in lines if line.startswith("==")] == [f"== {n} ==" for n in range(1, 6)]
