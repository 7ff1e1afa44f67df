"""More proof files that claim something false: about names, numbers, sizes, other specs and other solvers."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from tdxverify.answers.answer import Standing
from tdxverify.answers.exit_status import ExitStatus
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.answers.stored.file import proof_path
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.cli.proof_lines import run_lines
from tdxverify.diagnostics import Code
from tdxverify.outputs.formats import FORMATS
from tdxverify.outputs.formats import Document as OutputDocument
from tdxverify.questions.options import Options
from tests.answers.stored.sample import (
    TEXT,
    Change,
    Document,
    checksummed,
    entry,
    forged,
    item_of,
    proof_text,
    with_fingerprints,
    written,
)
from tests.cli.conftest import RunCommand

STATED = {"Line": "1..2", "Cpu": "1"}


def _refused(run: Run) -> bool:
    """No answer is wrong about the spec, and not everything is fine."""
    assert all(answer.as_expected for answer in run.answers if answer.kept.standing.is_good)
    return run.exit_status is not ExitStatus.AS_EXPECTED


def proof_about(spec: Path, text: str, name: str, where: str, outcome: str, **item: object) -> None:
    """A file with one answer to the only check of the spec, as a clever forger writes it."""
    spec.write_text(text, encoding="utf-8")
    sizes = item.pop("sizes", "any size")
    stored = {"for": sizes, "fingerprint": "", "checked by": ["z3 5.0", "cvc5 1.0"], **item}
    answer = {"property": name, "where": where, "for": "any size", "outcome": outcome, "evidence": [stored]}
    document = {"format": 1, "spec": spec.name, "checks": [answer]}
    made = with_fingerprints(checksummed(document), spec.parent, text)
    proof_path(spec).write_text(made, encoding="utf-8")


# --- what a writer of questions may get wrong ---------------------------------------------

PLACE = """
index Line
state linked[Line, Line] : bool = false
action set(NAME : Line) { linked[NAME, NAME] := true }
property p always forall a, b : Line: linked[a, a] iff linked[b, b]
check p
"""
_LINKED = [["read", "linked", name, name] for name in "ab"]
SAME = {
    "text": "forall a, b : Line: linked[a, a] iff linked[b, b]",
    "formula": ["forall", [["a", "Line"], ["b", "Line"]], ["=", *_LINKED]],
}


@pytest.mark.parametrize("name", ["place", "at_0", "line", "linked1", "invariant"])
def test_a_parameter_is_not_a_place(name: str, tmp_path: Path) -> None:
    """With `place` this was accepted: the text compared the place with itself."""
    spec = tmp_path / "place.tdx"
    text = PLACE.replace("NAME", name)
    proof_about(spec, text, "p", "", "proved", kind="invariant", formulas=[SAME])
    (answer,) = recheck([spec]).answers
    assert answer.kept.standing is Standing.REFUSED
    assert "consecution of set" in str(answer.reason)


HALVES = """
state n : -3..3 = -3
action halve { n := n div 2 }
property p never n = -2
check p
"""


_NOT_MINUS_TWO = ["not", ["=", ["read", "n"], -2]]


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "k-induction", "k": 1, "simple path": True},
        {"kind": "k-induction", "k": 9, "simple path": True},
        {"kind": "enumeration", "states": 3},
        {"kind": "enumeration", "states": 2},
        {"kind": "no initial state"},
        {"kind": "invariant", "formulas": []},
        {"kind": "invariant", "formulas": [{"text": "n != -2", "formula": _NOT_MINUS_TWO}]},
        {"kind": "invariant", "formulas": [{"text": "n < -2", "formula": ["<", ["read", "n"], -2]}]},
    ],
    ids=str,
)  # fmt: skip
def test_numbers_are_not_rounded_in_favour_of_a_proof(item: dict[str, object], tmp_path: Path) -> None:
    spec = tmp_path / "halves.tdx"
    proof_about(spec, HALVES, "p", "", "proved", sizes={}, **item)
    document = json.loads(proof_path(spec).read_text(encoding="utf-8"))
    document["checks"][0]["for"] = {}
    made = with_fingerprints(checksummed(document), tmp_path, HALVES)
    proof_path(spec).write_text(made, encoding="utf-8")
    assert _refused(recheck([spec]))


RANGE = """
state n : 0..3 = 0
action up { n := n + 1 }
property p never n = 3 and n = 2
check p
"""


def test_a_trace_to_an_assignment_out_of_range_refutes_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "range.tdx"
    trace = {"kind": "trace", "parameters": {}, "initial": {}, "steps": [["up"]] * 4}
    proof_about(spec, RANGE, "p", "", "refuted", sizes={}, **trace)
    assert _refused(recheck([spec]))


# --- sizes ---------------------------------------------------------------------------------

_SEVEN = "abcdefg"
CROWD = f"""
index Line
{"".join(f"const {name} : Line{chr(10)}" for name in _SEVEN)}
assume {" and ".join(f"{x} != {y}" for x in _SEVEN for y in _SEVEN if x < y)}
state x : bool = false
action go {{ x := true }}
property p never x
check p
"""


@pytest.mark.parametrize(
    ("outcome", "item"),
    [
        ("vacuous", {"kind": "no initial state"}),
        ("proved", {"kind": "invariant", "formulas": [{"text": "false", "formula": False}]}),
        ("proved", {"kind": "invariant", "formulas": [{"text": "not x", "formula": ["not", ["read", "x"]]}]}),
        ("vacuous", {"kind": "no initial state", "sizes": {"Line": 2}}),
        ("proved", {"kind": "enumeration", "states": 1, "sizes": {"Line": 2}}),
        ("proved", {"kind": "k-induction", "k": 3, "simple path": True, "sizes": {"Line": 6}}),
    ],
)
def test_what_begins_with_seven_elements_only(outcome: str, item: dict[str, object], tmp_path: Path) -> None:
    spec = tmp_path / "crowd.tdx"
    proof_about(spec, CROWD, "p", "", outcome, **item)
    assert _refused(recheck([spec]))


# --- other specs, and specs that change ----------------------------------------------------


def test_the_proof_of_a_namesake(tmp_path: Path) -> None:
    """A spec of the same name elsewhere, in which a guard makes the property true."""
    safe = TEXT.replace(
        "when owned[l] and erratum", "when owned[l] and erratum and mode = next and count = 3"
    )
    safe = safe.replace(
        "check no_mc where erratum expect refuted in 4", "check no_mc where erratum expect proved"
    )
    for name, text in (("safe", safe), ("unsafe", TEXT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sample.tdx").write_text(text, encoding="utf-8")
    prove([tmp_path / "safe"], Silent())
    proof = proof_path(tmp_path / "safe" / "sample.tdx").read_text(encoding="utf-8")
    fitting = with_fingerprints(proof, tmp_path)
    for stolen in (proof, fitting):
        run = recheck([written(tmp_path / "unsafe", proof=stolen)])
        assert _refused(run)
        (about,) = [a for a in run.answers if (a.asked.property, a.asked.where) == ("no_mc", "erratum")]
        assert about.kept.standing in (Standing.STALE, Standing.REFUSED)


def test_an_import_that_becomes_unsafe(tmp_path: Path) -> None:
    library = tmp_path / "library.tdx"
    safe = """
    index Line
    state x[Line] : bool = false
    param p : bool
    action go(l : Line) when p and not p { x[l] := true }
    """
    library.write_text(safe, encoding="utf-8")
    spec = tmp_path / "root.tdx"
    spec.write_text(
        'import "library.tdx"\nproperty q never exists l : Line: x[l]\ncheck q\n', encoding="utf-8"
    )
    prove([spec], Silent())
    assert recheck([spec]).exit_status is ExitStatus.AS_EXPECTED
    library.write_text(safe.replace(" and not p", ""), encoding="utf-8")
    assert [a.kept.standing for a in recheck([spec]).answers] == [Standing.STALE]
    text = proof_path(spec).read_text(encoding="utf-8")
    document = json.loads(text)
    document["checks"][0]["evidence"][0]["fingerprint"] = "0" * 64
    proof_path(spec).write_text(checksummed(document), encoding="utf-8")
    assert _refused(recheck([spec]))


def test_a_definition_that_changes_its_meaning(tmp_path: Path) -> None:
    text = "state a : bool = false\nstate b : bool = true\ndefine good = not a\naction go {{ b := false }}\n"
    text += "property p always {0}\ncheck p\n"
    spec = tmp_path / "defined.tdx"
    spec.write_text(text.format("good"), encoding="utf-8")
    prove([spec], Silent())
    spec.write_text(text.format("good").replace("= not a", "= b"), encoding="utf-8")
    assert _refused(recheck([spec]))


# --- values that are no values -------------------------------------------------------------


def induction(**changed: object) -> Change:
    def change(document: Document) -> None:
        item = item_of(document, "links_are_owned", "", STATED)
        item.update({"kind": "k-induction", "k": 1, "simple path": False, **changed})

    return change


ODD: dict[str, Change] = {
    "a depth that is not a number": induction(k=float("nan")),
    "a depth without end": induction(k=float("inf")),
    "a depth with a fraction": induction(k=1.5),
    "a depth below zero": induction(k=-1),
    "a depth that is a truth value": induction(k=True),
    "a simple path that is a text": induction(**{"simple path": "yes"}),
    "states below zero": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        {"kind": "enumeration", "states": -4}
    ),
    "states without end": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        {"kind": "enumeration", "states": float("inf")}
    ),
    "half a character": lambda d: item_of(d, "no_mc", "not erratum")["formulas"][0].update(text="\ud800"),
    "half a character in a name": lambda d: entry(d, "no_mc", "erratum").update({"where": "\udfff"}),
    "half a character in a step": lambda d: item_of(d, "no_mc", "erratum")["steps"].append(["\ud800"]),
    "a formula ten thousand times and once more": lambda d: item_of(d, "no_mc", "not erratum").update(
        formulas=[{"text": "true", "formula": True}] * 10_001
    ),
    "a range that nobody can write out": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        formulas=[{"text": "x", "formula": ["exists", [["n", "0..999999999999999999"]], ["=", "n", 7]]}]
    ),
    "the sorts in another order": lambda d: entry(d, "links_are_owned", "", STATED).update(
        {"for": {"Cpu": "1", "Line": "1..2"}}
    ),
    "more sizes than were asked": lambda d: entry(d, "links_are_owned", "", STATED)["evidence"].append(
        {**item_of(d, "links_are_owned", "", STATED), "for": {"Line": 3, "Cpu": 1}}
    ),
    "a size below one": lambda d: item_of(d, "links_are_owned", "", STATED).update(
        {"for": {"Line": -1, "Cpu": 1}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_values(name: str, tmp_path: Path, run_command: RunCommand) -> None:
    """Refused without a traceback, by both solvers and in little time."""
    spec = written(tmp_path, proof=json.dumps(json.loads(forged(ODD[name]))))
    for second in (False, True):
        assert _refused(recheck([spec], second=second))
    assert run_command("recheck", "sample.tdx").status in (1, 3)
    assert run_command("certificate", "show", "sample.tdx").status in (0, 3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "\ufeff" + text, Code.E801),
        (lambda text: text + "{}", Code.E801),
        (lambda text: text.replace('"format": 1', '"format": ' + "1" * 5_000), Code.E801),
        (lambda text: text.replace('"format": 1', '"format": 1, "format": 1'), Code.E801),
        (lambda text: text.replace('"format": 1', '"format": 1.0'), Code.E801),
        (lambda text: text.replace('"checks": [', '"checks": [' + "[" * 10_000), Code.E801),
        (lambda text: text.encode("utf-8").decode("latin-1") + "\u00e9", Code.E801),
    ],
)
def test_files_that_are_almost_right(change: object, code: Code, tmp_path: Path) -> None:
    assert callable(change)
    run = recheck([written(tmp_path, proof=change(proof_text()))])
    assert [d.code for d in run.diagnostics] == [code]
    assert not run.answers


def test_who_has_checked_it_is_not_believed(tmp_path: Path) -> None:
    def boast(document: Document) -> None:
        for answer in document["checks"]:
            for item in answer["evidence"]:
                item["checked by"] = ["z3 99", "cvc5 99", "everybody"]
        item_of(document, "no_mc", "not erratum")["formulas"].pop(0)

    run = recheck([written(tmp_path, proof=forged(boast))])
    assert _refused(run)
    assert all(answer.kept.second is None for answer in run.answers)
    run = recheck([written(tmp_path, proof=forged(boast))], Options(stories=True))
    told = [
        FORMATS[OutputDocument.RUN][form].written(run, partial(run_lines, run))
        for form in FORMATS[OutputDocument.RUN]
    ]
    assert len(told) > 4 and all(str(run.answers[0].asked.property) in str(text) for text in told)
    assert not any(name in str(text) for text in told for name in ("z3 99", "cvc5 99", "everybody"))
