"""Graphs made small and plain enough to be drawn, saying what became of the rest."""

from __future__ import annotations

import networkx as nx

from tdxverify.logic.counting import counted

FEW = 60  # nodes, up to which everything is said at every node and edge
MOST_DRAWN = 500
MOST_LINES = 12  # of a node's label
_BRIEF_LINES = 3  # of a node's label where there are many nodes
_FIRST = ("path", "initial", "bad", "action")


def drawable(graph: nx.MultiDiGraph, most: int = MOST_DRAWN) -> nx.MultiDiGraph:
    """`graph` as it is drawn: with groups where it has too many nodes, with less text where it has many."""
    small = collapsed(graph, most)
    return small if len(small) <= FEW else _plainer(small)


def collapsed(graph: nx.MultiDiGraph, most: int = MOST_DRAWN) -> nx.MultiDiGraph:
    """`graph` if it has at most `most` nodes; else one in which nodes became groups by depth, latest first.

    What a trace passes through, and what is bad, is kept as long as there is room for it.
    """
    if len(graph) <= most:
        return graph
    order = {node: position for position, node in enumerate(graph)}
    ranked = sorted(graph, key=lambda n: (_importance(graph.nodes[n]["kind"]), order[n]))
    kept = set(ranked[: most // 4])
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
            small.nodes[group]["label"] = counted(count, "more state")
    _edges(graph, small, name)
    hidden = len(graph) - len(kept)
    groups = counted(len(small) - len(kept), "group")
    _note(
        small,
        f"{hidden:,} of {counted(len(graph), 'node')} are drawn as {groups}, one for each distance "
        f"from the start: more than {counted(most, 'node')} cannot be read",
    )
    return small


def _note(graph: nx.MultiDiGraph, text: str) -> None:
    before = graph.graph.get("left_out")
    graph.graph["left_out"] = f"{before}; {text}" if before else text


def _importance(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


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
        small.add_edge(source, target, label=counted(count, "step"), kind="group")


def _plainer(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """States say only what changed on the way to them, edges only their action; a self loop is left out."""
    plain = nx.MultiDiGraph(**graph.graph)
    for node, data in graph.nodes(data=True):
        label = _first_lines(data.get("brief", data["label"]), _BRIEF_LINES)
        plain.add_node(node, **{**data, "label": label})
    said: dict[tuple[str, str], dict[str, None]] = {}
    kinds: dict[tuple[str, str], str] = {}
    for source, target, data in graph.edges(data=True):
        if source != target:
            said.setdefault((source, target), {})[_action(data["label"])] = None
            kinds.setdefault((source, target), data["kind"])
    for (source, target), labels in said.items():
        plain.add_edge(source, target, label="\n".join(labels), kind=kinds[source, target])
    _note(
        plain,
        f"with more than {FEW} nodes, states say only what the step that found them changed, "
        "and steps only their action; formats graphml and json have everything",
    )
    return plain


def _action(label: str) -> str:
    return label.split("\n")[0].split("(")[0]


def short_label(text: str) -> str:
    """At most MOST_LINES lines."""
    return _first_lines(text, MOST_LINES)


def _first_lines(text: str, most: int) -> str:
    lines = text.split("\n")
    if len(lines) <= most:
        return text
    return "\n".join([*lines[: most - 1], f"and {len(lines) - most + 1} more"])
