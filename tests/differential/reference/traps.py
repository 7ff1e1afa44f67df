"""Where something can never be reached any more: back from where it holds, along all steps of the graph."""

from __future__ import annotations

from collections.abc import Sequence

from tests.differential.reference.rounds import Graph


def nearest_trap(graph: Graph, there: Sequence[bool]) -> int | None:
    """The least number of steps to a state from which none leads to one of `there`, nor to a value that does
    not fit; None if there is no such state."""
    into: dict[int, list[int]] = {}
    waiting = [state for state, is_there in enumerate(there) if is_there]
    for state, steps in graph.steps.items():
        for _, after in steps:
            if after is None:
                waiting.append(state)
            else:
                into.setdefault(after, []).append(state)
    can = set(waiting)
    while waiting:
        fresh = set(into.get(waiting.pop(), ())) - can
        can |= fresh
        waiting += fresh
    layer, known, depth = set(graph.starts), set[int](), 0
    while layer:
        if not layer <= can:
            return depth
        known |= layer
        following = {after for state in layer for _, after in graph.steps.get(state, ()) if after is not None}
        layer, depth = following - known, depth + 1
    return None
