"""Graphs made small enough to be drawn, saying what became of the rest."""

from __future__ import annotations

import networkx as nx

MOST_DRAWN = 120
MOST_LINES = 12  # of a node's label


def collapsed(graph: nx.MultiDiGraph, most: int = MOST_DRAWN) -> nx.MultiDiGraph:
    """`graph` if it has at most `most` nodes; else one in which nodes became groups by depth, latest first.

    What a trace passes through, and what is bad, is kept as long as there is room for it.
    """
    if len(graph) <= most:
        return graph
    order = {node: position for position, node in enumerate(graph)}
    ranked = sorted(graph, key=lambda n: (_importance(graph.nodes[n]["kind"]), order[n]))
    kept = set(ranked[: most // 2])
    depths = sorted({graph.nodes[n].get("depth", 0) for n in graph if n not in kept})
    width = -(-len(depths) // (most - len(kept)))
    group_of = {depth: position // width for position, depth in enumerate(depths)}
    name = {n: n if n in kept else f"group{group_of[graph.nodes[n].get('depth', 0)]}" for n in graph}
    small = nx.MultiDiGraph(**graph.graph)
    members: dict[str, int] = {}
    for node in graph:
        members[name[node]] = members.get(name[node], 0) + 1
        if node in kept:
            small.add_node(node, **graph.nodes[node])
        else:
            small.add_node(name[node], label="", kind="group", depth=graph.nodes[node].get("depth", 0))
    for group, count in members.items():
        if group not in kept:
            small.nodes[group]["label"] = "1 more state" if count == 1 else f"{count} more states"
    _edges(graph, small, name)
    hidden = len(graph) - len(kept)
    small.graph["left_out"] = f"{hidden} of {len(graph)} nodes are drawn as {len(small) - len(kept)} groups"
    return small


def _importance(kind: str) -> int:
    return (
        ("path", "initial", "bad", "action").index(kind)
        if kind in ("path", "initial", "bad", "action")
        else 9
    )


def _edges(graph: nx.MultiDiGraph, small: nx.MultiDiGraph, name: dict[str, str]) -> None:
    """Edges between groups are counted, edges within one left out."""
    counts: dict[tuple[str, str], int] = {}
    for source, target, data in graph.edges(data=True):
        ends = name[source], name[target]
        if ends == (source, target):
            small.add_edge(source, target, **data)
        elif ends[0] != ends[1]:
            counts[ends] = counts.get(ends, 0) + 1
    for (source, target), count in counts.items():
        small.add_edge(source, target, label="1 step" if count == 1 else f"{count} steps", kind="group")


def short_label(text: str) -> str:
    """At most MOST_LINES lines."""
    lines = text.split("\n")
    if len(lines) <= MOST_LINES:
        return text
    return "\n".join([*lines[: MOST_LINES - 1], f"and {len(lines) - MOST_LINES + 1} more"])
