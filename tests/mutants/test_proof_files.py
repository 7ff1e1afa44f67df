"""Proof files that claim something false, each with a checksum that fits: all must be refused.

An attempt is one change to the file of `sample.py`. Afterwards at least one check must not hold, the
file must be as it was after `prove`, and no answer may be wrong about the spec.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tdxverify.answers.answer import Standing
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.diagnostics import Code
from tests.answers.stored.sample import (
    TEXT,
    Change,
    Document,
    entry,
    forged,
    item_of,
    proof_text,
    with_fingerprints,
    written,
)
from tests.thorough import each

STATED = {"Line": "1..2", "Cpu": "1"}
ONE = {"Line": "1", "Cpu": "1"}
FALSE = {"text": "false", "formula": False}


def formulas(document: Document, name: str, where: str = "") -> list[Document]:
    found = item_of(document, name, where)["formulas"]
    assert isinstance(found, list)
    return found


def trace(document: Document) -> Document:
    """Of `no_mc where erratum`: own, stray, leave, arrive."""
    return item_of(document, "no_mc", "erratum")


def links(document: Document) -> list[Document]:
    return formulas(document, "links_are_owned")


def _exists(variables: list[str], body: object) -> object:
    return ["not", ["exists", [[name, "Line"] for name in variables], body]]


_LINK = ["read", "linked", "l", "m"]
_OWNED = ["not", ["read", "owned", "l"]]

INVARIANTS: dict[str, Change] = {
    "no formulas at all": lambda d: item_of(d, "no_mc", "not erratum").update(formulas=[]),
    "the first formula dropped": lambda d: formulas(d, "no_mc", "not erratum").pop(0),
    "the second formula dropped": lambda d: formulas(d, "no_mc", "not erratum").pop(1),
    "the only telling formula dropped": lambda d: links(d).pop(0),
    "the range of a number dropped": lambda d: formulas(d, "counts_to_two").pop(0),
    "a formula negated": lambda d: formulas(d, "no_mc", "not erratum")[1].update(
        text="kernel took #MC", formula=["read", "kernel took #MC"]
    ),
    "a quantifier negated": lambda d: formulas(d, "no_mc", "not erratum")[0].update(
        text="exists any_line : Line: poison[any_line]",
        formula=["exists", [["any_line", "Line"]], ["read", "poison", "any_line"]],
    ),
    "a formula weakened": lambda d: formulas(d, "no_mc", "not erratum")[1].update(
        text="not kernel took #MC or phase = next",
        formula=[
            "or",
            ["not", ["read", "kernel took #MC"]],
            ["=", ["read", "phase"], ["member", "Phase", "next"]],
        ],
    ),
    "a formula strengthened beyond what is initial": lambda d: formulas(d, "counts_to_two")[0].update(
        text="count > 0", formula=["<", 0, ["read", "count"]]
    ),
    "a bound moved by one": lambda d: formulas(d, "counts_to_two")[0].update(
        text="count != 2", formula=["not", ["=", ["read", "count"], 2]]
    ),
    "indices swapped": lambda d: links(d)[0].update(
        text="not exists l, m : Line: linked[m, l] and not owned[l]",
        formula=_exists(["l", "m"], ["and", ["read", "linked", "m", "l"], _OWNED]),
    ),
    "both indices the same": lambda d: links(d)[0].update(
        text="not exists l : Line: linked[l, l] and not owned[l]",
        formula=_exists(["l"], ["and", ["read", "linked", "l", "l"], _OWNED]),
    ),
    "false": lambda d: item_of(d, "no_mc", "not erratum").update(formulas=[FALSE]),
    "true": lambda d: item_of(d, "no_mc", "not erratum").update(formulas=[{"text": "true", "formula": True}]),
    "the invariant of another property": lambda d: entry(d, "no_mc", "not erratum").update(
        evidence=entry(d, "counts_to_two")["evidence"]
    ),
    "the invariant of another `where`": lambda d: entry(d, "no_mc", "erratum").update(
        evidence=entry(d, "no_mc", "not erratum")["evidence"], outcome="proved"
    ),
    "a proof under the key of a check that is refuted": lambda d: (
        d["checks"].remove(entry(d, "no_mc", "erratum")),
        entry(d, "no_mc", "not erratum").update(where="erratum"),
    ),
    "other people's text over a formula": lambda d: links(d)[0].update(text="not exists l : Line: poison[l]"),
    "a binder called like a symbol behind the step": lambda d: links(d)[0].update(
        text="not exists linked', m : Line: linked[m, m]",
        formula=_exists(["linked'", "m"], ["read", "linked", "m", "m"]),
    ),
    "a binder that ends a quoted name": lambda d: links(d)[0].update(
        text="not exists l|) : Line: linked[l, l]", formula=_exists(["l|)(assert false)(|"], _LINK)
    ),
    "a binder with a backslash": lambda d: links(d)[0].update(
        text="x", formula=_exists(["l\\", ") Int)) (assert false"], _LINK)
    ),
    "a binder called like a symbol": lambda d: links(d)[0].update(
        text="x", formula=_exists(["poison", "m"], ["read", "linked", "poison", "m"])
    ),
    "a variable bound twice": lambda d: links(d)[0].update(
        text="x", formula=_exists(["l", "l"], ["read", "linked", "l", "l"])
    ),
    "a variable bound by nothing": lambda d: links(d)[0].update(text="x", formula=["read", "owned", "l"]),
    "an index of the wrong sort": lambda d: links(d)[0].update(
        text="x", formula=["not", ["exists", [["l", "Cpu"]], ["read", "owned", "l"]]]
    ),
    "an element where the size is open": lambda d: links(d)[0].update(
        text="owned[Line0]", formula=["read", "owned", ["element", "Line", 0]]
    ),
    "a number where a formula is needed": lambda d: links(d)[0].update(text="1", formula=1),
    "an operator without operands": lambda d: links(d)[0].update(text="", formula=["and"]),
    "division by zero": lambda d: links(d)[0].update(
        text="count div 0 = 0", formula=["=", ["div", ["read", "count"], 0], 0]
    ),
    "nested too deeply": lambda d: links(d)[0].update(text="x", formula=_nested(150)),
    "formulas that are no list": lambda d: item_of(d, "no_mc", "not erratum").update(
        formulas={"text": "true"}
    ),
}


def _nested(depth: int) -> object:
    found: object = True
    for _ in range(depth):
        found = ["not", found]
    return found


KINDS: dict[str, Change] = {
    "one-induction where that does not suffice": lambda d: item_of(d, "no_mc", "not erratum", ONE).update(
        {"kind": "k-induction", "k": 1, "simple path": False}
    ),
    "induction of depth zero": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        {"kind": "k-induction", "k": 0, "simple path": True}
    ),
    "induction at a size, for any size": lambda d: entry(d, "no_mc", "not erratum").update(
        evidence=[
            {
                "kind": "k-induction",
                "for": {"Line": 1, "Cpu": 1},
                "fingerprint": "",
                "checked by": [],
                "k": 9,
                "simple path": True,
            }
        ]
    ),
    "induction at size two, called one for any size": lambda d: entry(d, "no_mc", "not erratum").update(
        evidence=[
            {
                "kind": "k-induction",
                "for": "any size",
                "fingerprint": "",
                "checked by": [],
                "k": 9,
                "simple path": True,
            }
        ]
    ),
    "an enumeration called one for any size": lambda d: entry(d, "counts_to_two").update(
        evidence=[
            {"kind": "enumeration", "for": "any size", "fingerprint": "", "checked by": [], "states": 9}
        ]
    ),
    "a wrong number of states": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        {"kind": "enumeration", "states": 7}
    ),
    "no initial state where there is one": lambda d: entry(d, "no_mc", "erratum").update(
        outcome="vacuous",
        evidence=[{"kind": "no initial state", "for": "any size", "fingerprint": "", "checked by": []}],
    ),
    "a proof about nothing": lambda d: entry(d, "idle", "mode = running and mode = next").update(
        outcome="proved",
        evidence=[
            {"kind": "invariant", "for": "any size", "fingerprint": "", "checked by": [], "formulas": [FALSE]}
        ],
    ),
    "an unknown kind": lambda d: item_of(d, "no_mc", "not erratum").update(kind="believe me"),
    "no evidence": lambda d: entry(d, "no_mc", "not erratum").update(evidence=[]),
    "an invariant for size 1 where any is asked": lambda d: item_of(d, "links_are_owned").update(
        {"for": {"Line": 1, "Cpu": 1}}
    ),
    "a proof for two sizes with one of them": lambda d: entry(d, "links_are_owned", "", STATED)[
        "evidence"
    ].pop(),
    "a proof for two sizes with one of them twice": lambda d: entry(d, "links_are_owned", "", STATED).update(
        evidence=entry(d, "links_are_owned", "", STATED)["evidence"][:1] * 2
    ),
    "the proof for one line passed off as one for any size": lambda d: item_of(
        d, "links_are_owned", "", STATED
    ).update({"for": "any size"}),
    "the proof for one line for two": lambda d: entry(d, "links_are_owned", "", STATED)["evidence"][1].update(
        formulas=entry(d, "links_are_owned", "", STATED)["evidence"][0]["formulas"]
    ),
    "a trace and a proof": lambda d: entry(d, "no_mc", "erratum")["evidence"].append(
        item_of(d, "no_mc", "not erratum")
    ),
    "refuted, with the evidence of a proof": lambda d: entry(d, "no_mc", "not erratum").update(
        outcome="refuted"
    ),
    "proved, with a trace": lambda d: entry(d, "no_mc", "erratum").update(outcome="proved"),
    "an outcome that is none": lambda d: entry(d, "no_mc", "erratum").update(outcome="fine"),
    "reached, with a proof that it is not": lambda d: entry(d, "gets_back").update(outcome="proved"),
}

TRACES: dict[str, Change] = {
    "the last step dropped": lambda d: trace(d)["steps"].pop(),
    "the first step dropped": lambda d: trace(d)["steps"].pop(0),
    "a step in the middle dropped": lambda d: trace(d)["steps"].pop(1),
    "a step behind the bad state": lambda d: trace(d)["steps"].append(["tick"]),
    "two steps exchanged": lambda d: trace(d)["steps"].reverse(),
    "a step that cannot be made": lambda d: trace(d)["steps"].insert(1, ["link", "Line0", "Line0"]),
    "a step that the spec does not have": lambda d: trace(d)["steps"].insert(1, ["wish"]),
    "an argument too many": lambda d: trace(d)["steps"][0].append("Line0"),
    "an argument too few": lambda d: trace(d)["steps"][0].pop(),
    "an element that there is not": lambda d: trace(d)["steps"][0].__setitem__(1, "Line7"),
    "an element of another sort": lambda d: trace(d)["steps"][0].__setitem__(1, "Cpu0"),
    "a parameter against the `where`": lambda d: trace(d).update(parameters={"erratum": "false"}),
    "no parameters": lambda d: trace(d).update(parameters={}),
    "a start that is bad": lambda d: trace(d).update(initial={"kernel took #MC": "true"}, steps=[]),
    "a start that is none": lambda d: trace(d).update(initial={"poison[Line0]": "true"}),
    "a value that is none": lambda d: trace(d).update(initial={"count": "9"}),
    "a cell that is none": lambda d: trace(d).update(initial={"colour": "red"}),
    "no steps": lambda d: trace(d).update(steps=[]),
    "no elements": lambda d: trace(d).update({"for": {"Line": 0, "Cpu": 1}}),
    "too many elements": lambda d: trace(d).update({"for": {"Line": 10**9, "Cpu": 1}}),
    "for any size": lambda d: trace(d).update({"for": "any size"}),
    "a sort left out": lambda d: trace(d).update({"for": {"Line": 1}}),
    "a size that the check is not about": lambda d: item_of(d, "small", "not erratum", STATED).update(
        {"for": {"Line": 3, "Cpu": 1}}
    ),
    "the trace of another check": lambda d: entry(d, "small", "not erratum", STATED).update(
        evidence=entry(d, "no_mc", "erratum")["evidence"]
    ),
    "a witness that does not get there": lambda d: item_of(d, "gets_there")["steps"].pop(),
}

SHAPES: dict[str, Change] = {
    "another spec": lambda d: d.update(spec="other.tdx"),
    "a newer format": lambda d: d.update(format=2),
    "an older format": lambda d: d.update(format=0),
    "a format that is no number": lambda d: d.update(format="1"),
    "a format that is a truth value": lambda d: d.update(format=True),
    "something more": lambda d: d.update(trusted=True),
    "no checks": lambda d: d.pop("checks"),
    "checks that are no list": lambda d: d.update(checks={}),
    "one check answered twice": lambda d: d["checks"].append(d["checks"][0]),
    "evidence without a kind": lambda d: trace(d).pop("kind"),
    "sizes that are no numbers": lambda d: trace(d).update({"for": {"Line": "1", "Cpu": "1"}}),
    "a check more": lambda d: d["checks"].append({**entry(d, "idle", "mode = running and mode = next"),
                                                  "where": "", "outcome": "proved"}),
    "a check less": lambda d: d["checks"].pop(),
    "an empty file": lambda d: d.clear(),
}  # fmt: skip

ATTEMPTS = {**INVARIANTS, **KINDS, **TRACES, **SHAPES}


def test_the_attempts_are_counted() -> None:
    assert len(ATTEMPTS) == len(INVARIANTS) + len(KINDS) + len(TRACES) + len(SHAPES) == 90


@pytest.mark.parametrize("name", ATTEMPTS)
def test_every_attempt_is_refused(name: str, tmp_path: Path) -> None:
    text = forged(ATTEMPTS[name])
    assert text != proof_text()
    _require_refused(text, tmp_path)


@cache
def fitting(name: str) -> str:
    """The attempt with fingerprints that fit, for all tests."""
    with TemporaryDirectory() as folder:
        return with_fingerprints(forged(ATTEMPTS[name]), Path(folder))


@pytest.mark.parametrize("name", [*INVARIANTS, *KINDS, *TRACES])
def test_so_it_is_with_fingerprints_that_fit(name: str, tmp_path: Path) -> None:
    _require_refused(fitting(name), tmp_path)


def _require_refused(text: str, folder: Path) -> None:
    run = recheck([written(folder, proof=text)])
    assert run.exit_status is not ExitStatus.AS_EXPECTED
    assert run.diagnostics or any(not answer.kept.standing.is_good for answer in run.answers)
    # Whatever else still holds is true of the spec.
    assert all(answer.as_expected for answer in run.answers if answer.kept.standing.is_good)


# Of these no fingerprint can be computed: the spec seems to have changed. They are found out of date.
LOOKS_STALE = {"a sort left out"}


@pytest.mark.parametrize("name", [name for name in (*INVARIANTS, *KINDS, *TRACES) if name not in LOOKS_STALE])
def test_forged_evidence_is_neither_believed_nor_overwritten(name: str, tmp_path: Path) -> None:
    """Evidence about the very question that is asked, and wrong: somebody has tampered with the file."""
    text = fitting(name)
    spec = written(tmp_path, proof=text)
    run = prove([spec], Silent())
    assert {d.code for d in run.diagnostics} == {Code.E804}
    assert run.exit_status is ExitStatus.WRONG_INPUT
    assert proof_path(spec).read_text(encoding="utf-8") == text


FORGED = [name for name in (*INVARIANTS, *KINDS, *TRACES) if name not in LOOKS_STALE]


@pytest.mark.parametrize("name", each(FORGED, lambda position: position % 5 == 0))
def test_forged_evidence_is_replaced_where_that_is_asked_for(name: str, tmp_path: Path) -> None:
    spec = written(tmp_path, proof=fitting(name))
    updated = prove([spec], Silent(), update=True)
    assert updated.exit_status is ExitStatus.AS_EXPECTED
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


def test_a_fingerprint_that_matches_helps_nobody(tmp_path: Path) -> None:
    """The spec is changed so that the property fails; the file gets the new fingerprint."""
    broken = TEXT.replace("when owned[l] and erratum { poison", "when owned[l] { poison")
    assert broken != TEXT
    text = with_fingerprints(proof_text(), tmp_path, broken)
    assert text != proof_text()
    spec = written(tmp_path, text=broken, proof=text)
    answers = {(a.asked.property, a.asked.where): a.kept.standing for a in recheck([spec]).answers}
    assert answers["no_mc", "not erratum"] is Standing.REFUSED
    assert {d.code for d in prove([spec], Silent()).diagnostics} == {Code.E804}
    assert proof_path(spec).read_text(encoding="utf-8") == text
    del answers["no_mc", "not erratum"]
    assert set(answers.values()) == {Standing.HOLDS}  # the others do not depend on the guard, or survive


POSITIONS = 400


@pytest.mark.parametrize("bit", [0, 3, 5])
def test_flipped_bits_are_noticed(bit: int, tmp_path: Path) -> None:
    content = proof_text().encode("utf-8")
    spec = written(tmp_path)
    step = len(content) // POSITIONS
    for position in range(bit, len(content), step):
        damaged = bytearray(content)
        damaged[position] ^= 1 << bit
        proof_path(spec).write_bytes(damaged)
        run = recheck([spec])
        assert {d.code for d in run.diagnostics} <= {Code.E801, Code.E802, Code.E803}, position
        assert run.exit_status is ExitStatus.WRONG_INPUT, position


def test_truncated_files_are_noticed(tmp_path: Path) -> None:
    content = proof_text().encode("utf-8")
    spec = written(tmp_path)
    lengths = [*range(0, len(content) - 1, len(content) // POSITIONS), len(content) - 2]
    for length in lengths:
        proof_path(spec).write_bytes(content[:length])
        run = recheck([spec])
        assert {d.code for d in run.diagnostics} == {Code.E801}, length
    # All but the last newline is there: nothing is missing.
    proof_path(spec).write_bytes(content[:-1])
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{" * 5000,
        b"[" * 100_000,
        b'{"format": NaN}',
        b'{"format": 1, "format": 1}',
    ],
    ids=["empty", "null", "list", "no text", "open", "deep", "no number", "twice"],
)
def test_what_is_no_proof_file_is_damaged(content: bytes, tmp_path: Path) -> None:
    spec = written(tmp_path)
    proof_path(spec).write_bytes(content)
    assert {d.code for d in recheck([spec]).diagnostics} == {Code.E801}
    run = prove([spec], Silent())
    assert {d.code for d in run.diagnostics} == {Code.E801}
    assert proof_path(spec).read_bytes() == content
