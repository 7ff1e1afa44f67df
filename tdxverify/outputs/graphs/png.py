"""Graphs as PNG, drawn from their SVG by resvg; the font comes along, so that text shows on every machine."""

from __future__ import annotations

import math
import re
from importlib.util import find_spec
from pathlib import Path

import networkx as nx

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.outputs.graphs.collapse import drawable
from tdxverify.outputs.graphs.pictures import drawn

FONT = Path(__file__).parent / "assets" / "DejaVuSansMono.ttf"
FAMILY = "DejaVu Sans Mono"
MOST_PIXELS = 40_000_000
_DOTS = 96.0  # for an inch; Graphviz gives sizes in points
_FINE = 2.0  # pixels for one of the SVG, where there is room
_SIZE = re.compile(r'<svg[^>]*?\bwidth="(?P<width>[\d.]+)(?:pt|px)?"[^>]*?\bheight="(?P<height>[\d.]+)')


def png_bytes(graph: nx.MultiDiGraph) -> bytes:
    """The picture. Raises SpecError (E710) where nothing here can draw it.

    The same graph gives the same bytes, as long as the layout comes from the same program.
    """
    if find_spec("resvg_py") is None:
        hint = "pip install resvg-py; --format svg does not need it"
        raise SpecError([Diagnostic(Code.E710, "nothing here can draw a PNG", hint=hint)])
    import resvg_py

    svg = drawn(drawable(graph))
    # With our font alone: those of the machine would make another picture.
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        background="#ffffff",
        dpi=_DOTS,
        zoom=_zoom(svg),
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family=FAMILY,
        monospace_family=FAMILY,
        sans_serif_family=FAMILY,
        serif_family=FAMILY,
    )


def _zoom(svg: str) -> float:
    found = _SIZE.search(svg)
    if found is None:
        return 1.0
    pixels = float(found["width"]) * float(found["height"]) * (4 / 3) ** 2  # a point is 4/3 pixels
    return min(_FINE, math.sqrt(MOST_PIXELS / max(pixels, 1.0)))
