"""What an importing file refines, by the text that an edited copy would have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tests.printing import print_module

LIBRARY = """\
index Line
actor kernel
fault #MC
const limit : 0..3 = 3
const even[Line] : bool
state busy : bool = false
state n : 0..3
memory Line { poison : bool = false  owned : bool = any { true } }
access load(l : Line) "loads" cite F-A-1 {
  poison[l]                   -> fault #MC
  not poison[l] and (owned[l]) -> ok { n := 0 } "mine"
  otherwise                   -> ok
}
action update "an update" { n := 1 }
action spoil(l : Line) by kernel "bad" when not busy { poison[l] := true } emit c "f({l});"
process run(c : Line) by kernel {
  first: when busy { n := 1 }
  second: as first
  each: foreach l : Line { load(l) }
  either { left: { n := 2 } } or { while busy { inner: { busy := false } } }
}
"""


@pytest.fixture(autouse=True)
def in_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def modules(root: str, **files: str) -> tuple[ast.Module, ...]:
    for name, text in {"lib": LIBRARY, "root": root, **files}.items():
        Path(f"{name}.tdx").write_text(text, encoding="utf-8")
    return load(Path("root.tdx"))


def lines(root: str, **files: str) -> tuple[set[str], set[str]]:
    """Lines of the library that are gone, and what stands there now."""
    before = print_module(modules("import lib")[0]).splitlines()
    after = print_module(modules(f"import lib\n{root}", **files)[0]).splitlines()
    stripped = [{line.strip() for line in text} for text in (before, after)]
    return stripped[0] - stripped[1], stripped[1] - stripped[0]


def problems(root: str, **files: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        modules(f"import lib\n{root}", **files)
    return caught.value.diagnostics


def test_nothing_refined_is_nothing_changed() -> None:
    (library, _) = modules("import lib")
    assert print_module(modules("import lib\nrefine action update when busy")[0]) != print_module(library)
    assert modules("import lib")[0] is library  # read once


@pytest.mark.parametrize(
    ("refinement", "gone", "there"),
    [
        (
            "refine action update when busy",
            'action update "an update" { n := 1 }',
            'action update "an update" when busy { n := 1 }',
        ),
        ("refine action spoil when owned[l]", None, "when not busy and owned[l]"),
        ("refine action spoil when owned[l] or busy", None, "when not busy and (owned[l] or busy)"),
        ("refine action spoil when owned[l] and busy", None, "when not busy and owned[l] and busy"),
        (
            "refine process run when n = 2",
            "process run(c : Line) by kernel {",
            "process run(c : Line) by kernel when n = 2 {",
        ),
        ("refine step run.inner when owned[c]", None, "inner: when owned[c] { busy := false }"),
        ("refine step run.left when n = 0", None, "left: when n = 0 { n := 2 }"),
        ("refine step run.second when n = 0", "second: as first", "second: when busy and n = 0 { n := 1 }"),
        ("refine state busy = true", "state busy : bool = false", "state busy : bool = true"),
        ("refine state n = limit", "state n : 0..3", "state n : 0..3 = limit"),
        ("refine state poison[l : Line] = owned[l]", "poison : bool = false", "poison : bool = owned[l]"),
        ("refine state owned = any", None, "owned : bool = any"),
        ("refine const limit = 2", None, "const limit : 0..3 = 2"),
        ("refine const even[l : Line] = false", None, "const even[l : Line] : bool = false"),
    ],
)
def test_one_line_is_another(refinement: str, gone: str | None, there: str) -> None:
    before, after = lines(refinement)
    if gone is not None:
        assert gone in before
    assert len(before) == len(after) == 1
    assert there in after.pop()


def test_a_foreach_at_a_label_waits_at_each_element() -> None:
    gone, there = lines("refine step run.each when owned[l]")
    assert gone == {"each: foreach l : Line { load(l) }"}
    assert there == {"each: foreach l : Line {", "when owned[l]", "load(l)"}


def test_who_shares_a_body_shares_its_refinements() -> None:
    one, other = "refine step run.first when n = 0\n", "refine step run.second when n = 1\n"
    for text in (one + other, other + one):
        _, there = lines(text)
        assert there == {
            "first: when busy and n = 0 { n := 1 }",
            "second: when busy and n = 0 and n = 1 { n := 1 }",
        }


def test_a_row_is_named_by_its_condition_however_it_is_laid_out() -> None:
    text = """refine row (not poison[l]) and owned[l] of load {
      not poison[l] and owned[l] and busy -> dropped "hot" cite F-B-1
      not poison[l] and owned[l] and not busy -> ok cite F-B-2
    }"""
    (library, _) = modules(f"import lib\n{text}")
    (table,) = (one for one in library.declarations if isinstance(one, ast.AccessDecl))
    assert [row.outcome for row in table.rows] == ["#MC", "dropped", "ok", "ok"]
    assert [len(row.refinements) for row in table.rows] == [0, 1, 1, 0]
    (told,) = table.rows[1].refinements
    assert told.text == "in place of not poison[l] and owned[l] -> ok { n := 0 }"
    assert told.annotations.description == "hot"
    assert told.span.source.path == "root.tdx"


def test_the_last_row_can_be_replaced() -> None:
    gone, there = lines("refine row otherwise of load { otherwise -> fault #MC cite F-B-1 }")
    assert {" ".join(one.split()) for one in gone} == {"otherwise -> ok"}
    assert {" ".join(one.split()) for one in there} == {"otherwise -> fault #MC cite F-B-1"}


def test_a_process_in_the_place_of_an_action() -> None:
    text = """refine action spoil when owned[l]
    refine action spoil by process hidden(l : Line) by kernel "slowly" {
      prepare: { busy := false }
      do: as spoil
    }
    refine step hidden.prepare when busy"""
    (problem,) = problems(text)
    assert problem.code is Code.E141  # it stands in this file
    (library, _) = modules("import lib\nimport more\n", more=f"import lib\n{text[: text.rindex('refine')]}")[
        :2
    ]
    (found,) = (
        one
        for one in library.declarations
        if getattr(one, "name", None) == ast.Name("hidden", span=library.span)
    )
    assert isinstance(found, ast.ProcessDecl)
    assert library.declarations.index(found) == 10  # where the action was
    printed = print_module(library)
    assert 'do: when not busy and owned[l] { poison[l] := true } "bad"' in printed
    assert 'emit c "f({l});"' in printed
    assert "action spoil" not in printed


def test_parameters_that_the_process_has_not_are_chosen_by_the_step() -> None:
    _, there = lines("refine action spoil by process spoil by kernel { go: as spoil }")
    assert any(line.startswith("go(l : Line): when not busy") for line in there)


def test_a_label_of_its_own_comes_before_the_action() -> None:
    _, there = lines("refine action update by process p { update: { n := 3 } again: as update }")
    assert "again: as update" in there


def test_several_files_strengthen_one_guard() -> None:
    files = {
        "one": "import lib\nrefine action update when busy",
        "two": "import lib\nrefine action update when n = 0",
    }
    _, there = lines("import one\nimport two\nrefine action update when n != 1", **files)
    assert there == {'action update "an update" when busy and n = 0 and n != 1 { n := 1 }'}


def test_what_a_refinement_brought_can_be_refined_by_others() -> None:
    files = {"one": "import lib\nrefine action update by process later { a: { n := 2 } }"}
    _, there = lines("import one\nrefine step later.a when busy\nrefine process later when n = 0", **files)
    assert {"process later when n = 0 {", "a: when busy { n := 2 }"} <= there


def test_conflicts_of_two_files_name_both() -> None:
    files = {"one": "import lib\nrefine state busy = true", "two": "import lib\nrefine state busy = any"}
    (problem,) = problems("import one\nimport two", **files)
    assert problem.code is Code.E142
    assert problem.path == "two.tdx"
    assert [note.span.source.path for note in problem.notes if note.span] == ["one.tdx"]


def test_what_was_changed_is_kept() -> None:
    (library, _) = modules('import lib\nrefine action update when busy "not now" cite F-B-1')
    (found,) = (one for one in library.declarations if isinstance(one, ast.ActionDecl) and one.refinements)
    (told,) = found.refinements
    assert (told.text, told.annotations.description) == ("only when busy", "not now")
    assert told.span.text == 'refine action update when busy "not now" cite F-B-1'
    assert found.annotations.description == "an update"


def test_a_loop_that_is_a_step_has_no_guard_and_it_is_said_what_has_one() -> None:
    text = LIBRARY.replace("second: as first", "second: while n < 2 { n := 2 }")
    (problem,) = problems("refine step run.second when busy", lib=text)
    assert problem.code is Code.E145
    assert "refine process run when" in (problem.hint or "")
    assert "while n < 2 { second: { ... } }" in (problem.hint or "")
    apart = LIBRARY.replace("second: as first", "while n < 2 { second: { n := 2 } }")
    Path("lib.tdx").write_text(apart, encoding="utf-8")
    Path("root.tdx").write_text("import lib\nrefine step run.second when busy", encoding="utf-8")
    assert "second: when busy { n := 2 }" in print_module(load(Path("root.tdx"))[0])


def test_an_actor_stops_in_further_states() -> None:
    text = LIBRARY.replace(
        "actor kernel\n", 'actor other, kernel stopped when busy "asleep"\nactor guest[Line]\n'
    )
    before = print_module(modules("import lib", lib=text)[0]).splitlines()
    root = """import lib
    refine actor kernel stopped when n = 2 "off" cite F-X-1
    refine actor guest[l : Line] stopped when owned[l]"""
    after = print_module(modules(root, lib=text)[0]).splitlines()
    assert set(before) - set(after) == {
        'actor other, kernel stopped when busy "asleep"',
        "actor guest[Line]",
    }
    assert set(after) - set(before) == {
        'actor other stopped when busy "asleep"',
        'actor kernel stopped when busy or n = 2 "asleep"',
        "actor guest[l : Line] stopped when owned[l]",
    }


def test_several_files_stop_one_actor() -> None:
    _, there = lines(
        "import more\nrefine actor kernel stopped when busy",
        more="import lib\nrefine actor kernel stopped when n = 1",
    )
    assert there == {"actor kernel stopped when n = 1 or busy"}


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("refine actor kernl stopped when busy", Code.E140, "did you mean 'kernel'?"),
        ("refine actor update stopped when busy", Code.E140, "'update' is an action"),
        ("actor mine\nrefine actor mine stopped when busy", Code.E141, "change what is declared"),
        ("refine actor kernel[l : Line] stopped when busy", Code.E145, "or leave them out"),
    ],
)
def test_actors_that_cannot_be_refined_so(text: str, code: Code, hint: str) -> None:
    (problem,) = problems(text)
    assert problem.code is code
    assert hint in (problem.hint or "")


def test_an_index_of_an_actor_has_one_name() -> None:
    text = LIBRARY.replace("actor kernel\n", "actor kernel\nactor guest[l : Line] stopped when owned[l]\n")
    (problem,) = problems("refine actor guest[m : Line] stopped when poison[m]", lib=text)
    assert problem.code is Code.E145
    assert problem.hint == "call it 'l' here as well"
