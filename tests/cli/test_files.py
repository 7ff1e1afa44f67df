"""Files and streams, each in a process of its own: nothing is lost, hangs or ends in silence."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import click
import pytest

import tdxverify
from tdxverify.cli.main import COMMANDS
from tdxverify.outputs.formats import FORMATS, Document
from tests.cli.conftest import RunCommand
from tests.cli.forked_command import forked_command
from tests.cli.test_process import command, environment

SPEC = """\
state poisoned : bool = false
action partial_write { poisoned := true }
property p never poisoned
check p expect refuted in 1
"""
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.tdx"
    path.write_text(SPEC, encoding="utf-8")
    return path


def run(
    folder: Path, *arguments: str | Path, shell: str = "", fresh: bool = False, **changes: str
) -> subprocess.CompletedProcess[str]:
    """One command, with what a shell does to its streams: `shell="> /dev/full"`. Nothing takes a minute.

    `fresh`: Python starts anew; so it does where the shell or the environment has `changes` for it.
    """
    if not (shell or fresh or changes):
        return forked_command(folder, [str(argument) for argument in arguments], environment())
    words = ["bash", "-c", f'"$@" {shell}', "-", *command(*arguments)]
    streams = {"capture_output": True, "text": True, "errors": "surrogateescape", "timeout": 60}
    return subprocess.run(words, cwd=folder, env=environment(**changes), check=False, **streams)  # type: ignore[call-overload, no-any-return]


def refused(done: subprocess.CompletedProcess[str], code: str) -> str:
    """What was said."""
    assert done.returncode == 3, done.stderr
    assert f"error[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


# --- nothing that is read is written over ---------------------------------------------------

OUTPUTS = [
    ("check", "--output"),
    ("check", "--report"),
    ("trace", "--output"),
    ("graph", "--output"),
    ("lint", "--output"),
    ("simulate", "--random", "1", "--output"),
]


@pytest.mark.parametrize("words", OUTPUTS, ids=" ".join)
def test_no_input_is_written_over(spec: Path, words: tuple[str, ...]) -> None:
    folder = spec.parent
    (folder / "imported.txt").write_text("state other : bool = false\n", encoding="utf-8")
    spec.write_text(f'import "imported.txt"\n{SPEC}', encoding="utf-8")
    (folder / "spec.proof.json").write_text("{}", encoding="utf-8")
    os.link(spec, folder / "hard.txt")
    os.link(folder / "spec.proof.json", folder / "hard.json")
    (folder / "soft.txt").symlink_to("imported.txt")
    before = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    verb, *options = words
    for name in (*before, "./spec.tdx", "new.TDX", "new.proof.json"):
        is_picture = verb == "graph" and not name.endswith(".json")
        refused(run(folder, verb, "spec.tdx", *options, name), "E708" if is_picture else "E705")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == before


def test_a_saved_trace_is_not_written_over(spec: Path) -> None:
    assert run(spec.parent, "trace", "spec.tdx", "--format", "json", "--output", "t.json").returncode == 0
    refused(run(spec.parent, "trace", "spec.tdx", "--replay", "t.json", "--output", "t.json"), "E705")


def test_two_outputs_need_two_files(spec: Path) -> None:
    refused(run(spec.parent, "check", "spec.tdx", "--output", "a", "--report", "./a"), "E705")


def test_a_proof_file_that_leads_to_the_spec_does_not_replace_it(spec: Path) -> None:
    (spec.parent / "spec.proof.json").symlink_to("spec.tdx")
    refused(run(spec.parent, "prove", "--update", "spec.tdx"), "E705")
    assert spec.read_text(encoding="utf-8") == SPEC


def test_exported_scripts_replace_no_spec(spec: Path) -> None:
    spec.write_text(SPEC.replace("poisoned := true", "poisoned := false").replace("refuted in 1", "proved"))
    assert run(spec.parent, "prove", "spec.tdx").returncode == 0
    assert run(spec.parent, "certificate", "export", "spec.tdx", "--output", "out").returncode == 0
    script = sorted((spec.parent / "out").iterdir())[0]
    script.unlink()
    script.symlink_to("../spec.tdx")
    before = spec.read_bytes()
    refused(run(spec.parent, "certificate", "export", "spec.tdx", "--output", "out"), "E705")
    assert spec.read_bytes() == before


# --- old or new, nothing between ------------------------------------------------------------


def test_a_mistake_leaves_the_old_file(spec: Path) -> None:
    old = spec.parent / "g.svg"
    old.write_text("old", encoding="utf-8")
    spec.write_text("state x : nope\n", encoding="utf-8")
    refused(run(spec.parent, "graph", "spec.tdx", "--output", "g.svg"), "E203")
    assert old.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_old_file(tmp_path: Path, number: signal.Signals) -> None:
    """A check that lasts, ended while it runs."""
    (tmp_path / "long.tdx").write_text(
        "index Cpu\nstate count[Cpu] : 0..9 = 0\n"
        "action up(c : Cpu) when count[c] < 9 { count[c] := count[c] + 1 }\n"
        "property never_full never forall c : Cpu: count[c] = 9\ncheck never_full for Cpu = 10\n",
        encoding="utf-8",
    )
    old = tmp_path / "report.txt"
    old.write_text("old", encoding="utf-8")
    process = subprocess.Popen(
        command("check", "long.tdx", "--engine", "explicit", "--output", "report.txt"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(1.5)
    process.send_signal(number)
    process.wait(60)
    assert old.read_text(encoding="utf-8") == "old" or number == signal.SIGINT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.tdx", "report.txt"]


def test_a_signal_while_writing_comes_afterwards(tmp_path: Path) -> None:
    """The moment is chosen: the file that is written aside is there, the target is not yet replaced."""
    program = """
import os, signal, sys
from pathlib import Path
from tdxverify.files import writing
def signalled(before, after, replace=os.replace):
    os.kill(os.getpid(), signal.SIGTERM)
    replace(before, after)
writing.os.replace = signalled
writing.written(Path("report.txt"), b"new")
"""
    (tmp_path / "report.txt").write_text("old", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment(), check=False)
    assert done.returncode == -signal.SIGTERM
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"report.txt": "new"}


def test_nothing_stays_behind_where_writing_fails(tmp_path: Path, spec: Path) -> None:
    """A limit on the size of files stands for a full disk."""
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from tdxverify.cli.main import main; main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", program, "check", "spec.tdx", "--report", "report.html"]
    # Byte code must not be written under this limit: Python would keep the half of it, for everybody.
    changes = {"XDG_CACHE_HOME": str(tmp_path.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        words, cwd=tmp_path, env=environment(**changes), capture_output=True, text=True, check=False
    )
    assert "File too large" in refused(done, "E705")
    assert "1 check: 1 as expected" in done.stdout
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "spec.tdx"]


def test_permissions_are_those_of_the_user_or_of_the_old_file(spec: Path) -> None:
    def mode(name: str) -> int:
        return stat.S_IMODE((spec.parent / name).stat().st_mode)

    words = ["bash", "-c", 'umask 027; "$@"', "-", *command("check", "spec.tdx", "--output", "report.txt")]
    subprocess.run(words, cwd=spec.parent, env=environment(), check=True, capture_output=True)
    assert mode("report.txt") == 0o640
    (spec.parent / "report.txt").chmod(0o604)
    subprocess.run(words, cwd=spec.parent, env=environment(), check=True, capture_output=True)
    assert mode("report.txt") == 0o604


def test_a_link_stays_and_what_it_leads_to_is_written(spec: Path) -> None:
    (spec.parent / "elsewhere").mkdir()
    (spec.parent / "link.txt").symlink_to("elsewhere/report.txt")
    for _ in range(2):
        assert run(spec.parent, "check", "spec.tdx", "--output", "link.txt").returncode == 0
        assert (spec.parent / "link.txt").is_symlink()
        assert "as expected" in (spec.parent / "elsewhere" / "report.txt").read_text(encoding="utf-8")


# --- where nothing can be written -----------------------------------------------------------


@full
@pytest.mark.parametrize("option", ["--output", "--report"])
def test_a_full_device(spec: Path, option: str) -> None:
    done = run(spec.parent, "check", "spec.tdx", option, "/dev/full")
    assert "No space left on device" in refused(done, "E705")
    assert "1 check: 1 as expected" in done.stdout


@full
@pytest.mark.parametrize(
    "words",
    [
        ("check", "spec.tdx"),
        ("check", "spec.tdx", "--format", "json"),
        ("graph", "spec.tdx", "--format", "png"),
        ("simulate", "spec.tdx", "--random", "1"),
        ("simulate", "spec.tdx"),
        ("explain", "E101"),
        ("--help",),
        ("check", "--help"),
    ],
    ids=" ".join,
)
def test_full_or_closed_standard_output(spec: Path, words: tuple[str, ...]) -> None:
    assert "No space left on device" in refused(run(spec.parent, *words, shell="> /dev/full"), "E705")
    if "--help" not in words:
        assert "it is closed" in refused(run(spec.parent, *words, shell=">&-"), "E705")


@full
@pytest.mark.parametrize("shell", ["2> /dev/full", "2>&-", "<&-", "2>&- <&-"])
def test_other_streams_do_not_matter(spec: Path, shell: str) -> None:
    assert run(spec.parent, "check", "spec.tdx", shell=shell).returncode == 0
    assert run(spec.parent, "simulate", "spec.tdx", shell=f"{shell} < /dev/null").returncode == 0
    assert run(spec.parent, "check", "missing.tdx", shell=shell).returncode == 3


def test_a_closed_stream_gets_no_file_of_ours(spec: Path) -> None:
    done = run(spec.parent, "check", "spec.tdx", "--output", "report.txt", shell=">&- 2>&- <&-")
    assert done.returncode == 3
    assert (spec.parent / "report.txt").read_text(encoding="utf-8").startswith("spec.tdx\n")


def test_a_reader_that_goes_away(spec: Path) -> None:
    done = run(spec.parent, "check", "spec.tdx", "--format", "json", shell="| head -1; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


@pytest.mark.parametrize("target", [".", "no/such/folder.txt", "spec.tdx/x", "x" * 300, "loop", "socket"])
def test_targets_that_cannot_be(spec: Path, target: str) -> None:
    import socket

    (spec.parent / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(spec.parent / "socket"))
        refused(run(spec.parent, "check", "spec.tdx", "--output", target), "E705")


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/dev/stderr"])
def test_streams_by_name(spec: Path, target: str) -> None:
    done = run(spec.parent, "check", "spec.tdx", "--output", target)
    assert done.returncode == 0
    assert "refuted in 1 step" in (done.stderr if "err" in target else done.stdout)
    appended = run(spec.parent, "check", "spec.tdx", "--output", target, shell=">> log 2>> log; cat log")
    assert "refuted in 1 step" in appended.stdout and "report: " in appended.stdout


def test_a_pipe_as_output(spec: Path) -> None:
    done = run(spec.parent, "check", "spec.tdx", "--output", "/dev/null")
    assert done.returncode == 0
    os.mkfifo(spec.parent / "pipe")
    assert "nobody reads" in refused(run(spec.parent, "check", "spec.tdx", "--output", "pipe"), "E705")
    with subprocess.Popen(["cat", "pipe"], cwd=spec.parent, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        time.sleep(0.3)
        assert run(spec.parent, "check", "spec.tdx", "--output", "pipe").returncode == 0
        assert "refuted in 1 step" in reader.stdout.read()


# --- what is no ordinary file ---------------------------------------------------------------


@pytest.mark.parametrize("verb", ["check", "lint", "prove", "recheck", "table", "trace", "why", "simulate"])
def test_no_spec_at_all(tmp_path: Path, verb: str) -> None:
    os.mkfifo(tmp_path / "pipe.tdx")
    (tmp_path / "loop.tdx").symlink_to("loop.tdx")
    (tmp_path / "gone.tdx").symlink_to("nowhere.tdx")
    (tmp_path / "folder.tdx").mkdir()
    for name, code in (("pipe", "E102"), ("loop", "E102"), ("gone", "E101")):
        assert f"{name}.tdx" in refused(run(tmp_path, verb, f"{name}.tdx"), code)
    refused(
        run(tmp_path, verb, "folder.tdx"), "E102" if verb in ("table", "trace", "why", "simulate") else "E607"
    )
    refused(run(tmp_path, verb, "/dev/zero"), "E102")


def test_they_are_named_below_a_folder(spec: Path) -> None:
    (spec.parent / "inner").mkdir()
    os.mkfifo(spec.parent / "inner" / "pipe.tdx")
    (spec.parent / "gone.tdx").symlink_to("nowhere.tdx")
    done = run(spec.parent, "check", ".")
    assert "inner/pipe.tdx" in refused(done, "E102") and "gone.tdx" in refused(done, "E101")
    assert "1 as expected" in done.stdout


def test_a_stream_has_to_be_saved_first(spec: Path) -> None:
    told = refused(run(spec.parent, "check", "/dev/stdin", shell="< <(cat spec.tdx)"), "E102")
    assert "save what comes from it to a file" in told
    refused(run(spec.parent, "check", shell="<(cat spec.tdx)"), "E102")
    assert run(spec.parent, "check", "/dev/stdin", shell="< spec.tdx").returncode == 0


def parameters_with_a_path() -> list[tuple[str, str, str]]:
    """Command, subcommand and option; an argument is none."""
    found = []
    for name in COMMANDS:
        whole = import_module(COMMANDS[name][0]).command
        for sub, one in getattr(whole, "commands", {"": whole}).items():
            paths = [p for p in one.params if isinstance(p.type, click.Path)]
            found += [(name, sub, p.opts[0] if p.param_type_name == "option" else "") for p in paths]
    return found


@pytest.mark.parametrize(("name", "sub", "option"), parameters_with_a_path())
def test_an_empty_path_is_refused_by_name(
    name: str, sub: str, option: str, run_command: RunCommand, tmp_path: Path
) -> None:
    (tmp_path / "spec.tdx").write_text("state x : bool = false\nproperty p never x\ncheck p\n")
    before = [name, sub] if sub else [name]
    result = run_command(*before, *((option, "", "spec.tdx") if option else ("",)))
    assert (result.status, result.out) == (3, "")
    assert "error[E708]" in result.err and "the path is empty" in result.err and option in result.err


def test_the_empty_path_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spec.tdx").write_text("state x : bool = false\nproperty p never x\ncheck p\n")
    monkeypatch.chdir(tmp_path)
    run = tdxverify.check("")
    assert (run.answers, [one.message for one in run.diagnostics]) == ((), ["the path is empty"])
    assert len(tdxverify.check(".").answers) == 1


@pytest.mark.parametrize("verb", ["prove", "recheck", "certificate show"])
def test_a_proof_file_that_is_a_pipe(spec: Path, verb: str) -> None:
    os.mkfifo(spec.parent / "spec.proof.json")
    refused(run(spec.parent, *verb.split(), "spec.tdx"), "E102")
    assert run(spec.parent, "check", "spec.tdx", "--report", "page.html").returncode == 0


def test_a_trace_to_be_replayed_that_is_a_pipe(spec: Path) -> None:
    os.mkfifo(spec.parent / "trace.json")
    for verb in ("trace", "why"):
        refused(run(spec.parent, verb, "spec.tdx", "--replay", "trace.json"), "E102")


def test_imports_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tdx")
    (tmp_path / "folder.tdx").mkdir()
    for name, kind in (("pipe.tdx", "a pipe"), ("folder.tdx", "a folder")):
        (tmp_path / "spec.tdx").write_text(f'import "{name}"\n{SPEC}', encoding="utf-8")
        told = refused(run(tmp_path, "check", "spec.tdx"), "E102")
        assert (
            f"{name} is {kind}, not a file" in told and "spec.tdx:1:1" in told and "did you mean" not in told
        )


# --- permissions, which mean nothing to root ------------------------------------------------


_LESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


def restricted(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command for which permissions mean what they say, even if root runs the tests."""
    before = _LESS if os.getuid() == 0 else ()
    if before and shutil.which("setpriv") is None:
        pytest.skip("permissions mean nothing to root, and there is no setpriv here")
    words = [*before, *command(*arguments)]
    return subprocess.run(
        words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_what_may_not_be_read_is_named(spec: Path) -> None:
    closed, unreadable = spec.parent / "closed", spec.parent / "unreadable.tdx"
    closed.mkdir()
    (closed / "inner.tdx").write_text(SPEC, encoding="utf-8")
    unreadable.write_text(SPEC, encoding="utf-8")
    unreadable.chmod(0)
    closed.chmod(0)
    try:
        done = restricted(spec.parent, "check", ".")
        told = refused(done, "E102")
        assert "closed cannot be looked through" in told and "unreadable.tdx cannot be read" in told
        assert "1 as expected" in done.stdout
        refused(restricted(spec.parent, "check", "closed"), "E102")
        refused(restricted(spec.parent, "check", "closed/inner.tdx"), "E102")
        spec.write_text(f'import "closed/inner.tdx"\n{SPEC}', encoding="utf-8")
        assert "Permission denied" in refused(restricted(spec.parent, "check", "spec.tdx"), "E102")
    finally:
        closed.chmod(0o700)


def test_what_may_not_be_written(spec: Path) -> None:
    old = spec.parent / "old.txt"
    old.write_text("old", encoding="utf-8")
    old.chmod(0o444)
    refused(restricted(spec.parent, "check", "spec.tdx", "--output", "old.txt"), "E705")
    spec.parent.chmod(0o555)
    try:
        refused(restricted(spec.parent, "check", "spec.tdx", "--output", "new.txt"), "E705")
        refused(restricted(spec.parent, "prove", "spec.tdx"), "E705")
    finally:
        spec.parent.chmod(0o755)
    assert old.read_text(encoding="utf-8") == "old"


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [b"a\xff.tdx", b"a\nb.tdx", b"a\x1b[31m.tdx", "a\u202e.tdx".encode(), b"-x.tdx"]
)
def test_names_of_files(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text(SPEC, encoding="utf-8")
    whole = f"./{os.fsdecode(name)}"
    anew = run(tmp_path, "trace", whole, fresh=True)
    assert (anew.returncode, anew.stdout) == (0, run(tmp_path, "trace", whole).stdout)
    for form in FORMATS[Document.RUN]:
        done = run(tmp_path, "check", whole, "--format", form)
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\u202e", "\udcff"} & set(done.stdout)
    for form in FORMATS[Document.TRACE]:
        done = run(tmp_path, "trace", whole, "--format", form)
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\u202e", "\udcff"} & set(done.stdout)
    assert run(tmp_path, "prove", whole).returncode == 0
    for form in FORMATS[Document.RUN]:
        done = run(tmp_path, "recheck", whole, "--format", form)
        assert done.returncode == 0, done.stderr
        assert not {"\x1b", "\u202e", "\udcff"} & set(done.stdout)
    refused(run(tmp_path, "check", f"{whole}.missing"), "E101")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = run(tmp_path, "check", "spec.tdx", shell="", PYTHONSAFEPATH="1")
    refused(done, "E101")
    words = ["bash", "-c", 'cd gone; rmdir ../gone; "$@"', "-", *command("check", "spec.tdx")]
    gone = subprocess.run(
        words, cwd=tmp_path, env=environment(PYTHONSAFEPATH="1"), capture_output=True, text=True, check=False
    )
    refused(gone, "E101")
