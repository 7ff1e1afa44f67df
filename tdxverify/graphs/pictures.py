"""Graphs as SVG and HTML: by pygraphviz where it is installed, by `dot` on the PATH, or by our own layout."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256

import networkx as nx

from tdxverify.graphs.collapse import collapsed
from tdxverify.graphs.layered import layered_svg
from tdxverify.graphs.texts import dot_text
from tdxverify.reports.markup import Markup, element

_SECONDS = 20
_STYLE = """\
:root{color-scheme:light}
body{margin:1rem;font:1rem/1.5 system-ui,sans-serif;background:#fff;color:#1b1f24}
main{overflow:auto;border:1px solid #d5dae1;border-radius:.5rem}
main:focus-visible{outline:3px solid #2f7ed8}
h1{font-size:1.2rem;overflow-wrap:anywhere}
li{white-space:pre-line;overflow-wrap:anywhere}
"""


def svg_text(graph: nx.MultiDiGraph) -> str:
    """An SVG document; of a graph too large to be drawn, one with groups."""
    small = collapsed(graph)
    drawn = _by_pygraphviz(small) or _by_program(small) or layered_svg(small)
    return drawn if drawn.endswith("\n") else drawn + "\n"


def _by_pygraphviz(graph: nx.MultiDiGraph) -> str | None:
    try:
        import pygraphviz
    except ImportError:
        return None
    drawn = pygraphviz.AGraph(string=dot_text(graph)).draw(format="svg", prog="dot")
    return _only_svg(drawn.decode("utf-8"))


def _by_program(graph: nx.MultiDiGraph) -> str | None:
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot_text(graph),
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _only_svg(done.stdout)


def _only_svg(text: str) -> str | None:
    start = text.find("<svg")
    return text[start:] if start >= 0 else None


def html_text(graph: nx.MultiDiGraph) -> str:
    """One page: the picture, and its nodes and edges as a list for those who cannot see it."""
    small = collapsed(graph)
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = str(graph.graph.get("name", ""))
    note = small.graph.get("left_out")
    steps = [
        element("li", f"{source} → {target}: {' '.join(data['label'].split())}")
        for source, target, data in small.edges(data=True)
    ]
    nodes = [
        element("li", f"{node}: {', '.join(d['label'].split(chr(10)))}") for node, d in small.nodes(data=True)
    ]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(_STYLE)),
    )
    body = element(
        "body",
        element("h1", title),
        element("p", note) if note else None,
        element("main", Markup(svg_text(graph)), tabindex=0),
        element(
            "details", element("summary", "The same as a list"), element("ul", nodes), element("ul", steps)
        ),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en').text}\n"
