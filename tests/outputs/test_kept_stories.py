"""What programs and pages are told of answers that were kept: the same as of those that were just found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tdxverify.answers.answer import Answer, Outcome, Standing, Told
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored import answering
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.budget import LimitReached, Why
from tdxverify.questions.options import Options
from tests.answers.stored.sample import TEXT, written
from tests.cli.conftest import RunCommand

STORIES = Options(stories=True)
# A trace that depends on something unknown, one that ends badly at the start, and proofs for stated sizes.
OPEN_QUESTIONS = """\
param sticky : bool cite U-03
state stuck : bool = false
action stick when sticky { stuck := true }
property never_stuck never stuck
property not_at_first never mode = handover
check never_stuck where erratum expect refuted
check not_at_first expect refuted in 0
check never_stuck where not sticky expect proved
check counts_to_two for Line <= 2, Cpu <= 2 expect proved
"""
SPEC = TEXT + OPEN_QUESTIONS


@pytest.fixture(params=["prove anew", "prove", "recheck"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Answer, ...]:
    """The answers about `SPEC`, each with its story."""
    spec = written(tmp_path, SPEC)
    proof_path(spec).unlink()
    anew = prove([spec], Silent(), STORIES)
    match request.param:
        case "prove":
            return prove([spec], Silent(), STORIES).answers
        case "recheck":
            return recheck([spec], STORIES).answers
    return anew.answers


def found(tmp_path: Path) -> tuple[Answer, ...]:
    return check([tmp_path / "sample.tdx"]).answers


def comparable(answer: Answer) -> Told:
    """Formulas are stored in alphabetical order, and the file does not name the engine."""
    told, proof = answer.told, answer.told.proof
    if proof is not None:
        method = proof.method.removesuffix(f", found by the engine {answer.engine}")
        formulas = tuple(sorted(proof.formulas, key=lambda said: said.symbols))
        proof = replace(proof, method=method, formulas=formulas)
    return replace(told, proof=proof, invariant=tuple(sorted(told.invariant)))


def test_it_is_what_is_told_of_answers_that_are_found(kept: tuple[Answer, ...], tmp_path: Path) -> None:
    """Sets of states are not kept: an invariant takes their place, and the rest is the same."""
    traces = proofs = 0
    for new, old in zip(found(tmp_path), kept, strict=True):
        assert new.asked == old.asked and new.outcome is old.outcome
        told, wanted = comparable(old), comparable(new)
        if new.engine == "explicit" and wanted.proof is not None:
            assert told.proof is not None and "invariant" in told.proof.method
            wanted = replace(wanted, proof=told.proof, invariant=told.invariant)
        assert told == wanted
        assert told.proof is None or "engine" not in told.proof.method
        traces += told.story is not None
        proofs += told.proof is not None and bool(told.invariant)
    assert traces >= 5 and proofs >= 5


def test_every_story_ends_as_the_answer_says(kept: tuple[Answer, ...]) -> None:
    for answer in kept:
        story = answer.told.story
        assert (story is not None) is (answer.length is not None)
        if story is not None:
            assert len(story.steps) == answer.length
            assert (story.violation is None) is (answer.outcome is Outcome.PROVED)
    assert {len(a.told.unknowns) for a in kept} == {0, 1}


def test_text_tells_less_and_asks_for_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **named: object) -> None:
        raise AssertionError("nobody asked for it")

    spec = written(tmp_path)
    monkeypatch.setattr(answering, "told_trace", never)
    monkeypatch.setattr(answering, "told_proof", never)
    for run in (recheck([spec]), prove([spec], Silent())):
        assert all(one.told.story is None and one.told.proof is None for one in run.answers)
        assert {one.kept.standing.is_good for one in run.answers if one.kept is not None} == {True}


def test_an_answer_holds_where_there_is_no_time_to_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*arguments: object, **named: object) -> None:
        raise LimitReached(Why.TIMEOUT)

    spec = written(tmp_path)
    monkeypatch.setattr(answering, "told_trace", late)
    run = recheck([spec], STORIES)
    assert {one.kept.standing for one in run.answers if one.kept is not None} == {Standing.HOLDS}
    assert all(one.told.story is None for one in run.answers)
    assert any(one.told.invariant for one in run.answers)
    assert all(one.as_expected for one in run.answers)


@pytest.mark.parametrize("command", ["prove", "recheck"])
def test_every_format_has_the_steps(run_command: RunCommand, tmp_path: Path, command: str) -> None:
    text = TEXT.replace("where erratum expect refuted in 4", "where erratum expect refuted in 5")
    written(tmp_path, text)
    told = {
        form: run_command(command, "sample.tdx", "--format", form).out
        for form in ("json", "sarif", "junit", "html")
    }
    checks = json.loads(told["json"])["checks"]
    trace: dict[str, Any] = next(one for one in checks if one["property"] == "no_mc" and one["length"])
    steps = [step["action"] for step in trace["trace"]]
    assert sorted(steps) == ["arrive", "leave", "own", "stray"]
    assert trace["violation"]["conjunct"] == "not kernel took #MC" and trace["initial"]["count"] == "0"
    assert trace["relies_on"]["by_where"] == {"erratum": "true"}
    assert any(one["invariant"] for one in checks if one["verdict"] == "proved")
    results = json.loads(told["sarif"])["runs"][0]["results"]
    assert sum("codeFlows" in one for one in results) == sum(one["trace"] is not None for one in checks)
    (complaint,) = ElementTree.fromstring(told["junit"]).iter("failure")
    assert all(step in str(complaint.text) for step in steps)
    assert "What holds in every reachable state" in told["html"]
    assert "found by the engine" not in told["html"]
