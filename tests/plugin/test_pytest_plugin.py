"""pytest on directories with specs: ids, selection, reports, options. Runs of pytest inside pytest."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ElementTree
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers import deciding
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.proving import prove
from tdxverify.diagnostics import InternalError
from tdxverify.questions import specs as loading

pytest_plugins = ["pytester"]

# What is imported here is not imported anew by every run of pytest inside this one.
for module in (
    "tdxverify.inquiries.strict",
    "tdxverify.outputs.text.run_text",
    "tdxverify.engines.explicit.engine",
):
    import_module(module)

# Without index sorts no solver is needed, so that the many runs of pytest below stay short.
MACHINE = """\
param erratum : bool
param reset : bool
actor kernel
fault #MC "machine check" fatal
state poison : bool = false
access load { poison -> fault #MC  otherwise -> ok }
action damage when erratum { poison := not reset }
action read by kernel { load() }
property no_mc "the kernel takes no machine check" never kernel takes #MC
property poisoned reachable poison
"""

CHECKS = """\
check no_mc where not erratum
check no_mc where erratum and not reset expect refuted in 2
check no_mc where not erratum
check poisoned
"""

LINES = """\
index Line
state poison[Line] : bool = false
action damage(l : Line) { poison[l] := forall m : Line: l = m or not poison[m] }
property clean never exists l : Line: poison[l]
check clean expect refuted
check clean for Line = 1 expect refuted in 1
check clean for Line <= 2 expect refuted in 1
check clean for any size expect refuted in 1
"""


@pytest.fixture(autouse=True)
def surroundings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are not cut, and plugins that take longer to load than everything else are not there."""
    del pytester  # requested because it clears the environment
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")


@pytest.fixture
def specs(pytester: pytest.Pytester) -> Path:
    """A directory `spec` with a good spec, a library and a file that is no spec."""
    folder = pytester.mkdir("spec")
    write(folder / "machine.tdx", MACHINE + CHECKS)
    write(folder / "library.tdx", MACHINE)
    write(folder / "notes.txt", "not a spec")
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def failing(folder: Path, *checks: str) -> Path:
    path = folder / "failing.tdx"
    write(path, MACHINE + "\n".join(checks) + "\n")
    return path


# --- collection ------------------------------------------------------------------------

IDS = [
    "spec/machine.tdx::no_mc[not erratum]",
    "spec/machine.tdx::no_mc[erratum and not reset]",
    "spec/machine.tdx::no_mc[not erratum]#2",
    "spec/machine.tdx::poisoned",
]


@pytest.mark.usefixtures("specs")
def test_ids_are_readable_and_told_apart(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--collect-only", "-q", "spec")
    assert [line for line in result.outlines if "::" in line] == IDS


def test_ids_do_not_depend_on_the_place_in_the_file(pytester: pytest.Pytester, specs: Path) -> None:
    path = specs / "machine.tdx"
    write(path, "// a comment\n\n" + path.read_text(encoding="utf-8"))
    result = pytester.runpytest("--collect-only", "-q", "spec")
    assert [line for line in result.outlines if "::" in line] == IDS


@pytest.mark.usefixtures("specs")
def test_all_as_expected(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("spec")
    result.assert_outcomes(passed=4)
    assert result.ret == 0


def test_ids_tell_the_sizes(pytester: pytest.Pytester) -> None:
    write(pytester.path / "lines.tdx", LINES)
    result = pytester.runpytest("-v")
    told = ["clean", "clean[Line = 1]", "clean[Line <= 2]", "clean[any size]"]
    assert [line.split("::")[1].split(" PASSED")[0] for line in result.outlines if "::" in line] == told
    pytester.runpytest("lines.tdx::clean[Line = 1]", "--tdx-size", "Line=3").assert_outcomes(passed=1)


@pytest.mark.parametrize("number", [0, 2, 3])
@pytest.mark.usefixtures("specs")
def test_one_check_by_its_id(pytester: pytest.Pytester, number: int) -> None:
    result = pytester.runpytest("-v", IDS[number])
    result.assert_outcomes(passed=1)
    assert any(line.startswith(IDS[number] + " PASSED") for line in result.outlines)


@pytest.mark.usefixtures("specs")
def test_selection_by_keyword_and_marker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_other(): pass")
    pytester.runpytest("-k", "no_mc and not reset").assert_outcomes(passed=2, deselected=3)
    pytester.runpytest("-m", "tdx", "--strict-markers").assert_outcomes(passed=4, deselected=1)
    pytester.runpytest("-m", "not tdx").assert_outcomes(passed=1, deselected=4)


@pytest.mark.usefixtures("specs")
def test_nothing_is_collected_outside_the_arguments(pytester: pytest.Pytester) -> None:
    tests = pytester.mkdir("tests")
    write(tests / "test_other.py", "def test_other(): pass\n")
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1)


def test_which_files_are_specs_is_configured(pytester: pytest.Pytester, specs: Path) -> None:
    other = pytester.mkdir("rejected")
    write(other / "wrong.tdx", "index index\n")
    pytester.makeini("[pytest]\ntdx_files = spec/*.tdx\n")
    pytester.runpytest().assert_outcomes(passed=4)
    write(specs / "draft_one.tdx", MACHINE + "check no_mc\n")
    pytester.makeini("[pytest]\ntdx_files = draft_*.tdx\n")
    pytester.runpytest().assert_outcomes(failed=1)
    pytester.makeini("[pytest]\ntdx_files =\n")
    assert pytester.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_wrong_spec_is_a_collection_error(pytester: pytest.Pytester, specs: Path) -> None:
    write(specs / "wrong.tdx", MACHINE + "property q never poisson\ncheck no_mc\n")
    result = pytester.runpytest("spec")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting spec/wrong.tdx*",
            "error[[]E201[]]: *poisson*",
            "*spec/wrong.tdx:11:*",
            "*hint: did you mean 'poison'?",
            "*ERROR spec/wrong.tdx",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert ".py:" not in result.stdout.str()


def test_every_file_is_read_once(
    pytester: pytest.Pytester, specs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load_model = loading.load_model

    def counted(path: Path, *rest: Any) -> Any:
        read.append(path.name)
        return load_model(path, *rest)

    monkeypatch.setattr(loading, "load_model", counted)
    pytester.runpytest(specs, specs / "machine.tdx", IDS[0], IDS[1]).assert_outcomes(passed=4)
    assert sorted(read) == ["library.tdx", "machine.tdx"]


# --- failures ----------------------------------------------------------------------------


def test_a_failure_shows_the_trace_and_how_to_see_it_again(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset expect proved")
    result = pytester.runpytest("spec/failing.tdx", "--tdx-timeout", "60")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "* no_mc[[]erratum and not reset[]] *",
            "spec/failing.tdx",
            "* 1 *damage",
            "*poison: false -> true",
            "* 2 *read by kernel",
            "*load, row 1: poison -> fault #MC",
            "property spec/failing.tdx:9, decided-by spec/failing.tdx:6",
            "to see it again: tdxverify check spec/failing.tdx --property no_mc --timeout 60",
            "FAILED spec/failing.tdx::no_mc[[]erratum and not reset[]] - refuted in 2 steps, expected proved",
        ]
    )
    assert not re.search(r"Traceback|\.py:\d", result.stdout.str())


def test_the_command_shows_the_same(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset expect proved")
    result = pytester.runpytest("spec/failing.tdx")
    (told,) = [line for line in result.outlines if line.startswith("to see it again: ")]
    name, *arguments = told.removeprefix("to see it again: ").split()
    assert name == "tdxverify"
    again = pytester.run(sys.executable, "-m", "tdxverify", *arguments)
    assert again.ret == 1
    again.stdout.fnmatch_lines(["*load, row 1: poison -> fault #MC"])


def test_an_unexpected_proof_says_what_is_in_the_way(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where not erratum expect refuted")
    result = pytester.runpytest("spec/failing.tdx")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*What is in the way:",
            "* when   damage: when erratum",
            "*damage never happens.",
            "*As it is, damage is not possible at the start.",
            "*the property fails in 2 steps: damage,*",
            "* more   tdxverify why spec/failing.tdx --line 11",
            "FAILED * - proved, trivially, expected refuted*",
        ]
    )


def test_a_wrong_length_fails(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset expect refuted in 3")
    result = pytester.runpytest("spec/failing.tdx")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED * - refuted in 2 steps, expected refuted in 3"])


def test_undecided_fails_with_the_reason_unless_expected(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where not erratum", "check no_mc where reset expect unknown")
    result = pytester.runpytest("spec/failing.tdx", "--tdx-timeout", "1e-9")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["FAILED *[[]not erratum[]] - unknown, expected proved: the time ran out*"])


def test_an_assignment_out_of_range_fails_with_its_diagnostic(pytester: pytest.Pytester) -> None:
    text = "state n : 0..2 = 0\naction more { n := n + 1 }\nproperty p never n > 2\ncheck p\n"
    write(pytester.path / "count.tdx", text)
    result = pytester.runpytest("count.tdx")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["error[[]E510[]]:*", "*count.tdx:2:*", "FAILED *E510*"])


def test_a_bug_of_ours_is_said_to_be_one(
    pytester: pytest.Pytester, specs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise InternalError("the trace does not replay", {"trace.txt": "..."})

    monkeypatch.setattr(deciding, "answer", refuse)
    result = pytester.runpytest(specs / "machine.tdx", "-k", "poisoned")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["internal error: the trace does not replay", "This is a bug of tdxverify*"])
    (bundle,) = (pytester.path / ".tdxverify").iterdir()
    assert (bundle / "trace.txt").read_text(encoding="utf-8") == "..."


def test_expected_failures_by_a_hook(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset", "check no_mc where not erratum")
    pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if item.name == "no_mc[erratum and not reset]" and item.path.name == "failing.tdx":
                    item.add_marker(pytest.mark.xfail(reason="not mitigated yet", strict=True))
        """
    )
    result = pytester.runpytest("spec", "-rx")
    result.assert_outcomes(xfailed=1, passed=5)
    result.stdout.fnmatch_lines(["XFAIL *no_mc[[]erratum and not reset[]] - not mitigated yet"])
    pytester.runpytest("spec", "--runxfail").assert_outcomes(failed=1, passed=5)


# --- options -----------------------------------------------------------------------------


@pytest.mark.usefixtures("specs")
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--tdx-size=Lines=3", "*E603*'Lines'*"),
        ("--tdx-size=Line", "*E702*"),
        ("--tdx-size=Line=0", "*E601*"),
        ("--tdx-timeout=-1", "*--tdx-timeout*"),
        ("--tdx-timeout=nan", "*--tdx-timeout*nan is no time*"),
        ("--tdx-timeout=inf", "*--tdx-timeout*inf is too much*"),
    ],
)
def test_options_that_fit_nothing_are_mistakes(pytester: pytest.Pytester, option: str, message: str) -> None:
    result = pytester.runpytest("spec", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
    result.stderr.fnmatch_lines([message])


def test_options_mean_nothing_without_specs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_other(): pass")
    pytester.runpytest("--tdx-size=Line=3", "--tdx-strict").assert_outcomes(passed=1)


def test_a_proof_about_nothing_fails_if_strict(pytester: pytest.Pytester) -> None:
    claim = "property p always poison implies erratum\n"
    write(
        pytester.path / "empty.tdx", MACHINE + claim + "check p where not reset\ncheck p where not erratum\n"
    )
    pytester.runpytest("empty.tdx").assert_outcomes(passed=2)
    result = pytester.runpytest("empty.tdx", "--tdx-strict")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "to see it again: * --strict",
            "FAILED *p[[]not erratum[]] - proved, trivially, expected proved: *poison*never true*",
        ]
    )


# --- stored answers ------------------------------------------------------------------------


@pytest.fixture
def stored(specs: Path) -> Path:
    """The good spec, with its proof file."""
    path = specs / "machine.tdx"
    assert prove([path], Silent()).exit_status == 0
    return path


def test_stored_answers_are_checked_and_nothing_is_searched_for(
    pytester: pytest.Pytester, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("a search")

    monkeypatch.setattr(deciding, "answer", fail)
    pytester.runpytest(stored, "--tdx-recheck-only").assert_outcomes(passed=4)


def test_without_a_stored_answer_a_check_fails(pytester: pytest.Pytester, specs: Path) -> None:
    result = pytester.runpytest(specs / "machine.tdx", "--tdx-recheck-only", "-k", "poisoned")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        [
            "spec/machine.tdx:14: poisoned: missing: there is no proof file; run: tdxverify prove *",
            "to see it again: tdxverify recheck spec/machine.tdx",
            "FAILED spec/machine.tdx::poisoned - missing: there is no proof file*",
        ]
    )


def test_a_stored_answer_to_another_spec_fails(pytester: pytest.Pytester, stored: Path) -> None:
    text = stored.read_text(encoding="utf-8")
    write(stored, text.replace("not reset }", "true }"))
    result = pytester.runpytest(stored, "--tdx-recheck-only")
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] >= 1
    result.stdout.fnmatch_lines(["FAILED *[[]erratum and not reset[]] - stale: *"])


def test_a_stored_answer_that_is_not_the_expected_one_fails(pytester: pytest.Pytester, stored: Path) -> None:
    text = stored.read_text(encoding="utf-8")
    write(stored, text.replace("refuted in 2", "proved"))
    result = pytester.runpytest(stored, "--tdx-recheck-only")
    result.assert_outcomes(failed=1, passed=3)
    result.stdout.fnmatch_lines(["FAILED * - the stored answer is refuted in 2, expected proved"])


def test_a_damaged_proof_file(pytester: pytest.Pytester, stored: Path) -> None:
    write(stored.with_name("machine.proof.json"), "{")
    result = pytester.runpytest(stored, "--tdx-recheck-only")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["error[[]E801[]]: *"])


@pytest.mark.parametrize("option", ["--tdx-size=Line=3", "--tdx-strict"])
def test_new_questions_are_not_answered_by_rechecking(pytester: pytest.Pytester, option: str) -> None:
    result = pytester.runpytest("--tdx-recheck-only", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*asks a new question*"])


# --- other plugins --------------------------------------------------------------------------


@pytest.mark.usefixtures("specs")
def test_in_several_processes(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("spec", "-n", "2", "-v")
    result.assert_outcomes(passed=4)
    assert {name for name in IDS if any(name in line for line in result.outlines)} == set(IDS)


def test_failures_in_several_processes_look_the_same(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset expect proved")
    result = pytester.runpytest_subprocess("spec/failing.tdx", "-n", "1")
    result.stdout.fnmatch_lines(
        [
            "*load, row 1: poison -> fault #MC",
            "to see it again: tdxverify check spec/failing.tdx --property no_mc",
            "FAILED *no_mc[[]erratum and not reset[]] - refuted in 2 steps, expected proved",
        ]
    )


def test_junit(pytester: pytest.Pytester, specs: Path) -> None:
    failing(specs, "check no_mc where erratum and not reset", "check no_mc where not erratum")
    pytester.runpytest("spec/failing.tdx", "--junitxml", "out.xml", "-o", "junit_family=xunit1")
    failed, passed = ElementTree.parse(pytester.path / "out.xml").getroot().iter("testcase")
    assert failed.get("name") == "no_mc[erratum and not reset]"
    assert failed.get("classname") == "spec.failing.tdx"
    assert failed.get("file") == "spec/failing.tdx"
    assert failed.get("line") == "10"  # counted from 0, as pytest does
    (failure,) = failed.iter("failure")
    assert failure.get("message") == "refuted in 2 steps, expected proved"
    assert failure.text is not None
    assert "load, row 1" in failure.text
    assert properties_of(failed) >= {
        ("tdx_verdict", "refuted"),
        ("tdx_line", "11"),
        ("tdx_expected", "proved"),
    }
    assert properties_of(passed) >= {("tdx_verdict", "proved")}
    assert dict(properties_of(passed))["tdx_engine"]


def test_sizes_in_junit_are_those_of_the_answer(pytester: pytest.Pytester) -> None:
    checks = LINES + "property same step (forall l : Line: poison[l]) or true\ncheck same\n"
    write(pytester.path / "lines.tdx", checks)
    pytester.runpytest("--junitxml", "out.xml")
    cases = list(ElementTree.parse(pytester.path / "out.xml").getroot().iter("testcase"))
    sizes = [dict(properties_of(case)).get("tdx_sizes") for case in cases]
    assert sizes == ["Line = 1", "Line = 1", "Line = 1", "Line = 1", "any size"]


def properties_of(case: ElementTree.Element) -> set[tuple[str | None, str | None]]:
    return {(one.get("name"), one.get("value")) for one in case.iter("property")}


def test_warnings_as_errors(pytester: pytest.Pytester, specs: Path) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -q --strict-markers --strict-config\n")
    result = pytester.runpytest_subprocess(specs)
    assert result.ret == 0
