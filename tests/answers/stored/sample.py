"""A small spec with an answer of every kind, and its proof file."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from tdxverify.answers.answer import Answer
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored.entries import OutOfDate
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.judging import Judge, key_of, problem_for
from tdxverify.answers.stored.proving import prove
from tdxverify.evidence.item import Item, Unusable
from tdxverify.questions.options import Options
from tdxverify.questions.question import every_check
from tdxverify.questions.specs import Spec, load_model

TEXT = """\
module sample
index Line
index Cpu
enum Phase { running, handover, next }
fault #MC
actor kernel
param erratum : bool
param mode : Phase
state phase : Phase = running
state count : 0..3 = 0
state linked[Line, Line] : bool = false
memory Line { owned : bool = false  poison : bool = false }
access look(l : Line) {
  poison[l] -> fault #MC
  otherwise -> ok
}
action own(l : Line) when phase = running { owned[l] := true }
action link(l, m : Line) when owned[l] and l != m { linked[l, m] := true }
action stray(l : Line) when owned[l] and erratum { poison[l] := true }
action tick when count < 2 { count := count + 1 }
action leave when phase = running { phase := handover }
action arrive(l : Line) by kernel when phase = handover { look(l)  phase := next }
property links_are_owned always forall l, m : Line: linked[l, m] implies owned[l]
property no_mc never kernel takes #MC
property counts_to_two always count <= 2
property gets_there reachable phase = next
property gets_back reachable phase = next and count = 3
property small always not exists l, m : Line: linked[l, m] and linked[m, l]
property idle always phase != handover

check links_are_owned expect proved
check no_mc where not erratum expect proved
check no_mc where erratum expect refuted in 4
check counts_to_two expect proved
check gets_there expect proved
check gets_back expect refuted
check small for Line <= 2, Cpu = 1 where not erratum expect refuted in 4
check links_are_owned for Line <= 2, Cpu = 1 expect proved
check no_mc for Line = 1, Cpu = 1 where not erratum expect proved
check idle where mode = running and mode = next expect vacuous
check counts_to_two for Line = 1, Cpu = 1 where mode = running and mode = next expect vacuous
"""

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Document], object]


@cache
def proof_text() -> str:
    """The proof file of `TEXT`, found once for all tests."""
    with TemporaryDirectory() as folder:
        spec = Path(folder) / "sample.tdx"
        spec.write_text(TEXT, encoding="utf-8")
        run = prove([spec], Silent())
        assert not run.diagnostics
        return proof_path(spec).read_text(encoding="utf-8")


def written(folder: Path, text: str = TEXT, proof: str | None = None) -> Path:
    """The spec `sample.tdx` in `folder`, with its proof file unless another is given."""
    spec = folder / "sample.tdx"
    spec.write_text(text, encoding="utf-8")
    proof_path(spec).write_text(proof_text() if proof is None else proof, encoding="utf-8")
    return spec


def checksummed(document: Document) -> str:
    """`document` as a file whose checksum fits, as a forger would write it."""
    body = {key: value for key, value in document.items() if key != "checksum"}
    flat = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    checksum = "sha256:" + sha256(flat.encode("utf-8", "surrogatepass")).hexdigest()
    return json.dumps({**document, "checksum": checksum})


def forged(change: Change, text: str | None = None) -> str:
    """The proof file with a change, and a checksum that fits."""
    document = json.loads(proof_text() if text is None else text)
    change(document)
    return checksummed(document)


def with_fingerprints(text: str, folder: Path, spec_text: str = TEXT) -> str:
    """The same file with every fingerprint that can be computed made to fit, as a clever forger would."""
    document = json.loads(text)
    spec = folder / "fingerprints.tdx"
    spec.write_text(spec_text, encoding="utf-8")
    model = load_model(spec)
    questions = every_check(Spec(spec, model), Options())
    judge = Judge()
    for answer in document.get("checks") or ():
        for stored in answer["evidence"]:
            for asked in questions:
                key = key_of(asked)
                sizes = key.sizes if isinstance(key.sizes, str) else dict(key.sizes)
                asked_for = answer["property"], answer["where"], answer["for"], answer.get("assuming", "")
                if (key.property, key.where, sizes, key.assuming) == asked_for:
                    with suppress(OutOfDate, Unusable):
                        item = _item(stored)
                        stored["fingerprint"] = judge.fingerprint(problem_for(asked, item), item)
    return checksummed(document)


def _item(stored: Document) -> Item:
    sizes = None if stored["for"] == "any size" else tuple(stored["for"].items())
    return Item(stored["kind"], sizes, "", (), tuple(stored.items()))


def entry(document: Document, name: str, where: str = "", sizes: object = "any size") -> Document:
    """The stored answer to one check."""
    for found in document["checks"]:
        if (found["property"], found["where"], found["for"]) == (name, where, sizes):
            assert isinstance(found, dict)
            return found
    raise KeyError(name)


def item_of(document: Document, name: str, where: str = "", sizes: object = "any size") -> Document:
    """The first piece of evidence for one check."""
    found = entry(document, name, where, sizes)["evidence"][0]
    assert isinstance(found, dict)
    return found


def answer_about(run: Run, line_text: str, text: str = TEXT) -> Answer:
    """The answer to the check on that line."""
    number = text.splitlines().index(line_text) + 1
    return next(answer for answer in run.answers if answer.asked.line == number)
