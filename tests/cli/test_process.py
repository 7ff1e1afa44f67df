"""What only a process of its own shows: light imports, terminals, Ctrl-C, pipes that close."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check_command import EXPECTED, KEXEC

ROOT = Path(__file__).parents[2]
HEAVY = ("z3", "lark", "rich", "networkx", "msgspec")


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **changes}


def loaded_by(code: str) -> set[str]:
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint('loaded:', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    return {name.split(".")[0] for name in done.stdout.rpartition("loaded:")[2].split()}


@pytest.mark.parametrize(
    "code",
    [
        "import tdxverify",
        "import tdxverify.cli.main; tdxverify.cli.main.main(['--help'])",
        "import tdxverify.cli.main; tdxverify.cli.main.main(['check', '--help'])",
        "import tdxverify.cli.main; tdxverify.cli.main.main(['--version'])",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert not loaded_by(code) & set(HEAVY)


def test_import_loads_only_itself() -> None:
    program = "import sys, tdxverify; print(*(m for m in sys.modules if m.startswith('tdxverify')))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.split() == ["tdxverify"]


INTERRUPTED_BEFORE = """
import signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["tdxverify", "engines"]
import runpy
runpy.run_module("tdxverify", run_name="__main__")
"""


@pytest.mark.parametrize(
    "module", ["tdxverify.cli.main", "click", "tdxverify.cli.terminal", "tdxverify.cli.engines"]
)
def test_ctrl_c_while_it_is_loaded(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_BEFORE.format(module=module)],
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip() == "interrupted"


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tdxverify", *map(str, arguments)]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "kexec.tdx"
    path.write_text(KEXEC + EXPECTED, encoding="utf-8")
    return path


def test_whole_program(spec: Path) -> None:
    done = subprocess.run(command("check", spec), capture_output=True, text=True, env=environment())
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "2 checks: 2 as expected"
    assert done.stderr == ""


def on_a_terminal(arguments: list[str], **changes: str) -> str:
    """Everything the program writes to a terminal of its own."""
    master, slave = pty.openpty()
    process = subprocess.Popen(arguments, stdout=slave, stderr=slave, env=environment(**changes))
    os.close(slave)
    received = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        received += part
    process.wait()
    os.close(master)
    return received.decode()


def test_terminal_gets_colour_and_no_color_is_honoured(spec: Path) -> None:
    assert "\x1b[" in on_a_terminal(command("check", spec))
    assert "\x1b[" not in on_a_terminal(command("check", spec), NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(command("check", spec), TERM="dumb")


def test_diagnostics_are_coloured_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "wrong.tdx"
    path.write_text("state x : nothing\n", encoding="utf-8")
    shown = on_a_terminal(command("check", path))
    assert "E203" in shown
    assert "\x1b[" in shown
    assert "\x1b[" not in on_a_terminal(command("check", path), NO_COLOR="1")


def test_closed_pipe_is_quiet(spec: Path) -> None:
    arguments = command("check", spec, "--verbose")
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdout=pipe, stderr=pipe, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert process.returncode == 0
    assert complaint == b""


def test_locale_without_unicode_loses_nothing_but_looks(tmp_path: Path) -> None:
    path = tmp_path / "wide.tdx"
    path.write_text('state x : nothing "größer"\n', encoding="utf-8")
    done = subprocess.run(
        command("check", path), capture_output=True, text=True, env=environment(PYTHONIOENCODING="ascii")
    )
    assert done.returncode == 3
    assert "gr\\xf6\\xdfer" in done.stderr


# Ten counters of ten values: far too many states for the time the test gives it.
LONG = """\
index Cpu
state count[Cpu] : 0..9 = 0
action up(c : Cpu) when count[c] < 9 { count[c] := count[c] + 1 }
property never_full never forall c : Cpu: count[c] = 9
property small always forall c : Cpu: count[c] <= 9
check small for Cpu = 1 expect proved
check never_full for Cpu = 10 expect proved
check small for Cpu = 2 expect proved
"""


def test_interrupt_prints_what_was_decided(tmp_path: Path) -> None:
    path = tmp_path / "long.tdx"
    path.write_text(LONG, encoding="utf-8")
    process = subprocess.Popen(
        command("check", path, "--engine", "explicit"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stderr is not None
    first = process.stderr.readline()  # progress: the long check is under way
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert "[2/3]" in first
    assert process.returncode == 2
    assert "Traceback" not in err
    assert "ok    small" in out
    assert out.count("\n  open  ") == 2
    assert out.splitlines()[-1] == "3 checks: 1 as expected, 2 undecided; interrupted"


def test_progress_goes_to_stderr_only_when_it_takes_long(tmp_path: Path) -> None:
    path = tmp_path / "long.tdx"
    path.write_text(LONG, encoding="utf-8")
    arguments = command("check", path, "--engine", "explicit", "--property", "never_full", "--timeout", "2.5")
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment())
    assert done.returncode == 2
    assert "[1/1]" in done.stderr
    assert "explicit: " in done.stderr
    assert "[1/1]" not in done.stdout
