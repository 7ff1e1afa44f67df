"""Graphs as SVG: by pygraphviz where it is installed, by `dot` on the PATH, or by our own layout.

Layout takes a process of its own, because a layout that takes too long can be stopped in no other way.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import networkx as nx

from tdxverify.graphs.collapse import drawable
from tdxverify.graphs.layered import layered_svg
from tdxverify.graphs.texts import dot_text

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
    text = dot_text(small)
    found = None
    for command in _programs():
        found = _by(command, text)
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


def _by(command: list[str], text: str) -> str | None:
    """None where the program fails or takes too long."""
    try:
        done = subprocess.run(
            command, input=text.encode("utf-8"), capture_output=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _only_svg(done.stdout.decode("utf-8", "replace"))


def _only_svg(text: str) -> str | None:
    """The element alone, with fonts that machines have."""
    start = text.find("<svg")
    return re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', text[start:]) if start >= 0 else None
