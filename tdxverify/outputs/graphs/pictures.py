"""Graphs as SVG: by pygraphviz where it is installed, by `dot` on the PATH, or by our own layout.

Layout takes a process of its own, because a layout that takes too long can be stopped in no other way.
"""

from __future__ import annotations

import re
import shutil
import sys
from importlib.util import find_spec

import networkx as nx

from tdxverify.outputs.graphs.collapse import drawable
from tdxverify.outputs.graphs.layered import layered_svg
from tdxverify.outputs.graphs.texts import dot_text
from tdxverify.processes import output_of

_SECONDS = 20
_DRAW = (
    "import sys, pygraphviz; text = sys.stdin.buffer.read().decode(); "
    "sys.stdout.buffer.write(pygraphviz.AGraph(string=text).draw(format='svg', prog='dot'))"
)
FONTS = "DejaVu Sans Mono, Menlo, Consolas, Courier New, monospace"


def svg_text(graph: nx.MultiDiGraph) -> str:
    """An SVG document; of a graph too large to be drawn, one with groups."""
    return drawn(drawable(graph))


def drawn(small: nx.MultiDiGraph) -> str:
    """The same of a graph that is drawable as it is."""
    text = dot_text(small).encode("utf-8")
    found = None
    for command in _programs():
        found = _only_svg(output_of(command, text, _SECONDS))
        if found is not None:
            break
    found = found or layered_svg(small)
    return found if found.endswith("\n") else found + "\n"


def _programs() -> list[list[str]]:
    """What reads DOT and writes SVG here."""
    programs = []
    if sys.executable and find_spec("pygraphviz") is not None:
        programs.append([sys.executable, "-I", "-c", _DRAW])
    dot = shutil.which("dot")
    return [*programs, [dot, "-Tsvg"]] if dot is not None else programs


def _only_svg(printed: bytes | None) -> str | None:
    """The element alone, with fonts that machines have; None where there is none."""
    text = (printed or b"").decode("utf-8", "replace")
    start = text.find("<svg")
    return re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', text[start:]) if start >= 0 else None
