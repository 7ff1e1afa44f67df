"""Tables of files that several specs import are asked about once, and anew where anything differs."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.model.model import Model
from tdxverify.questions.specs import load_all, load_model
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model, tables
from tdxverify.wellformed.decided import Decided

LIBRARY = """
    index Line
    enum Key { none, own }
    const limit : 0..3 = 3
    param strict : bool
    state key[Line] : Key = none
    state poison[Line] : bool = false
    state writer[Line] : Line
    define bad(l : Line) = poison[l] and key[l] = own
    define some() = exists m : Line: poison[m]
    actor host
    fault #MC
    access read(l : Line) {
      bad(l) -> fault #MC
      not bad(l) and key[l] = own -> ok(zeros)
      key[l] = none and limit = 3 -> ok
      some() and poison[l] and key[l] = none and limit = 3 -> ok
    }
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every formula about a table for which somebody looks for a state."""
    found: list[object] = []
    original = tables.find_state

    def counting(formula: object, *others: object) -> object:
        found.append(formula)
        return original(formula, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "find_state", counting)
    return found


def built(text: str, decided: Decided, before: str = "index Spare") -> Model:
    """The model of `text`, behind another file."""
    modules = (parse(SourceFile("before.tdx", before)), parse(SourceFile("test.tdx", dedent(text))))
    return build_model(modules, decided=decided)


def refusals(text: str, decided: Decided) -> list[str]:
    with pytest.raises(SpecError) as error:
        built(text, decided)
    return [str(diagnostic) for diagnostic in error.value.diagnostics]


def test_a_table_is_asked_about_once(asked: list[object]) -> None:
    decided = Decided()
    first = built(LIBRARY, decided)
    questions = len(asked)
    assert questions > 0 and len(decided) == 1
    assert built(LIBRARY, decided) == first
    assert len(asked) == questions


def test_names_of_variables_make_no_difference(asked: list[object]) -> None:
    """Those of a program with more before it have other numbers."""
    decided = Decided()
    built(LIBRARY, decided)
    questions = len(asked)
    before = "index Page\nstate old[Page] : bool = false\ndefine aged() = exists p : Page: old[p]\n"
    model = built(LIBRARY, decided, before)
    assert len(asked) == questions and not model.tables[0].checked_up_to


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("enum Key { none, own }", "enum Key { none, own, other }"),
        ("const limit : 0..3 = 3", "const limit : 0..3 = 2"),
        ("const limit : 0..3 = 3", "param limit : 0..3"),
        ("= poison[l] and key[l] = own", "= poison[l] or key[l] = own"),
        ("define some() = exists m : Line: poison[m]", "define some() = forall m : Line: not poison[m]"),
        ("define some() = exists m : Line: poison[m]", "define some() = false"),
        ("limit = 3 -> ok\n      some()", "limit = 3 -> dropped\n      some()"),
        ("limit = 3 -> ok\n      some()", "limit = 3 -> ok { poison[l] := true }\n      some()"),
        ("some() and poison[l]", "some() and poison[writer[l]] and not (exists m : Line: poison[m])"),
        ("not bad(l) and key[l] = own", "key[l] = own"),
    ],
)
def test_whatever_changes_it_is_asked_anew(written: str, changed: str) -> None:
    decided = Decided()
    built(LIBRARY, decided)
    text = LIBRARY.replace(written, changed)
    assert text != LIBRARY
    alone = refusals(text, Decided())
    assert refusals(text, decided) == alone
    assert refusals(text, decided) == alone  # what was refused is not remembered


def test_what_an_importing_file_assumes_counts() -> None:
    decided = Decided()
    text = LIBRARY.replace("const limit : 0..3 = 3", "param limit : 0..3")
    assert built(text + "\nassume limit = 3\n", decided)
    weaker = text + "\nassume limit > 1\n"
    assert refusals(weaker, decided) == refusals(weaker, Decided())


def test_files_that_are_loaded_together_mean_what_each_means_alone() -> None:
    together = load_all(["examples", "spec/properties"])
    assert not together.diagnostics
    for spec in together.specs:
        assert spec.model == load_model(spec.path)
