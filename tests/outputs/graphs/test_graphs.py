"""Graphs of traces, neighbourhoods, state spaces and dependencies, and every way to write them."""

from __future__ import annotations

import json
import re
import sys
from math import factorial
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

import tdxverify
from tdxverify import to_networkx
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import Budget
from tdxverify.outputs.graphs import build, pictures, texts
from tdxverify.outputs.graphs.collapse import FEW, MOST_DRAWN, collapsed, drawable, short_label
from tdxverify.outputs.graphs.layered import layered_svg
from tdxverify.outputs.graphs.symmetry import Symmetry
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file, smallest
from tdxverify.questions.specs import load_model
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace
from tests.ordered_specs import ordered_problem
from tests.traces import EXAMPLES, trace_of

LIMITS = Budget(max_states=100_000)


@pytest.fixture
def found() -> FoundTrace:
    return trace_of("03-kexec.tdx")


def states_of(name: str, line: int, **sizes: int) -> nx.MultiDiGraph:
    problem = smallest(in_file(EXAMPLES / name, Options(), line)[0], sizes)
    semantics = Semantics(problem)
    (rigid,) = semantics.rigid_valuations(LIMITS)
    return build.state_graph(problem, rigid, semantics.initial_states(rigid, LIMITS), None)


def test_the_trace_is_a_chain_into_the_bad_state(found: FoundTrace) -> None:
    graph = build.trace_graph(found.problem, found.trace)
    assert [d["kind"] for _, d in graph.nodes(data=True)] == ["initial", *["path"] * 4, "bad"]
    assert list(graph.edges()) == [(f"s{k}", f"s{k + 1}") for k in range(5)]
    assert graph.nodes["s2"]["label"] == "poison[Line0] = true"
    assert graph.edges["s0", "s1", 0]["label"] == "donate(l = Line0)\nby tdx_module"


def test_a_step_that_changes_nothing_is_not_said_to_be_back_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    lines = [
        "state a : bool = false",
        "action go { a := true }",
        "action look { }",
        "property p never a",
        "check p",
    ]
    path.write_text("\n".join(lines))
    problem = smallest(in_file(path, Options(), 5)[0], {})
    semantics = Semantics(problem)
    trace = run(semantics, (), (False,), [Step("look", ()), Step("go", ()), Step("look", ())])
    assert isinstance(trace, Trace)
    told = [label for _, label in build.trace_graph(problem, trace).nodes(data="label")]
    assert told == ["everything is false", "nothing changes", "a = true", "nothing changes"]


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
    small = collapsed(graph, 100)
    assert len(small) <= 100 < len(graph)
    grouped = [d["label"] for _, d in small.nodes(data=True) if d["kind"] == "group"]
    hidden = sum(int(label.split()[0].replace(",", "")) for label in grouped)
    assert hidden + len(small) - len(grouped) == len(graph)
    said = small.graph["left_out"]
    drawn = f"{hidden:,} of {len(graph):,} nodes are drawn as {len(grouped)} groups, one for each"
    assert said.startswith(drawn)
    assert "more than 100 nodes cannot be read" in said


@pytest.mark.parametrize("number", [1, 5, 50, 500, 501, 5000])
def test_no_number_of_nodes_is_refused(number: int) -> None:
    graph = nx.MultiDiGraph(name="a chain")
    for k in range(number):
        graph.add_node(f"s{k}", label=f"x = {k}\n" * 5, kind="state", depth=k)
    graph.add_edges_from(
        ((f"s{k}", f"s{k + 1}") for k in range(number - 1)), label="go(l = Line0)", kind="step"
    )
    small = drawable(graph)
    assert len(small) <= MOST_DRAWN
    assert (small is graph) == (number <= FEW)
    assert any(d["kind"] == "group" for _, d in small.nodes(data=True)) == (number > MOST_DRAWN)
    if number > FEW:
        assert {d["label"] for _, _, d in small.edges(data=True)} <= {"go", "1 step"}
        assert "formats graphml and json have everything" in small.graph["left_out"]
    if number > MOST_DRAWN:
        assert f"of {number:,} nodes are drawn as" in small.graph["left_out"]
    root = ElementTree.fromstring(layered_svg(small))
    heights = [float(node.attrib["height"]) for node in root.iter() if node.tag.endswith("rect")]
    assert len(heights) == len(small) + 1


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
    assert '[label="s0\\n\\"]; <script>\\\\N\\\\x00" ' in text


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
    monkeypatch.setattr(pictures, "_programs", list)
    graph = build.neighbourhood_graph(found.problem, found.trace)
    check_svg(pictures.svg_text(graph), ["poison[Line0] = true", "donate(l = Line0)"])
    check_svg(layered_svg(nasty()), ["<script>", "loop"])
    check_svg(layered_svg(build.dependency_graph(found.question.spec.model)), ["stray_write", "erratum"])


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


def test_a_layout_that_takes_too_long_is_stopped(found: FoundTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(pictures, "_programs", lambda: [sleeps])
    monkeypatch.setattr(pictures, "_SECONDS", 0.5)
    graph = build.trace_graph(found.problem, found.trace)
    assert pictures.svg_text(graph) == layered_svg(graph) + "\n"


def test_pictures_say_what_they_mean(found: FoundTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build.neighbourhood_graph(found.problem, found.trace)
    monkeypatch.setattr(pictures, "_programs", list)
    for text in (pictures.svg_text(graph), texts.dot_text(graph), texts.mermaid_text(graph)):
        assert "dashed: the other steps" in text


# --- symmetry --------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "size"), [(53, 2), (56, 2), (53, 3)])
def test_states_that_differ_in_names_only_are_one_node(line: int, size: int) -> None:
    problem = smallest(in_file(EXAMPLES / "07-common-model.tdx", Options(), line)[0], {"Line": size})
    semantics = Semantics(problem)
    (rigid,) = semantics.rigid_valuations(LIMITS)
    starts = list(semantics.initial_states(rigid, LIMITS))
    whole = build.state_graph(problem, rigid, starts, None)
    small = build.quotient_graph(problem, rigid, starts, None, whole)
    assert len(whole) / factorial(size) <= len(small) < len(whole)
    assert sum(count for _, count in small.nodes(data="states")) == len(whole)
    assert f"{len(small)} nodes for {len(whole)} states" in small.graph["left_out"]
    bad = [count for _, d in small.nodes(data=True) if d["kind"] == "bad" for count in [d["states"]]]
    assert sum(bad) == [d["kind"] for _, d in whole.nodes(data=True)].count("bad")


@pytest.mark.parametrize("seed", range(12))
def test_elements_that_have_an_order_are_not_exchanged(seed: int) -> None:
    problem = ordered_problem(seed, 3, 2)
    semantics = Semantics(problem)
    (rigid,) = semantics.rigid_valuations(LIMITS)
    symmetry = Symmetry(problem, rigid)
    waiting, seen = [], set()
    for state in semantics.initial_states(rigid, LIMITS):
        waiting.append(state)
    for state in waiting[:200]:
        after = {symmetry.least(other) for _, other in semantics.successors(rigid, state)}
        for image in symmetry.orbit(state):
            assert semantics.is_bad(rigid, image) is semantics.is_bad(rigid, state)
            assert {symmetry.least(other) for _, other in semantics.successors(rigid, image)} == after
        new = {other for _, other in semantics.successors(rigid, state)} - seen
        seen |= new
        waiting += sorted(new)


def test_orbits_are_closed_under_steps() -> None:
    problem = smallest(in_file(EXAMPLES / "07-common-model.tdx", Options(), 56)[0], {"Line": 2})
    semantics = Semantics(problem)
    (rigid,) = semantics.rigid_valuations(LIMITS)
    symmetry = Symmetry(problem, rigid)
    (state,) = semantics.initial_states(rigid, LIMITS)
    for _ in range(4):
        state = [after for _, after in semantics.successors(rigid, state)][-1]
        images = symmetry.orbit(state)
        assert state in images and {symmetry.least(image) for image in images} == {symmetry.least(state)}
        after = {symmetry.least(other) for _, other in semantics.successors(rigid, state)}
        for image in images:
            assert {symmetry.least(other) for _, other in semantics.successors(rigid, image)} == after


def test_constants_tell_elements_apart() -> None:
    """With `parent` the small pages of one big page can be exchanged, the big pages only with their own."""
    problem = smallest(
        in_file(EXAMPLES / "06-two-page-sizes.tdx", Options(), None)[0], {"Small": 2, "Big": 2}
    )
    parents = list(Semantics(problem).rigid_valuations(LIMITS))
    assert len(parents) > 1
    for rigid in parents:
        symmetry = Symmetry(problem, rigid)
        assert not symmetry.is_trivial
        assert len(symmetry._renamings) == 2  # of 2! * 2!


def test_too_many_renamings_are_not_tried() -> None:
    problem = smallest(in_file(EXAMPLES / "07-common-model.tdx", Options(), 56)[0], {"Line": 8})
    (rigid,) = Semantics(problem).rigid_valuations(LIMITS)
    assert Symmetry(problem, rigid).is_trivial


# --- for users of networkx -------------------------------------------------------------


def test_a_trace_is_a_networkx_graph(found: FoundTrace) -> None:
    graph = to_networkx(found.trace, found.problem)
    assert isinstance(graph, nx.MultiDiGraph)
    assert nx.shortest_path(graph, "s0", "s5") == [f"s{k}" for k in range(6)]
    assert graph.nodes["s1"]["cell:poison[Line0]"] == "false"
    assert graph.nodes["s2"]["cell:poison[Line0]"] == "true"
    assert [d["action"] for _, _, d in graph.edges(data=True)] == [s.action for s in found.trace.steps]
    bare = to_networkx(found.trace)
    assert list(bare.edges()) == list(graph.edges()) and bare.nodes["s0"]["kind"] == "initial"


def test_so_is_a_story(found: FoundTrace) -> None:
    run = tdxverify.check(EXAMPLES / "03-kexec.tdx")
    story = next(check.told.story for check in run.answers if check.told.story is not None)
    graph, same = to_networkx(story), to_networkx(found.trace, found.problem)
    assert list(graph) == list(same) and list(graph.edges()) == list(same.edges())
    for node in graph:
        ours = {k: v for k, v in graph.nodes[node].items() if k.startswith("cell:")}
        assert ours == {k: v for k, v in same.nodes[node].items() if k in ours} and ours
        assert graph.nodes[node]["kind"] == same.nodes[node]["kind"]
    assert [d["label"] for _, _, d in graph.edges(data=True)] == [
        d["label"] for _, _, d in same.edges(data=True)
    ]


def test_attributes_are_plain(found: FoundTrace) -> None:
    for graph in (
        to_networkx(found.trace, found.problem),
        to_networkx(found.story),
        to_networkx(found.trace),
    ):
        values = [v for _, d in graph.nodes(data=True) for v in d.values()]
        values += [v for _, _, d in graph.edges(data=True) for v in d.values()]
        assert all(isinstance(value, str | int) for value in values)


def test_what_the_readme_says_about_networkx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    blocks = re.findall(r"```python\n(.*?)```", Path("README.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if "to_networkx" in block]
    names: dict[str, object] = {"tdxverify": tdxverify}
    promised = {}
    for line in block.splitlines():
        code, _, comment = line.partition("#")
        if " = " in code:
            exec(code, names)
        else:
            promised[code.strip()] = comment.strip().partition("'")[2].partition("'")[0]
    assert len(promised) == 2
    for code, value in promised.items():
        assert eval(code, names) == value


def test_states_that_there_was_no_time_for_are_missing_and_it_says_so() -> None:
    found = trace_of("03-kexec.tdx")
    start = [found.trace.states[0]]
    graph = build.state_graph(
        found.problem, found.trace.rigid, start, found.trace, budget=Budget(deadline=0.0)
    )
    assert len(graph) == 1 and "no time" in graph.graph["left_out"]
