"""Which answers have to do with parameters that stand for something unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Bearing, UnknownUse
from tdxverify.answers.checking import check
from tdxverify.questions.options import Options

SPEC = """\
param known : bool
param guess : Guess "nobody knows" cite F-TDX-07, U-05
param other : bool cite U-06
enum Guess { one, two, three }
state a : bool = false   state b : bool = false   state aside : bool = false
action first when guess != three { a := true }
action second when a and known { b := true }
action elsewhere when other { aside := true }
property safe never b
property calm never aside
property plain never known and not known
"""


@pytest.fixture
def answer(tmp_path: Path) -> Answering:
    return Answering(tmp_path / "a.tdx")


class Answering:
    """The answer to one check line below `SPEC`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, line: str, *, also: str = "", options: Options | None = None) -> Answer:
        self._path.write_text(f"{SPEC}{also}\n{line}\n", encoding="utf-8")
        run = check([self._path], options)
        assert not run.diagnostics
        return run.answers[0]


def test_a_value_that_the_check_states_is_assumed(answer: Answering) -> None:
    (use,) = answer("check safe where guess = three").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.ASSUMED, ("three",), ("one", "two"))
    (use,) = answer("check safe where guess != one and not known").told.unknowns
    assert (use.bearing, use.values, use.others) == (Bearing.ASSUMED, ("two", "three"), ("one",))
    (use,) = answer("check safe where guess = one and known expect refuted in 2").told.unknowns
    assert (use.bearing, use.values) == (Bearing.ASSUMED, ("one",))


def test_so_is_one_from_the_command_line_or_the_spec(answer: Answering) -> None:
    given = answer("check safe where not known", options=Options(parameters=(("guess", "two"),)))
    assert (given.told.unknowns[0].bearing, given.told.unknowns[0].values) == (Bearing.ASSUMED, ("two",))
    assumed = answer(
        "check safe where not known", also="assume guess in { one, two } and (known or not known)"
    )
    assert (assumed.told.unknowns[0].bearing, assumed.told.unknowns[0].values) == (
        Bearing.ASSUMED,
        ("one", "two"),
    )


def test_a_proof_for_every_value_depends_on_none(answer: Answering) -> None:
    (use,) = answer("check safe where not known").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.ANY_VALUE, ("one", "two", "three"))


def test_a_trace_is_tried_with_the_other_values(answer: Answering) -> None:
    (use,) = answer("check safe expect refuted in 2").told.unknowns
    assert use == UnknownUse(("U-05",), "guess", Bearing.FOUND_WITH, ("one",), ("three",), ("two",))
    (use,) = answer("check safe where guess != two expect refuted in 2").told.unknowns
    assert (use.values, use.also, use.others) == (("one",), (), ("two", "three"))
    (use,) = answer("check calm expect refuted in 1").told.unknowns
    assert (use.name, use.bearing, use.values) == ("other", Bearing.FOUND_WITH, ("true",))


def test_a_trace_may_depend_on_none(answer: Answering) -> None:
    only = "action at_once { b := true }"
    found = answer("check safe where not known expect refuted in 1", also=only).told.unknowns
    assert found == (UnknownUse(("U-05",), "guess", Bearing.ANY_VALUE, ("one", "two", "three")),)


def test_what_does_not_decide_the_check_is_not_mentioned(answer: Answering) -> None:
    assert [use.name for use in answer("check calm where not other").told.unknowns] == ["other"]
    assert [use.name for use in answer("check plain").told.unknowns] == []
    tied = answer("check safe where not known and (other implies guess = one)").told.unknowns
    assert [use.name for use in tied] == ["guess", "other"]
    alone = answer("check safe where not known and other").told.unknowns
    assert [use.name for use in alone] == ["guess"]


def test_nothing_is_said_of_what_is_undecided_or_empty(answer: Answering) -> None:
    assert answer("check safe where known and not known expect vacuous").told.unknowns == ()
    undecided = answer("check safe", options=Options(engine="bmc", bound=1))
    assert undecided.outcome.value == "unknown" and undecided.told.unknowns == ()
