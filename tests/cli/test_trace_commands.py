"""`why`, `trace`, `graph` and `simulate`, and the page that `check --report` writes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import RunCommand
from tests.traces import EXAMPLES

KEXEC = EXAMPLES / "03-kexec.tdx"

# --- why ---------------------------------------------------------------------------------


def test_why_tells_the_chain_and_what_prevents_it(run_command: RunCommand) -> None:
    out = " ".join(run_command("why", KEXEC).out.split())
    assert "needs poison[Line0] = true, made by step 2" in out
    assert "needs phase = next_kernel_up, made by step 4" in out
    assert "needs erratum = true, a parameter" in out
    assert "with erratum = false the property holds (Line = 1): after step 2" in out
    assert "with reset_on_kexec = true the property holds (Line = 1): after step 4" in out
    assert "plays no part" not in out


SWITCHES = """\
param bug : bool  param other : bool  param kind : Kind
enum Kind { good, bad, worse }
state broken : bool = false   state noise : bool = false
action start when bug or other { noise := true }
action break_it when noise and kind != good { broken := true }
action chatter when not broken { }
property safe never broken
check safe where bug and not other and kind != good expect refuted in 2
"""


def test_why_asks_about_every_value_of_a_parameter(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SWITCHES, encoding="utf-8")
    lines = run_command("why", "a.tdx").out.splitlines()
    assert "with bug = false the property holds: step 1, start, is not possible" in lines
    assert "with kind = good the property holds: step 2, break_it, is not possible" in lines
    assert "with kind = worse the property fails all the same, in 2 steps" in lines
    assert not any("with other" in line for line in lines)


def test_why_greys_out_what_plays_no_part(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SWITCHES.replace("{ }", "{ noise2 := true }") + "state noise2 : bool = false\n")
    out = run_command("trace", "a.tdx", "--format", "json").out
    document = json.loads(out)
    document["steps"].insert(1, {"action": "chatter", "arguments": []})
    Path("t.json").write_text(json.dumps(document), encoding="utf-8")
    lines = run_command("why", "a.tdx", "--replay", "t.json").out.splitlines()
    assert " 2      chatter  plays no part" in lines
    assert "        needs noise = true, made by step 1" in lines


WAYS = """\
state a : bool = false  state b : bool = false  state broken : bool = false
action first when not a { a := true }
action by_a when a { broken := true }
action second when not b { b := true }
action third when b { broken := true }
action useless { a := a }
property safe never broken
check safe expect refuted in 2
"""


def test_why_lists_every_different_way(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(WAYS, encoding="utf-8")
    out = run_command("why", "a.tdx", "--all").out
    assert out.count("way ") == 1
    assert "way 2, 2 steps:\n 1      second\n 2      third\n" in out
    assert "No other set of actions" in run_command("why", EXAMPLES / "04-missing-flush.tdx", "--all").out


def test_why_of_something_proved_is_undecided(run_command: RunCommand) -> None:
    result = run_command("why", KEXEC, "--param", "erratum=false")
    assert result.status == 2 and result.out == ""
    assert "has a trace" in " ".join(result.err.split())


@pytest.mark.parametrize("command", ["why", "trace", "graph", "simulate"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((KEXEC, "--property", "nothing"), "E707"),
        ((KEXEC, "--line", "1"), "E606"),
        ((KEXEC, "--size", "Line=0"), "E601"),
        ((KEXEC, "--size", "Line=99999999"), "E602"),
        ((KEXEC, "--param", "erratum=maybe"), "E703"),
        (("nowhere.tdx",), "E101"),
    ],
)
def test_wrong_input(
    run_command: RunCommand,
    command: str,
    arguments: tuple[str, ...],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    result = run_command(command, *arguments)
    assert result.status == 3 and f"error[{code}]" in result.err


# --- trace -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "itf", "vcd", "mermaid", "plantuml"])
def test_every_format_of_a_trace_names_its_steps(run_command: RunCommand, form: str) -> None:
    result = run_command("trace", KEXEC, "--format", form)
    assert result.status == 0 and "stray_write" in result.out
    written = run_command("trace", KEXEC, "--format", form, "--output", "there")
    assert Path("there").read_text(encoding="utf-8") == result.out
    assert "written: there" in written.out


def test_a_saved_trace_replays(run_command: RunCommand) -> None:
    run_command("trace", KEXEC, "--format", "json", "--output", "t.json")
    assert run_command("trace", KEXEC, "--replay", "t.json").out == run_command("trace", KEXEC).out
    result = run_command("trace", EXAMPLES / "02-erratum.tdx", "--replay", "t.json")
    assert result.status == 3 and "error[E709]" in result.err


# --- graph -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["trace", "neighbourhood", "states", "dependencies"])
def test_graphs_are_written_by_their_ending(run_command: RunCommand, what: str) -> None:
    assert run_command("graph", KEXEC, "--what", what).out.startswith("digraph")
    assert run_command("graph", KEXEC, "--what", what, "--output", "g.svg").status == 0
    assert ElementTree.parse("g.svg").getroot().tag.endswith("svg")


def test_states_of_something_proved_are_drawn_too(run_command: RunCommand) -> None:
    result = run_command("graph", KEXEC, "--what", "states", "--param", "erratum=false", "--format", "json")
    assert len(json.loads(result.out)["nodes"]) > 3


# --- simulate ----------------------------------------------------------------------------


def converse(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch, text: str, *options: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    result = run_command("simulate", KEXEC, "--param", "erratum=true", *options)
    assert result.status == 0 and result.err == ""
    return result.out


def test_a_conversation(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    out = converse(run_command, monkeypatch, "1\n1\nu\n1\n2\n1\n1\nt\ns\nw run.json\nq\n9\n")
    assert "td_owned[Line0] = true  <- false" in out
    assert "this state decides kexec_takes_no_mc" in out
    assert " broken never next_kernel takes #MC" in out
    assert out.count("after 1 step\n") == 2
    saved = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert [step["action"] for step in saved["steps"]][:2] == ["donate", "stray_write"]
    assert run_command("why", KEXEC, "--replay", "run.json").status == 0


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("99", "there is no step 99 here"),
        ("0", "there is no step 0 here"),
        ("9" * 30, "take that step"),
        ("u", "this is the start"),
        ("r many", "r takes a number"),
        ("r 99999999999", "r takes a number"),
        ("w /nowhere/at/all", "cannot write"),
        ("²", "take that step"),
        ("hello you", "take that step"),
        ("", "after 0 steps"),
    ],
)
def test_nonsense_is_answered(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch, said: str, answer: str
) -> None:
    assert answer in converse(run_command, monkeypatch, f"{said}\n")


def test_random_walks_repeat_with_their_seed(run_command: RunCommand) -> None:
    def walk(seed: int) -> str:
        size = ("--size", "Line=3", "--param", "erratum=true")
        return run_command("simulate", KEXEC, "--random", "6", "--seed", str(seed), *size).out

    assert walk(1) == walk(1)
    assert len({walk(seed) for seed in range(8)}) > 1


# --- check --report ------------------------------------------------------------------------

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_a_report_is_written_beside_the_text(run_command: RunCommand) -> None:
    result = run_command("check", KEXEC, "--report", "report.html")
    assert "3 as expected" in result.out
    html = Path("report.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>") and html.count("refuted in 5 steps") > 1


def test_a_hostile_spec_is_harmless(run_command: RunCommand) -> None:
    text = f'param p : bool "{HOSTILE}"\nstate s : bool = false\naction a "{HOSTILE}" {{ s := true }}\n'
    text += f'property q "{HOSTILE}" never s\ncheck q expect proved "{HOSTILE}"\n'
    Path("a<b>.tdx").write_text(text, encoding="utf-8")
    assert run_command("check", "a<b>.tdx", "--report", "report.html").status == 1
    html = Path("report.html").read_text(encoding="utf-8")
    assert html.count("<script") == 1 and "<img" not in html and "alert(1)" in html


@pytest.mark.parametrize("form", ["html", "junit", "sarif"])
def test_other_formats_of_a_run(run_command: RunCommand, form: str) -> None:
    result = run_command("check", KEXEC, "--format", form)
    assert result.status == 0 and "kexec_takes_no_mc" in result.out


def test_an_unwritable_report(run_command: RunCommand) -> None:
    result = run_command("check", KEXEC, "--report", "nowhere/report.html")
    assert result.status == 3 and "error[E705]" in result.err
