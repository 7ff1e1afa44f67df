"""`why`, `trace`, `graph` and `simulate`, and the page that `check --report` writes."""

from __future__ import annotations

import io
import json
import os
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tdxverify.budget import Why
from tdxverify.engines.finding import Found
from tdxverify.evidence.verdict import Unknown
from tests.cli.conftest import RunCommand
from tests.traces import EXAMPLES

KEXEC = EXAMPLES / "03-kexec.tdx"

# --- why ---------------------------------------------------------------------------------


def test_why_tells_the_chain_and_what_prevents_it(run_command: RunCommand) -> None:
    out = " ".join(run_command("why", KEXEC).out.split())
    assert "needs poison[Line0] = true, made by step 2" in out
    assert "needs phase = next_kernel_up, made by step 4" in out
    assert "needs erratum = true, a parameter" in out
    told = ", which this check's `where` excludes, the property holds (the other values shown as here, for"
    assert f"with erratum = false{told} Line = 1): after step 2" in out
    assert f"with reset_on_kexec = true{told} Line = 1): after step 4" in out
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
    out = " ".join(run_command("why", "a.tdx").out.split())
    excluded = "which this check's `where` excludes,"
    assert f"with bug = false and other = false, {excluded} the property holds: step 1, start, is" in out
    shown = "(the other values shown as here)"
    assert f"with kind = good, {excluded} the property holds {shown}: step 2, break_it, is not" in out
    like = "(all else as in this run, shown or not)"
    assert f"with kind = worse the property fails all the same, in 2 steps {like}" in out
    assert "with other" not in out


CASES = {
    "either of two is enough": (
        "action f when a or b { x := true }",
        "",
        "with b = true (2 other parameters do not matter)",
        ["with b = false and a = false the property holds: step 1, f, is not possible"],
    ),
    "the check excludes what prevents it": (
        "action f when a or b { x := true }",
        "where a or b",
        "by `where`: a or b (1 other parameter does not matter)",
        [
            "with b = false and a = false, which this check's `where` excludes, the property holds: step 1",
            "with a = true the property fails all the same, in 1 step",
        ],
    ),
    "the check leaves only machines in which it is prevented": (
        "action f when a or not b { x := true }",
        "where a or b",
        "with a = true (2 other parameters do not matter)",
        ["with a = false the property holds (within this check's `where`): step 1, f, is not possible"],
    ),
    "the assumptions tie it to what is not shown": (
        "assume a implies b action f when b and c != 0 { x := true }",
        "",
        "with b = true, c = 1 (1 other parameter does not matter)",
        [
            "with b = false, or with c = 0, the property holds (the other values shown as here): step 1, f, "
            "is not possible",
            "with c = 2 the property fails all the same, in 1 step (all else as in this run, shown or not)",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_why_says_of_which_machines_it_speaks(run_command: RunCommand, name: str) -> None:
    steps, where, shown, told = CASES[name]
    declared = "param a : bool  param b : bool  param c : 0..2  state x : bool = false"
    Path("a.tdx").write_text(f"{declared}\n{steps}\nproperty p never x\ncheck p {where}\n", encoding="utf-8")
    out = " ".join(run_command("why", "a.tdx").out.split())
    assert shown in out
    assert out.count("the property holds") + out.count("the property fails") == len(told)
    for sentence in told:
        assert sentence in out


def test_why_speaks_of_parameters_constants_and_several_of_them(run_command: RunCommand) -> None:
    """And says that a step needs what the trace relies on, not all that it looked at: `lead`."""
    Path("a.tdx").write_text(
        "index Cpu\nconst home[Cpu] : 0..2\nconst lead : Cpu\nparam lim : 0..2\nparam ready : bool\n"
        "state x : bool = false\nstate up[Cpu] : bool\ninit exists c : Cpu: up[c]\n"
        "action f(c : Cpu) when up[c] and home[c] = home[lead] and lim > 0 and ready { x := true }\n"
        "property p never x\ncheck p for Cpu = 2\n",
        encoding="utf-8",
    )
    out = " ".join(run_command("why", "a.tdx").out.split())
    assert "needs home[Cpu0] = 0, home[Cpu1] = 0, constants" in out and "lead" not in out
    assert "needs lim = 1, ready = true, parameters" in out


FAILING = """\
state booted : bool = false
state broken : bool = false
state other : bool = false
MORE
action boot when not booted { booted := true }
action read when booted READ { broken := true }
property safe never broken
check safe expect refuted in 2
"""
LOOK = "action look when not booted and not other { other := true }"


@pytest.mark.parametrize(
    ("more", "read", "told"),
    [
        (LOOK, "", "only stopping avoids it; every run that goes on fails in the end"),
        ("", "", "only stopping avoids it; every run that goes on fails in the end"),
        (
            "action look when booted { booted := true }",
            "",
            "every way on can still fail; only stopping avoids it, or going round for ever among the same "
            "states",
        ),
        (
            "action crash when booted and not broken { broken := true  other := true }",
            "",
            "none; every other step on the way leads to a bad state too",
        ),
        (
            LOOK,
            "and not other",
            "from the start, then look instead of boot (other = true); from there on no bad state can be "
            "reached",
        ),
        (
            LOOK.replace("not booted and ", "") + " action undo when other and booted { booted := false }",
            "and not other",
            "the same through step 1, then look instead of read (other = true); from there on no bad state "
            "can be reached",
        ),
    ],
)
def test_why_knows_whether_a_run_can_still_fail(
    run_command: RunCommand, more: str, read: str, told: str
) -> None:
    Path("a.tdx").write_text(FAILING.replace("MORE", more).replace("READ", read), encoding="utf-8")
    assert f"closest run that does not fail: {told}" in " ".join(run_command("why", "a.tdx").out.split())


def test_why_of_a_start_that_is_bad(run_command: RunCommand) -> None:
    Path("a.tdx").write_text("state s : bool = true\naction a { s := true }\nproperty p never s\ncheck p\n")
    out = run_command("why", "a.tdx").out
    assert "closest run that does not fail: none; the start is bad already\n" in out


def test_why_does_not_call_it_a_failure_to_get_there(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(
        "param fix : bool\nstate s : bool = false\naction a when not s and not fix { s := true }\n"
        "property p reachable s\ncheck p\n",
        encoding="utf-8",
    )
    out = " ".join(run_command("why", "a.tdx").out.split())
    assert "closest run that does not get there: only stopping avoids it" in out
    assert "with fix = true it is never reached: step 1, a, is not possible" in out
    assert "holds" not in out and "fail" not in out


def test_why_of_a_deadlock_looks_for_no_other_ways(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(
        "state s : bool = false\naction a when not s { s := true }\nproperty p never deadlock\ncheck p\n",
        encoding="utf-8",
    )
    out = run_command("why", "a.tdx", "--all").out
    assert "Other ways to a deadlock are not told apart by their actions.\n" in out


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
    assert out.count("\nway ") == 1
    assert "way 2, 2 steps:\n 1      second\n 2      third\n" in out
    assert "Every other run that leads there takes all the actions of one of these ways as\nwell.\n" in out
    alone = run_command("why", EXAMPLES / "04-missing-flush.tdx", "--all").out
    assert (
        "Every other run that leads there takes all the actions of this one as well (Cpu\n= 1, Line = 1).\n"
        in alone
    )


def test_why_lists_no_way_that_another_makes_superfluous(run_command: RunCommand) -> None:
    """Without `first` the least trace uses `extra`, which a run as short does without."""
    spec = """\
    state n : 0..3 = 0  state a : bool = false  state broken : bool = false
    action first when n = 0 { n := 2  broken := true }
    action extra when n = 0 { n := 1 }
    action again when n < 2 { n := n + 1 }
    action last when n = 2 { broken := true }
    property safe never broken
    check safe expect refuted in 1
    """
    Path("a.tdx").write_text(spec, encoding="utf-8")
    out = run_command("why", "a.tdx", "--all").out
    assert "way 2, 3 steps:\n 1      again\n 2      again\n 3      last\n" in out
    assert "extra" not in out.partition("way 2")[2]


def test_why_says_when_the_search_for_others_was_cut_short(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.tdx").write_text(WAYS, encoding="utf-8")
    monkeypatch.setattr("tdxverify.inquiries.causes.MOST_SEARCHES", 1)
    assert "The search was not finished: there may be other ways" in run_command("why", "a.tdx", "--all").out


def test_why_asks_pdr_where_there_are_too_many_states(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = run_command("why", KEXEC, "--all").out
    monkeypatch.setattr("tdxverify.inquiries.prevention.MOST_STATES", 1)
    monkeypatch.setattr("tdxverify.inquiries.causes.MOST_STATES", 1)
    assert run_command("why", KEXEC, "--all").out == few
    assert "with erratum = false, which this check's `where` excludes, the property" in few


# --- why, of a proof ----------------------------------------------------------------------


def test_why_of_a_proof_tells_what_it_needs(run_command: RunCommand) -> None:
    result = run_command("why", KEXEC, "kexec_takes_no_mc", "--param", "erratum=false")
    assert result.status == 0 and result.err == ""
    assert max(map(len, result.out.splitlines())) <= 80
    blocks = {block.splitlines()[0]: block for block in result.out.split("\n\n")}
    assert "03-kexec.tdx:29" in blocks[" row    host_partial_write, row 1: only where erratum"]
    assert blocks[" where  not erratum"].endswith(
        "without it and what is not needed: stray_write(l = Line0), boot_read(l =\n            Line0)\n"
        "        without it alone the property still holds"  # the command line says the same
    )
    assert "--all lists them" in result.out and "the order of the steps" in result.out
    assert "not exists any_line : Line: poison[any_line]" in result.out


def test_why_of_a_proof_lists_the_rest_on_request(run_command: RunCommand) -> None:
    short = run_command("why", KEXEC, "--line", "57").out
    long = run_command("why", KEXEC, "--line", "57", "--all").out
    assert "stray_write: when" not in short and "stray_write: when phase != next_kernel_up" in long
    assert " where  not erratum\n" in short


PROVED = """\
state a : bool = false   state b : bool = false
action first "nobody does" when a { b := true }
action second when a { a := false }
property safe "b never comes" never b
property reached reachable b
check safe, reached expect refuted "about b"
"""


def test_why_of_what_is_never_reached(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(PROVED, encoding="utf-8")
    for name, outcome in (("safe", "proved"), ("reached", "refuted: never reached")):
        out = run_command("why", "a.tdx", name).out
        assert out.startswith(f"{name}: {outcome}") and '"about b"' in out
        assert ' when   action first: when a\n        a.tdx:2\n        "nobody does"\n' in out
        assert "without it: first" in out and "without it: the start itself may be " in out
        told = " ".join(out.split())
        assert f"the run named with it {'breaks the property' if name == 'safe' else 'gets there'}:" in told


def test_why_says_that_a_run_may_end_in_a_mistake(run_command: RunCommand) -> None:
    """Without its guard a step leaves the range: the property is not what is broken then."""
    Path("a.tdx").write_text(
        "state n : 0..3 = 0 state bad : bool = false action up when n < 3 { n := n + 1 } "
        "property safe never bad and n = 0 property there reachable bad and n = 0 "
        "check safe check there expect refuted",
        encoding="utf-8",
    )
    for name, words in (("safe", "breaks the property"), ("there", "gets there")):
        told = " ".join(run_command("why", "a.tdx", name).out.split())
        assert "(a value does not fit)" in told
        assert f"the run named with it {words} or ends in a mistake" in told


def test_why_names_what_the_command_line_says(run_command: RunCommand) -> None:
    out = run_command("why", EXAMPLES / "02-erratum.tdx", "--param", "erratum=false").out
    assert (
        " option --param erratum=false\n" in out
        and "without it: stray_write(l = Line0), load(l = Line0)" in out
    )


def test_why_takes_a_stored_proof(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PROVED.replace("check safe, reached expect refuted", "check safe")
    Path("a.tdx").write_text(f"index Line\nstate x[Line] : bool\n{text}", encoding="utf-8")
    assert run_command("prove", "a.tdx").status == 0
    monkeypatch.setattr("tdxverify.cli.why.traced", None)  # no search
    assert "when   action first: when a\n" in run_command("why", "a.tdx", "safe").out
    Path("a.tdx").write_text(Path("a.tdx").read_text().replace("when a {", "when a and b {", 1))
    assert run_command("why", "a.tdx", "safe").status == 4  # the proof is stale, and there is no search


def test_why_without_an_answer(run_command: RunCommand) -> None:
    Path("a.tdx").write_text("param p : bool  state s : bool = false\naction a { s := p }\n"
                             "property q never s\ncheck q where p and not p expect vacuous\n")  # fmt: skip
    result = run_command("why", "a.tdx")
    assert result.status == 2 and result.out == ""
    assert "q (a.tdx:4, where p and not p): vacuous: there is no initial state" in " ".join(
        result.err.split()
    )
    assert run_command("prove", "a.tdx").status == 0  # a stored answer is told in the same way
    assert "vacuous: there is no initial state" in " ".join(run_command("why", "a.tdx").err.split())


def test_why_speaks_of_each_check_without_an_answer(run_command: RunCommand) -> None:
    """One is about nothing; the other is undecided, since the file states what nobody can decide."""
    Path("a.tdx").write_text(
        "index L\nstate odd : bool = false\nstate x[L] : bool = false\nparam p : bool\n"
        "action go(l : L) { odd := not odd  x[l] := not x[l] }\n"
        "property q never odd and not exists l : L: x[l]\n"
        "check q where p and not p expect vacuous\ncheck q expect unknown\n"
    )
    result = run_command("why", "a.tdx", "--timeout", "0.5")
    told = " ".join(result.err.split())
    assert result.status == 2 and "nothing to explain in 2 checks of a.tdx: no trace and no proof" in told
    assert "q (a.tdx:7, where p and not p): vacuous: there is no initial state: 'where' can never" in told
    assert "q (a.tdx:8): unknown: " in told
    Path("a.tdx").write_text(Path("a.tdx").read_text() + "property r never false\ncheck r\n")
    assert "r: proved" in run_command("why", "a.tdx", "--timeout", "0.5").out  # there is something to explain


@pytest.mark.parametrize(
    "arguments", [(KEXEC, "--line", "59"), (KEXEC, "--all"), (EXAMPLES / "04-missing-flush.tdx", "--all")]
)
def test_why_is_the_same_on_a_machine_as_slow_as_one_likes(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...]
) -> None:
    """Without --timeout it is counted what is done; here every look at the clock takes an hour."""
    usual = run_command("why", *arguments)
    hours = count()
    monkeypatch.setattr("tdxverify.budget.monotonic", lambda: next(hours) * 3600.0)
    assert run_command("why", *arguments) == usual


def test_why_says_when_what_may_be_done_is_over(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdxverify.cli.why_proof.WORK", 50_000)
    result = run_command("why", KEXEC, "--line", "59")
    out = " ".join(result.out.split())
    assert result.status == 0 and "with a question mark, it was not found out whether a proof could do" in out
    assert " where  ? reset_on_kexec\n" in result.out


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


@pytest.mark.parametrize("form", ["text", "json", "itf", "vcd", "mermaid", "plantuml", "c", "sh"])
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


@pytest.mark.parametrize("form", ["c", "sh"])
def test_the_reproducer_of_the_erratum(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    result = run_command("trace", "examples/02-erratum.tdx", "--property", "host_is_safe", "--format", form)
    assert result.status == 0 and result.err == ""
    golden = Path(__file__).parent / "golden" / f"erratum.{form}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(result.out, encoding="utf-8")
    assert result.out == golden.read_text(encoding="utf-8")


def test_a_replayed_run_is_a_reproducer_too(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SWITCHES, encoding="utf-8")
    document = json.loads(run_command("trace", "a.tdx", "--format", "json").out)
    del document["steps"][1]
    Path("t.json").write_text(json.dumps(document), encoding="utf-8")
    out = run_command("trace", "a.tdx", "--replay", "t.json", "--format", "c").out
    assert " * Skeleton of a reproducer of safe: a run of 1 step that decides nothing.\n" in out
    assert "/* The run ends here. */" in out


def test_a_template_that_is_wrong(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(SWITCHES.replace("{ }", '{ } emit c "f({bugs});"'), encoding="utf-8")
    result = run_command("trace", "a.tdx", "--format", "c")
    assert result.status == 3 and "error[E220]: 'bugs' cannot be put in here" in result.err
    assert "did you mean 'bug'?" in result.err


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
        ("u many", "u takes a number"),
        ("u 1 2", "u takes a number"),
        ("g", "go the shortest way"),
        ("g ", "go the shortest way"),
        ("g phase = runing", "hint: did you mean 'running'?"),
        ("g phase = runing", " --> condition:1:9"),
        ("g nothing", "error[E201]"),
        ("g phase", "error[E301]"),
        ("g phase' = running", "error[E310]"),
        ("g phase =", "error[E112]: the condition ends too early"),
        ("g erratum init erratum", "a condition is one expression, and nothing else"),
        ('g erratum "why" cite F-1', "a condition is one expression, and nothing else"),
        ("g erratum } action", "error[E111]"),
        ("g false", "there is no way from here to such a state"),
        ("g true", "it holds here already"),
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


def test_running_to_a_condition(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "1\ngo phase = next_kernel_up and exists l : Line: poison[l]\nu 2\nt\nw run.json\n"
    out = converse(run_command, monkeypatch, said)
    assert "3 steps taken\n\nafter 4 steps\n" in out and "phase = next_kernel_up  <- handover" in out
    saved = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert [step["action"] for step in saved["steps"]] == ["donate", "stray_write"]
    assert run_command("trace", KEXEC, "--replay", "run.json").status == 0


UNASKED = """\
actor host
fault #MC
state armed : bool = false
access read { armed -> fault #MC otherwise -> ok }
action arm when not armed { armed := true }
action use by host { read() }
property quiet never armed
check quiet expect refuted in 1
"""


def test_a_condition_about_something_that_no_property_asks(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.tdx").write_text(UNASKED, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("1\ng host took #MC\nw run.json\n"))
    out = run_command("simulate", "a.tdx").out
    assert "1 step taken\n\nafter 2 steps\n" in out
    saved = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert [step["action"] for step in saved["steps"]] == ["arm", "use"]
    assert "host takes #MC" in run_command("trace", "a.tdx", "--replay", "run.json").out


def test_until_a_condition_without_a_conversation(run_command: RunCommand) -> None:
    result = run_command("simulate", KEXEC, "--until", "phase = next_kernel_up", "--output", "run.json")
    assert result.status == 0 and " 2      kexec.jump by host_kernel" in result.out
    assert len(json.loads(Path("run.json").read_text(encoding="utf-8"))["steps"]) == 2
    result = run_command("simulate", KEXEC, "--until", "phase = running and phase = handover")
    told = "no run leads to such a state from any start for Line = 1, whatever erratum and reset_on_kexec are"
    assert result.status == 1 and " ".join(result.out.split()) == f"{told}: proved"
    result = run_command("simulate", KEXEC, "--until", "phase = nowhere")
    assert result.status == 3 and "error[E201]" in result.err


def test_a_search_that_takes_too_long_is_given_up(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = Unknown(Why.BOUND_REACHED, 7)
    monkeypatch.setattr("tdxverify.inquiries.ways.find", lambda *_: Found(None, unknown, "auto"))
    result = run_command("simulate", KEXEC, "--until", "false", "--size", "Line=3", "--param", "erratum=true")
    told = "no run leads to such a state in the first 7 steps for Line = 3, with erratum = true as given"
    assert result.status == 2 and " ".join(result.out.replace("\xa0", " ").split()) == (
        f"{told}: the bound was reached; not a proof"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("1\ng false\n"))
    told = "no run leads to such a state in the first 7 steps from here: the bound was reached"
    assert told in " ".join(run_command("simulate", KEXEC).out.split())
    unknown = Unknown(Why.TIMEOUT, None)
    result = run_command("simulate", KEXEC, "--until", "false")
    told = "it is not known whether a run leads to such a state for Line = 1: the time ran out"
    assert result.status == 2 and told in " ".join(result.out.split())


def test_a_spec_that_changes_under_the_walk(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("a.tdx")
    path.write_text(UNASKED, encoding="utf-8")

    class Typing(io.StringIO):
        def readline(self, size: int = -1, /) -> str:
            text = super().readline(size)
            if text.startswith("g"):
                path.write_text(UNASKED.replace("action arm when not armed", "action arm when armed"))
            return text

    monkeypatch.setattr("sys.stdin", Typing("1\ng not armed\n"))
    assert "error[E709]: a.tdx has changed since the walk began" in run_command("simulate", "a.tdx").out


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


CHOICES = """\
index Line
actor k
state ready : bool = false
state failed : bool = false
state used[Line] : bool = false
action ends by k when not ready and not failed { either { ready := true } or { failed := true } }
action use(l : Line) when ready { used[l] := true }
property p never exists l, m : Line: l != m and used[l] and used[m]
check p expect refuted in 3
"""


def test_the_menu_tells_choices_apart_and_takes_elements(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("choices.tdx").write_text(CHOICES, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("g used[Line0]\nq\n"))
    out = run_command("simulate", "choices.tdx").out
    assert "1 ends, 1st branch: ready := true by k" in out
    assert "2 ends, 2nd branch: failed := true by k" in out
    assert "2 steps taken" in out


def test_where_a_walk_cannot_go_on(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = "state n : 0..2 = 0\naction up when n < 2 { n := n + 1 }\nproperty p never n > 2\ncheck p\n"
    Path("ends.tdx").write_text(spec, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n1\nq\n"))
    out = run_command("simulate", "ends.tdx").out
    assert [part.count("no step is possible any more") for part in out.split("after ")] == [0, 0, 0, 1]


def test_no_way_is_said_with_its_sizes(run_command: RunCommand) -> None:
    Path("choices.tdx").write_text(CHOICES, encoding="utf-8")
    goal = "exists l, m : Line: l != m and used[l] and used[m]"
    out = run_command("simulate", "choices.tdx", "--until", goal).out
    assert out == (
        "no run leads to such a state from any start for Line = 1: proved\n"
        "with --size Line=2 there is one, in 3 steps\n"
    )
    assert run_command("simulate", "choices.tdx", "--until", goal, "--size", "Line=2").status == 0
    stated = run_command("simulate", "choices.tdx", "--until", "failed and ready").out
    assert stated == "no run leads to such a state from any start for Line = 1: proved\n"


LIMITED = """\
index Page
param lim : 0..3
param fix : bool
state cnt : 0..3 = 0
state seen[Page] : bool = false
action up when cnt < lim and not fix { cnt := cnt + 1 }
action look(p : Page) when cnt > 1 { seen[p] := true }
property few never cnt = 2
property blind never exists p : Page: seen[p]
check few expect refuted
check blind where lim <= 1 expect proved
check blind for Page = 1 expect refuted
"""


def until(run_command: RunCommand, goal: str, *options: str) -> tuple[int, str]:
    Path("limited.tdx").write_text(LIMITED, encoding="utf-8")
    result = run_command("simulate", "limited.tdx", "--until", goal, *options)
    return result.status, " ".join((result.out + result.err).split())


def test_every_start_is_searched(run_command: RunCommand) -> None:
    status, out = until(run_command, "cnt = 2", "--output", "run.json")
    assert status == 0 and out.startswith("2 steps; none is shorter for Page = 1 with lim = 2, fix = false ")
    replayed = run_command("trace", "limited.tdx", "--replay", "run.json").out
    assert " 2      up\n" in replayed
    assert until(run_command, "fix and cnt = 0")[1].startswith(
        "it holds at the start already for Page = 1 with fix = true"
    )
    status, out = until(run_command, "fix", "--output", "run.json")
    assert status == 0 and run_command("trace", "limited.tdx", "--replay", "run.json").status == 0


def test_what_was_fixed_is_named_and_what_would_do_instead(run_command: RunCommand) -> None:
    assert until(run_command, "cnt = 2", "--param", "lim=1") == (
        1,
        "no run leads to such a state from any start for Page = 1, with lim = 1 as given, whatever fix is: "
        "proved with lim = 2 there is one, in 2 steps",
    )
    assert until(run_command, "cnt = 2", "--line", "11") == (
        1,
        "no run leads to such a state from any start for Page = 1, where lim <= 1, whatever values that "
        "leaves to lim and fix: proved without the `where` of the check there is one, in 2 steps",
    )
    assert until(run_command, "cnt = 2", "--param", "fix=true", "--line", "11")[1].endswith(
        "for Page = 1, with fix = true as given, where lim <= 1, whatever values that leaves to lim: proved"
    )


def test_sizes_are_large_enough_for_the_elements_that_are_named(run_command: RunCommand) -> None:
    status, out = until(run_command, "seen[Page1]")
    assert status == 0 and out.startswith("3 steps; none is shorter for Page = 2 ")
    for stated in (("--size", "Page=1"), ("--line", "12")):
        status, out = until(run_command, "seen[Page1]", *stated)
        assert status == 3 and "error[E712]: there is no 'Page1' for Page = 1, which has only Page0" in out
        assert "--> condition:1:6" in out and "for Page = 2 or more: --size Page=2" in out
    assert until(run_command, "seen[Page1]", "--line", "12", "--size", "Page=2")[0] == 0


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (
            "g cnt = 1",
            "there is no way from here to such a state (Page = 1; lim = 0, fix = false) with lim = 1, all "
            "else at the start as here, there is one, in 1 step",
        ),
        ("g seen[Page1]", "error[E712]"),
        (
            "g cnt = 1 and fix",
            "no run leads to such a state from any start for Page = 1, whatever lim and fix are: proved",
        ),
    ],
)
def test_here_is_one_start_of_many(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch, said: str, answer: str
) -> None:
    Path("limited.tdx").write_text(LIMITED, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{said}\n"))
    assert answer in " ".join(run_command("simulate", "limited.tdx").out.split())


TWO_AT_LEAST = """\
index Page
param lim : bool
state a : bool = false
state seen[Page] : bool
init exists p, q : Page: p != q and seen[p] and not seen[q]
action go { a := true }
property dark never a
check dark where lim expect refuted
check dark for Page = 1 expect vacuous
"""


def test_sizes_are_large_enough_for_a_start(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.tdx").write_text(TWO_AT_LEAST, encoding="utf-8")
    assert run_command("simulate", "a.tdx", "--until", "a").out.startswith(
        "1 step; none is shorter for Page = 2\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "with Page = 2; lim = true" in run_command("simulate", "a.tdx", "--line", "8").out
    for stated in (("--size", "Page=1"), ("--line", "9")):
        for asked in (("--until", "a"), ()):
            result = run_command("simulate", "a.tdx", *stated, *asked)
            assert result.status == 3 and "error[E606]: there is no initial state for Page = 1:" in result.err


def test_many_values_of_here_are_counted(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"p{number}" for number in range(9)]
    spec = f"""\
    {" ".join(f"param {name} : bool" for name in names)}
    state m : bool = false
    action go when {" and ".join(names)} {{ m := true }}
    property p never m
    check p
    """
    Path("a.tdx").write_text(spec, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("g m\n"))
    out = " ".join(run_command("simulate", "a.tdx").out.split())
    assert "(the values that this walk has for 9 parameters and constants) with p0 = true, p1 = true" in out
    out = " ".join(run_command("simulate", "a.tdx", "--until", "false").out.split())
    assert out.endswith("any start, whatever the 9 open parameters and constants are: proved")


def test_the_way_from_the_start_is_told_where_there_is_one(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.tdx").write_text(WAYS.replace("when not b", "when not b and not a"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("g a\ng b\nu 1\ng b\n"))
    out = run_command("simulate", "a.tdx").out
    told = "there is no way from here to such a state (1 step taken)\n"
    assert f"{told}from the start there is one, in 1 step: u 1 leads back there\n" in out
    assert out.count("1 step taken\n\nafter 1 step\n") == 2


def test_a_value_that_leaves_its_range_on_the_way_is_a_mistake(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = """\
    param wide : bool
    state n : 0..2 = 0
    state m : bool = false
    action up when wide { n := n + 1 }
    action turn when n = 2 or not wide { m := true }
    property p never m
    check p
    """
    Path("a.tdx").write_text(spec, encoding="utf-8")
    assert run_command("simulate", "a.tdx", "--until", "n = 2 and wide").status == 0
    result = run_command("simulate", "a.tdx", "--until", "m and n = 1 and false")
    assert result.status == 3 and "error[E510]: step 'up' would make n 3" in result.err
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n1\n1\n1\ng m\nq\n"))
    out = run_command("simulate", "a.tdx", "--param", "wide=true").out
    assert "error[E510]: step 'up' would make n 3" in out


def test_random_steps_after_a_way(run_command: RunCommand) -> None:
    status, out = until(run_command, "cnt = 1", "--random", "1", "--output", "run.json", "--param", "lim=3")
    assert status == 0 and out.count("none is shorter") == 1
    saved = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert [step["action"] for step in saved["steps"]] == ["up", "up"]


def test_a_walk_says_what_stops_steps(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = (
        "state n : 0..2 = 0\nactor a stopped when n = 1\nhalt when n = 2\n"
        "action up when n < 2 { n := n + 1 }\naction back by a { n := 0 }\nproperty p never n > 2\ncheck p\n"
    )
    Path("ends.tdx").write_text(spec, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n1\nq\n"))
    out = run_command("simulate", "ends.tdx").out.split("after ")
    assert "stopped here" not in out[1]
    assert "stopped here by: actor a stopped when n = 1 (ends.tdx:2)" in out[2]
    assert "stopped here by: halt when n = 2 (ends.tdx:3)\nno step is possible any more" in out[3]
