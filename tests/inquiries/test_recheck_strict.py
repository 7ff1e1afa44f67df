"""`recheck --strict` says of stored answers what `check --strict` says of new ones, without a search."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.answer import Answer, Judgement, Standing
from tdxverify.answers.checking import check
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.inquiries.strict import strict, strict_again
from tdxverify.outputs.run_json import json_text
from tests.cli.conftest import RunCommand, run_command

assert run_command  # a fixture
SPEC = """\
param on : bool
state x : bool = false
state y : bool = false
state z : bool = false
state w : bool = false
action go when on { x := true }
action come when not x and not y { z := true }
action leave when z and x { y := true }
property p never x
property q never x and w
property r reachable x
check p where not on EXPECTED
check q expect proved trivially
check p where on expect refuted in 1
check r expect proved
"""
ADVICE = "If that is what is meant, write: expect proved trivially"


def judged(run: Run) -> list[tuple[object, ...]]:
    return [(a.asked.name, a.outcome, a.trivial, a.as_expected, a.elsewhere, a.advice) for a in run.answers]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "spec.tdx"
    path.write_text(SPEC.replace("EXPECTED", "expect proved"), encoding="utf-8")
    prove([path], Silent())
    return path


def test_what_check_says(path: Path) -> None:
    again = strict_again(recheck([path]), Silent(), None)
    assert judged(again) == judged(strict(check([path]), Silent()))
    assert again.exit_status is ExitStatus.NOT_EXPECTED
    assert [one.judgement is Judgement.NOT_EXPECTED for one in again.answers] == [True, False, False, False]
    assert {one.kept.standing for one in again.answers if one.kept} == {Standing.HOLDS}
    path.write_text(SPEC.replace("EXPECTED", "expect proved trivially"), encoding="utf-8")
    assert strict_again(recheck([path]), Silent(), None).answers[0].as_expected


GUARDS = (
    "on",
    "not on",
    "x",
    "not x",
    "y",
    "z",
    "x and y",
    "not z",
    "x and not y",
    "z or on",
    "true",
    "n = 2",
    "n < 2",
)
EFFECTS = ("x := true", "y := true", "z := not z", "x := false y := true", "n := 1", "n := 2 x := true")


def random_spec(seed: int) -> str:
    random = Random(seed)
    head = "param on : bool state n : 0..2 = 0"
    states = (f"state {name} : bool = false" for name in "xyz")
    actions = (f"action a{n} when {random.choice(GUARDS)} {{ {random.choice(EFFECTS)} }}" for n in range(3))
    claims = (f"property p{n} never {random.choice(GUARDS)} and {random.choice(GUARDS)}" for n in range(3))
    where = (random.choice(("", " where on", " where not on")) for _ in range(6))
    expected = ("proved", "proved trivially")
    checks = (f"check p{n // 2}{one} expect {random.choice(expected)}" for n, one in enumerate(where))
    return "\n".join((head, *states, *actions, *claims, *dict.fromkeys(checks), ""))


@pytest.mark.parametrize("seed", range(12))
def test_generated_specs(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(random_spec(seed), encoding="utf-8")
    prove([path], Silent())
    again = strict_again(recheck([path]), Silent(), None)
    wanted = judged(strict(check([path]), Silent()))
    assert [row[1:] for row in judged(again)] == [row[1:] for row in wanted]


def test_nothing_is_searched_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def searching(*_: object, **__: object) -> object:
        raise AssertionError

    monkeypatch.setattr("tdxverify.engines.finding.find", searching)
    monkeypatch.setattr("tdxverify.answers.deciding.find", searching)
    assert len(strict_again(recheck([path]), Silent(), None).answers) == 4


def test_what_was_not_looked_into_is_undecided(path: Path) -> None:
    """The file has changed since, or could not be read in time."""
    run = recheck([path])
    path.write_text("x", encoding="utf-8")
    again = strict_again(run, Silent(), None)
    lost: list[Answer] = list(again.answers[:2])
    assert [one.judgement for one in lost] == [Judgement.UNDECIDED] * 2
    assert all("could not be found out whether the proof is trivial" in (one.reason or "") for one in lost)
    assert {one.kept.standing for one in lost if one.kept} == {Standing.UNDECIDED}
    assert [one.as_expected for one in again.answers[2:]] == [True, True]


def test_as_text_and_for_programs(run_command: RunCommand, path: Path) -> None:
    done = run_command("recheck", "spec.tdx", "--strict")
    out = " ".join(done.out.split())
    assert done.status == 1 and "proved, trivially" in out and ADVICE in out
    assert "4 hold; 1 not as expected" in out
    assert run_command("recheck", "spec.tdx").status == 0
    for command in ("check", "recheck"):
        told = json.loads(run_command(command, "spec.tdx", "--strict", "--format", "json").out)["checks"]
        assert [one["hint"] for one in told] == [ADVICE, None, None, None]
        assert told[0]["strict"] and told[0]["trivial"]
    plain = json.loads(json_text(check([path])))["checks"][0]
    assert (plain["strict"], plain["hint"]) == (False, None)


def test_a_doubtful_table_is_none(path: Path) -> None:
    run = recheck([path])
    doubtful = tuple(
        replace(one, told=replace(one.told, partly_checked=(object(),)))  # type: ignore[arg-type]
        for one in run.answers
    )
    again = strict_again(replace(run, answers=doubtful), Silent(), None)
    assert {one.kept.standing for one in again.answers if one.kept} == {Standing.UNDECIDED}
    assert again.exit_status is ExitStatus.UNDECIDED
