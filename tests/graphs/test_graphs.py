"""Graphs of traces, neighbourhoods, state spaces and dependencies, and every way to write them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

from tdxverify.checker import FoundTrace, Options, asked_in, load_model
from tdxverify.explore.limits import Limits
from tdxverify.explore.successors import Semantics
from tdxverify.graphs import build, pictures, texts
from tdxverify.graphs.collapse import MOST_DRAWN, collapsed, short_label
from tdxverify.graphs.layered import layered_svg
from tests.traces import EXAMPLES, trace_of

LIMITS = Limits(None, 100_000)


@pytest.fixture
def found() -> FoundTrace:
    return trace_of("03-kexec.tdx")


def states_of(name: str, line: int, **sizes: int) -> nx.MultiDiGraph:
    problem = asked_in(EXAMPLES / name, Options(), line)[0].problem(sizes)
    semantics = Semantics(problem)
    (rigid,) = semantics.rigid_valuations(LIMITS)
    return build.state_graph(problem, rigid, semantics.initial_states(rigid, LIMITS), None)


def test_the_trace_is_a_chain_into_the_bad_state(found: FoundTrace) -> None:
    graph = build.trace_graph(found.problem, found.trace)
    assert [d["kind"] for _, d in graph.nodes(data=True)] == ["initial", *["path"] * 4, "bad"]
    assert list(graph.edges()) == [(f"s{k}", f"s{k + 1}") for k in range(5)]
    assert graph.nodes["s2"]["label"] == "poison[Line0] = true"
    assert graph.edges["s0", "s1", 0]["label"] == "donate(l = Line0)\nby tdx_module"


def test_the_neighbourhood_adds_exactly_the_other_successors(found: FoundTrace) -> None:
    graph = build.neighbourhood_graph(found.problem, found.trace)
    semantics = Semantics(found.problem)
    for number, state in enumerate(found.trace.states):
        others = {after for _, after in semantics.successors(found.trace.rigid, state)} - {state}
        assert len(set(graph.successors(f"s{number}"))) == len(others)
    assert [d["kind"] for _, d in graph.nodes(data=True)].count("aside") == len(graph) - 6


@pytest.mark.parametrize(("line", "states"), [(53, 75), (56, 318)])
def test_the_state_space_is_as_large_as_the_example_says(line: int, states: int) -> None:
    graph = states_of("07-common-model.tdx", line, Line=2)
    assert len(graph) == states
    assert all(graph.nodes[s]["depth"] + 1 >= graph.nodes[t]["depth"] for s, t in graph.edges())


def test_dependencies() -> None:
    graph = build.dependency_graph(load_model(EXAMPLES / "02-erratum.tdx"))
    reads = {(s, t) for s, t, d in graph.edges(data=True) if d["kind"] == "reads"}
    writes = {(s, t) for s, t, d in graph.edges(data=True) if d["kind"] == "writes"}
    assert ("variable erratum", "action stray_write") in reads
    assert ("action stray_write", "variable poison") in writes
    assert ("action load", "variable poison") not in writes
    assert graph.nodes["variable erratum"]["kind"] == "parameter"


# --- collapsing ------------------------------------------------------------------------


def test_what_is_too_large_is_grouped_and_says_so() -> None:
    graph = states_of("07-common-model.tdx", 56, Line=2)
    small = collapsed(graph)
    assert len(small) <= MOST_DRAWN < len(graph)
    grouped = [d["label"] for _, d in small.nodes(data=True) if d["kind"] == "group"]
    hidden = sum(int(label.split()[0]) for label in grouped)
    assert hidden + len(small) - len(grouped) == len(graph)
    assert small.graph["left_out"] == f"{hidden} of {len(graph)} nodes are drawn as {len(grouped)} groups"
    assert small.graph["left_out"] in pictures.html_text(graph)


def test_a_small_graph_stays_as_it_is(found: FoundTrace) -> None:
    graph = build.trace_graph(found.problem, found.trace)
    assert collapsed(graph) is graph


def test_long_labels_are_cut() -> None:
    assert short_label("a\nb") == "a\nb"
    assert short_label("\n".join("abcdefghijklmnop")).endswith("k\nand 5 more")


# --- formats ---------------------------------------------------------------------------


def nasty() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(name='a"b\\')
    graph.add_node("s0", label='"]; <script>\\N\x00', kind="initial", depth=0)
    graph.add_node("s1", label="\u202e|x|\n%%", kind="bad", depth=1)
    graph.add_edge("s0", "s1", label='"><img src=x>\\', kind="path")
    graph.add_edge("s1", "s0", label="back", kind="aside")
    graph.add_edge("s1", "s1", label="loop", kind="aside")
    return graph


def test_graphml_and_json_read_back(tmp_path: Path, found: FoundTrace) -> None:
    for graph in (nasty(), build.neighbourhood_graph(found.problem, found.trace)):
        path = tmp_path / "graph.graphml"
        path.write_text(texts.graphml_text(graph), encoding="utf-8")
        again = nx.read_graphml(path, force_multigraph=True)
        assert list(again) == list(graph) and again.number_of_edges() == graph.number_of_edges()
        loaded = nx.node_link_graph(json.loads(texts.json_text(graph)), edges="edges")
        assert dict(loaded.nodes(data=True)) == dict(graph.nodes(data=True))


def test_dot_quotes_everything() -> None:
    text = texts.dot_text(nasty())
    assert 'digraph "a\\"b\\\\" {' in text
    assert '[label="s0\\n\\"]; <script>\\\\N\\\\u0000" ' in text


def test_mermaid_text() -> None:
    lines = texts.mermaid_text(nasty()).splitlines()
    assert lines[0] == "flowchart TD"
    assert not any("<script>" in line or '"]; ' in line for line in lines)


def test_the_order_is_stable(found: FoundTrace) -> None:
    texts_of = [texts.dot_text(build.neighbourhood_graph(found.problem, found.trace)) for _ in range(2)]
    assert texts_of[0] == texts_of[1]


def check_svg(text: str, words: list[str]) -> None:
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    shown = "".join(root.itertext())
    assert all(word in shown for word in words)
    assert not [node for node in root.iter() if node.tag.endswith(("script", "img"))]


def test_the_own_layout_needs_nothing(found: FoundTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_by_pygraphviz", lambda graph: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    graph = build.neighbourhood_graph(found.problem, found.trace)
    check_svg(pictures.svg_text(graph), ["poison[Line0] = true", "donate(l = Line0)"])
    check_svg(layered_svg(nasty()), ["<script>", "loop"])
    check_svg(layered_svg(build.dependency_graph(found.model)), ["stray_write", "erratum"])


def test_no_nodes_of_the_own_layout_overlap(found: FoundTrace) -> None:
    root = ElementTree.fromstring(layered_svg(build.neighbourhood_graph(found.problem, found.trace)))
    boxes = [
        tuple(float(node.attrib[k]) for k in ("x", "y", "width", "height"))
        for node in root.iter()
        if node.tag.endswith("rect") and "x" in node.attrib
    ]
    for i, (x, y, w, h) in enumerate(boxes):
        assert all(x + w <= a or a + c <= x or y + h <= b or b + d <= y for a, b, c, d in boxes[i + 1 :])


def test_pygraphviz_draws(found: FoundTrace) -> None:
    pytest.importorskip("pygraphviz")
    check_svg(pictures.svg_text(build.trace_graph(found.problem, found.trace)), ["poison[Line0] = true"])
    check_svg(pictures.svg_text(nasty()), ["<script>"])


def test_the_page_allows_no_script(found: FoundTrace) -> None:
    html = pictures.html_text(nasty())
    assert "default-src" in html and "<script" not in html and "<img" not in html
