"""Proof files about what must happen that claim something false: with forged fairness, certificates that were
exchanged, loops that are none, and models that are no longer those that were proved.

Fingerprints and checksums are made to fit. What is believed nevertheless must be true of the spec.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tdxverify.answers.answer import Answer, Outcome, Standing
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.logic.expr import TRUE
from tdxverify.questions.options import Options
from tdxverify.questions.problems import looping
from tests.answers.stored.sample import Change, Document, checksummed, with_fingerprints

TEXT = """\
index Cpu
param patient : bool
state wants[Cpu] : bool = false
state done[Cpu] : bool = false
state turn : bool = false
action ask(c : Cpu) when not wants[c] and not done[c] { wants[c] := true }
action serve(c : Cpu) when wants[c] and turn { wants[c] := false  done[c] := true }
action flip when patient or not turn { turn := not turn }
action rest(c : Cpu) when done[c] { done[c] := false }
property served each c : Cpu: wants[c] leads_to done[c]
property turns eventually turn
property all_done eventually forall c : Cpu: done[c]

check served assuming fair serve, flip where not patient expect proved
check served for Cpu = 2 assuming fair serve, flip where patient expect refuted
check served for Cpu = 2 assuming strongly fair serve, fair flip where patient expect proved
check served for Cpu = 2 where patient expect refuted
check turns assuming fair flip expect proved
check turns for Cpu = 1 expect refuted
check all_done for Cpu = 1 assuming fair ask, strongly fair serve, fair flip expect proved
check all_done for Cpu = 2 assuming fair ask, strongly fair serve, fair flip expect refuted
"""
ONE, AGAIN, PROVED, ALONE, UNFAIR, STRONG, TURNS, IDLE = range(8)  # the answers, in the order of the file


@cache
def proof_text() -> str:
    with TemporaryDirectory() as folder:
        spec = _written(Path(folder), TEXT, "")
        assert all(answer.as_expected for answer in prove([spec], Silent()).answers)
        return proof_path(spec).read_text(encoding="utf-8")


def _written(folder: Path, text: str, proof: str) -> Path:
    spec = folder / "sample.tdx"
    spec.write_text(text, encoding="utf-8")
    if proof:
        proof_path(spec).write_text(proof, encoding="utf-8")
    return spec


def steps(document: Document, number: int) -> list[list[str]]:
    found = document["checks"][number]["evidence"][0]["steps"]
    assert isinstance(found, list)
    return found


def begun(document: Document, number: int) -> int:
    """The place of the step that says where the loop begins."""
    return next(n for n, step in enumerate(steps(document, number)) if step[0] == "loop begins")


def _exchanged(document: Document, one: int, other: int, part: str) -> None:
    first, second = document["checks"][one], document["checks"][other]
    first[part], second[part] = second.get(part, ""), first.get(part, "")


def _given(document: Document, one: int, other: int) -> None:
    """`one` gets the outcome and the evidence of `other`."""
    for part in ("outcome", "evidence"):
        document["checks"][one][part] = document["checks"][other][part]


def _moved(document: Document, number: int, place: int) -> None:
    found = steps(document, number)
    found.insert(place, found.pop(begun(document, number)))


ATTEMPTS: dict[str, Change] = {
    "the proof with strong fairness for weak": lambda d: _given(d, UNFAIR, STRONG),
    "the proof with strong fairness for none": lambda d: _given(d, ALONE, STRONG),
    "the proof for one parameter for another": lambda d: _given(d, UNFAIR, PROVED),
    "the proof with fairness without it": lambda d: _given(d, IDLE, TURNS),
    "the proof of another promise": lambda d: _given(d, AGAIN, ONE),
    "the certificates of two promises exchanged": lambda d: _exchanged(d, PROVED, TURNS, "evidence"),
    "the fairness of two checks exchanged": lambda d: _exchanged(d, UNFAIR, STRONG, "assuming"),
    "fairness that is not in the key": lambda d: d["checks"][UNFAIR].update(
        assuming="", outcome="proved", evidence=d["checks"][STRONG]["evidence"]
    ),
    "no formulas": lambda d: d["checks"][TURNS]["evidence"][0].update(formulas=[]),
    "that no loop ever begins": lambda d: _only_says(d, ["not", ["read", "in the loop"]]),
    "that nothing is promised": lambda d: _only_says(d, ["not", ["read", "promise open"]]),
    "that a turn is never met": lambda d: _only_says(d, ["not", ["read", "flip had its turn"]]),
    "a copy that nothing is equal to": lambda d: _only_says(
        d, ["not", ["=", ["read", "turn"], ["read", "turn before"]]]
    ),
    "no initial state": lambda d: d["checks"][TURNS].update(
        outcome="vacuous",
        evidence=[{"kind": "no initial state", "for": "any size", "fingerprint": "", "checked by": []}],
    ),
    "a loop that does not close": lambda d: steps(d, AGAIN).pop(),
    "a loop that begins too late": lambda d: _moved(d, AGAIN, len(steps(d, AGAIN)) - 1),
    "a loop that does not begin": lambda d: steps(d, AGAIN).pop(begun(d, AGAIN)),
    "a loop that begins twice, at once": lambda d: steps(d, AGAIN).insert(begun(d, AGAIN), ["loop begins"]),
    "steps that are no loop": lambda d: steps(d, AGAIN).append(["ask", "Cpu0"]),
    "a run that stops where somebody has to go on": lambda d: _given(d, UNFAIR, ALONE),
    "a loop that is fair to nobody": lambda d: steps(d, AGAIN).__setitem__(
        slice(begun(d, AGAIN) + 1, None), []
    ),
    "a loop of another element": lambda d: steps(d, UNFAIR)[begun(d, UNFAIR)].__setitem__(1, "Cpu1"),
    "a loop of an element that there is not": lambda d: steps(d, UNFAIR)[begun(d, UNFAIR)].__setitem__(
        1, "Cpu9"
    ),
    "a copy that is there from the start": lambda d: d["checks"][AGAIN]["evidence"][0].update(
        initial={"in the loop": "true"}, steps=[]
    ),
    "a turn that was had at the start": lambda d: d["checks"][AGAIN]["evidence"][0].update(
        initial={"serve had its turn[Cpu0]": "true", "serve had its turn[Cpu1]": "true"}
    ),
    "a promise that is open from the start": lambda d: d["checks"][ALONE]["evidence"][0].update(
        initial={"promise open[Cpu0]": "true"}, steps=[["loop begins", "Cpu0"]]
    ),
}


def _only_says(document: Document, formula: object) -> None:
    document["checks"][TURNS]["evidence"][0].update(formulas=[{"text": "x", "formula": formula}])


def believed(folder: Path, text: str, proof: str, *, stories: bool = False) -> list[Answer]:
    """What is taken for true. Requires that the spec is right."""
    run = recheck([_written(folder, text, proof)], Options(stories=stories))
    return [answer for answer in run.answers if answer.kept is not None and answer.kept.standing.is_good]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_every_attempt_is_refused(name: str, tmp_path: Path) -> None:
    document = json.loads(proof_text())
    ATTEMPTS[name](document)
    text = checksummed(document)
    assert document != json.loads(proof_text())
    for proof in (text, with_fingerprints(text, tmp_path, TEXT)):
        for stories in (False, True):
            kept = believed(tmp_path, TEXT, proof, stories=stories)
            assert len(kept) < 8, name
            assert all(answer.as_expected for answer in kept), name


def test_what_nobody_changed_is_believed(tmp_path: Path) -> None:
    assert len(believed(tmp_path, TEXT, proof_text())) == 8
    assert len(believed(tmp_path, TEXT, with_fingerprints(proof_text(), tmp_path, TEXT))) == 8


DETOUR = """\
state n, done : bool = false
fair action tick { n := not n }
action mark { done := true }
action unmark { done := false }
property again true leads_to done
check again expect refuted
""".replace("state n, done", "state n : bool = false\nstate done")


def test_a_loop_may_begin_that_is_not_gone_round(tmp_path: Path) -> None:
    """Such a run is none of an engine, but true: the steps of the model are told, and no others."""
    spec = _written(tmp_path, DETOUR, "")
    prove([spec], Silent())
    document = json.loads(proof_path(spec).read_text(encoding="utf-8"))
    begins = ["loop begins"]
    steps(document, 0)[:] = [begins, ["mark"], ["unmark"], begins, ["tick"], ["tick"]]
    (answer,) = believed(tmp_path, DETOUR, checksummed(document), stories=True)
    story = answer.told.story
    assert answer.length == 4 and story is not None and story.loop is not None
    assert [(step.number, step.action) for step in story.steps] == [
        (1, "mark"), (2, "unmark"), (3, "tick"), (4, "tick"),
    ]  # fmt: skip
    assert (story.loop.begin, story.loop.stops) == (2, False)
    assert story.violation is not None and "after step 2" in (story.violation.instead or "")


def test_a_loop_that_the_evaluator_refuses_is_no_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How loops are looked for is not trusted: here all states count as the one where the loop began."""
    spec = _written(tmp_path, DETOUR, "")
    prove([spec], Silent())
    document = json.loads(proof_path(spec).read_text(encoding="utf-8"))
    steps(document, 0)[:] = [["loop begins"], ["tick"]]
    monkeypatch.setattr(looping, "_same", lambda symbol, copy: TRUE)
    proof_path(spec).write_text(with_fingerprints(checksummed(document), tmp_path, DETOUR), encoding="utf-8")
    (answer,) = recheck([spec]).answers
    assert answer.kept is not None and answer.kept.standing is Standing.REFUSED
    assert answer.reason == "the trace shows no loop: the loop does not come back to where it began"


CHANGES: dict[str, tuple[str, str]] = {
    "weak for strong": ("assuming strongly fair serve, fair flip", "assuming fair serve, fair flip"),
    "one fair thing less": ("assuming fair serve, flip where not", "assuming fair serve where not"),
    "another fair thing": ("check turns assuming fair flip", "check turns assuming fair ask"),
    "another promise": ("eventually turn", "eventually not turn and exists c : Cpu: done[c]"),
    "another premise": ("each c : Cpu: wants[c] leads_to", "each c : Cpu: true leads_to"),
    "asked of all elements": ("wants[c] leads_to done[c]", "wants[c] leads_to forall d : Cpu: done[d]"),
    "an action more": ("property turns", "action give_up(c : Cpu) { wants[c] := false }\nproperty turns"),
    "an action less": ("action flip when patient or not turn { turn := not turn }\n", "action flip { }\n"),
    "a guard more": ("when wants[c] and turn", "when wants[c] and turn and forall d : Cpu: wants[d]"),
    "another start": ("turn : bool = false", "turn : bool = any"),
    "a step that does nothing": ("wants[c] := false  done[c] := true", "turn := turn"),
    "a halt": ("property turns", "halt when exists c : Cpu: wants[c]\nproperty turns"),
    "another condition": ("where not patient expect proved", "where patient expect proved"),
    "open": ("where not patient expect proved", "where true expect proved"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_is_believed_that_the_model_no_longer_shows(name: str, tmp_path: Path) -> None:
    before, after = CHANGES[name]
    text = TEXT.replace(before, after, 1)
    assert text != TEXT
    proof = json.loads(proof_text())
    for number, one in enumerate(_situations(tmp_path, text)):  # every answer put to the check in its place
        proof["checks"][number].update(one)
    kept = believed(tmp_path, text, with_fingerprints(checksummed(proof), tmp_path, text))
    truth = {answer.asked.line: answer for answer in check([_written(tmp_path, text, "")]).answers}
    assert all(truth[answer.asked.line].outcome is answer.outcome for answer in kept)
    assert any(answer.outcome is not Outcome.UNKNOWN for answer in truth.values())


def _situations(folder: Path, text: str) -> list[dict[str, object]]:
    """What tells the checks of `text` apart in a proof file."""
    spec = _written(folder, text, "")
    prove([spec], Silent())
    document = json.loads(proof_path(spec).read_text(encoding="utf-8"))
    parts = ("property", "where", "for", "assuming")
    return [{part: one[part] for part in parts if part in one} for one in document["checks"]]
