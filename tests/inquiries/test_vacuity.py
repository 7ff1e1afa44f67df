"""Proofs about nothing: what is called vacuous, and what must not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.diagnostics import Code
from tdxverify.inquiries.strict import strict
from tdxverify.inquiries.vacuity import Emptiness, emptiness, trigger_problem
from tdxverify.model.model import Model, SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec
from tests.inquiries.conftest import WriteSpec
from tests.texts import explicit, model_of

SPEC = """\
index Line
param lit : bool
state a : bool = false
state b[Line] : bool = false
action one(l : Line) when lit and forall m : Line: not b[m] { b[l] := true }
action two(k, l : Line) when b[k] and k != l { b[l] := true  a := true }
action three(k, l, m : Line) when b[k] and b[l] and b[m] and k != l and k != m and l != m { a := false }
property if_a      always a implies exists l : Line: b[l]
property if_b      always forall l : Line: b[l] implies lit
property step_down step a and not a' implies lit
property plain     always lit or not a
"""


def questions_of(model: Model) -> tuple[Question, ...]:
    return every_check(Spec(Path("sample.tdx"), model), Options())


def empty(line: str, budget: Budget | None = None) -> Emptiness | None:
    model = model_of(f"{SPEC}{line}\n")
    (asked,) = questions_of(model)
    return emptiness(asked, budget or Budget(), Silent())


@pytest.mark.parametrize(
    "line",
    [
        "check if_a",
        "check if_a for Line = 2",
        "check if_a for Line <= 2",  # at Line = 1 never, but at Line = 2
        "check if_b for Line = 1 where lit",
        "check step_down",  # takes three lines
        "check step_down for Line = 3",
        "check plain where lit",
    ],
)
def test_about_something(line: str) -> None:
    assert empty(line) is None


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ("check if_a for Line = 1", Code.W111, "its condition is never true for Line = 1: a"),
        ("check step_down for Line = 2", Code.W111, "its condition is never true for Line = 2: a and not a'"),
        (
            "check step_down for Line <= 2",
            Code.W111,
            "its condition is never true for Line = 1..2: a and not a'",
        ),
        ("check if_a where not lit", Code.W113, "no step is possible at the start at any size"),
        (
            "check plain for Line = 1 where not lit",
            Code.W113,
            "no step is possible at the start for Line = 1",
        ),
        ("check plain where lit and not lit", Code.W110, "there is no initial state at any size"),
    ],
)
def test_about_nothing(line: str, code: Code, reason: str) -> None:
    assert empty(line) == Emptiness(code, reason)


def test_at_any_size() -> None:
    text = SPEC.replace("a := true }", "}")
    (asked,) = questions_of(model_of(f"{text}check if_a\n"))
    found = emptiness(asked, Budget(), Silent())
    assert found == Emptiness(Code.W111, "its condition is never true at any size: a")


@pytest.mark.parametrize("line", ["check if_a for Line = 1", "check if_a where not lit"])
def test_without_time_nothing_is_claimed(line: str) -> None:
    assert empty(line, Budget(deadline=monotonic() - 1)) is None


def test_too_many_combinations_are_not_tried() -> None:
    assert empty("check if_a for Line <= 30 where not lit") is None


@pytest.mark.parametrize(("size", "reached"), [(1, False), (2, True)])
def test_the_trigger_as_a_problem(size: int, reached: bool) -> None:
    conditional, plain = questions_of(model_of(f"{SPEC}check if_a\ncheck plain\n"))
    problem = trigger_problem(conditional, {"Line": size})
    assert problem is not None
    assert (type(explicit(problem)).__name__ == "Refuted") is reached
    assert trigger_problem(plain, {"Line": size}) is None


def test_steps_out_of_range_do_not_count() -> None:
    """The only way to the trigger leaves a range: the check reports that, and it is no run."""
    text = (
        "state n : 0..1 = 0\nstate a : bool = false\n"
        "action more { n := n + 1  a := n = 1 and a or a }\naction end when n = 1 and a { a := true }\n"
        "property p always a implies n = 1\ncheck p\n"
    )
    problem = trigger_problem(questions_of(model_of(text))[0], {})
    assert problem is not None
    assert problem.range_monitor is None
    assert type(explicit(problem)).__name__ == "Proved"


# --- judging whole runs -------------------------------------------------------------------

Judge = Callable[..., tuple[Answer, ...]]


@pytest.fixture
def judged(write_spec: WriteSpec) -> Judge:
    """The checks of SPEC with further lines, after a strict look at the proofs."""

    def judge(*lines: str, options: Options | None = None) -> tuple[Answer, ...]:
        path = write_spec(SPEC + "\n".join(lines) + "\n")
        chosen = options or Options()
        return strict(check([path], chosen), [path], chosen, Silent()).answers

    return judge


def test_only_proofs_about_nothing_change(judged: Judge) -> None:
    found = judged(
        "check if_a for Line = 2",
        "check if_a for Line = 1",
        "property seen reachable a",
        "check seen for Line = 1 expect refuted",
        "check seen",
        "property never_b never exists l : Line: b[l]",
        "check never_b expect refuted",
    )
    assert [one.outcome for one in found] == [
        Outcome.PROVED,
        Outcome.VACUOUS,
        Outcome.REFUTED,
        Outcome.PROVED,
        Outcome.REFUTED,
    ]
    assert [one.as_expected for one in found] == [True, False, True, True, True]
    assert found[1].reason == "proved, but about nothing: its condition is never true for Line = 1: a (W111)"


def test_vacuous_may_be_what_is_expected(judged: Judge) -> None:
    (found,) = judged("check if_a for Line = 1 expect vacuous")
    assert found.outcome is Outcome.VACUOUS
    assert found.as_expected


def test_sizes_of_the_command_line_count(judged: Judge) -> None:
    options = Options(sizes=(SizeRange("Line", 1, 1),))
    (found,) = judged("check if_a", options=options)
    assert found.outcome is Outcome.VACUOUS


def test_parameters_of_the_command_line_count(judged: Judge) -> None:
    (found,) = judged("check if_a for Line = 2", options=Options(parameters=(("lit", "false"),)))
    assert found.outcome is Outcome.VACUOUS
    assert found.reason is not None
    assert "no step is possible" in found.reason


def test_one_line_about_several_properties(judged: Judge) -> None:
    first, second = judged("check if_a, if_b for Line = 1")
    assert (first.outcome, second.outcome) == (Outcome.VACUOUS, Outcome.PROVED)


def test_the_exit_status_follows(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    assert run.exit_status is ExitStatus.AS_EXPECTED
    assert strict(run, [path], Options(), Silent()).exit_status is ExitStatus.NOT_EXPECTED


def test_a_file_that_has_changed_meanwhile_is_left_alone(write_spec: WriteSpec) -> None:
    path: Path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    write_spec(f"{SPEC}\n\ncheck if_b for Line = 1\n")
    assert strict(run, [path], Options(), Silent()) == run


def test_an_undecided_check_stays_undecided(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    open_run = replace(run, answers=(replace(run.answers[0], outcome=Outcome.UNKNOWN),))
    assert strict(open_run, [path], Options(), Silent()) == open_run
