"""Traces as JSON that can be read back: what was chosen, and what came of it.

Reading trusts nothing but the choices: the states are computed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tdxverify.characters import visible_json
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Sort, Value, domain, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.steps import StepNames, acting
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.telling.story import Story, told_states

FORMAT = "tdxverify-trace"
VERSION = 1

Json: TypeAlias = dict[str, Any]


def trace_text(problem: Problem, trace: Trace, story: Story | None = None) -> str:
    """Requires: `trace` is a run of `problem`; it need not end in a bad state. `story`, which tells
    it, is needed where somebody asked for values of expressions."""
    names, states = StepNames(problem), told_states(story, trace)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "problem": problem.name,
        "sizes": dict(trace.sizes),
        "parameters": _cells(problem.rigid_layout, trace.rigid),
        "initial": _cells(problem.state_layout, trace.states[0]),
        "steps": [_step(problem, trace, states, number, names) for number in range(len(trace))],
        **_loop(story),
        **_watched(story),
        **_second_run(story),
    }
    return visible_json(json.dumps(document, indent=2, ensure_ascii=True)) + "\n"


def _loop(story: Story | None) -> Json:
    """How a run goes on for ever: as behind step `begin`, or not at all where it `stops`."""
    if story is None or story.loop is None:
        return {}
    return {"loop": {"begin": story.loop.begin, "stops": story.loop.stops}}


def _watched(story: Story | None) -> Json:
    """Expressions with their values in each state, null where one has none; nothing where there are none."""
    if story is None or not story.watched:
        return {}
    return {"watched": [{"expression": one.text, "values": list(one.values)} for one in story.watched]}


def _second_run(story: Story | None) -> Json:
    """For each state the cells that differ in the run that is compared, with their values there, and what it
    has chosen otherwise in the step before; nothing where none is."""
    if story is None or story.second_run is None:
        return {}
    return {
        "second_run": [
            {
                "chosen": list(one.chosen),
                "left_out": one.is_left_out,
                "differs": {difference.cell.text: difference.second for difference in one.differences},
            }
            for one in story.second_run.beside
        ]
    }


def _cells(layout: Layout, values: Valuation) -> dict[str, str]:
    pairs = zip(layout.cells, values, strict=True)
    return {show_cell(cell): show(cell.symbol.sort, value) for cell, value in pairs}


def _step(problem: Problem, trace: Trace, states: Sequence[Valuation], number: int, names: StepNames) -> Json:
    step = trace.steps[number]
    action = problem.action_named[step.action]
    before, after = (_cells(problem.state_layout, state) for state in states[number : number + 2])
    chosen = names.chosen(trace.rigid, trace.states[number], step).texts()
    return {
        "action": step.action,
        "actor": acting(action, step.arguments),
        "arguments": [show(p.sort, v) for p, v in zip(action.parameters, step.arguments, strict=True)],
        **({"choices": list(chosen)} if chosen else {}),
        "changes": {cell: value for cell, value in after.items() if before[cell] != value},
    }


def sizes_of(text: str) -> dict[str, int]:
    """The sizes that a trace was written for. Raises SpecError."""
    sizes = _document(text).get("sizes")
    if not isinstance(sizes, dict) or not all(isinstance(n, int) and n > 0 for n in sizes.values()):
        raise _wrong("its sizes are no numbers")
    return sizes


def loop_begin(text: str, length: int) -> int | None:
    """Behind which step of a trace of that length a loop begins, where that is said. Raises SpecError."""
    loop = _document(text).get("loop")
    begin = loop.get("begin") if isinstance(loop, dict) else None
    return begin if type(begin) is int and 0 <= begin <= length else None


def read_trace(problem: Problem, text: str) -> Trace:
    """The run of `problem` that `text` tells. Raises SpecError where it is none."""
    document = _document(text)
    if document.get("sizes") != problem.size_of:
        raise _wrong(f"its sizes are not {problem.size_of}")
    semantics = Semantics(problem)
    rigid = _valuation(problem, problem.rigid_layout, document.get("parameters"))
    state = _valuation(problem, problem.state_layout, document.get("initial"))
    if not semantics.assumed(rigid):
        raise _wrong("its parameters violate an assumption")
    if not semantics.is_initial(rigid, state):
        raise _wrong("it does not begin in an initial state")
    given = document.get("steps")
    if not isinstance(given, list):
        raise _wrong("it has no steps")
    steps = (_read_step(problem, entry, number) for number, entry in enumerate(given, 1))
    found = run(semantics, rigid, state, steps)
    if isinstance(found, WhyNot):
        raise _wrong(f"{found.step_told()}, is not possible there")
    return found


def _document(text: str) -> Json:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong("it is no JSON") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _wrong(f"it is not of format {FORMAT}")
    if document.get("version") != VERSION:
        raise _wrong(f"it is of version {document.get('version')}, this is version {VERSION}")
    return document


def _valuation(problem: Problem, layout: Layout, given: object) -> Valuation:
    names = [show_cell(cell) for cell in layout.cells]
    if not isinstance(given, Mapping) or set(given) != set(names):
        raise _wrong("it is of another specification: the cells are not the same")
    pairs = zip(layout.cells, names, strict=True)
    return tuple(_value(problem, cell.symbol.sort, given[name], name) for cell, name in pairs)


def _read_step(problem: Problem, entry: object, number: int) -> Step:
    name = entry.get("action") if isinstance(entry, Mapping) else None
    action = problem.action_named.get(name) if isinstance(name, str) else None
    if action is None or not isinstance(entry, Mapping):
        raise _wrong(f"step {number}: there is no action {name!r}")
    given = entry.get("arguments")
    if not isinstance(given, list) or len(given) != len(action.parameters):
        raise _wrong(f"step {number}: {action.name} takes {counted(len(action.parameters), 'argument')}")
    return Step(action.name, _arguments(problem, action.parameters, given))


def _arguments(problem: Problem, parameters: Sequence[Bound], given: Iterable[object]) -> tuple[Value, ...]:
    return tuple(_value(problem, p.sort, v, p.name) for p, v in zip(parameters, given, strict=True))


def _value(problem: Problem, sort: Sort, text: object, name: str) -> Value:
    for value in domain(sort, problem.size_of):
        if show(sort, value) == text:
            return value
    raise _wrong(f"{text!r} is no value of {name}")


def _wrong(reason: str) -> SpecError:
    return SpecError([Diagnostic(Code.E709, f"the trace cannot be replayed: {reason}")])
