"""A trace as a value change dump (IEEE 1364), for waveform viewers: a time unit for each step.

Variables are scopes with a signal for each element; enum members are strings, as GTKWave and Surfer have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdxverify import __version__
from tdxverify.logic.layout import Cell, Valuation
from tdxverify.logic.sorts import BoolSort, RangeSort, Sort, Value, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.story import Story, told_call

_FIRST, _LAST = 33, 126  # characters of identifier codes
_INTEGER_BITS = 64
_ACTION, _ACTOR = "action", "actor"


def vcd_text(problem: Problem, trace: Trace, story: Story) -> str:
    """Requires: `story` tells `trace`, a run of `problem`. Parameters are signals that never change."""
    cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
    codes = [_code(number) for number in range(len(cells) + 2)]
    lines = [
        f"$version tdxverify {__version__} $end",
        "$timescale 1 ns $end",
        f"$scope module {_word(problem.name)} $end",
        f"$var string 1 {codes[0]} {_ACTION} $end",
        f"$var string 1 {codes[1]} {_ACTOR} $end",
        *_declarations(cells, codes[2:]),
        "$upscope $end",
        "$enddefinitions $end",
    ]
    lines.extend(_changes(trace, story, cells, codes))
    return "\n".join(lines) + "\n"


def _declarations(cells: tuple[Cell, ...], codes: list[str]) -> Iterator[str]:
    scope: str | None = None
    for cell, code in zip(cells, codes, strict=True):
        name = cell.symbol.name if cell.indices else None
        if name != scope:
            if scope is not None:
                yield "$upscope $end"
            if name is not None:
                yield f"$scope module {_word(name)} $end"
            scope = name
        pairs = zip(cell.symbol.indices, cell.indices, strict=True)
        signal = "-".join(show(sort, value) for sort, value in pairs) or cell.symbol.name
        yield f"$var {_type(cell.symbol.sort)} {code} {_word(signal)} $end"
    if scope is not None:
        yield "$upscope $end"


def _changes(trace: Trace, story: Story, cells: tuple[Cell, ...], codes: list[str]) -> Iterator[str]:
    before: Valuation | None = None
    for time, state in enumerate(trace.states):
        yield f"#{time}"
        if story.loop is not None and time == story.loop.begin and not story.loop.stops:
            yield "$comment from here on, again and again $end"
        if before is None:
            yield "$dumpvars"
        step = story.steps[time - 1] if time else None
        yield f"s{_word(told_call(step) if step.chosen else step.action) if step else 'start'} {codes[0]}"
        yield f"s{_word(step.actor or '-') if step else '-'} {codes[1]}"
        values = (*trace.rigid, *state)
        for position, (cell, value) in enumerate(zip(cells, values, strict=True)):
            if before is None or before[position] != value:
                yield _change(cell.symbol.sort, value, codes[position + 2])
        if before is None:
            yield "$end"
        before = values
    yield f"#{len(trace.states)}"
    if story.loop is not None:
        told = "the run stops" if story.loop.stops else f"and so on for ever, as from #{story.loop.begin} on"
        yield f"$comment {told} $end"


def _type(sort: Sort) -> str:
    match sort:
        case BoolSort():
            return "wire 1"
        case RangeSort():
            return f"integer {_INTEGER_BITS}"
        case _:
            return "string 1"


def _change(sort: Sort, value: Value, code: str) -> str:
    match sort:
        case BoolSort():
            return f"{value}{code}"
        case RangeSort():
            return f"b{value % (1 << _INTEGER_BITS):b} {code}"
        case _:
            return f"s{show(sort, value)} {code}"


def _code(number: int) -> str:
    """The shortest unused string of printable characters."""
    count = _LAST - _FIRST + 1
    code = chr(_FIRST + number % count)
    while number >= count:
        number = number // count - 1
        code += chr(_FIRST + number % count)
    return code


def _word(text: str) -> str:
    """`text` without the spaces and brackets that end a name in this format.

    No name in a spec has the sign that stands for them, so different texts stay different.
    """
    return re.sub(r"[^\w.#-]+", "-", text).strip("-") or "-"
