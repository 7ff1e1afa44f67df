"""A proof file in which any value, list or object is another one: damaged or refused, never a crash.

Every node of a file is replaced by every one of a list of values that nobody would write, with a
checksum that fits and, where they can be computed, fingerprints that fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers.stored.entries import Entry, Key, OutOfDate
from tdxverify.answers.stored.export import StoredAnswer, lines_of, scripts
from tdxverify.answers.stored.file import proof_path, read
from tdxverify.answers.stored.judging import Judge, key_of, problem_for
from tdxverify.cli.main import main
from tdxverify.diagnostics import SpecError
from tdxverify.evidence.invariant import usable_formulas
from tdxverify.evidence.item import Unusable
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec, load_model
from tests.answers.stored.sample import TEXT, checksummed, proof_text, written
from tests.thorough import each

Place = tuple[str | int, ...]


def _nested(depth: int, innermost: object) -> object:
    found = innermost
    for _ in range(depth):
        found = [found]
    return found


def _negated(depth: int) -> object:
    found: object = True
    for _ in range(depth):
        found = ["not", found]
    return found


HOSTILE: dict[str, object] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "minus one": -1,
    "2 to the 63": 2**63,
    "10 to the 30": 10**30,
    "minus 10 to the 30": -(10**30),
    "a number of 4,000 digits": 10**4000,
    "a fraction": 1.5,
    "a whole fraction": 1.0,
    "10 to the 300": 1e300,
    "infinity": float("inf"),
    "not a number": float("nan"),
    "no text": "",
    "a number as text": "1",
    "10 to the 30 as text": str(10**30),
    "a range as text": f"0..{10**30}",
    "an element that there cannot be": f"Line{10**30}",
    "a blank": " ",
    "half of a character": "\ud800",
    "what ends a name": "|)(exit)(|",
    "a long text": "x" * 100_000,
    "a symbol": "poison",
    "a sort": "Line",
    "any size": "any size",
    "an empty list": [],
    "an empty object": {},
    "a list of nothing": [None],
    "a long list": [0] * 20_000,
    "deep lists": _nested(900, True),
    "deep negations": _negated(400),
    "an object": {"Line": 1},
    "sizes of 10 to the 30": {"Line": 10**30, "Cpu": 10**30},
    "sizes of minus one": {"Line": -1, "Cpu": 0},
    "an object without names": {"": None},
    "a formula": ["read", "poison", ["element", "Line", 10**30]],
    "a product": ["=", ["*", 10**17, 10**17, 10**17], ["*", 10**17, 10**17]],
    "a variable of a huge sort": ["exists", [["i", f"0..{10**17}"]], ["=", "i", 3]],
    "variables without end": ["exists", [[f"v{n}", "Line"] for n in range(300)], False],
    "an operator as an object": [{"not": True}],
}  # fmt: skip


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Every node of a document, but for the checksum."""
    yield place
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "checksum":
                yield from places(value, (*place, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from places(value, (*place, number))


def replaced(place: Place, value: object) -> str:
    """The proof file with another value there."""
    if not place:
        return json.dumps(value)
    document = json.loads(proof_text())
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return checksummed(document)


def kinds_of_place() -> list[Place]:
    """One place of each shape: what differs only in which check, formula or step it is about is the same."""
    document = json.loads(proof_text())
    first: dict[object, Place] = {}
    for place in places(document):
        key: list[object] = [part if isinstance(part, str) else "*" for part in place]
        if place[:1] == ("checks",) and len(place) > 1:
            check = document["checks"][place[1]]
            key += [check["outcome"], check["evidence"][0]["kind"], check["for"] == "any size"]
        first.setdefault(tuple(key), place)
    return list(first.values())


PLACES = kinds_of_place()


def test_there_are_places_of_every_kind() -> None:
    inner = {place[-1] for place in PLACES if place}
    wanted = {"format", "for", "kind", "fingerprint", "formula", "text", "steps", "initial", "parameters"}
    assert wanted <= inner
    assert len(PLACES) > 60


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Question]:
    folder = tmp_path_factory.mktemp("sample")
    spec = Spec(written(folder), load_model(written(folder)))
    asked = every_check(spec, Options())
    return {key_of(one): one for one in asked}


def looked_at(entry: Entry, asked: Question, judge: Judge) -> None:
    """Whatever is done with an entry. What it says may hold or not; nothing else may happen."""
    for current in (True, False):
        judge.judge(asked, entry, current=current)
    for item in entry.evidence:
        with suppress(OutOfDate, Unusable):
            usable_formulas(problem_for(asked, item), item)
    stored = StoredAnswer(1, asked, entry)
    for use in (lines_of, lambda one: scripts([one])):
        with suppress(SpecError):
            use(stored)


VALUES = list(HOSTILE)
SHARES = 3  # of the places: in a usual run each value is in one share of them, and each share has many values


@pytest.mark.parametrize(
    ("name", "share"),
    each(
        [(name, share) for name in VALUES for share in range(SHARES)],
        lambda position: position // SHARES % SHARES == position % SHARES,
    ),
)
def test_no_value_is_a_crash(name: str, share: int, questions: dict[Key, Question], tmp_path: Path) -> None:
    judge = Judge()
    original = read(proof_path(written(tmp_path)), tmp_path / "sample.tdx")
    unchanged = original.entries if original is not None else ()
    for place in PLACES[share::SHARES]:
        spec = written(tmp_path, TEXT, replaced(place, HOSTILE[name]))
        try:
            stored = read(proof_path(spec), spec)
        except SpecError as error:
            assert all(one.code.name.startswith("E80") for one in error.diagnostics), (name, place)
            continue
        assert stored is not None
        for entry in stored.entries:
            if entry.key in questions and entry not in unchanged:
                looked_at(entry, questions[entry.key], judge)


@pytest.mark.parametrize("name", HOSTILE)
def test_from_the_command_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One value in many places at once: each check of the file has it somewhere else."""
    document = json.loads(proof_text())
    for number, check in enumerate(document["checks"]):
        inner = [place for place in places(check) if place]
        holder, place = check, inner[number * 7 % len(inner)]
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = HOSTILE[name]
    spec = written(tmp_path, TEXT, checksummed(document))
    monkeypatch.chdir(tmp_path)
    for command in ("recheck", "certificate show"):
        with pytest.raises(SystemExit) as caught:
            main([*command.split(), str(spec)])
        said = "".join(capsys.readouterr())
        assert caught.value.code in ((0, 3) if command == "certificate show" else (1, 2, 3)), said
        said.encode("utf-8")
