"""Graphs as text that other programs draw or read: DOT, Mermaid, GraphML, JSON."""

from __future__ import annotations

import json
from textwrap import wrap

import networkx as nx

from tdxverify.characters import visible, visible_json
from tdxverify.outputs.graphs.collapse import FEW, drawable, short_label

_NOTE_WIDTH = 100  # characters
# kind -> (DOT attributes, Mermaid class)
_NODES = {
    "initial": 'fillcolor="#e3eefb" color="#2f7ed8" penwidth=2',
    "path": 'fillcolor="#fff0b8" color="#b98900" penwidth=2',
    "bad": 'fillcolor="#fdeaea" color="#b3201f" penwidth=3',
    "group": 'fillcolor="#ffffff" color="#5d6671" style="rounded,dashed"',
    "action": 'fillcolor="#e3eefb" color="#2f7ed8" style="filled"',
    "parameter": 'fillcolor="#fff0b8" color="#b98900" shape=hexagon',
    "variable": 'fillcolor="#f6f7f9" color="#5d6671" shape=ellipse',
}
_EDGES = {
    "path": 'color="#b3201f" penwidth=2',
    "aside": 'color="#5d6671" style=dashed',
    "group": 'color="#5d6671" style=dotted',
    "writes": 'color="#b3201f"',
}
_PLAIN = 'fillcolor="#f6f7f9" color="#5d6671"'


def drawn_dot(graph: nx.MultiDiGraph) -> str:
    """The same of a graph that may have too many nodes to be drawn one by one."""
    return dot_text(drawable(graph))


def drawn_mermaid(graph: nx.MultiDiGraph) -> str:
    """The same of a graph that may have too many nodes to be drawn one by one."""
    return mermaid_text(drawable(graph))


def dot_text(graph: nx.MultiDiGraph) -> str:
    """For Graphviz. Nodes and edges in the order of the graph; many nodes from left to right.

    Courier, because Graphviz knows its widths where there are no fonts, and all its likes have the same.
    """
    note = "\n".join(line for said in notes(graph) for line in wrap(said, _NOTE_WIDTH))
    spread = "rankdir=TB" if len(graph) <= FEW else "rankdir=LR ranksep=0.8 nodesep=0.12"
    lines = [
        f"digraph {_quoted(graph.graph.get('name', ''))} {{",
        f'  graph [{spread} fontname="Courier" fontsize=11 bgcolor="white" labelloc=t labeljust=l'
        f" label={_quoted(note)}]",
        '  node [shape=box style="rounded,filled" fontname="Courier" fontsize=11 margin="0.12,0.07"]',
        '  edge [fontname="Courier" fontsize=10 arrowsize=0.7]',
    ]
    for node, data in graph.nodes(data=True):
        look = _NODES.get(data["kind"], _PLAIN)
        lines.append(f"  {_quoted(node)} [label={_quoted(title(graph, node))} {look}]")
    for source, target, data in graph.edges(data=True):
        word = "" if data["kind"] in ("reads", "writes") else _spaced(data["label"])
        lines.append(
            f"  {_quoted(source)} -> {_quoted(target)} [label={_quoted(word)} {_EDGES.get(data['kind'], '')}]"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _spaced(text: str) -> str:
    """Away from the line that it stands at."""
    return "\n".join(f" {line} " for line in text.split("\n"))


def title(graph: nx.MultiDiGraph, node: str) -> str:
    """What stands in a node; states have their name above it."""
    data = graph.nodes[node]
    named = data["kind"] in ("initial", "path", "bad", "aside", "state")
    return short_label(f"{node}\n{data['label']}" if named else data["label"])


def notes(graph: nx.MultiDiGraph) -> list[str]:
    """What has to be said about the picture: what its colours mean, and what it leaves out."""
    return [graph.graph[name] for name in ("meaning", "left_out") if graph.graph.get(name)]


def _quoted(text: str) -> str:
    """A DOT string. A backslash would begin an escape, so it is doubled; newlines become line breaks."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def mermaid_text(graph: nx.MultiDiGraph) -> str:
    """A flowchart."""
    names = {node: f"n{position}" for position, node in enumerate(graph)}
    lines = ["flowchart TD"]
    for node, data in graph.nodes(data=True):
        lines.append(f'  {names[node]}["{_entities(short_label(data["label"]))}"]:::{data["kind"]}')
    for source, target, data in graph.edges(data=True):
        lines.append(f'  {names[source]} -->|"{_entities(data["label"])}"| {names[target]}')
    lines += [
        "  classDef bad stroke:#b3201f,stroke-width:3px",
        "  classDef path stroke:#b98900,stroke-width:2px",
    ]
    lines += [f"  %% {' '.join(visible(said).split())}" for said in notes(graph)]
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    shown = "".join(f"#{ord(c)};" if c in '"<>&#;`\\|[]{}()' else c for c in visible(text))
    return shown.replace("\n", "<br/>")


def graphml_text(graph: nx.MultiDiGraph) -> str:
    """All attributes are numbers and strings, without characters that XML cannot hold."""
    clean = nx.MultiDiGraph(**{key: visible(str(value)) for key, value in graph.graph.items()})
    for node, data in graph.nodes(data=True):
        clean.add_node(visible(node), **_plain(data))
    for source, target, data in graph.edges(data=True):
        clean.add_edge(visible(source), visible(target), **_plain(data))
    return "\n".join(nx.generate_graphml(clean)) + "\n"


def _plain(data: dict[str, object]) -> dict[str, object]:
    return {key: visible(value) if isinstance(value, str) else value for key, value in data.items()}


def json_text(graph: nx.MultiDiGraph) -> str:
    """Node-link data, as `networkx.node_link_graph(..., edges="edges")` reads it."""
    return visible_json(json.dumps(nx.node_link_data(graph, edges="edges"), indent=2)) + "\n"
