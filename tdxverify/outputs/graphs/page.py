"""A graph as one self-contained page: zoom, pan, a walk along the edges by keyboard, everything as a list."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import networkx as nx

from tdxverify.characters import visible, visible_json
from tdxverify.outputs.graphs.collapse import drawable
from tdxverify.outputs.graphs.pictures import drawn
from tdxverify.outputs.graphs.texts import notes
from tdxverify.outputs.html.markup import Content, Markup, element

_ASSETS = Path(__file__).parent / "assets"
_KEYS = (
    "Click a node, or use the arrow keys to walk along the edges; + and − zoom, 0 shows all, Esc unselects."
)


def html_text(graph: nx.MultiDiGraph) -> str:
    """The page reads without its script, which only adds zoom and selection."""
    small = drawable(graph)
    style, script = (_asset(name) for name in ("graph.css", "graph.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = str(graph.graph.get("name", "")) or "graph"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element(
        "body",
        element("h1", title),
        [element("p", note) for note in notes(small)],
        _controls(),
        element(
            "main",
            _inline(drawn(_silent(small))),
            tabindex=0,
            aria_label="Graph; arrow keys walk along the edges",
        ),
        element("section", class_="chosen", aria_live="polite", hidden=True),
        _as_list(small),
        element("script", Markup(_data(graph, small)), type="application/json", id="graph"),
        element("script", Markup(script)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en').text}\n"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _inline(svg: str) -> Markup:
    """Within a page a namespace of links, which Graphviz declares, is not needed."""
    return Markup(re.sub(r'\s+xmlns:xlink="[^"]*"', "", svg))


def _controls() -> Markup:
    buttons = [
        element("button", text, type="button", data_zoom=zoom, aria_label=label)
        for text, zoom, label in (
            ("+", "in", "Zoom in"),
            ("−", "out", "Zoom out"),
            ("All", "all", "Show all"),
        )
    ]
    return element("div", buttons, element("span", _KEYS), class_="controls", role="toolbar", hidden=True)


def _as_list(graph: nx.MultiDiGraph) -> Markup:
    """The same for those who cannot see the picture."""
    nodes: list[Content] = [
        element("li", f"{node}: {', '.join(data['label'].split(chr(10)))}")
        for node, data in graph.nodes(data=True)
    ]
    steps: list[Content] = [
        element("li", f"{source} → {target}: {' '.join(data['label'].split())}")
        for source, target, data in graph.edges(data=True)
    ]
    return element(
        "details", element("summary", "The same as a list"), element("ul", nodes), element("ul", steps)
    )


def _silent(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Without the notes, which stand above the picture already."""
    silent = graph.copy()
    silent.graph = {"name": graph.graph.get("name", "")}
    return silent


def _data(whole: nx.MultiDiGraph, graph: nx.MultiDiGraph) -> str:
    """What the script knows: all that is said about a node, however short it is in the picture.

    Nothing in it can end the element that it stands in.
    """
    nodes = {
        visible(node): {
            "kind": data["kind"],
            "text": visible(whole.nodes[node]["label"] if node in whole else data["label"]),
        }
        for node, data in graph.nodes(data=True)
    }
    edges = [
        [visible(source), visible(target), visible(data["label"]), data["kind"]]
        for source, target, data in graph.edges(data=True)
    ]
    text = visible_json(json.dumps({"nodes": nodes, "edges": edges}))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
