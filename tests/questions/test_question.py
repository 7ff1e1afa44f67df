"""Questions and their variants: what changes, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
from tdxverify.logic.expr import TRUE
from tdxverify.model.model import SizeRange
from tdxverify.questions.conditions import condition
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.question import (
    Question,
    anywhere,
    at,
    every_check,
    in_file,
    smallest,
)
from tdxverify.questions.specs import Spec
from tests.texts import explicit, model_of

TEXT = """\
index Line
index Cpu
param lit : bool
const last : Line
state glows[Line] : bool = false
action switch(l : Line) when lit { glows[l] := true }
property dark never exists l : Line: glows[l]
property calm never false
check dark where not lit
check dark for Line <= 3
check calm
"""


def questions(options: Options | None = None) -> tuple[Question, ...]:
    return every_check(Spec(Path("lamp.tdx"), model_of(TEXT)), options or Options())


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.tdx"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_options_select_and_narrow() -> None:
    assert [asked.property.name for asked in questions()] == ["dark", "dark", "calm"]
    (calm,) = questions(Options(properties=("calm",), sizes=(SizeRange("Cpu", 3, 3),)))
    assert calm.sizing.open == {"Line"} and calm.sizing.told() == "for Cpu = 3, any number of Line"


def test_in_file(lamp: Path) -> None:
    assert [asked.check.span.line for asked in in_file(lamp, Options(), None)] == [9, 10, 11]
    (one,) = in_file(lamp, Options(), 10)
    assert one.spec.path == lamp and one.check.span.line == 10


@pytest.mark.parametrize(
    ("options", "line", "code"),
    [
        (Options(), 1, "E606"),
        (Options(properties=("light",)), None, "E707"),
        (Options(parameters=(("lit", "2"),)), 1, "E703"),
    ],
)
def test_wrong_choices(lamp: Path, options: Options, line: int | None, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        in_file(lamp, options, line)
    assert [diagnostic.code.name for diagnostic in raised.value.diagnostics] == [code]


def test_a_problem_has_the_parameters_of_the_options() -> None:
    sizes = {"Line": 2, "Cpu": 1}
    (asked, *_) = questions()
    assert at(asked, sizes) == lower(asked.spec.model, asked.check, sizes)
    given = replace(asked, options=Options(parameters=(("lit", "true"),)))
    assert isinstance(explicit(at(given, sizes)), Vacuous)


def test_sizes_that_nobody_gives() -> None:
    whole, some, _ = questions()
    assert smallest(whole, {}).sizes == (("Line", 1), ("Cpu", 1))
    assert smallest(some, {}).sizes == (("Line", 1), ("Cpu", 2))
    assert smallest(some, {"Line": 5}).sizes == (("Line", 5), ("Cpu", 2))
    with pytest.raises(SpecError, match="the limit is"):
        smallest(some, {"Line": 10**9})


def test_anywhere() -> None:
    (asked, *_) = questions()
    free = anywhere(asked)
    assert free.check.where == TRUE and free.check.where_text == ""
    assert replace(free, check=asked.check) == asked
    assert isinstance(explicit(smallest(free, {})), Refuted)


def test_a_condition_is_a_question(lamp: Path) -> None:
    (asked, *_) = in_file(lamp, Options(), None)
    goal = condition(asked, "lit and forall l : Line: glows[l]", {})
    assert goal.property.formula is not None and goal.options == asked.options
    found = explicit(smallest(anywhere(goal), {"Line": 3}))
    assert isinstance(found, Refuted) and len(found.trace) == 3
    assert isinstance(explicit(smallest(goal, {"Line": 3})), Proved)  # where not lit
