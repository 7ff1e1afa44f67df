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
from tdxverify.logic.show import show_call, show_cell
from tdxverify.logic.sorts import show
from tdxverify.model.model import Model
from tdxverify.outputs.graphs.symmetry import Symmetry
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames, acting, with_actor
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tdxverify.telling.nearest import turns
from tdxverify.telling.story import Loop, Story, told_call

MOST_STATES = 20_000


def to_networkx(run: Story | Trace, problem: Problem | None = None) -> nx.MultiDiGraph:
    """The chain of states of a run, `s0`, `s1`, ...

    `problem`, which a trace is a run of, gives names to its numbers; without it they stay numbers.
    """
    if isinstance(run, Story):
        return story_graph(run)
    return plain_graph(run) if problem is None else trace_graph(problem, run)


def trace_graph(problem: Problem, trace: Trace, loop: Loop | None = None) -> nx.MultiDiGraph:
    """A chain from the initial to the last state; with `loop` the last step leads to where it begins."""
    graph = nx.MultiDiGraph(name=problem.name, **_meaning(loop))
    places = _places(len(trace), loop)
    bad = Semantics(problem).is_bad(trace.rigid, trace.states[-1])
    label_of = _labels(problem)
    for number in range(max(places) + 1):
        state = trace.states[number]
        ends = (bad and number == len(trace)) or _is_round(number, loop)
        kind = "bad" if ends else "path" if number else "initial"
        before = trace.states[number - 1] if number else None
        label = _changes(problem, before, state)
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


def _places(last: int, loop: Loop | None) -> list[int]:
    """For each state of a run of `last` steps the number of the node that it is: one that goes round ends in
    the state where its loop begins."""
    return [*range(last), last if loop is None else loop.begin]


def _meaning(loop: Loop | None) -> dict[str, str]:
    if loop is None:
        return {}
    return {"meaning": "red and thick: here it stops" if loop.stops else "red and thick: the loop"}


def _is_round(number: int, loop: Loop | None) -> bool:
    """Is the state of that number one in which the run is again and again, or for ever?"""
    return loop is not None and number >= loop.begin


def story_graph(story: Story) -> nx.MultiDiGraph:
    """The same chain, made of a story: no problem is needed to read it."""
    graph = nx.MultiDiGraph(name="" if story.violation is None else story.violation.property)
    values = dict(story.initial)
    places = _places(len(story.steps), story.loop)
    last = max(places)
    graph.graph.update(_meaning(story.loop))
    for number in range(last + 1):
        changes = story.steps[number - 1].changes if number else ()
        values.update((change.cell, change.after) for change in changes)
        kind = "path" if number else "initial"
        ends = number == last if story.loop is None else _is_round(number, story.loop)
        kind = "bad" if ends and story.violation is not None else kind
        pairs = [(change.cell, change.after) for change in changes]
        pairs = pairs if number else [pair for pair in story.initial if pair[1] != "false"]
        label = "\n".join(f"{cell} = {value}" for cell, value in pairs)
        label = label or ("nothing changes" if number else "everything is false")
        cells = {f"cell:{cell}": value for cell, value in values.items()}
        graph.add_node(f"s{number}", label=label, kind=kind, depth=number, **cells)
    for step in story.steps:
        label = with_actor(told_call(step), step.actor, "\n")
        way = f"s{places[step.number - 1]}", f"s{places[step.number]}"
        graph.add_edge(*way, label=label, kind="path", action=step.action, actor=step.actor or "")
    return graph


def plain_graph(trace: Trace) -> nx.MultiDiGraph:
    """The chain of a trace whose problem is not at hand: values are the numbers that stand for them."""
    graph = nx.MultiDiGraph(name="trace")
    for number, state in enumerate(trace.states):
        kind = "path" if number else "initial"
        graph.add_node(f"s{number}", label=" ".join(map(str, state)), kind=kind, depth=number)
    for number, step in enumerate(trace.steps):
        label = show_call(step.action, map(str, step.arguments))
        graph.add_edge(f"s{number}", f"s{number + 1}", label=label, kind="path", action=step.action)
    return graph


def neighbourhood_graph(problem: Problem, trace: Trace, loop: Loop | None = None) -> nx.MultiDiGraph:
    """The trace, and every state that one other step leads to from one of its states."""
    graph = trace_graph(problem, trace, loop)
    meaning = "thick and red: the trace; dashed: the other steps from its states"
    graph.graph["meaning"] = meaning if loop is None else f"{meaning}; states in red: the loop, or its end"
    semantics = Semantics(problem)
    label_of = _labels(problem)
    places = _places(len(trace), loop)
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

    With `loop` the states in which the trace is again and again are as bad ones. With `symmetry` a node stands for all states that are the same but for the names of elements, `states` of
    them. `brief`: what the step changed that found the node. "left_out" tells of more than MOST_STATES, or
    that there was no time to look at more.
    """
    meaning = "blue: where it starts; yellow: on the trace; red and thick: bad, or to be reached"
    meaning += "" if loop is None else ", or in the loop"
    graph = nx.MultiDiGraph(name=problem.name, meaning=meaning)
    semantics = Semantics(problem, budget)
    label_of = _labels(problem)
    key = symmetry.least if symmetry is not None else _itself
    on_trace = {key(state) for state in trace.states} if trace is not None else set()
    looping = {key(state) for state in trace.states[loop.begin :]} if trace is not None and loop else set()
    queue = list({key(state): state for state in reversed(list(initial))}.values())[::-1]
    names = {key(state): f"s{number}" for number, state in enumerate(queue)}
    first = queue[0] if queue else ()
    found_from: dict[Valuation, tuple[int, Valuation | None]] = dict.fromkeys(queue, (0, None))
    for state in queue:  # grows while it is read
        depth, before = found_from[state]
        kind = "initial" if depth == 0 else "path" if key(state) in on_trace else "state"
        graph.add_node(
            names[key(state)],
            label=_changes(problem, first if depth else None, state),
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


def _changes(problem: Problem, before: Valuation | None, state: Valuation) -> str:
    """Cells with another value than in `before`; of a first state those that are not false."""
    lines = []
    for position, cell in enumerate(problem.state_layout.cells):
        value = show(cell.symbol.sort, state[position])
        if value != "false" if before is None else state[position] != before[position]:
            lines.append(f"{show_cell(cell)} = {value}")
    return "\n".join(lines) or ("everything is false" if before is None else "as at the start")


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
