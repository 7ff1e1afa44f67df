"""Mistakes that a refinement makes of what another file declares name the refinement."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.model.model import Model
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model

LIBRARY = """
index Page
param hot : bool
state owned[Page] : bool = false
actor kernel
access wr(p : Page, h : bool) { owned[p] and h -> ok  not h -> dropped  otherwise -> ok(zeros) }
action store(p : Page) by kernel { wr(p, hot) }
action take(p : Page) when not owned[p] { owned[p] := true }
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lib.tdx").write_text(LIBRARY, encoding="utf-8")


def mistakes(text: str, imported: str = "import lib\n") -> list[Diagnostic]:
    Path("main.tdx").write_text(f"{imported}{text}\n", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        build_model(load(Path("main.tdx")))
    return list(caught.value.diagnostics)


@pytest.mark.parametrize(
    ("refinement", "code", "told"),
    [
        (
            "refine action store by process st(p : Page) { one: as store }\n"
            "property z never kernel took ok(zeros)",
            "E406",
            "in place of action store",
        ),
        ("index Cpu\nrefine action take by process t(p : Cpu) { a: as take }", "E211",
         "in place of action take"),
        ("refine row otherwise of wr { h and hot and not owned[p] -> ok cite F-TDX-1 }", "E502",
         "in place of otherwise -> ok(zeros)"),
        ("refine row not h of wr { otherwise -> ok cite F-TDX-1 }", "E503", "in place of not h -> dropped"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_library_names_the_refinement(refinement: str, code: str, told: str) -> None:
    (mistake,) = mistakes(refinement)
    assert mistake.code.name == code
    assert mistake.span is not None and mistake.span.source.path == "lib.tdx"
    (note,) = [one for one in mistake.notes if one.message.startswith("refined here")]
    assert note.message == f"refined here: {told}"
    assert note.span is not None and note.span.source.path == "main.tdx"


def test_what_the_refinement_says_itself_needs_no_note() -> None:
    (mistake,) = mistakes("refine action take when owned[q]")
    assert mistake.code.name == "E201" and mistake.notes == ()


def test_what_nobody_refines_has_no_note() -> None:
    (mistake,) = mistakes("refine action take when hot\naction other { wrong := true }")
    assert mistake.notes == ()


def copies(refinement: str) -> str:
    Path("more.tdx").write_text(f"import lib\nstate extra : bool = false\n{refinement}\n", encoding="utf-8")
    return "import lib\nimport more as x\nimport more as y\n"


def test_copies_that_say_the_same_are_one_refinement() -> None:
    imported = copies("refine row otherwise of wr { otherwise -> dropped cite F-TDX-1 }")
    Path("main.tdx").write_text(imported, encoding="utf-8")
    model: Model = build_model(load(Path("main.tdx")))
    assert len(model.tables[0].rows) == 3


@pytest.mark.parametrize(
    "refinement",
    [
        "refine action take by process taking(p : Page) { a: { extra := true } b: as take }",
        "refine row otherwise of wr { otherwise -> dropped { extra := true } cite F-TDX-1 }",
    ],
)
def test_copies_that_say_different_things_are_told_what_to_do(refinement: str) -> None:
    (mistake,) = mistakes("", copies(refinement))
    assert mistake.code.name == "E142" and mistake.notes == ()
    assert "once by each copy of this file, which is imported under two prefixes" in mistake.message
    assert mistake.hint is not None and "under the prefixes only" in mistake.hint
    Path("main.tdx").write_text("import more as x\nimport more as y\n", encoding="utf-8")
    build_model(load(Path("main.tdx")))  # as the hint says


def test_a_row_that_another_refinement_has_put_there() -> None:
    (mistake,) = mistakes(
        "refine row owned[p] or h of wr { otherwise -> ok cite F-TDX-2 }",
        copies(
            "refine row otherwise of wr { owned[p] or h -> ok cite F-TDX-1  otherwise -> ok cite F-TDX-1 }"
        ),
    )
    assert mistake.code.name == "E140"
    assert mistake.message == "row 'owned[p] or h' of 'wr' is there by another refinement"
    assert mistake.hint == "change it there; what is refined are rows of the file that declares the table"
    (note,) = mistake.notes
    assert note.span is not None and note.span.source.path == "more.tdx"
