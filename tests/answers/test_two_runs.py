"""Two runs of whole specs: what is found, what is told of them, and when a proof says nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Outcome, Standing, Trivial
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent as Everyone
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.answers.tracing import traced
from tdxverify.answers.two_runs import never_different
from tdxverify.budget import Budget
from tdxverify.cli.why import why_lines
from tdxverify.diagnostics import SpecError
from tdxverify.inquiries.usage import Program, usage_findings
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.text.layout import Line
from tdxverify.outputs.text.trace_text import story_lines
from tdxverify.outputs.traces.itf import itf_text
from tdxverify.questions.options import Options
from tdxverify.questions.question import in_file
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.differential.reference.world import TooLarge
from tests.texts import Silent
from tests.two_run_specs import reference_answer, spec_of

HIDING = """
index Page
actor host, guest
param hiding : bool
state mine[Page] : bool = false
state data[Page] : 0..2
state cipher[Page] : 0..2 = 0
secret data
observer host sees each p : Page: cipher[p]
action give(p : Page) by host when not mine[p] { mine[p] := true }
action store(p : Page) by guest when mine[p] { data[p] := any  if not hiding { cipher[p] := data[p] } }
property told host cannot tell
property kept host cannot change each p : Page: cipher[p]
"""


def plain(line: Line) -> str:
    return "".join(piece.text for piece in line)


def answers(tmp_path: Path, text: str, *lines: str, **options: object) -> list[Answer]:
    path = tmp_path / "spec.tdx"
    path.write_text(text + "\n".join(lines) + "\n")
    run = check([path], Options(**options))  # type: ignore[arg-type]
    assert run.diagnostics == ()
    return list(run.answers)


@pytest.mark.parametrize(
    ("line", "outcome", "length"),
    [
        ("check told where not hiding", Outcome.REFUTED, 2),
        ("check told where hiding", Outcome.PROVED, None),
        ("check told for Page = 3 where hiding", Outcome.PROVED, None),
        ("check kept where hiding", Outcome.PROVED, None),
    ],
)
def test_what_is_found(tmp_path: Path, line: str, outcome: Outcome, length: int | None) -> None:
    (found,) = answers(tmp_path, HIDING, line)
    assert (found.outcome, found.length, found.trivial is Trivial.YES) == (outcome, length, False)


def test_both_runs_stand_side_by_side(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, HIDING, "check told where not hiding")
    assert found.told.story is not None
    lines = [plain(one) for one in story_lines(found.told.story, 80, everything=False)]
    assert all(len(one) <= 80 for one in lines)
    text = re.sub(r"\s+", " ", " ".join(lines))
    assert "the second run starts in the same state" in text
    assert "store(p = Page0, data[Page0] := 0) by guest" in text
    assert "in the second run data[Page0] := 1" in text
    assert "first run || second run: data[Page0] = 0 || 1, cipher[Page0] = 0 || 1" in text
    assert "because host sees 'cipher[p]' = 0 in the first run and 1 in the second, for p = Page0" in text


def test_a_step_that_is_left_out(tmp_path: Path) -> None:
    text = HIDING.replace("cannot change each p : Page: cipher[p]", "cannot change each p : Page: mine[p]")
    (found,) = answers(tmp_path, text, "check kept")
    assert found.told.story is not None
    lines = " ".join(plain(one).strip() for one in story_lines(found.told.story, 200, everything=False))
    assert "left out in the second run" in lines
    assert "with || without the steps of host: mine[Page0] = true || false" in lines
    assert "'mine[p]' is true with the steps of host and false without them, for p = Page0" in lines


def test_what_is_told_differs_as_the_two_runs_do(tmp_path: Path) -> None:
    """In every state, of every trace, exactly the cells that differ are told."""
    seen = 0
    for seed in range(60):
        path = tmp_path / f"s{seed}.tdx"
        path.write_text(f"{spec_of(seed).rstrip()} for Page = 2\n")
        (asked,) = in_file(path, Options(engine="explicit"), None)
        found = traced(asked, Silent())
        story = getattr(found, "story", None)
        if story is None or story.second_run is None:
            continue
        seen += 1
        cells = {cell.text: value for cell, value in story.initial}
        for number, beside in enumerate(story.second_run.beside):
            if number:
                cells |= {one.cell.text: one.after for one in story.steps[number - 1].changes}
            for one in beside.differences:
                assert cells[one.cell.text] == one.first != one.second
        assert story.second_run.told in (story.violation.instead if story.violation else "")
    assert seen > 10


def test_proofs_and_runs_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(
        HIDING + "check told where hiding\ncheck told where not hiding\ncheck kept where hiding\n"
    )
    proved = prove([path], Everyone())
    assert [found.outcome for found in proved.answers] == [Outcome.PROVED, Outcome.REFUTED, Outcome.PROVED]
    again = recheck([path])
    assert [found.kept.standing for found in again.answers if found.kept] == [Standing.HOLDS] * 3


def test_an_invariant_says_that_both_are_the_same(tmp_path: Path) -> None:
    text = HIDING.replace("sees each p : Page: cipher[p]", "sees seen") + "state seen : 0..2 = 0\n"
    text += "action look(p : Page) by host when mine[p] { seen := cipher[p] }\n"
    (found,) = answers(tmp_path, text, "check told where hiding")
    assert set(found.told.invariant) == {
        "forall i : Page: cipher[i] = (cipher[i] in the second run)",
        "seen = (seen in the second run)",
    }


def test_documents_have_both_runs(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(HIDING + "check told where not hiding\n")
    document = json.loads(json_text(check([path], Options())))
    second = document["checks"][0]["second_run"]
    assert second["states"][2]["differ"] == {"data[Page0]": ["0", "1"], "cipher[Page0]": ["0", "1"]}
    assert second["states"][2]["chose"] == ["data[Page0] := 1"]
    (asked,) = in_file(path, Options(), None)
    found = traced(asked, Silent())
    itf = json.loads(itf_text(found.problem, found.trace, found.story))  # type: ignore[union-attr]
    assert itf["states"][2]["#meta"]["second_run"] == {"data[Page0]": "1", "cipher[Page0]": "1"}


def test_why_says_which_parameter_keeps_them_alike(tmp_path: Path) -> None:
    path = tmp_path / "spec.tdx"
    path.write_text(HIDING + "check told where not hiding\n")
    (asked,) = in_file(path, Options(), None)
    found = traced(asked, Silent())
    text = " ".join(plain(one).strip() for one in why_lines(found, 200))  # type: ignore[arg-type]
    assert "what would keep the runs alike" in text
    assert "with hiding = true: the property holds" in text


# --- proofs that say nothing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            HIDING.replace("data[Page] : 0..2", "data[Page] : 0..2 = 0").replace(":= any", ":= 1"),
            "ever differ",
        ),
        (HIDING.replace("by host", "by guest"), "no step of host is ever possible"),
    ],
)
def test_a_proof_that_says_nothing(tmp_path: Path, text: str, reason: str) -> None:
    name = "kept" if "no step" in reason else "told"
    (found,) = answers(tmp_path, text, f"check {name} where hiding")
    assert found.trivial is Trivial.YES
    assert found.reason is not None and reason in found.reason


def test_secrets_that_never_differ_against_all_pairs(tmp_path: Path) -> None:
    seen = set()
    for seed in range(80):
        text = spec_of(seed)
        secrets = re.search(r"^secret (.*)$", text, re.MULTILINE)
        if secrets is None or "cannot change" in text:
            continue
        views = ", ".join(
            f"each q : Page: {name}[q]" if name == "data" else name for name in secrets[1].split(", ")
        )
        asked_otherwise = re.sub(
            r"^observer wire sees .*$", f"observer wire sees {views}", text, flags=re.MULTILINE
        )
        path = tmp_path / f"s{seed}.tdx"
        path.write_text(f"{text.rstrip()} for Page = 2\n")
        (asked,) = in_file(path, Options(), None)
        try:
            truth = reference_answer(asked_otherwise.replace(" even by steps", ""), {"Page": 2})
        except TooLarge:
            continue
        if truth.started:
            trivial = never_different(asked, Budget()).trivial
            assert trivial is (truth.length is None), seed
            seen.add(trivial)
    assert seen == {True, False}


# --- the case that the words were made for, and what is declared for nothing ---------------------


CIPHERTEXT = """
module ciphertext
import platform.sev_snp
param hiding : bool
memory Page { plain : bool = false }
secret plain
observer host sees each p : Page: if hiding or rmp[p] != guest_private then false else plain[p]
action guest_stores(p : Page) by guest when rmp[p] = guest_private { page_guest_access(p)  plain[p] := any }
action assign(p : Page) by host_kernel when rmp[p] = hypervisor { rmp[p] := guest_private }
property host_cannot_tell host cannot tell
check host_cannot_tell where platform = sev_snp and not hiding expect refuted in 2
check host_cannot_tell where platform = sev_snp and hiding     expect proved
"""


def test_equal_plaintext_at_one_address_is_equal_ciphertext(tmp_path: Path) -> None:
    assert len(CIPHERTEXT.strip().splitlines()) < 25
    refuted, proved = answers(tmp_path, CIPHERTEXT)
    assert refuted.as_expected and proved.as_expected
    assert (refuted.length, proved.asked.any_size, proved.trivial) == (2, True, Trivial.NO)


def test_what_is_declared_and_never_compared(tmp_path: Path) -> None:
    text = """
state key : bool
state idle : bool = false
state out : bool = false
secret key, idle
observer wire sees out
observer nobody sees out
action a { out := key  idle := any }
property p CLAIM
check p
"""
    path = tmp_path / "spec.tdx"
    said = {}
    for claim in ("wire cannot tell", "never out"):
        path.write_text(text.replace("CLAIM", claim))
        found = usage_findings(Program(modules := load(path), build_model(modules)))
        said[claim] = [(one.code.name, one.message) for one in found]
    idle = ("W105", "state 'idle' is written, but nothing ever looks at it")
    nobody = ("W107", "no claim is about what observer 'nobody' can tell")
    assert said["wire cannot tell"] == [idle, nobody]
    assert said["never out"] == [
        idle,
        ("W107", "nothing is claimed of who can tell what is secret"),
        ("W107", "no claim is about what observer 'wire' can tell"),
        nobody,
    ]


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ("secret hide", "E227", "'hide' is no state, and is the same in both runs"),
        ("secret dat", "E227", "there is no state 'dat'"),
        ("secret data\nsecret data", "E224", "said to be secret twice"),
        ("secret data, data", "E224", "said twice"),
    ],
)
def test_what_cannot_be_secret(tmp_path: Path, wrong: str, code: str, words: str) -> None:
    text = "param hide : bool\nstate data : bool\nobserver host sees data\nproperty p host cannot tell\n"
    path = tmp_path / "spec.tdx"
    path.write_text(text + wrong + "\n")
    with pytest.raises(SpecError) as caught:
        build_model(load(path))
    (one,) = caught.value.diagnostics
    assert (one.code.name, words in one.message) == (code, True)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("hots cannot tell", "E226"),
        ("nobody cannot change data", "E204"),
        ("host cannot tell more than dta", "E201"),
    ],
)
def test_who_cannot_be_asked_about(tmp_path: Path, claim: str, code: str) -> None:
    text = "state data : bool\nsecret data\nobserver host sees data\n"
    path = tmp_path / "spec.tdx"
    path.write_text(f"{text}property p {claim}\n")
    with pytest.raises(SpecError) as caught:
        build_model(load(path))
    assert [one.code.name for one in caught.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("states", "step", "code"),
    [
        ("state n : 0..3 = 0\nsecret n", "n := n + 1", "E510"),
        (
            "enum Phase { idle }\nstate n : Phase or none = none\nstate flag[Phase] : bool\nsecret n, flag",
            "if flag[n] { seen := true }",
            "E511",
        ),
        ("state n : 0..3\nsecret n", "if n = 3 { n := any { n + 1 } }", "E510"),
    ],
)
def test_a_mistake_of_the_spec_is_told_of_the_run_that_makes_it(
    tmp_path: Path, states: str, step: str, code: str
) -> None:
    path = tmp_path / "spec.tdx"
    lines = ["actor host", "state seen : bool = false", states, "observer host sees seen"]
    lines += [f"action go {{ {step} }}", "property told host cannot tell", "check told"]
    path.write_text("\n".join(lines))
    run = check([path], Options())
    assert [one.code.name for one in run.diagnostics] == [code]
    (answer,) = run.answers
    assert answer.outcome is Outcome.UNKNOWN and code in (answer.reason or "")
