"""What `check` composes: outcomes by kind of property, sizes, narrowing, and what is never lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

import tdxverify
from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.checking import Broken, check
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.run import Run
from tdxverify.budget import Budget, Why
from tdxverify.diagnostics import Code, InternalError
from tdxverify.engines.base import Engine, EngineInfo, Observer
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.base import Undecided
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Verdict
from tdxverify.model.model import SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tests.answers.conftest import COUNTER, WriteSpec

InstallEngine: TypeAlias = Callable[[Engine], Options]


def only(run: Run) -> Answer:
    assert run.diagnostics == ()
    (found,) = run.answers
    return found


def codes(run: Run) -> list[str]:
    return [diagnostic.code.name for diagnostic in run.diagnostics]


# --- outcomes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "outcome", "length", "as_expected"),
    [
        ("check small expect proved", Outcome.PROVED, None, True),
        ("check small expect refuted", Outcome.PROVED, None, False),
        ("check below for Line = 3 expect refuted in 3", Outcome.REFUTED, 3, True),
        ("check below for Line = 3 expect refuted in 2", Outcome.REFUTED, 3, False),
        ("check below for Line = 3 expect refuted", Outcome.REFUTED, 3, True),
        ("check below for Line = 3 where limit = 1 expect proved", Outcome.PROVED, None, True),
        ("check three for Line = 3 expect proved", Outcome.PROVED, 3, True),
        ("check four for Line = 4 expect refuted", Outcome.REFUTED, None, True),
        ("check three for Line = 3 expect refuted", Outcome.PROVED, 3, False),
        ("check small where limit = 1 and limit = 2 expect vacuous", Outcome.VACUOUS, None, True),
        ("check small where limit = 1 and limit = 2 expect proved", Outcome.VACUOUS, None, False),
    ],
)
def test_outcome(
    write_spec: WriteSpec, line: str, outcome: Outcome, length: int | None, as_expected: bool
) -> None:
    run = check([write_spec(line)])
    found = only(run)
    assert (found.outcome, found.length, found.as_expected) == (outcome, length, as_expected)
    assert run.exit_status == (ExitStatus.AS_EXPECTED if as_expected else ExitStatus.NOT_EXPECTED)
    assert (found.told.story is not None) == (length is not None)


def test_check_carries_what_reports_need(write_spec: WriteSpec) -> None:
    path = write_spec("check below for Line = 3 where limit = 3 and not fast expect refuted")
    found = only(check([path]))
    assert found.asked.file == str(path)
    assert found.asked.line == len(COUNTER.splitlines()) + 1
    assert found.asked.where == "limit = 3 and not fast"
    assert found.sizes == (("Line", "3"),)
    assert dict(found.told.parameters)["limit"] == "3"
    assert found.engine in ENGINES
    assert found.told.story is not None
    assert [step.action for step in found.told.story.steps] == ["take"] * 3


# --- sizes -----------------------------------------------------------------------


def test_range_is_refuted_at_the_first_size_that_is(write_spec: WriteSpec) -> None:
    found = only(check([write_spec("check below for Line <= 5 expect refuted in 3")]))
    assert (found.outcome, found.sizes, found.length) == (Outcome.REFUTED, (("Line", "3"),), 3)


def test_range_is_proved_only_for_all_its_sizes(write_spec: WriteSpec) -> None:
    found = only(check([write_spec("check below for Line <= 2 expect proved")]))
    assert (found.outcome, found.sizes, found.as_expected) == (Outcome.PROVED, (("Line", "1..2"),), True)


@pytest.mark.parametrize("line", ["check small expect proved", "check small for any size expect proved"])
def test_any_size_is_proved_by_an_invariant_for_every_size(write_spec: WriteSpec, line: str) -> None:
    found = only(check([write_spec(line)]))
    assert (found.outcome, found.engine, found.asked.any_size) == (Outcome.PROVED, "any-size", True)
    assert found.told.invariant


def test_any_size_is_never_called_proved_by_an_engine_that_needs_sizes(write_spec: WriteSpec) -> None:
    run = check([write_spec("check small for any size expect proved")], Options(engine="explicit"))
    found = only(run)
    assert found.outcome is Outcome.UNKNOWN
    assert found.reason == "proved for Line = 1..2, but the engine explicit knows no proofs for every size"
    assert run.exit_status is ExitStatus.UNDECIDED


@pytest.mark.parametrize(
    ("engine", "outcome"),
    [("explicit", Outcome.UNKNOWN), ("pdr", Outcome.UNKNOWN), ("auto", Outcome.REFUTED)],
)
def test_no_initial_state_at_two_elements_is_not_vacuous(
    write_spec: WriteSpec, engine: str, outcome: Outcome
) -> None:
    three = "assume exists a, b, c : Line: a != b and a != c and b != c"
    run = check([write_spec(three, "check below expect refuted")], Options(engine=engine))
    assert only(run).outcome is outcome


def test_any_size_is_refuted_by_one_size(write_spec: WriteSpec) -> None:
    found = only(
        check(
            [
                write_spec(
                    "property none never exists l : Line: used[l]", "check none for any size expect refuted"
                )
            ]
        )
    )
    assert (found.outcome, found.sizes, found.as_expected) == (Outcome.REFUTED, (("Line", "1"),), True)


def test_size_option_overrides_the_check(write_spec: WriteSpec) -> None:
    path = write_spec("check below for Line = 2 expect proved")
    found = only(check([path], Options(sizes=(SizeRange("Line", 3, 3),))))
    assert (found.outcome, found.as_expected) == (Outcome.REFUTED, False)


def test_size_beyond_all_bounds_is_a_diagnostic(write_spec: WriteSpec) -> None:
    run = check([write_spec("check small expect proved")], Options(sizes=(SizeRange("Line", 10**9, 10**9),)))
    assert codes(run) == ["E602"]
    assert run.answers[0].outcome is Outcome.UNKNOWN
    assert run.exit_status is ExitStatus.WRONG_INPUT


# --- narrowing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [("limit", "2", Outcome.PROVED), ("limit", "3", Outcome.REFUTED), ("mode", "quick", Outcome.REFUTED)],
)
def test_parameter_values_narrow_a_check(
    write_spec: WriteSpec, name: str, value: str, outcome: Outcome
) -> None:
    path = write_spec("check below for Line = 3 where fast or limit >= 0 expect refuted")
    found = only(check([path], Options(parameters=((name, value),))))
    assert found.outcome is outcome
    assert found.asked.where == f"(fast or limit >= 0) and {name} = {value}"
    if outcome is Outcome.REFUTED:
        assert dict(found.told.parameters)[name] == value


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("limit", "4", "E703"),
        ("limit", "many", "E703"),
        ("limit", "9" * 5000, "E703"),
        ("fast", "1", "E703"),
        ("mode", "fastest", "E703"),
        ("limmit", "1", "E704"),
        ("count", "1", "E704"),
    ],
)
def test_wrong_parameter_values_are_diagnostics(
    write_spec: WriteSpec, name: str, value: str, code: str
) -> None:
    run = check([write_spec("check small expect proved")], Options(parameters=((name, value),)))
    assert codes(run) == [code]
    assert run.answers == ()


@pytest.mark.parametrize(
    ("options", "code", "hint"),
    [
        (Options(engine="explict"), "E701", "did you mean 'explicit'?"),
        (Options(sizes=(SizeRange("Lin", 2, 2),)), "E603", "did you mean 'Line'?"),
        (Options(sizes=(SizeRange("Line", 0, 0),)), "E601", None),
        (Options(sizes=(SizeRange("Line", 2, 2), SizeRange("Line", 3, 3))), "E604", None),
        (Options(properties=("smal",)), "E707", "did you mean 'small'?"),
        (Options(properties=("four",)), "E707", "check four expect proved"),
    ],
)
def test_wrong_options_are_diagnostics(
    write_spec: WriteSpec, options: Options, code: str, hint: str | None
) -> None:
    run = check([write_spec("check small expect proved")], options)
    assert codes(run) == [code]
    if hint is not None:
        assert hint in (run.diagnostics[0].hint or "")


def test_property_option_selects_checks(write_spec: WriteSpec) -> None:
    path = write_spec("check small expect proved", "check three for Line = 3 expect proved")
    run = check([path], Options(properties=("three",)))
    assert [found.asked.property for found in run.answers] == ["three"]


# --- files -------------------------------------------------------------------------


def test_broken_spec_does_not_hide_the_others(write_spec: WriteSpec, tmp_path: Path) -> None:
    write_spec("check small expect proved", name="b.tdx")
    write_spec("action wrong { unknown := 1 }", name="a.tdx")
    write_spec("check three for Line = 3 expect proved", name="sub/c.tdx")
    run = check([tmp_path])
    assert [Path(found.asked.file).name for found in run.answers] == ["b.tdx", "c.tdx"]
    assert codes(run) == ["E201"]
    assert run.exit_status is ExitStatus.WRONG_INPUT


def test_a_file_named_twice_is_checked_once(write_spec: WriteSpec, tmp_path: Path) -> None:
    path = write_spec("check small expect proved")
    assert len(check([path, tmp_path, path]).answers) == 1


def test_directory_without_specs(tmp_path: Path) -> None:
    assert codes(check([tmp_path])) == ["E607"]


def test_spec_without_checks(write_spec: WriteSpec) -> None:
    assert codes(check([write_spec()])) == ["E606"]


# --- range errors --------------------------------------------------------------------


OVERFLOW = """\
index Cpu
state count : 0..2 = 0
action bump(c : Cpu) { count := count + 1 }
property quiet never false
property there reachable count = 2
check quiet expect proved
check there expect proved
"""


def test_assignment_out_of_range_names_step_value_and_range(write_spec: WriteSpec) -> None:
    run = check([write_spec(text=OVERFLOW)], Options(properties=("quiet",)))
    (found,) = run.diagnostics
    assert found.code.name == "E510"
    assert found.message == "step 'bump' would make count 3, outside its range 0..2"
    assert found.span is not None
    assert found.span.line == 3
    assert (
        "after 3 steps with Cpu = 1: bump(c = Cpu0); bump(c = Cpu0); bump(c = Cpu0)" in found.notes[0].message
    )
    assert run.answers[0].outcome is Outcome.UNKNOWN
    assert run.answers[0].told.story is not None
    assert len(run.answers[0].told.story.steps) == 3
    assert run.exit_status is ExitStatus.WRONG_INPUT


def test_assignment_out_of_range_names_the_cell(write_spec: WriteSpec) -> None:
    text = "index Cpu\nstate n[Cpu] : 0..1 = 0\nproperty p never false\ncheck p expect proved\n"
    one = "action bump(c : Cpu) { n[c] := n[c] + 1 }"
    every = "action all { foreach c : Cpu { n[c] := n[c] + 1 } }"
    for action in (one, every):
        run = check([write_spec(action, text=text)])
        assert "would make n[Cpu0] 2, outside its range 0..1" in run.diagnostics[0].message
    overwritten = "action bump(c : Cpu) { n[c] := n[c] + 1  n[c] := 0 }"
    run = check([write_spec(overwritten, text=text.replace(" = 0", ""))])
    assert "would make n[Cpu0] 2, outside its range 0..1" in run.diagnostics[0].message


def test_range_error_found_by_several_checks_is_told_once(write_spec: WriteSpec) -> None:
    run = check([write_spec("check quiet for Cpu = 3 expect proved", text=OVERFLOW)])
    assert codes(run) == ["E510"]
    assert [found.outcome for found in run.answers] == [Outcome.UNKNOWN, Outcome.PROVED, Outcome.UNKNOWN]


def test_range_error_is_no_witness(write_spec: WriteSpec) -> None:
    """`there` is reached in 2 steps, before the range is left: a witness. Out of range is none."""
    run = check([write_spec(text=OVERFLOW)], Options(properties=("there",)))
    assert (only(run).outcome, only(run).length) == (Outcome.PROVED, 2)
    never = OVERFLOW.replace("reachable count = 2", "reachable count = 2 and false")
    assert codes(check([write_spec(text=never)], Options(properties=("there",)))) == ["E510"]


# --- engines that misbehave, time, Ctrl-C ------------------------------------------------


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> InstallEngine:
    """Installs a function as the engine `fake`, and returns options that choose it."""

    def install(run: Engine) -> Options:
        info = EngineInfo("fake", run, "for tests", can_prove=True, can_refute=True)
        monkeypatch.setitem(ENGINES, "fake", info)
        return Options(engine="fake")

    return install


def test_evidence_is_certified_before_it_is_believed(write_spec: WriteSpec, engine: InstallEngine) -> None:
    def liar(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        return Proved(KInductive(1, simple_path=False))

    path = write_spec("check small for Line = 2 expect proved", "check below for Line = 3 expect proved")
    with pytest.raises(Broken) as caught:
        check([path], dataclasses.replace(engine(liar), properties=("below",)))
    assert "check below" in caught.value.bundle["check.txt"]
    assert caught.value.bundle["counter.tdx"] == path.read_text()


def test_refused_trace_is_a_bug_of_ours_and_keeps_earlier_results(
    write_spec: WriteSpec, engine: InstallEngine
) -> None:
    real = ENGINES["explicit"].run

    def liar(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        verdict = real(problem, budget, observer)
        if not isinstance(verdict, Refuted):
            return verdict
        trace = verdict.trace
        return Refuted(dataclasses.replace(trace, steps=trace.steps[:-1], states=trace.states[:-1]))

    path = write_spec("check small expect proved", "check below for Line = 3 expect refuted")
    with pytest.raises(InternalError) as caught:
        check([path], engine(liar))
    assert isinstance(caught.value, Broken)
    assert [found.asked.property for found in caught.value.run.answers] == ["small"]


def test_answer_that_could_not_be_certified_is_none(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided = Undecided("the time ran out")
    monkeypatch.setattr("tdxverify.evidence.certifying.checked", lambda *_: undecided)
    run = check([write_spec("check small expect proved")])
    assert only(run).outcome is Outcome.UNKNOWN
    assert only(run).clean_through is None
    assert "not certified, the time ran out" in (only(run).reason or "")
    assert run.exit_status is ExitStatus.UNDECIDED


def test_interruption_keeps_what_was_decided(write_spec: WriteSpec, engine: InstallEngine) -> None:
    real = ENGINES["explicit"].run
    calls: list[str] = []

    def interrupted(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        calls.append(problem.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(problem, budget, observer)

    lines = [f"check {name} for Line = 2 expect proved" for name in ("small", "below", "three")]
    run = check([write_spec(*lines)], engine(interrupted))
    assert run.interrupted
    assert [found.outcome for found in run.answers] == [Outcome.PROVED, Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert run.answers[1].reason == "interrupted"
    assert run.exit_status is ExitStatus.UNDECIDED
    assert len(calls) == 2


def test_engine_that_reports_the_interruption_stops_the_run_too(
    write_spec: WriteSpec, engine: InstallEngine
) -> None:
    def stopped(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        return Unknown(Why.INTERRUPTED, 4)

    run = check([write_spec("check small, below for Line = 2 expect proved")], engine(stopped))
    assert run.interrupted
    assert run.answers[0].clean_through == 4
    assert run.answers[1].reason == "not started: the run was interrupted"


def test_unknown_depth_is_the_least_over_all_sizes(write_spec: WriteSpec, engine: InstallEngine) -> None:
    def bounded(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        return Unknown(Why.BOUND_REACHED, 10 - problem.size_of["Line"])

    found = only(check([write_spec("check small for Line <= 3 expect proved")], engine(bounded)))
    assert (found.outcome, found.clean_through) == (Outcome.UNKNOWN, 7)
    assert found.reason == "the bound was reached at Line = 1; Line = 2; Line = 3"


def test_hole_at_one_size_leaves_no_clean_depth(write_spec: WriteSpec, engine: InstallEngine) -> None:
    def bounded(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        return Unknown(Why.SOLVER_GAVE_UP, None if problem.size_of["Line"] == 2 else 5)

    found = only(check([write_spec("check small for Line <= 3 expect proved")], engine(bounded)))
    assert found.clean_through is None


def test_total_timeout_lists_checks_that_were_not_begun(write_spec: WriteSpec) -> None:
    run = check([write_spec("check small, below expect proved")], Options(total_timeout=1e-9))
    assert [found.outcome for found in run.answers] == [Outcome.UNKNOWN] * 2
    assert run.answers[1].reason == "not started: the time for the whole run was over"
    assert run.exit_status is ExitStatus.UNDECIDED


def test_timeout_reaches_the_engine(write_spec: WriteSpec, engine: InstallEngine) -> None:
    seen: list[Budget] = []

    def watching(problem: Problem, budget: Budget, observer: Observer) -> Verdict:
        seen.append(budget)
        return Unknown(Why.TIMEOUT, None)

    options = dataclasses.replace(engine(watching), timeout=5.0, total_timeout=2.0, bound=7)
    check([write_spec("check small expect proved")], options)
    remaining = seen[0].remaining_ms()
    assert remaining is not None
    assert 1000 < remaining <= 2000
    assert seen[0].bound == 7


# --- the public function -----------------------------------------------------------------


def test_public_check(write_spec: WriteSpec) -> None:
    path = write_spec("check below for Line = 2 expect refuted")
    run = tdxverify.check(path, sizes={"Line": 3}, parameters={"fast": True, "limit": 3, "mode": "slow"})
    assert run.exit_status == 0
    assert dict(run.answers[0].told.parameters) == {"limit": "3", "fast": "true", "mode": "slow"}


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e10, 0.0, -1.0])
@pytest.mark.parametrize("option", ["timeout", "total_timeout"])
def test_public_check_takes_no_time_that_no_timer_can(
    write_spec: WriteSpec, option: str, seconds: float
) -> None:
    path = write_spec("check below for Line = 2 expect refuted")
    run = tdxverify.check(path, **{option: seconds})  # type: ignore[arg-type]
    assert (run.answers, run.exit_status) == ((), ExitStatus.WRONG_INPUT)
    (mistake,) = run.diagnostics
    assert (mistake.code, mistake.message.split(":")[0]) == (Code.E708, option)
