"""Runs that go round for ever, in every format: the loop is drawn and written as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent as Nobody
from tdxverify.answers.tracing import FoundTrace, traced
from tdxverify.outputs.graphs.build import neighbourhood_graph, state_graph, to_networkx, trace_graph
from tdxverify.outputs.html.sequence_svg import sequence_svg
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.outputs.traces.diagrams import mermaid_text, plantuml_text
from tdxverify.outputs.traces.reproducer import c_text, sh_text
from tdxverify.outputs.traces.trace_json import read_trace, trace_text
from tdxverify.outputs.traces.vcd import vcd_text
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file
from tdxverify.telling.sequence import sequence

RING = """
actor host
state n : 0..3 = 0
action go by host when n = 0 { n := 1 }
action on by host when n = 1 { n := 2 }
action back by host when n = 2 { n := 1 }
action out by host when n = 2 { n := 3 }
property leaves eventually n = 3
check leaves assuming fair go, on, back
check leaves
"""


def found(tmp_path: Path, number: int) -> FoundTrace:
    path = tmp_path / "ring.tdx"
    path.write_text(RING)
    trace = traced(in_file(path, Options(), None)[number], Nobody())
    assert isinstance(trace, FoundTrace)
    return trace


def test_the_last_step_leads_back_to_where_the_loop_begins(tmp_path: Path) -> None:
    run = found(tmp_path, 0)
    assert run.story.loop is not None and run.story.loop.begin == 1
    drawn = [
        trace_graph(run.problem, run.trace, run.story.loop),
        to_networkx(run.story),
        neighbourhood_graph(run.problem, run.trace, run.story.loop),
    ]
    for graph in drawn:
        path = {(one, other) for one, other, kind in graph.edges(data="kind") if kind == "path"}
        assert path == {("s0", "s1"), ("s1", "s2"), ("s2", "s1")}
        assert [graph.nodes[node]["kind"] for node in ("s0", "s1", "s2")] == ["initial", "bad", "bad"]
    assert set(drawn[2]) == {"s0", "s1", "s2", "s3"}, "what leads out of the loop is drawn once"


def test_all_states_show_which_are_in_the_loop(tmp_path: Path) -> None:
    run = found(tmp_path, 0)
    graph = state_graph(run.problem, (), [(0,)], run.trace, loop=run.story.loop)
    assert [graph.nodes[f"s{n}"]["kind"] for n in range(4)] == ["initial", "bad", "bad", "state"]


def test_a_run_that_stops_ends_in_its_last_state(tmp_path: Path) -> None:
    run = found(tmp_path, 1)
    assert run.story.loop is not None and run.story.loop.stops
    graph = trace_graph(run.problem, run.trace, run.story.loop)
    assert [graph.nodes[node]["kind"] for node in graph] == ["bad"] and graph.number_of_edges() == 0
    assert "here it stops" in graph.graph["meaning"]


def test_texts_say_where_it_goes_round(tmp_path: Path) -> None:
    run = found(tmp_path, 0)
    mermaid = [line.strip() for line in mermaid_text(run.story).splitlines()]
    assert mermaid.index("loop again and again") < mermaid.index("end")
    assert [line for line in mermaid if "->>" in line][1].startswith("p1->>p1: on")
    uml = plantuml_text(run.story).splitlines()
    assert uml.index("== 1 ==") < uml.index("loop again and again") < uml.index("== 2 ==") < uml.index("end")
    wave = vcd_text(run.problem, run.trace, run.story)
    assert "#1\n$comment from here on, again and again $end" in wave
    assert "and so on for ever, as from #1 on" in wave
    for program in (c_text(run), sh_text(run)):
        assert "refuted in 1 step, then 2 steps for ever" in program
        assert (
            program.index("Step 1") < program.index("From here on, again and again") < program.index("Step 2")
        )
        assert "It goes on as after step 1, for ever, and this does not hold:" in program
    assert "again and again" in sequence_svg(sequence(run.story), "who", again=2).text


def test_texts_say_where_it_stops(tmp_path: Path) -> None:
    path = tmp_path / "ring.tdx"
    path.write_text(RING.replace("check leaves\n", "check leaves assuming fair go\n"))
    run = traced(in_file(path, Options(), None)[1], Nobody())
    assert isinstance(run, FoundTrace)
    assert "it stops here" in mermaid_text(run.story) and "loop" not in mermaid_text(run.story)
    assert "$comment the run stops $end" in vcd_text(run.problem, run.trace, run.story)
    assert "Here it stops, and this does not hold:" in c_text(run)


def test_a_json_trace_says_it_and_can_be_read_back(tmp_path: Path) -> None:
    run = found(tmp_path, 0)
    text = trace_text(run.problem, run.trace, run.story)
    assert json.loads(text)["loop"] == {"begin": 1, "stops": False}
    assert read_trace(run.problem, text) == run.trace


def test_what_is_assumed_is_said_wherever_the_check_is(tmp_path: Path) -> None:
    path = tmp_path / "ring.tdx"
    path.write_text(RING)
    run = check([path])
    told = " ".join(plain(text_lines(run, verbose=True)).split())
    assert "assuming fair go, fair on, fair back" in told
    checks = json.loads(json_text(run))["checks"]
    assert [one.get("assuming") for one in checks] == ["assuming fair go, fair on, fair back", None]


EXPECTED = "expect refuted"


@pytest.mark.parametrize("clause", ["", " assuming fair out"])
def test_a_surprise_is_no_matter_of_values(tmp_path: Path, clause: str) -> None:
    """No values are bad, only runs: that nothing could break it is not said."""
    from tdxverify.inquiries.unexpected import explained_again

    path = tmp_path / "ring.tdx"
    text = (
        RING.partition("check")[0]
        .replace("action", "fair action")
        .replace("action back by host when n = 2", "action back by host when n > 3")
    )
    path.write_text(f"{text}check leaves{clause} {EXPECTED}\n")
    told = plain(text_lines(explained_again(check([path]), Nobody(), None)))
    assert "Nothing could ever break it" not in told
    assert "What is in the way" in told
    assert "loop begins" not in told and ("again and again" in told or "then stops" in told)
