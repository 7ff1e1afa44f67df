"""The file: the same for the same answers, one thing a line, and read as it was written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.entries import Entry, Key, ProofFile
from tdxverify.answers.stored.file import proof_path, read, text_of, write
from tdxverify.answers.stored.proving import prove
from tdxverify.diagnostics import Code, SpecError
from tdxverify.evidence.item import Item
from tests.answers.stored.sample import TEXT, entry, proof_text, written


def test_it_lies_beside_its_spec() -> None:
    assert proof_path(Path("a/b.c/kexec.tdx")) == Path("a/b.c/kexec.proof.json")


def test_the_same_answers_give_the_same_file(tmp_path: Path) -> None:
    spec = tmp_path / "sample.tdx"
    spec.write_text(TEXT, encoding="utf-8")
    run = prove([spec], Silent())
    assert run.written == (proof_path(spec),)
    assert proof_path(spec).read_text(encoding="utf-8") == proof_text()
    assert prove([spec], Silent()).written == ()


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    spec = written(tmp_path)
    stored = read(proof_path(spec), spec)
    assert stored is not None
    assert text_of(stored) == proof_text()
    assert read(tmp_path / "other.proof.json", spec) is None


def test_it_names_no_place_and_no_time() -> None:
    text = proof_text()
    assert not re.search(r"/|[0-9]+\.[0-9]+ s|20[0-9][0-9]-|seconds", text)


def test_lines_hold_one_thing_each() -> None:
    document = json.loads(proof_text())
    lines = proof_text().splitlines()
    steps = entry(document, "no_mc", "erratum")["evidence"][0]["steps"]
    assert [line.strip().rstrip(",") for line in lines if line.strip().startswith('["own')][:1] == [
        json.dumps(steps[0])
    ]
    for answer in document["checks"]:
        for item in answer["evidence"]:
            for formula in item.get("formulas", ()):
                assert sum(json.dumps(formula["formula"]) in line for line in lines) >= 1
    keys = [(a["property"], a["where"]) for a in document["checks"]]
    assert keys == sorted(keys)


def test_the_order_of_entries_does_not_matter() -> None:
    items = tuple(Item("trace", (), "f", (), (("steps", []),)) for _ in range(1))
    entries = tuple(
        Entry(Key(name, where, "any size"), "refuted", items) for name in "ba" for where in ("y", "")
    )
    assert text_of(ProofFile("s.tdx", entries)) == text_of(ProofFile("s.tdx", tuple(reversed(entries))))


def test_layout_is_not_part_of_the_checksum(tmp_path: Path) -> None:
    spec = written(tmp_path, proof=json.dumps(json.loads(proof_text())))
    stored = read(proof_path(spec), spec)
    assert stored is not None
    assert text_of(stored) == proof_text()


def test_writing_says_whether_anything_changed(tmp_path: Path) -> None:
    stored = ProofFile("s.tdx", ())
    path = tmp_path / "s.proof.json"
    assert write(path, stored, ())
    assert not write(path, stored, ())
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_written_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        write(tmp_path / "nowhere" / "s.proof.json", ProofFile("s.tdx", ()), ())
    assert [d.code for d in caught.value.diagnostics] == [Code.E705]


def test_what_cannot_be_read_is_a_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "s.proof.json"
    path.mkdir()
    with pytest.raises(SpecError) as caught:
        read(path, tmp_path / "s.tdx")
    assert [d.code for d in caught.value.diagnostics] == [Code.E102]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"format": 1}', Code.E801),
        ('{"format": 2, "whatever": []}', Code.E802),
        (proof_text().replace("sample.tdx", "simple.tdx"), Code.E801),
    ],
)
def test_each_trouble_has_its_code(content: str, code: Code, tmp_path: Path) -> None:
    spec = written(tmp_path, proof=content)
    with pytest.raises(SpecError) as caught:
        read(proof_path(spec), spec)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_copy_for_another_spec_is_foreign(tmp_path: Path) -> None:
    spec = written(tmp_path)
    other = spec.with_name("other.tdx")
    with pytest.raises(SpecError) as caught:
        read(proof_path(spec), other)
    assert [d.code for d in caught.value.diagnostics] == [Code.E803]
