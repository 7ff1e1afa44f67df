"""PNG: drawn with the font that comes along, the same every time, and refused where it makes no sense."""

from __future__ import annotations

import struct
import zlib
from importlib import util

import pytest

from tdxverify.answers.tracing import FoundTrace
from tdxverify.diagnostics import SpecError
from tdxverify.outputs.graphs import build, pictures, png
from tests.traces import trace_of


@pytest.fixture
def found() -> FoundTrace:
    return trace_of("02-erratum.tdx")


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def inked(picture: bytes) -> int:
    """Bytes of the picture that are not white, filters and all: more of them, more is drawn."""
    position, data = 8, b""
    while position < len(picture):
        length, kind = struct.unpack(">I4s", picture[position : position + 8])
        data += picture[position + 8 : position + 8 + length] if kind == b"IDAT" else b""
        position += length + 12
    return sum(byte not in (0, 255) for byte in zlib.decompress(data))


@pytest.mark.parametrize("own_layout", [True, False])
def test_the_picture_is_the_same_every_time(
    found: FoundTrace, own_layout: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if own_layout:
        monkeypatch.setattr(pictures, "_programs", list)
    graph = build.trace_graph(found.problem, found.trace)
    first, second = png.png_bytes(graph), png.png_bytes(graph)
    assert first == second
    width, height = size_of(first)
    assert width > 300 and height > 300


def test_text_shows_without_the_fonts_of_the_machine(
    found: FoundTrace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_programs", list)
    graph = build.trace_graph(found.problem, found.trace)
    with_text = inked(png.png_bytes(graph))
    for node in graph:
        graph.nodes[node]["label"] = " " * 30  # boxes of the same kind, with nothing in them
    for edge in graph.edges:
        graph.edges[edge]["label"] = ""
    assert with_text > 1.5 * inked(png.png_bytes(graph))


def test_the_font_comes_with_its_licence() -> None:
    assert png.FONT.stat().st_size > 100_000
    assert "Bitstream" in png.FONT.with_name("DejaVuSansMono.LICENSE.txt").read_text(encoding="utf-8")


def test_large_pictures_are_drawn_smaller() -> None:
    assert png._zoom('<svg width="100pt" height="100pt" x="">') == 2.0
    zoom = png._zoom('<svg width="20000" height="9000">')
    assert 0 < zoom < 1 and 20000 * 9000 * zoom**2 <= png.MOST_PIXELS


def test_without_resvg_there_is_a_hint(found: FoundTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "find_spec", lambda name: None)
    with pytest.raises(SpecError) as caught:
        png.png_bytes(build.trace_graph(found.problem, found.trace))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code.name == "E710"
    assert diagnostic.hint is not None and "pip install resvg-py" in diagnostic.hint


def test_resvg_is_installed_with_the_tool() -> None:
    assert util.find_spec("resvg_py") is not None
