"""Traces, state spaces and dependencies as networkx graphs with plain attributes, in a stable order.

Nodes of states are `s0`, `s1`, ...; every node has `label` and `kind`, every edge `label`. Kinds of states:
`initial`, `path`, `aside`, `bad`, `state`; of dependencies: `action`, `variable`, `parameter`.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from tdxverify.explore.nearest import turns
from tdxverify.explore.successors import Semantics
from tdxverify.model.expr import Expr, Role, Symbol, symbols_of
from tdxverify.model.layout import Valuation
from tdxverify.model.model import Model
from tdxverify.model.show import show_cell, written_name
from tdxverify.model.sorts import show
from tdxverify.results.trace import Step, Trace
from tdxverify.ts.problem import Problem

MOST_STATES = 20_000


def trace_graph(problem: Problem, trace: Trace) -> nx.MultiDiGraph:
    """A chain from the initial to the last state."""
    graph = nx.MultiDiGraph(name=problem.name)
    last = len(trace)
    bad = Semantics(problem).is_bad(trace.rigid, trace.states[-1])
    for number, state in enumerate(trace.states):
        kind = "bad" if bad and number == last else "path" if number else "initial"
        before = trace.states[number - 1] if number else None
        graph.add_node(f"s{number}", label=_changes(problem, before, state), kind=kind, depth=number)
    for number, step in enumerate(trace.steps):
        graph.add_edge(f"s{number}", f"s{number + 1}", label=_called(problem, step), kind="path")
    return graph


def neighbourhood_graph(problem: Problem, trace: Trace) -> nx.MultiDiGraph:
    """The trace, and every state that one other step leads to from one of its states."""
    graph = trace_graph(problem, trace)
    semantics = Semantics(problem)
    names = {state: f"s{number}" for number, state in enumerate(trace.states)}
    for number, steps in turns(problem, trace).items():
        for step, after in steps:
            if after not in names:
                names[after] = f"s{len(names)}"
                kind = "bad" if semantics.is_bad(trace.rigid, after) else "aside"
                label = _changes(problem, trace.states[number], after)
                graph.add_node(names[after], label=label, kind=kind, depth=number + 1)
            graph.add_edge(f"s{number}", names[after], label=_called(problem, step), kind="aside")
    return graph


def state_graph(
    problem: Problem, rigid: Valuation, initial: Iterable[Valuation], trace: Trace | None
) -> nx.MultiDiGraph:
    """All states reachable from `initial` with these parameters, breadth first; those of `trace` marked.

    `graph.graph["left_out"]` says what was left out where there are more than MOST_STATES.
    """
    graph = nx.MultiDiGraph(name=problem.name)
    semantics = Semantics(problem)
    starts = list(dict.fromkeys(initial))
    on_trace = set(trace.states) if trace is not None else set()
    names = {state: f"s{number}" for number, state in enumerate(starts)}
    depth = dict.fromkeys(starts, 0)
    queue = list(starts)
    for state in queue:  # grows while it is read
        kind = "initial" if depth[state] == 0 else "path" if state in on_trace else "state"
        kind = "bad" if semantics.is_bad(rigid, state) else kind
        label = _changes(problem, starts[0] if depth[state] else None, state)
        graph.add_node(names[state], label=label, kind=kind, depth=depth[state])
        seen = {state}
        for step, after in semantics.successors(rigid, state):
            if after in seen:
                continue
            seen.add(after)
            if after not in names:
                if len(names) >= MOST_STATES:
                    graph.graph["left_out"] = f"states beyond the first {MOST_STATES}"
                    continue
                names[after] = f"s{len(names)}"
                depth[after] = depth[state] + 1
                queue.append(after)
            graph.add_edge(names[state], names[after], label=_called(problem, step), kind="step")
    return graph


def dependency_graph(model: Model) -> nx.MultiDiGraph:
    """Variable to action: it is read (guard, conditions, values); action to variable: it is written."""
    graph = nx.MultiDiGraph(name=model.name)
    for info in model.symbols:
        kind = "parameter" if info.symbol.role is Role.RIGID else "variable"
        graph.add_node(_variable(info.symbol), label=info.symbol.name, kind=kind)
    for action in model.actions:
        name = f"action {action.name}"
        label = f"{action.name}\nby {action.actor}" if action.actor else action.name
        graph.add_node(name, label=label, kind="action")
        parts: list[Expr] = [action.guard]
        parts += [part for w in action.writes for part in (w.condition, w.value, *w.indices)]
        reads = {symbol for part in parts for symbol in symbols_of(part)}
        writes = {write.symbol for write in action.writes}
        for info in model.symbols:
            if info.symbol in reads:
                graph.add_edge(_variable(info.symbol), name, label="reads", kind="reads")
            if info.symbol in writes:
                graph.add_edge(name, _variable(info.symbol), label="writes", kind="writes")
    return graph


def _variable(symbol: Symbol) -> str:
    return f"variable {symbol.name}"


def _changes(problem: Problem, before: Valuation | None, state: Valuation) -> str:
    """Cells with another value than in `before`; of a first state those that are not false."""
    lines = []
    for position, cell in enumerate(problem.state_layout.cells):
        value = show(cell.symbol.sort, state[position])
        if value != "false" if before is None else state[position] != before[position]:
            lines.append(f"{show_cell(cell)} = {value}")
    return "\n".join(lines) or ("everything is false" if before is None else "as at the start")


def _called(problem: Problem, step: Step) -> str:
    action = problem.action_named[step.action]
    declared = len(action.parameters) - action.hidden
    pairs = list(zip(action.parameters, step.arguments, strict=True))[:declared]
    values = ", ".join(f"{written_name(p)} = {show(p.sort, value)}" for p, value in pairs)
    text = f"{step.action}({values})" if values else step.action
    return f"{text}\nby {action.actor}" if action.actor else text
