"""`why --replay` and `trace --replay`: the check that a saved run is one of."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import pytest

from tests.answers.stored.sample import forged
from tests.cli.conftest import RunCommand

TWO = """\
param fix : bool
state bad : bool = false
action a when not fix { bad := true }
property p never bad
check p where fix     expect proved
check p where not fix expect refuted in 1
"""


def saved(run_command: RunCommand, *arguments: str) -> Path:
    """The shortest trace of a check of a.tdx, as a file."""
    path = Path("run.json")
    path.write_text(run_command("trace", "a.tdx", "--format", "json", *arguments).out, encoding="utf-8")
    return path


def test_the_check_is_one_that_allows_the_run(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(TWO, encoding="utf-8")
    run = saved(run_command)
    assert run_command("why", "a.tdx", "--replay", run).out.startswith("p: 1 step  (a.tdx:6)\n")
    out = run_command("why", "a.tdx", "--replay", run, "--line", "5").out
    assert out.startswith("p: 1 step  (a.tdx)\n")
    assert "No check that was asked for is about a run with these parameters" in " ".join(out.split())
    assert "needs fix = false, a parameter" in out


def test_a_check_that_the_run_breaks_comes_first(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(
        TWO.replace(
            "property p", "property other step bad implies bad'\nproperty q always not bad\nproperty p"
        )
        + "check q expect refuted in 1\ncheck other\n",
        encoding="utf-8",
    )
    run = saved(run_command, "--property", "q")
    assert run_command("why", "a.tdx", "--replay", run).out.startswith("p: 1 step  (a.tdx:8)\n")
    assert run_command("why", "a.tdx", "q", "--replay", run).out.startswith("q: 1 step  (a.tdx:9)\n")


def test_sizes_belong_to_what_a_check_allows(run_command: RunCommand) -> None:
    spec = """\
    index Line
    state bad[Line] : bool = false
    action a(l : Line) { bad[l] := true }
    property p never exists l : Line: bad[l]
    check p for Line = 1 expect refuted in 1
    check p for Line <= 3 expect refuted in 1
    """
    Path("a.tdx").write_text(spec, encoding="utf-8")
    run = saved(run_command, "--size", "Line=3", "--line", "6")
    assert "(a.tdx:6)" in run_command("why", "a.tdx", "--replay", run).out.splitlines()[0]
    assert "(a.tdx)" in run_command("why", "a.tdx", "--replay", run, "--line", "5").out.splitlines()[0]


def test_a_run_that_goes_on_behind_a_bad_state(run_command: RunCommand) -> None:
    Path("a.tdx").write_text(TWO + "action repair when bad { bad := false }\n", encoding="utf-8")
    run = saved(run_command)
    document = json.loads(run.read_text(encoding="utf-8"))
    document["steps"].append({"action": "repair", "arguments": []})
    run.write_text(json.dumps(document), encoding="utf-8")
    out = " ".join(run_command("why", "a.tdx", "--replay", run).out.split())
    assert "does not end in a bad state: it is in one after step 1, but goes on" in out
    document["steps"] = []
    run.write_text(json.dumps(document), encoding="utf-8")
    out = run_command("why", "a.tdx", "--replay", run).out
    assert "This run does not end in a bad state: there is nothing to explain.\n" in out


CONDITIONS = ("p", "not p", "p and q", "p != q", "n > 1", "not q and n < 2")


@pytest.mark.parametrize("order", [CONDITIONS, CONDITIONS[::-1]])
def test_of_all_runs_the_check_is_the_first_whose_condition_holds(
    run_command: RunCommand, order: tuple[str, ...]
) -> None:
    head = "param p : bool  param q : bool  param n : 0..2\nstate bad : bool = false\n"
    head += "action a { bad := true }\nproperty safe never bad\n"
    Path("a.tdx").write_text(
        head + "".join(f"check safe where {where}\n" for where in order), encoding="utf-8"
    )
    document = json.loads(saved(run_command).read_text(encoding="utf-8"))
    for p, q, n in product((False, True), (False, True), (0, 1, 2)):
        document["parameters"] = {"p": str(p).lower(), "q": str(q).lower(), "n": str(n)}
        Path("run.json").write_text(json.dumps(document), encoding="utf-8")
        title = run_command("why", "a.tdx", "--replay", "run.json").out.splitlines()[0]
        allowing = [k for k, where in enumerate(order, 5) if eval(where, {"p": p, "q": q, "n": n})]
        found = re.search(r"\(a\.tdx(?::(\d+))?\)", title)
        assert found is not None
        assert found.group(1) == (str(allowing[0]) if allowing else None), (p, q, n)


BURNING = """\
index Line  state dirty[Line] : bool = false  state burnt[Line] : bool = false  state at : Line or none = none
action mess(l : Line) { dirty[l] := true }
action look when at = none { at := any }
action burn(l : Line) when dirty[l] and at = l { burnt[l] := true }
property safe never exists l : Line: burnt[l]
check safe for Line = 2 expect refuted in 3
"""
REFUSED = [
    ("action burn(l : Line) when", "action burn(l : Line) when burnt[l] and", "step 3, burn(l = Line0)"),
    ("action mess(l : Line) {", "action mess(l : Line) when burnt[l] {", "mess(l = Line0)"),
    ("when at = none", "when at != none", "look(at := Line0)"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED)
def test_a_refused_step_is_called_as_everywhere_else(
    run_command: RunCommand, tmp_path: Path, old: str, new: str, told: str
) -> None:
    spec = tmp_path / "b.tdx"
    spec.write_text(BURNING, encoding="utf-8")
    shown = run_command("trace", "b.tdx").out
    run_command("trace", "b.tdx", "--format", "json", "--output", "run.json")
    spec.write_text(BURNING.replace(old, new), encoding="utf-8")
    assert told.rpartition("step 3, ")[2] in shown
    err = " ".join(run_command("trace", "b.tdx", "--replay", "run.json").err.split())
    assert f"{told}, is not possible there" in err


def test_so_is_one_of_a_stored_trace(run_command: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "b.tdx").write_text(BURNING, encoding="utf-8")
    run_command("prove", "b.tdx")
    stored = tmp_path / "b.proof.json"
    text = stored.read_text(encoding="utf-8")
    changed = forged(lambda d: d["checks"][0]["evidence"][0]["steps"].__setitem__(0, ["mess", "Line1"]), text)
    stored.write_text(changed, encoding="utf-8")
    out = " ".join(run_command("recheck", "b.tdx").out.split())
    assert "refused" in out and "step 3, burn(l = Line0): it is not possible there" in out, out


LOOP = """\
index Cpu
state wants[Cpu] : bool = false
state done[Cpu] : bool = false
action ask(c : Cpu) when not wants[c] { wants[c] := true }
action drop(c : Cpu) when wants[c] { wants[c] := false }
action serve(c : Cpu) when wants[c] { done[c] := true }
property served each c : Cpu: wants[c] leads_to done[c]
check served for Cpu = 2 assuming strongly fair serve
check served for Cpu = 2 assuming fair serve, drop expect refuted
"""


def test_a_saved_loop_is_one_for_the_checks_that_it_breaks(run_command: RunCommand) -> None:
    """It is gone round again by the evaluator: for another fairness it may be none."""
    Path("a.tdx").write_text(LOOP, encoding="utf-8")
    run = saved(run_command, "--line", "9")
    shown = run_command("trace", "a.tdx", "--line", "9").out
    assert "and so on for ever" in shown
    assert run_command("trace", "a.tdx", "--replay", run, "--line", "9").out == shown
    told = run_command("why", "a.tdx", "--replay", run).out
    assert told == run_command("why", "a.tdx", "--line", "9").out
    other = " ".join(run_command("why", "a.tdx", "--replay", run, "--line", "8").out.split())
    assert "this one tells of no such loop: there is nothing to explain" in other
    without = json.loads(run.read_text())
    del without["loop"]
    run.write_text(json.dumps(without))
    assert "tells of no such loop" in " ".join(run_command("why", "a.tdx", "--replay", run).out.split())


@pytest.mark.parametrize("loop", ["round", {"begin": -1}, {"begin": 99}, {"begin": "1"}, {}])
def test_a_forged_loop_is_none(run_command: RunCommand, loop: object) -> None:
    Path("a.tdx").write_text(LOOP, encoding="utf-8")
    run = saved(run_command, "--line", "9")
    run.write_text(json.dumps({**json.loads(run.read_text()), "loop": loop}))
    assert "for ever" not in run_command("trace", "a.tdx", "--replay", run).out
