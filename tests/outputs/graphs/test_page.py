"""The page of a graph: safe whatever the names are, and usable with keyboard and mouse in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from tdxverify.answers.tracing import FoundTrace
from tdxverify.outputs.graphs import build, pictures
from tdxverify.outputs.graphs.page import html_text
from tests.outputs.graphs.test_graphs import nasty, states_of
from tests.outputs.html.chromium import Page, browsing, executable
from tests.outputs.html.test_run_page import outline
from tests.traces import trace_of


@pytest.fixture
def found() -> FoundTrace:
    return trace_of("03-kexec.tdx")


@pytest.fixture(params=["graphviz", "own layout"])
def layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "own layout":
        monkeypatch.setattr(pictures, "_programs", list)
    return str(request.param)


def test_names_stay_text(layout: str) -> None:
    html = html_text(nasty())
    page = outline(html)
    assert [a for tag, a in page.tags if tag == "script"] == [{"type": "application/json", "id": "graph"}, {}]
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert not any(name.startswith("on") or name == "style" for _, a in page.tags for name in a)
    data = re.search(r'<script type="application/json" id="graph">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert list(json.loads(data[1])["nodes"]) == ["s0", "s1"]
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None and policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert not any(name in a for _, a in page.tags for name in ("src", "href", "xlink:href"))
    assert "url(" not in html and "@import" not in html


def test_everything_is_there_as_a_list(found: FoundTrace) -> None:
    told = "".join(outline(html_text(build.trace_graph(found.problem, found.trace))).text)
    assert "s0 → s1: donate(l = Line0) by tdx_module" in told


# --- in a browser ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if executable() is None:
        print("skipped: no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def opened(page: Page, path: Path, graph: nx.MultiDiGraph, width: int = 1200) -> None:
    path.write_text(html_text(graph), encoding="utf-8")
    page.problems.clear()
    page.open(path, width)


def test_arrow_keys_walk_along_the_trace(page: Page, tmp_path: Path, found: FoundTrace, layout: str) -> None:
    opened(page, tmp_path / "page.html", build.neighbourhood_graph(found.problem, found.trace))
    chosen = "[...document.querySelectorAll('.chosen-one title')].map(t => t.textContent).join()"
    page.value("document.querySelector('main').focus()")
    for name in ("s0", "s1", "s2"):
        page.press("ArrowRight")
        assert page.value(chosen) == name
    assert "poison[Line0] = true" in page.value("document.querySelector('.chosen').textContent")
    page.press("ArrowLeft")
    assert page.value(chosen) == "s1"
    page.press("Escape")
    assert page.value(chosen) == "" and page.value("document.querySelector('.chosen').hidden") is True
    assert page.problems == []


def test_a_click_chooses_and_the_panel_leads_on(page: Page, tmp_path: Path, found: FoundTrace) -> None:
    opened(page, tmp_path / "page.html", build.trace_graph(found.problem, found.trace))
    page.value(
        "document.querySelectorAll('g.node')[1].dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert page.value("document.querySelector('.chosen h2').textContent") == "s1 (path)"
    assert page.value("document.querySelectorAll('.edge.near').length") == 2
    page.value("document.querySelector('.chosen li button').click()")
    assert page.value("document.querySelector('.chosen h2').textContent") == "s2 (path)"
    assert page.problems == []


def test_zoom(page: Page, tmp_path: Path, found: FoundTrace) -> None:
    opened(page, tmp_path / "page.html", build.trace_graph(found.problem, found.trace))
    width = "document.querySelector('main svg').getBoundingClientRect().width"
    before = page.value(width)
    page.value("document.querySelector('[data-zoom=in]').click()")
    assert page.value(width) > 1.2 * before
    page.value("document.querySelector('[data-zoom=all]').click()")
    assert page.value(width) <= page.value("document.querySelector('main').clientWidth")


@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_leaves_the_page(page: Page, tmp_path: Path, width: int) -> None:
    for graph in (states_of("07-common-model.tdx", 56, Line=2), nasty()):
        opened(page, tmp_path / "page.html", graph, width)
        page.value("document.querySelector('details').open = true")
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.problems == []
