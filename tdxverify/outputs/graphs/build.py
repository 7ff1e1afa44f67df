"""Traces, state spaces and dependencies as networkx graphs with plain attributes, in a stable order.

Nodes of states are `s0`, `s1`, ...; every node has `label` and `kind`, every edge `label`. Kinds of states:
`initial`, `path`, `aside`, `bad`, `state`; of dependencies: `action`, `variable`, `parameter`. A state of a
trace has every cell as an attribute `cell:NAME`, its value as text; a step of a trace `action` and `actor`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import networkx as nx

from tdxverify.budget import UNLIMITED, Budget, LimitReached
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Role, Symbol, symbols_of
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import show
from tdxverify.model.model import Model
from tdxverify.outputs.graphs.runs import is_round, meaning_of, places_of, plain_graph, story_graph
from tdxverify.outputs.graphs.symmetry import Symmetry
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames, acting, with_actor
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.telling.nearest import turns
from tdxverify.telling.refined_model import refinements_of, told_refined
from tdxverify.telling.story import Loop, Story

MOST_STATES = 20_000
_OF_STATES = "blue: where it starts; yellow: on the trace; red and thick: bad, or to be reached"
_OF_LOOP = f"{_OF_STATES}, or in the loop"


def to_networkx(run: Story | Trace, problem: Problem | None = None) -> nx.MultiDiGraph:
    """The chain of states of a run, `s0`, `s1`, ...

    `problem`, which a trace is a run of, gives names to its numbers; without it they stay numbers.
    """
    if isinstance(run, Story):
        return story_graph(run)
    return plain_graph(run) if problem is None else trace_graph(problem, run)


def trace_graph(
    problem: Problem, trace: Trace, loop: Loop | None = None, *, mistaken: bool = False
) -> nx.MultiDiGraph:
    """A chain from the initial to the last state; with `loop` the last step leads to where it begins. What a
    last step that is `mistaken` leaves behind is not told."""
    graph = nx.MultiDiGraph(name=problem.name, **meaning_of(loop))
    places = places_of(len(trace), loop)
    bad = Semantics(problem).is_bad(trace.rigid, trace.states[-1])
    label_of = _labels(problem)
    for number in range(max(places) + 1):
        state = trace.states[number]
        ends = (bad and number == len(trace)) or is_round(number, loop)
        kind = "bad" if ends else "path" if number else "initial"
        before = trace.states[number - 1] if number else None
        label = _changes(problem, before, state)
        if mistaken and number == len(trace):
            label, state = "a mistake", trace.states[-2]
        graph.add_node(f"s{number}", label=label, kind=kind, depth=number, **_cells(problem, state))
    for number, step in enumerate(trace.steps):
        graph.add_edge(
            f"s{places[number]}",
            f"s{places[number + 1]}",
            label=label_of(trace.rigid, trace.states[number], step),
            kind="path",
            action=step.action,
            actor=acting(problem.action_named[step.action], step.arguments) or "",
        )
    return graph


def say_refined(graph: nx.MultiDiGraph, model: Model) -> nx.MultiDiGraph:
    """`graph`, a picture of `model`, which now says that files which import others have changed the model."""
    said = (graph.graph.get("meaning"), told_refined(refinements_of(model)))
    if said[1] is not None:
        graph.graph["meaning"] = "; ".join(part for part in said if part)
    return graph


def neighbourhood_graph(
    problem: Problem, trace: Trace, loop: Loop | None = None, *, mistaken: bool = False
) -> nx.MultiDiGraph:
    """The trace, and every state that one other step leads to from one of its states."""
    graph = trace_graph(problem, trace, loop, mistaken=mistaken)
    meaning = "thick and red: the trace; dashed: the other steps from its states"
    graph.graph["meaning"] = meaning if loop is None else f"{meaning}; states in red: the loop, or its end"
    semantics = Semantics(problem)
    label_of = _labels(problem)
    places = places_of(len(trace), loop)
    names = {state: f"s{place}" for place, state in zip(places, trace.states, strict=True)}
    for number, steps in turns(Semantics(problem), trace).items():
        if number == len(trace) and loop is not None and not loop.stops:
            continue  # the state at the end is one that was there before
        for step, after in steps:
            if after not in names:
                names[after] = f"s{len(names)}"
                kind = "bad" if semantics.is_bad(trace.rigid, after) else "aside"
                label = _changes(problem, trace.states[number], after)
                graph.add_node(names[after], label=label, kind=kind, depth=number + 1)
            text = label_of(trace.rigid, trace.states[number], step)
            graph.add_edge(f"s{places[number]}", names[after], label=text, kind="aside")
    return graph


def state_graph(
    problem: Problem,
    rigid: Valuation,
    initial: Iterable[Valuation],
    trace: Trace | None,
    symmetry: Symmetry | None = None,
    budget: Budget = UNLIMITED,
    loop: Loop | None = None,
) -> nx.MultiDiGraph:
    """All states reachable from `initial` with these parameters, breadth first; those of `trace` marked.

    Those of `loop` are as bad ones. With `symmetry` a node stands for all states that are the same but for
    the names of elements, `states` of them. `brief`: what the step changed that found the node. "left_out"
    tells of more than MOST_STATES, or that there was no time to look at more.
    """
    graph = nx.MultiDiGraph(name=problem.name, meaning=_OF_STATES if loop is None else _OF_LOOP)
    semantics = Semantics(problem, budget)
    label_of = _labels(problem)
    key = symmetry.least if symmetry is not None else _itself
    on_trace, looping = _marked(trace, loop, key)
    queue = list({key(state): state for state in reversed(list(initial))}.values())[::-1]
    names = {key(state): f"s{number}" for number, state in enumerate(queue)}
    first = queue[0] if queue else ()
    found_from: dict[Valuation, tuple[int, Valuation | None]] = dict.fromkeys(queue, (0, None))
    for state in queue:  # grows while it is read
        depth, before = found_from[state]
        kind = "initial" if depth == 0 else "path" if key(state) in on_trace else "state"
        graph.add_node(
            names[key(state)],
            label=_changes(problem, first if depth else None, state, same="as at the start"),
            kind="bad" if key(state) in looping or semantics.is_bad(rigid, state) else kind,
            depth=depth,
            brief=_changes(problem, before, state),
            **({} if symmetry is None else {"states": len(symmetry.orbit(state))}),
        )
        seen = {key(state)}
        for step, after in _steps_in_time(semantics, rigid, state, budget, graph):
            if key(after) in seen:
                continue
            seen.add(key(after))
            if key(after) not in names and len(names) >= MOST_STATES:
                graph.graph["left_out"] = f"states beyond the first {MOST_STATES} were not looked at"
                continue
            if key(after) not in names:
                names[key(after)] = f"s{len(names)}"
                found_from[after] = (depth + 1, state)
                queue.append(after)
            label = label_of(rigid, state, step)
            graph.add_edge(names[key(state)], names[key(after)], label=label, kind="step")
    return graph


def _marked(
    trace: Trace | None, loop: Loop | None, key: Callable[[Valuation], Valuation]
) -> tuple[set[Valuation], set[Valuation]]:
    """The states of `trace`, and those in which it is again and again."""
    if trace is None:
        return set(), set()
    looping = trace.states[loop.begin :] if loop is not None else ()
    return set(map(key, trace.states)), set(map(key, looping))


def _steps_in_time(
    semantics: Semantics, rigid: Valuation, state: Valuation, budget: Budget, graph: nx.MultiDiGraph
) -> Iterator[tuple[Step, Valuation]]:
    """The steps from `state` as long as there is time; after that none, and `graph` says so."""
    try:
        budget.check_time()
        yield from semantics.successors(rigid, state)
    except LimitReached:
        graph.graph["left_out"] = "steps that there was no time to look at are missing"


def quotient_graph(
    problem: Problem,
    rigid: Valuation,
    initial: Iterable[Valuation],
    trace: Trace | None,
    whole: nx.MultiDiGraph | None = None,
    budget: Budget = UNLIMITED,
    loop: Loop | None = None,
) -> nx.MultiDiGraph:
    """`state_graph` with states as one that differ only in the names of elements; it says so.

    `whole`, the graph of all states, is returned instead if it is there and nothing can be exchanged.
    """
    symmetry = Symmetry(problem, rigid)
    if whole is not None and symmetry.is_trivial:
        return whole
    graph = state_graph(problem, rigid, initial, trace, symmetry, budget, loop)
    if not symmetry.is_trivial:
        states = sum(count for _, count in graph.nodes(data="states"))
        drawn = f"{counted(len(graph), 'node')} for {counted(states, 'state')}"
        said = f"{drawn}: those that differ only in the names of elements are one"
        before = graph.graph.get("left_out")
        graph.graph["left_out"] = f"{said}; {before}" if before else said
    return graph


def _itself(state: Valuation) -> Valuation:
    return state


def dependency_graph(model: Model) -> nx.MultiDiGraph:
    """Variable to action: it is read (guard, conditions, values); action to variable: it is written."""
    graph = nx.MultiDiGraph(
        name=model.name,
        meaning="to an action: it reads the variable or parameter; from an action (red): it writes it",
    )
    for info in model.symbols:
        kind = "parameter" if info.symbol.role is Role.RIGID else "variable"
        graph.add_node(_variable(info.symbol), label=info.symbol.name, kind=kind)
    for action in model.actions:
        name = f"action {action.name}"
        label = with_actor(action.name, action.actor, "\n")
        graph.add_node(name, label=label, kind="action")
        reads = {symbol for part in action.expressions for symbol in symbols_of(part)}
        writes = {write.symbol for write in action.writes}
        for info in model.symbols:
            if info.symbol in reads:
                graph.add_edge(_variable(info.symbol), name, label="reads", kind="reads")
            if info.symbol in writes:
                graph.add_edge(name, _variable(info.symbol), label="writes", kind="writes")
    return graph


def _variable(symbol: Symbol) -> str:
    return f"variable {symbol.name}"


def _changes(
    problem: Problem, before: Valuation | None, state: Valuation, same: str = "nothing changes"
) -> str:
    """Cells with another value than in `before`, or that it is the `same`; of a first state those that are
    not false."""
    lines = []
    for position, cell in enumerate(problem.state_layout.cells):
        value = show(cell.symbol.sort, state[position])
        if value != "false" if before is None else state[position] != before[position]:
            lines.append(f"{show_cell(cell)} = {value}")
    return "\n".join(lines) or ("everything is false" if before is None else same)


def _cells(problem: Problem, state: Valuation) -> dict[str, str]:
    pairs = zip(problem.state_layout.cells, state, strict=True)
    return {f"cell:{show_cell(cell)}": show(cell.symbol.sort, value) for cell, value in pairs}


def _labels(problem: Problem) -> Callable[[Valuation, Valuation, Step], str]:
    """What names a step that is taken in a state."""
    names = StepNames(problem)

    def label(rigid: Valuation, before: Valuation, step: Step) -> str:
        called = names.called(rigid, before, step)
        return with_actor(called, acting(problem.action_named[step.action], step.arguments), "\n")

    return label
