"""A trace in the Informal Trace Format of Apalache and Quint.

https://apalache-mc.org/docs/adr/015adr-trace.html. Enum members and elements are strings, indexed variables
maps; what happened between two states stands in the `#meta` of the later one.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from tdxverify import __version__
from tdxverify.characters import visible_json
from tdxverify.logic.expr import Symbol
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.sorts import BoolSort, RangeSort, Sort, Value, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.story import Story, told_states

Json: TypeAlias = dict[str, Any]

_SAFE_INTEGER = 2**53 - 1


def itf_text(problem: Problem, trace: Trace, story: Story) -> str:
    """Requires: `story` tells `trace`, a run of `problem`."""
    parameters = _record(problem.rigid_layout, trace.rigid)
    states = told_states(story, trace)
    document: Json = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "source": problem.name,
            "description": f"written by tdxverify {__version__}",
            "sizes": dict(trace.sizes),
        },
        "params": [symbol.name for symbol in problem.rigid_symbols],
        "vars": [symbol.name for symbol in problem.state_symbols],
        "states": [_state(problem, parameters, story, k, state) for k, state in enumerate(states)],
    }
    if story.loop is not None:
        document["loop"] = story.loop.begin
    if story.no_way is not None:
        document["#meta"]["out of reach"] = story.no_way.wanted
        document["#meta"]["always from the end on"] = list(story.no_way.always)
    return visible_json(json.dumps(document, indent=2)) + "\n"


def _state(problem: Problem, parameters: Json, story: Story, number: int, state: Valuation) -> Json:
    meta: Json = {"index": number}
    if number:
        step = story.steps[number - 1]
        meta.update(action=step.action, actor=step.actor, arguments=dict(step.parameters))
        if step.chosen:
            meta.update(choices=list(step.chosen.texts()))
    if story.second_run is not None:
        differences = story.second_run.beside[number].differences
        meta.update(second_run={one.cell.text: one.second for one in differences})
    return {"#meta": meta, **parameters, **_record(problem.state_layout, state)}


def _record(layout: Layout, values: Valuation) -> Json:
    found: dict[Symbol, list[tuple[Cell, Value]]] = {}
    for cell, value in zip(layout.cells, values, strict=True):
        found.setdefault(cell.symbol, []).append((cell, value))
    return {symbol.name: _variable(symbol, cells) for symbol, cells in found.items()}


def _variable(symbol: Symbol, cells: list[tuple[Cell, Value]]) -> Any:
    if not symbol.indices:
        return _value(symbol.sort, cells[0][1])
    return {"#map": [[_key(cell), _value(symbol.sort, value)] for cell, value in cells]}


def _key(cell: Cell) -> Any:
    keys = [_value(sort, index) for sort, index in zip(cell.symbol.indices, cell.indices, strict=True)]
    return keys[0] if len(keys) == 1 else {"#tup": keys}


def _value(sort: Sort, value: Value) -> Any:
    match sort:
        case BoolSort():
            return bool(value)
        case RangeSort():
            return value if abs(value) <= _SAFE_INTEGER else {"#bigint": str(value)}
        case _:
            return show(sort, value)
