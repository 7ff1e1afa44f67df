"""`tdxverify check`: exit statuses, formats, options, and every kind of bad input."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest

from tdxverify.answers import checking
from tdxverify.answers.run import Run
from tdxverify.diagnostics import InternalError
from tdxverify.outputs import run_json as as_json
from tests.cli.conftest import RunCommand

KEXEC = """\
module kexec
param erratum : bool
index Line
fault #MC "machine check"
enum Phase { running, handover, next_kernel_runs }
state phase : Phase = running
memory Line { td_owned : bool = false  poison : bool = false }
actor tdx_module, host_kernel, next_kernel
access host_read(l : Line) {
  poison[l] -> fault #MC cite F-MC-10
  otherwise -> ok
}
access host_partial_write(l : Line) {
  td_owned[l] and erratum     -> ok { poison[l] := true } cite F-TDX-31
  td_owned[l] and not erratum -> ok { td_owned[l] := false }
  not td_owned[l]             -> ok
}
action donate(l : Line) by tdx_module "the module takes a line" when phase = running { td_owned[l] := true }
action stray_write(l : Line) by host_kernel when phase = running { host_partial_write(l) }
action boot_read(l : Line) by next_kernel when phase = next_kernel_runs { host_read(l) }
process kexec by host_kernel {
  start: when phase = running { phase := handover }
  jump:  { phase := next_kernel_runs }
}
property no_mc "the next kernel never takes a machine check" never next_kernel takes #MC
property poisoned reachable exists l : Line: poison[l]
"""


def write(text: str, name: str = "kexec.tdx") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


# --- exit statuses -----------------------------------------------------------------

EXPECTED = "check no_mc where not erratum expect proved\ncheck no_mc where erratum expect refuted in 5\n"


@pytest.mark.parametrize(
    ("checks", "options", "status"),
    [
        (EXPECTED, (), 0),
        ("check poisoned where erratum expect proved\n", (), 0),
        ("check no_mc where erratum expect proved\n", (), 1),
        ("check no_mc where erratum expect refuted in 4\n", (), 1),
        ("check no_mc where not erratum expect refuted\n", (), 1),
        ("check no_mc where not erratum expect proved\n", ("--engine", "bmc", "--bound", "3"), 2),
        ("check no_mc for any size where not erratum expect proved\n", ("--engine", "explicit"), 2),
        ("check no_mc for any size where not erratum expect proved\n", (), 0),
        ("check no_mc where not erratum expect unknown\n", ("--engine", "bmc", "--bound", "3"), 0),
        ("check no_mc where erratun expect proved\n", (), 3),
        ("", (), 3),
    ],
)
def test_exit_status(run_command: RunCommand, checks: str, options: tuple[str, ...], status: int) -> None:
    assert run_command("check", write(KEXEC + checks), *options).status == status


def test_wrong_answer_counts_more_than_an_open_one(run_command: RunCommand) -> None:
    checks = (
        "check no_mc for any size where not erratum expect proved\ncheck no_mc where erratum expect proved\n"
    )
    assert run_command("check", write(KEXEC + checks)).status == 1


def test_mistake_counts_more_than_a_wrong_answer_and_hides_nothing(run_command: RunCommand) -> None:
    write(KEXEC + "check no_mc where erratum expect proved\n")
    write("state x : nothing\n", "wrong.tdx")
    result = run_command("check", ".")
    assert result.status == 3
    assert "FAIL  no_mc" in result.out
    assert "error[E203]" in result.err
    assert "1 check: 0 as expected, 1 not as expected; 1 error" in result.out


def test_refused_evidence_is_status_4_with_a_bundle(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise InternalError("the trace is no run", {"trace.txt": "step 1"})

    monkeypatch.setattr("tdxverify.engines.finding.certified", refuse)
    spec = write(KEXEC + EXPECTED)
    result = run_command("check", spec)
    assert result.status == 4
    assert "internal error: the trace is no run" in result.err
    (bundle,) = Path(".tdxverify").iterdir()
    assert str(bundle) in result.err
    assert (bundle / "trace.txt").read_text() == "step 1"
    assert (bundle / "kexec.tdx").read_text() == spec.read_text()
    assert "check no_mc" in (bundle / "check.txt").read_text()
    assert "proved" not in result.out


def test_unforeseen_exception_is_status_4_with_a_bundle(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> Run:
        raise ZeroDivisionError("in the middle")

    monkeypatch.setattr(checking, "check", crash)
    result = run_command("check", write(KEXEC + EXPECTED))
    assert result.status == 4
    assert "internal error: ZeroDivisionError: in the middle" in result.err
    assert "Traceback" not in result.err
    (bundle,) = Path(".tdxverify").iterdir()
    assert "in crash" in (bundle / "traceback.txt").read_text()


def test_a_file_that_ends_too_early_is_no_ctrl_c(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As damaged byte code of Python does."""

    def damaged(**options: object) -> None:
        raise EOFError("marshal data too short")

    monkeypatch.setattr("tdxverify.cli.explain_code.command.callback", damaged)
    result = run_command("explain", "E101")
    assert result.status == 4
    assert "internal error: EOFError: marshal data too short" in result.err


# --- reports --------------------------------------------------------------------------


def test_text_report_tells_the_refutation(run_command: RunCommand) -> None:
    result = run_command("check", write(KEXEC + EXPECTED))
    assert result.err == ""
    assert "refuted in 5 steps" in result.out
    assert "host_partial_write(Line0), row 1: td_owned[l] and erratum -> ok" in result.out
    assert "next_kernel takes #MC" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    assert result.out.splitlines()[-1] == "2 checks: 2 as expected"


def normalised(text: str) -> str:
    return re.sub(r"\d+\.\d\d s", "0.00 s", re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', text))


WHOLE = (
    EXPECTED
    + """\
check no_mc for Line <= 3 expect proved
check no_mc for any size where not erratum expect proved
check poisoned where erratum expect proved
check poisoned where not erratum expect refuted
check no_mc where erratum and not erratum expect vacuous
"""
)


@pytest.mark.parametrize(("form", "ending"), [("text", "txt"), ("json", "json")])
def test_golden_report(run_command: RunCommand, form: str, ending: str) -> None:
    """UPDATE_GOLDEN=1 stores what is found instead, to be reviewed as a diff."""
    golden = Path(__file__).parent / "golden" / f"kexec.{ending}"
    found = normalised(run_command("check", write(KEXEC + WHOLE), "--format", form, "--show-invariant").out)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["text", "json"])
def test_same_run_same_report(run_command: RunCommand, form: str) -> None:
    spec = write(KEXEC + EXPECTED + "check poisoned where erratum expect proved\n")
    first = run_command("check", spec, "--format", form, "--verbose")
    second = run_command("check", spec, "--format", form, "--verbose")
    assert normalised(first.out) == normalised(second.out)


def test_json_report_satisfies_the_schema(run_command: RunCommand) -> None:
    result = run_command("check", write(KEXEC + EXPECTED), "--format", "json")
    document = json.loads(result.out)
    jsonschema.validate(document, as_json.schema())
    assert document["exit_status"] == result.status == 0
    assert [step["action"] for step in document["checks"][1]["trace"]] == [
        "donate",
        "stray_write",
        "kexec.start",
        "kexec.jump",
        "boot_read",
    ]


def test_mistakes_are_in_the_json_report_and_on_stderr(run_command: RunCommand) -> None:
    result = run_command("check", write("state x : nothing\n"), "--format", "json")
    assert result.status == 3
    assert json.loads(result.out)["diagnostics"][0]["code"] == "E203"
    assert "error[E203]" in result.err


def test_output_file_gets_the_report(run_command: RunCommand) -> None:
    result = run_command("check", write(KEXEC + EXPECTED), "--output", "report.txt")
    assert result.out == "2 checks: 2 as expected\nreport: report.txt\n"
    assert "refuted in 5 steps" in Path("report.txt").read_text()


def test_verbose_shows_witnesses(run_command: RunCommand) -> None:
    spec = write(KEXEC + "check poisoned where erratum expect proved\n")
    assert "stray_write" not in run_command("check", spec).out
    assert "stray_write(l = Line0) by host_kernel" in run_command("check", spec, "-v").out


def test_narrowing_options(run_command: RunCommand) -> None:
    spec = write(KEXEC + "check no_mc expect refuted\n")
    assert run_command("check", spec).status == 0
    result = run_command("check", spec, "--param", "erratum=false", "--size", "Line=1..3")
    assert result.status == 1
    assert "for Line = 1..3" in result.out
    assert "where erratum = false" in result.out
    assert (
        run_command("check", spec, "--size", "Line<=2", "--property", "no_mc", "--timeout", "60").status == 0
    )


# --- bad input ---------------------------------------------------------------------------


def bad_input(run_command: RunCommand, code: str, *arguments: str | Path) -> str:
    """Run; there must be exit status 3, a coded message and no traceback. Returns the message."""
    result = run_command("check", *arguments)
    assert result.status == 3
    assert f"error[{code}]" in result.err
    assert "Traceback" not in result.err + result.out
    assert f"tdxverify explain {code}" in result.err
    return result.err


def test_empty_file(run_command: RunCommand) -> None:
    bad_input(run_command, "E120", write(""))


def test_binary_file(run_command: RunCommand) -> None:
    Path("a.tdx").write_bytes(bytes(range(256)) * 10)
    bad_input(run_command, "E104", "a.tdx")


def test_wrong_encoding(run_command: RunCommand) -> None:
    Path("a.tdx").write_bytes('state x : bool "Größe"\n'.encode("latin-1"))
    bad_input(run_command, "E103", "a.tdx")


def test_missing_file(run_command: RunCommand) -> None:
    bad_input(run_command, "E101", "nowhere.tdx")


def test_missing_import(run_command: RunCommand) -> None:
    bad_input(run_command, "E130", write(KEXEC.replace("param", "import nowhere.tdx\nparam")))


def test_directory_without_specs(run_command: RunCommand) -> None:
    Path("empty").mkdir()
    bad_input(run_command, "E607", "empty")


def test_file_that_cannot_be_read(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated, because permissions mean nothing to root."""
    spec = write(KEXEC)

    def refuse(path: object, *_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("tdxverify.files.reading._opened", refuse)
    bad_input(run_command, "E102", spec)


def test_deep_nesting(run_command: RunCommand) -> None:
    nested = "(" * 10_000 + "erratum" + ")" * 10_000
    bad_input(run_command, "E106", write(KEXEC + f"property p never {nested}\ncheck p expect proved\n"))


@pytest.mark.parametrize(("megabytes", "code"), [(1, "E111"), (5, "E105")])
def test_very_long_line(run_command: RunCommand, megabytes: int, code: str) -> None:
    """A file beyond the limit is not even read; else the message shows only what is near the mistake."""
    error = bad_input(run_command, code, write(" ".join(KEXEC.split()) + " ok" * (megabytes * 350_000)))
    assert len(error) < 5_000


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("Line = 0", "E601"),
        ("Line = 1000000000", "E602"),
        ("Phase = 2", "E603"),
        ("Line = 1, Line = 2", "E604"),
    ],
)
def test_sizes_in_a_check(run_command: RunCommand, clause: str, code: str) -> None:
    bad_input(run_command, code, write(KEXEC + f"check no_mc for {clause} expect proved\n"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--size", "Line=0"), "E601"),
        (("--size", "Line=-1"), "E601"),
        (("--size", "Line=1000000000"), "E602"),
        (("--size", "Line=999999999"), "E602"),
        (("--size", "Line=" + "9" * 5000), "E602"),
        (("--size", "Line=10^9"), "E702"),
        (("--size", "Line"), "E702"),
        (("--size", "Line=3..2"), "E702"),
        (("--size", "Page=2"), "E603"),
        (("--param", "erratum"), "E703"),
        (("--param", "erratum=maybe"), "E703"),
        (("--param", "eratum=true"), "E704"),
        (("--engine", "magic"), "E701"),
        (("--property", "nothing"), "E707"),
        (("--bound", "-1"), "E708"),
        (("--bound", "many"), "E708"),
        (("--timeout", "0"), "E708"),
        (("--format", "yaml"), "E708"),
        (("--frobnicate",), "E708"),
        (("--output", "missing/directory/report.txt"), "E705"),
        (("--output", "."), "E705"),
    ],
)
def test_wrong_options(run_command: RunCommand, arguments: tuple[str, ...], code: str) -> None:
    bad_input(run_command, code, write(KEXEC + EXPECTED), *arguments)


def test_output_is_tried_before_anything_runs(
    run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Run:
        raise AssertionError("the run was started")

    monkeypatch.setattr(checking, "check", never)
    bad_input(run_command, "E705", write(KEXEC + EXPECTED), "--output", "missing/report.txt")


def test_all_mistakes_of_a_file_are_told(run_command: RunCommand) -> None:
    result = run_command(
        "check", write("state x : nothing\nstate y : neither\naction a by nobody { x := 1 }\n")
    )
    assert result.err.count("error[") >= 3
    assert result.err.splitlines()[-1].startswith(f"{result.err.count('error[')} errors")
