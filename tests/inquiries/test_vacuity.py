"""Machines in which nothing happens, and proofs that hold because of what never happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from tdxverify.answers.answer import Answer, Asked, Judgement, Outcome, Trivial
from tdxverify.answers.checking import check
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget
from tdxverify.diagnostics import Code
from tdxverify.inquiries.strict import strict
from tdxverify.inquiries.vacuity import Emptiness, empty_start
from tdxverify.model.model import Model, SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec
from tdxverify.syntax.claims import Expected
from tests.inquiries.conftest import WriteSpec
from tests.texts import model_of

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
    return empty_start(asked, budget or Budget(), Silent())


@pytest.mark.parametrize("line", ["check if_a", "check if_a for Line = 1", "check plain where lit"])
def test_something_can_happen(line: str) -> None:
    assert empty(line) is None


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ("check if_a where not lit", Code.W113, "no step is possible at the start at any size"),
        (
            "check plain for Line = 1 where not lit",
            Code.W113,
            "no step is possible at the start for Line = 1",
        ),
        ("check plain where lit and not lit", Code.W110, "there is no initial state at any size"),
    ],
)
def test_nothing_can_happen(line: str, code: Code, reason: str) -> None:
    assert empty(line) == Emptiness(code, reason)


def test_without_time_nothing_is_claimed() -> None:
    assert empty("check if_a where not lit", Budget(deadline=monotonic() - 1)) is None


def test_too_many_combinations_are_not_tried() -> None:
    assert empty("check if_a for Line <= 30 where not lit") is None


# --- judging whole runs -------------------------------------------------------------------

Judge = Callable[..., tuple[Answer, ...]]


@pytest.fixture
def judged(write_spec: WriteSpec) -> Judge:
    """The checks of SPEC with further lines, after a strict look at the proofs."""

    def judge(*lines: str, options: Options | None = None) -> tuple[Answer, ...]:
        path = write_spec(SPEC + "\n".join(lines) + "\n")
        chosen = options or Options()
        return strict(check([path], chosen), Silent()).answers

    return judge


def test_only_trivial_proofs_fail(judged: Judge) -> None:
    found = judged(
        "check if_b for Line = 2",
        "check if_a for Line = 1",
        "check if_a for Line = 1 expect proved trivially",
        "check if_a for Line = 2 expect proved trivially",
        "property seen reachable a",
        "check seen for Line = 1 expect refuted",
        "check seen",
        "check seen expect proved trivially",
        "property never_b never exists l : Line: b[l]",
        "check never_b expect refuted",
    )
    assert [(one.outcome, one.trivial, one.as_expected) for one in found] == [
        (Outcome.PROVED, Trivial.NO, True),
        (Outcome.PROVED, Trivial.YES, False),
        (Outcome.PROVED, Trivial.YES, True),
        (Outcome.PROVED, Trivial.NO, False),
        (Outcome.REFUTED, None, True),
        (Outcome.PROVED, None, True),
        (Outcome.PROVED, Trivial.NO, False),
        (Outcome.REFUTED, None, True),
    ]
    assert found[6].reason == "it is shown by a run, so it is not trivial"
    assert found[1].reason == "'a' is never true: no step could change that"


def test_vacuous_is_expected_where_there_is_no_machine_only(judged: Judge) -> None:
    trivial, empty = judged(
        "check if_a for Line = 1 expect vacuous", "check if_a where lit and not lit expect vacuous"
    )
    assert (trivial.outcome, trivial.trivial, trivial.as_expected) == (Outcome.PROVED, Trivial.YES, False)
    assert (empty.outcome, empty.trivial, empty.as_expected) == (Outcome.VACUOUS, None, True)


@pytest.mark.parametrize(
    ("line", "plain", "strictly"),
    [
        ("check if_a for Line = 1", ExitStatus.AS_EXPECTED, ExitStatus.NOT_EXPECTED),
        ("check if_a for Line = 1 expect proved trivially", ExitStatus.AS_EXPECTED, ExitStatus.AS_EXPECTED),
        ("check if_a for Line = 2 expect proved trivially", ExitStatus.NOT_EXPECTED, ExitStatus.NOT_EXPECTED),
        ("check if_a for Line = 1 expect vacuous", ExitStatus.NOT_EXPECTED, ExitStatus.NOT_EXPECTED),
        ("check if_b for Line = 2", ExitStatus.AS_EXPECTED, ExitStatus.AS_EXPECTED),
    ],
)
def test_the_exit_status_of_both(
    write_spec: WriteSpec, line: str, plain: ExitStatus, strictly: ExitStatus
) -> None:
    path = write_spec(f"{SPEC}{line}\n")
    run = check([path])
    assert run.exit_status is plain
    assert strict(run, Silent()).exit_status is strictly


def test_plain_check_says_so_where_it_is_expected_or_cheap(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_a for Line = 1\ncheck if_a for Line = 1 expect proved trivially\n")
    assert [one.trivial for one in check([path]).answers] == [Trivial.YES, Trivial.YES]


def test_what_differs_elsewhere_is_named(judged: Judge) -> None:
    trivial, _ = judged(
        "property never_b never exists l : Line: b[l]",
        "check never_b where not lit expect proved trivially",
        "check never_b where lit expect refuted",
    )
    assert trivial.reason == (
        "'b' is never true for any Line: only 'one' could make it so, "
        "and 'one' needs 'lit', which 'where' excludes"
    )
    assert trivial.elsewhere is not None
    assert trivial.elsewhere.startswith("It is refuted with 'lit' instead of 'not lit' (line ")


def test_unknown_triviality_is_undecided_where_it_is_expected() -> None:
    asked = Asked("a.tdx", 1, "p", None, "", (), True, Expected.TRIVIAL.value, None)
    found = Answer(asked, Outcome.PROVED, (), trivial=Trivial.OPEN)
    assert found.judgement is Judgement.UNDECIDED
    assert replace(found, trivial=None).as_expected  # as in a stored answer, of which nobody asks


def test_sizes_of_the_command_line_count(judged: Judge) -> None:
    options = Options(sizes=(SizeRange("Line", 1, 1),))
    (found,) = judged("check if_a", options=options)
    assert found.trivial is Trivial.YES


def test_parameters_of_the_command_line_count(judged: Judge) -> None:
    (found,) = judged("check if_b for Line = 2", options=Options(parameters=(("lit", "false"),)))
    assert found.trivial is Trivial.YES
    assert found.reason is not None
    assert found.reason == (
        "'b' is never true for any Line: only 'one' could make it so, "
        "and 'one' needs 'lit', which the command line excludes"
    )


def test_one_line_about_several_properties(judged: Judge) -> None:
    first, second = judged("check if_a, if_b for Line = 1")
    assert (first.trivial, second.trivial) == (Trivial.YES, Trivial.NO)


def test_the_exit_status_follows(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    assert run.exit_status is ExitStatus.AS_EXPECTED
    assert strict(run, Silent()).exit_status is ExitStatus.NOT_EXPECTED


def test_what_was_asked_is_judged_whatever_became_of_the_file(write_spec: WriteSpec) -> None:
    path: Path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    path.unlink()
    assert [one.trivial for one in strict(run, Silent()).answers] == [Trivial.YES]
    unknown = replace(run, questions=())
    assert strict(unknown, Silent()) == unknown


def test_two_checks_of_one_line_are_told_apart(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_b for Line = 2 where not lit  check if_b for Line = 2\n")
    assert [one.trivial for one in strict(check([path]), Silent()).answers] == [Trivial.YES, Trivial.NO]


def test_an_undecided_check_stays_undecided(write_spec: WriteSpec) -> None:
    path = write_spec(f"{SPEC}check if_a for Line = 1\n")
    run = check([path])
    open_run = replace(run, answers=(replace(run.answers[0], outcome=Outcome.UNKNOWN),))
    assert strict(open_run, Silent()) == open_run


def test_strict_is_undecided_where_the_time_ends_before_triviality_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.tdx"
    path.write_text("index L\nstate x[L] : bool = false\nstate y : bool = false\n"
                    "action go(l : L) { x[l] := true }\n"
                    "property p never exists l : L: y and x[l]\ncheck p\n")  # fmt: skip
    run = check([path])
    assert run.exit_status == 0
    run = replace(run, answers=tuple(replace(one, trivial=None) for one in run.answers))
    (found,) = strict(run, Silent(), Budget(deadline=0.0)).answers
    assert found.judgement is Judgement.UNDECIDED and found.reason is not None
    assert found.reason.startswith(
        "proved, but it could not be found out whether the proof is trivial: the time"
    )
