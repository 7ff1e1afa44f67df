"""Time is kept and Ctrl-C is obeyed, whatever is being done: no command hangs, and nothing found is lost.

No seconds are measured here: a phase that does not look at the clock would go on for hours.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tdxverify.cli.main import COMMANDS
from tests.cli.conftest import RunCommand
from tests.cli.forked_command import forked_command
from tests.cli.test_process import environment

HANGS = 60  # seconds after which a command is taken to hang


def chosen(cells: int) -> str:
    """4^cells choices, all of them taken and all of them different."""
    states = "".join(f"state s{n} : 0..3 = 0\n" for n in range(cells))
    body = " ".join(f"s{n} := any" for n in range(cells))
    return (
        f"{states}state t : bool = true\naction go {{ if t {{ {body} }} }}\nproperty p never not t\ncheck p\n"
    )


def doubled(levels: int) -> str:
    """A formula of 2^levels parts."""
    defines = "".join(
        f"define a{n} = (a{n - 1} and y) or (not a{n - 1} and x)\n" for n in range(1, levels + 1)
    )
    head = "state x : bool = false\nstate y : bool = false\ndefine a0 = x\n"
    return f"{head}{defines}action go {{ x := not y }}\nproperty p never a{levels}\ncheck p\n"


def wide_table(rows: int) -> str:
    cells = "".join(f"state {c}{n} : 0..9 = 0\n" for c in "abcd" for n in range(rows))
    table = "".join(f"  a{n} + b{n} = c{n} + d{n} -> ok {{ z := {n} }}\n" for n in range(rows))
    return (
        f"{cells}state z : 0..9 = 0\naccess t() {{\n{table}  otherwise -> ok\n}}\n"
        "action go { t() }\nproperty p never z = 9\ncheck p\n"
    )


def named(count: int, head: str, body: str, property_: str) -> str:
    cells = "".join(f"state s{n} : bool = false\n" for n in range(count))
    return (
        f"state x : bool = false\nstate y : bool = false\n{cells}action go {head} {{ {body} }}\n{property_}"
    )


def any_of_many(cells: int) -> str:
    return named(cells, "", " ".join(f"s{n} := any" for n in range(cells)), "property p never x\ncheck p\n")


def long_guard(parts: int) -> str:
    guard = " and ".join("xy"[n % 2] for n in range(parts))
    return named(0, f"when {guard}", "x := true", "property p never x\ncheck p\n")


def nested_choices(levels: int) -> str:
    body = "either { x := not y } or { " * levels + "y := true" + " }" * levels
    return named(0, "", body, "property p never x and y\ncheck p\n")


INITIAL = """\
index L
state x[L] : 0..9
init forall a, b : L: x[a] = x[b] implies a = b
state y : bool = false
action go { y := true }
property p never y
check p for L = 11
"""
PARITY = """\
index L
state x[L] : bool = false
state q : bool = false
action go(l : L) { x[l] := not x[l]  q := not q }
property p never q and not exists l : L: x[l]
check p for L = 24
"""
LARGE = """\
index L
index M
state x[L, M] : 0..100 = 0
action go(l : L, m : M) when x[l, m] < 100 { x[l, m] := x[l, m] + 1 }
property p never forall l : L, m : M: x[l, m] = 100
check p for L = 60, M = 60
"""
SPECS = {
    "choices": chosen(16),
    "defines": doubled(40),
    "table": wide_table(8),
    "initial states": INITIAL,
    "parity": PARITY,
    "large": LARGE,
    "any of many": any_of_many(300),
    "long guard": long_guard(600),
    "nested choices": nested_choices(60),
}
# Which engine or command meets what it cannot get done.
HOPELESS = [
    ("check", "explicit", "choices"),
    ("check", "auto", "defines"),
    ("check", "auto", "table"),
    ("check", "explicit", "initial states"),
    ("check", "auto", "initial states"),
    ("check", "k-induction", "parity"),
    ("check", "auto", "parity"),
    ("check", "spacer", "parity"),
    ("check", "explicit", "large"),
    ("check", "bmc", "large"),
    ("check", "pdr", "large"),
]


LITTLE = "0.5"  # seconds


def timed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that has little time; it may take much longer on a busy machine, but not for ever."""
    return forked_command(Path.cwd(), [str(argument) for argument in arguments], environment())


def written(folder: Path, name: str) -> Path:
    path = folder / "spec.tdx"
    path.write_text(SPECS[name], encoding="utf-8")
    return path


@pytest.mark.parametrize("limit", ["--timeout", "--total-timeout"])
@pytest.mark.parametrize(("what", "engine", "name"), HOPELESS)
def test_a_check_that_takes_too_long_is_undecided(
    tmp_path: Path, what: str, engine: str, name: str, limit: str
) -> None:
    done = timed(what, written(tmp_path, name), limit, LITTLE, "--engine", engine)
    if name == "defines":
        assert (done.returncode, "error[E608]" in done.stderr) == (3, True), done.stderr
    elif name == "table":  # its rows overlap, which enumeration finds out if there is time for it
        assert done.returncode == 3 and ("E501" in done.stderr or "E608" in done.stderr), done.stderr
    else:
        assert done.returncode == 2, done.stderr
        assert "the time ran out" in done.stdout or "the time for the whole run was over" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("prove",), "parity"),
        (("prove",), "defines"),
        (("lint",), "large"),
        (("lint",), "choices"),
        (("why",), "parity"),
        (("simulate", "--until", "false"), "choices"),
        (("graph", "--what", "states"), "choices"),
        (("lint",), "nested choices"),
        (("why",), "long guard"),
        (("simulate", "--random", "2"), "any of many"),
    ],
)
def test_other_commands_end_as_well(tmp_path: Path, arguments: tuple[str, ...], name: str) -> None:
    done = timed(arguments[0], written(tmp_path, name), "--timeout", LITTLE, *arguments[1:])
    assert done.returncode in (0, 1, 2, 3), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["trace", "graph", "why"])
def test_whoever_wants_a_trace_says_that_the_time_ran_out(tmp_path: Path, command: str) -> None:
    path = written(tmp_path, "parity")
    path.write_text(f"{path.read_text()}property fine always true\ncheck fine for L = 1\n")
    done = timed(command, path, "--timeout", LITTLE, "--property", "p")
    told = "".join(done.stderr.split())  # a long path may be broken anywhere
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert f"p({path}:6):unknown:thetimeranout" in told and "hasatrace" not in told
    if command != "why":  # which explains the proof of the other
        done = timed(command, path, "--timeout", LITTLE)
        told = "".join(done.stderr.split())
        assert done.returncode == 2 and f"undecided:for1of2checksof{path}neitheratrace" in told


def options_with_a_time() -> list[tuple[str, str]]:
    """Of every command, by their names: each command with each."""
    found = []
    for name in COMMANDS:
        parameters = import_module(COMMANDS[name][0]).command.params
        found += [(name, option) for one in parameters for option in one.opts if option.endswith("timeout")]
    return found


def test_there_are_options_with_a_time() -> None:
    assert len(options_with_a_time()) >= 9


@pytest.mark.parametrize("seconds", ["1e10", "1e308", "inf", "nan", "-1", "0", "1000001", "soon"])
@pytest.mark.parametrize(("command", "option"), options_with_a_time())
def test_no_time_that_no_timer_can_take(
    command: str, option: str, seconds: str, run_command: RunCommand, tmp_path: Path
) -> None:
    (tmp_path / "spec.tdx").write_text("state x : bool = false\nproperty p never x\ncheck p\n")
    result = run_command(command, option, seconds, "spec.tdx")
    assert (result.status, result.out) == (3, "")
    assert "error[E708]" in result.err and option in result.err


@pytest.mark.parametrize("option", ["--timeout", "--total-timeout"])
def test_as_much_time_as_there_can_be(option: str, run_command: RunCommand, tmp_path: Path) -> None:
    """Timers take it, and solvers of any kind."""
    text = "index A\nstate x[A] : bool = false\nproperty p never exists a : A: x[a]\ncheck p expect proved\n"
    (tmp_path / "spec.tdx").write_text(text)
    for engine in ("auto", "explicit", "pdr", "k-induction"):
        assert (
            run_command("check", option, "1e6", "--engine", engine, "--size", "A=2", "spec.tdx").status == 0
        )


def test_choices_on_a_path_not_taken_are_not_multiplied_out(tmp_path: Path) -> None:
    """4^16 of them. Answered by enumeration, without a limit."""
    path = tmp_path / "spec.tdx"
    path.write_text(chosen(16).replace("t : bool = true", "t : bool = false").replace("not t", "t"))
    for engine in ("explicit", "auto"):
        done = timed("check", path, "--engine", engine)
        assert (done.returncode, "proved" in done.stdout) == (0, True), done.stdout


# --- Ctrl-C ------------------------------------------------------------------------------------

TWO = """\
index L
state x[L] : bool = false
state y : bool = false
access touch(l : L) {
  x[l] -> ok
  otherwise -> ok { x[l] := true }
}
action go(l : L) { touch(l)  y := y }
property first never y
property second never forall l : L: x[l]
check first
check second expect refuted in 1
"""


def interrupting(monkeypatch: pytest.MonkeyPatch, place: str, call: int) -> None:
    """The signal arrives when the function at `place` is called for the `call`-th time."""
    module, _, name = place.rpartition(".")
    try:
        owner: Any = import_module(module)
    except ModuleNotFoundError:
        module, _, kind = module.rpartition(".")
        owner = getattr(import_module(module), kind)
    original: Callable[..., object] = getattr(owner, name)
    calls = 0

    def interrupted(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            signal.raise_signal(signal.SIGINT)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, interrupted)


@pytest.fixture
def usual_handler() -> Any:
    """What a process starts with, whatever the test runner has put in its place."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


PHASES = [
    ("tdxverify.wellformed.building.checked_table", 1, 0),
    ("tdxverify.questions.question.lower", 1, 0),
    ("tdxverify.engines.explicit.engine.explore", 2, 1),
    ("tdxverify.engines.anysize.find", 1, 0),
    ("tdxverify.smt.solver.Solver.check", 1, 0),
    ("tdxverify.engines.anysize._close", 1, 0),
    ("tdxverify.engines.finding.certified", 1, 0),
    ("tdxverify.engines.finding.certified", 2, 1),
    ("tdxverify.answers.evidence_told.narrate", 1, 1),
]


@pytest.mark.usefixtures("usual_handler")
@pytest.mark.parametrize(("place", "call", "answered"), PHASES)
def test_ctrl_c_in_a_check(
    run_command: RunCommand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    call: int,
    answered: int,
) -> None:
    spec = tmp_path / "two.tdx"
    spec.write_text(TWO, encoding="utf-8")
    interrupting(monkeypatch, place, call)
    done = run_command("check", spec)
    assert done.status == 2, done.err
    assert "Traceback" not in done.err
    assert done.out.count("  ok    ") == answered
    assert "interrupted" in done.out + done.err


@pytest.mark.usefixtures("usual_handler")
def test_ctrl_c_while_proofs_are_made_keeps_what_is_there(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "two.tdx"
    spec.write_text(TWO, encoding="utf-8")
    with monkeypatch.context() as patch:
        interrupting(patch, "tdxverify.answers.stored.proving.answer", 2)
        done = run_command("prove", spec)
    assert done.status == 2 and "1 new" in done.out and "interrupted" in done.out
    assert run_command("prove", spec).out.count("unchanged") == 2  # in its row, and in the last line
    with monkeypatch.context() as patch:
        interrupting(patch, "tdxverify.answers.stored.judging.checked", 1)
        done = run_command("prove", spec)
    assert done.status == 2 and "interrupted" in done.out
    assert run_command("recheck", spec).status == 0  # nothing that was stored is lost


@pytest.mark.usefixtures("usual_handler")
def test_ctrl_c_while_proofs_are_rechecked(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "two.tdx"
    spec.write_text(TWO, encoding="utf-8")
    run_command("prove", spec)
    interrupting(monkeypatch, "tdxverify.answers.stored.judging.evidence_in", 2)
    done = run_command("recheck", spec)
    assert done.status == 2 and "1 holds" in done.out and "interrupted" in done.out


@pytest.mark.usefixtures("usual_handler")
@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("lint",), "tdxverify.inquiries.lint.sights"),
        (("why",), "tdxverify.cli.why.traced"),
        (("trace",), "tdxverify.engines.explicit.engine.explore"),
        (("graph",), "tdxverify.engines.explicit.engine.explore"),
        (("check", "--strict"), "tdxverify.inquiries.strict.examined"),
        (("graph", "--what", "states"), "tdxverify.outputs.graphs.build.state_graph"),
        (("simulate", "--until", "y"), "tdxverify.inquiries.ways.find"),
        (("table",), "tdxverify.wellformed.building.checked_table"),
    ],
)
def test_ctrl_c_in_other_commands(
    run_command: RunCommand,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    place: str,
) -> None:
    spec = tmp_path / "two.tdx"
    spec.write_text(TWO, encoding="utf-8")
    interrupting(monkeypatch, place, 1)
    done = run_command(arguments[0], spec, *arguments[1:])
    assert done.status == 2, done.out + done.err
    assert "interrupted" in done.out + done.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_ctrl_c_while_a_spec_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "defines")
    code = (
        "import os, signal, sys, threading\n"
        "from tdxverify.cli.main import main\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "main(sys.argv[1:])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(path)],
        capture_output=True, text=True, env=environment(), timeout=HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
