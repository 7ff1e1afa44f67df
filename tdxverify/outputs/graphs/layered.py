"""A small layered drawing, for machines without Graphviz: nodes in rows by distance, edges as curves."""

from __future__ import annotations

from textwrap import wrap

import networkx as nx

from tdxverify.outputs.graphs.texts import notes, title
from tdxverify.outputs.html.markup import Content, Markup, element

_CHARACTER, _LINE = 7.2, 16
_RISE, _MARGIN = 72, 24
_COLOURS = {
    "initial": ("#e3eefb", "#2f7ed8"),
    "path": ("#fff0b8", "#b98900"),
    "bad": ("#fdeaea", "#b3201f"),
    "action": ("#e3eefb", "#2f7ed8"),
    "parameter": ("#fff0b8", "#b98900"),
}
_MOST_IN_ROW = 8
_Sizes = dict[str, tuple[float, float]]
_Places = dict[str, tuple[float, float]]


def layered_svg(graph: nx.MultiDiGraph) -> str:
    """An SVG document without Graphviz."""
    rows = _rows(graph)
    size = {node: _size(_title(graph, node)) for node in graph}
    place = _places(graph, rows, size)
    widest = max((place[n][0] + size[n][0] for n in graph), default=200.0)
    y = max((place[n][1] + size[n][1] for n in graph), default=0.0) + _LINE + _MARGIN
    parts: list[Content] = [_edge(graph, place, size, edge) for edge in graph.edges(keys=True)]
    parts += [_node(graph, node, place[node], size[node]) for node in graph]
    lines = [line for note in notes(graph) for line in wrap(note, max(40, round(widest / _CHARACTER)))]
    if lines:
        parts += [element("text", text, x=_MARGIN, y=round(y) + _LINE * k) for k, text in enumerate(lines)]
        y += _LINE * len(lines)
    width, height = round(widest + _MARGIN + 160), round(y + _MARGIN)
    return element(
        "svg",
        element("title", str(graph.graph.get("name", ""))),
        element("rect", width=width, height=height, fill="#ffffff"),
        parts,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        font_family="DejaVu Sans Mono, Menlo, Consolas, Courier New, monospace",
        font_size=12,
    ).text


def _places(graph: nx.MultiDiGraph, rows: list[list[str]], size: _Sizes) -> _Places:
    """The first nodes of the rows below one another, for a trace stands there; other graphs centred."""
    gap = _gap(graph)
    place: _Places = {}
    is_chain = all("depth" in data for _, data in graph.nodes(data=True))
    widths = [sum(size[n][0] + gap for n in row) for row in rows]
    first = max((size[row[0]][0] for row in rows), default=0.0)
    left = _MARGIN + _room_for_ways_back(graph, {row[0] for row in rows}) if is_chain else float(_MARGIN)
    y = float(_MARGIN)
    for row, width in zip(rows, widths, strict=True):
        x = left + ((first - size[row[0]][0]) / 2 if is_chain else (max(widths) - width) / 2)
        for position, node in enumerate(row):
            place[node] = (x, y)
            x = left + first + gap if is_chain and position == 0 else x + size[node][0] + gap
        y += max(size[n][1] for n in row) + _RISE
    return place


def _room_for_ways_back(graph: nx.MultiDiGraph, column: set[str]) -> float:
    """What stands beside edges that go up within the first column."""
    depth = graph.nodes(data="depth")
    back = [
        data["label"]
        for source, target, data in graph.edges(data=True)
        if {source, target} <= column and depth[target] <= depth[source]
    ]
    longest = max((len(word) for label in back for word in label.split("\n")), default=0)
    return longest * 6.2 + 56 if back else 0.0


def _rows(graph: nx.MultiDiGraph) -> list[list[str]]:
    """By the nodes' `depth`, else by distance from those that nothing leads to; long rows are broken."""
    layers: dict[int, list[str]] = {}
    depth = {node: data["depth"] for node, data in graph.nodes(data=True) if "depth" in data}
    if len(depth) < len(graph):
        kinds = ("parameter", "variable", "action")
        depth = {n: kinds.index(d["kind"]) if d["kind"] in kinds else 3 for n, d in graph.nodes(data=True)}
    for node in graph:
        layers.setdefault(depth[node], []).append(node)
    rows = []
    for level in sorted(layers):
        nodes = layers[level]
        rows += [nodes[k : k + _MOST_IN_ROW] for k in range(0, len(nodes), _MOST_IN_ROW)]
    return rows


def _gap(graph: nx.MultiDiGraph) -> float:
    """Room between nodes of a row for what stands at the edges."""
    words = [word for _, _, data in graph.edges(data=True) for word in data["label"].split("\n")]
    return min(200.0, max((len(word) for word in words), default=0) * 6 + 20)


def _word(text: str, x: int, y: int) -> Markup:
    """With a rim, so that it can be read over a line."""
    return element(
        "text",
        text,
        x=x,
        y=y,
        font_size=10,
        stroke="#ffffff",
        stroke_width=3,
        paint_order="stroke",
        fill="#1b1f24",
    )


def _title(graph: nx.MultiDiGraph, node: str) -> list[str]:
    return title(graph, node).split("\n")


def _size(lines: list[str]) -> tuple[float, float]:
    return max(len(text) for text in lines) * _CHARACTER + 16, len(lines) * _LINE + 12


def _node(graph: nx.MultiDiGraph, node: str, at: tuple[float, float], size: tuple[float, float]) -> Markup:
    fill, stroke = _COLOURS.get(graph.nodes[node]["kind"], ("#f6f7f9", "#5d6671"))
    x, y = round(at[0]), round(at[1])
    texts = [
        element("text", text, x=x + 8, y=y + _LINE * (k + 1)) for k, text in enumerate(_title(graph, node))
    ]
    box = element(
        "rect", x=x, y=y, width=round(size[0]), height=round(size[1]), rx=6, fill=fill, stroke=stroke
    )
    return element("g", element("title", node), box, texts, class_="node")


def _edge(
    graph: nx.MultiDiGraph,
    place: dict[str, tuple[float, float]],
    size: dict[str, tuple[float, float]],
    edge: tuple[str, str, int],
) -> Markup:
    source, target, key = edge
    data = graph.edges[edge]
    colour = "#b3201f" if data["kind"] in ("path", "writes") else "#5d6671"
    x1, y1 = place[source][0] + size[source][0] / 2, place[source][1] + size[source][1]
    x2, y2 = place[target][0] + size[target][0] / 2, place[target][1]
    if y2 < y1:  # backwards, or within a row: round the side
        left = abs(x1 - x2) < 1 and "depth" in graph.nodes[source]
        edge_of = 0.0 if left else 1.0  # of a node, as a part of its width
        x1, y1 = place[source][0] + edge_of * size[source][0], place[source][1] + size[source][1] / 2
        x2, y2 = place[target][0] + edge_of * size[target][0], place[target][1] + size[target][1] / 2
        bend = min(x1, x2) - 40 - 14 * key if left else max(x1, x2) + 40 + 14 * key
        curve = f"M{x1:.0f},{y1:.0f} C{bend:.0f},{y1:.0f} {bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
        label_x, label_y, head = bend - 6, (y1 + y2) / 2, "l-7,-4 v8 z" if left else "l7,-4 v8 z"
        label_x -= 6.2 * max(map(len, data["label"].split("\n"))) - 16 if left else 0
    else:
        middle = (y1 + y2) / 2
        curve = f"M{x1:.0f},{y1:.0f} C{x1:.0f},{middle:.0f} {x2:.0f},{middle:.0f} {x2:.0f},{y2:.0f}"
        label_x, label_y, head = x1 + (x2 - x1) * 0.85 + 5, y2 - 34 + 13 * key, "l-4,-7 h8 z"
    words = [] if data["kind"] in ("reads", "writes") else data["label"].split("\n")
    return element(
        "g",
        element("title", f"{source}->{target}"),
        element(
            "path",
            d=curve,
            fill="none",
            stroke=colour,
            stroke_width=2 if data["kind"] == "path" else 1,
            stroke_dasharray="5 4" if data["kind"] == "aside" else None,
        ),
        element("path", d=f"M{x2:.0f},{y2:.0f} {head}", fill=colour),
        [_word(w, round(label_x), round(label_y) + 13 * k) for k, w in enumerate(words)],
        class_="edge",
    )
