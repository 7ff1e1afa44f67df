"""Files that are imported under a prefix."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, SpecError
from tdxverify.model.model import Model
from tdxverify.syntax import ast, renaming
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.differential.generator import generate
from tests.differential.merging import merged
from tests.printing import print_module
from tests.syntax.test_printer import SPECS

BASE = "index Line memory Line { poison : bool = false } fault #MC actor kernel"
ONE = """import base
enum Phase { idle, busy }
state phase : Phase = idle
action go(l : Line) by kernel when phase = Phase.idle { phase := busy poison[l] := true }
  emit c "f({l}, {Line});"
"""


@pytest.fixture(autouse=True)
def in_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def texts(root: str, **files: str) -> dict[str, str]:
    """What each module says, in their order; named by its file, with a number where there are several."""
    for name, text in {"base": BASE, "one": ONE, "root": root, **files}.items():
        Path(f"{name}.tdx").write_text(text, encoding="utf-8")
    found: dict[str, str] = {}
    for module in load(Path("root.tdx")):
        name = Path(module.span.source.path).stem
        count = sum(one.split(" ")[0] == name for one in found)
        shown = " ".join(print_module(module).split())
        found[f"{name} {count + 1}" if count else name] = shown
    return found


def test_all_names_of_the_file_and_of_what_it_imports_have_the_prefix() -> None:
    found = texts("import one as x\nproperty p never x_phase = x_busy")
    assert list(found) == ["base", "one", "root"]
    assert found["base"].startswith("index x_Line memory x_Line { x_poison : bool = false } fault #x_MC")
    assert "enum x_Phase { x_idle, x_busy } state x_phase : x_Phase = x_idle" in found["one"]
    assert "action x_go(l : x_Line) by x_kernel when x_phase = x_Phase.x_idle" in found["one"]
    assert 'emit c "f({l}, {x_Line});"' in found["one"]


def test_two_copies_share_what_is_imported_without_a_prefix() -> None:
    found = texts("import base\nimport one as x\nimport one as y\nstate z : bool")
    assert list(found) == ["base", "one", "one 2", "root"]
    assert "action x_go(l : Line) by kernel" in found["one"]
    assert "action y_go(l : Line) by kernel when y_phase = y_Phase.y_idle" in found["one 2"]


def test_without_that_each_has_its_own() -> None:
    found = texts("import one as x\nimport one as y\nstate z : bool")
    assert list(found) == ["base", "one", "base 2", "one 2", "root"]
    assert "index y_Line" in found["base 2"]


def test_a_file_can_be_there_with_and_without() -> None:
    found = texts("import one as x\nimport one\nstate z : bool")
    assert list(found) == ["base", "one", "one 2", "root"]
    assert "index Line" in found["base"]
    assert "action x_go(l : Line)" in found["one"]
    assert "action go(l : Line)" in found["one 2"]


def test_a_prefix_inside_of_a_copy() -> None:
    two = "import one as in\nimport base\naction stop { in_phase := in_idle }"
    found = texts("import two as x\nproperty p never x_in_phase = x_in_busy", two=two)
    assert list(found) == ["base", "one", "two", "root"]
    assert "action x_in_go(l : x_Line) by x_kernel" in found["one"]
    assert "action x_stop { x_in_phase := x_in_idle }" in found["two"]


def test_one_prefix_for_two_files_is_one_space() -> None:
    two = "import one\naction stop { phase := idle }"
    found = texts("import two as x\nimport one as x\nstate z : bool", two=two)
    assert list(found) == ["base", "one", "two", "root"]
    assert "action x_stop { x_phase := x_idle }" in found["two"]


def test_the_root_can_say_what_a_copy_leaves_open() -> None:
    two = "action stop { flag := true }"
    found = texts("import two as x\nstate flag : bool", two=two)
    assert "action x_stop { flag := true }" in found["two"]


def test_refinements_inside_and_around_a_copy() -> None:
    two = (
        "import one refine action go by process slow(l : Line) { a: { } b: as go } refine state phase = busy"
    )
    found = texts("import two as x\nrefine step x_slow.a when x_phase = x_idle", two=two)
    assert "process x_slow(l : x_Line) { a: when x_phase = x_idle { } b: when x_phase" in found["one"]
    assert "state x_phase : x_Phase = x_busy" in found["one"]


def test_a_name_that_hides_a_declaration_still_does() -> None:
    two = "import one\naction stop(phase : Line) { poison[phase] := true }"
    texts("import two as x\nstate z : bool", two=two)
    with pytest.raises(SpecError) as caught:
        build_model(load(Path("root.tdx")))
    assert {one.code for one in caught.value.diagnostics} == {Code.E212}


def test_what_a_reproducer_begins_with_is_said_once() -> None:
    two = 'param size : bool prelude c "#define F" prelude sh "echo {size}"'
    texts("import two as x\nimport two as y\nstate z : bool", two=two)
    assert [one.target for one in build_model(load(Path("root.tdx"))).preludes] == ["c", "sh", "sh"]


def test_the_first_element_of_a_sort_of_a_copy() -> None:
    two = "index Epoch ordered state now : Epoch action begin { now := first(Epoch) }"
    found = texts("import two as x\nstate z : bool", two=two)
    assert "action x_begin { x_now := first(x_Epoch) }" in found["two"]
    build_model(load(Path("root.tdx")))


def test_a_dot_instead_of_the_line_below() -> None:
    texts("import one as x\nproperty p never x.phase = x.busy and not x.other")
    with pytest.raises(SpecError) as caught:
        build_model(load(Path("root.tdx")))
    hints = [one.hint for one in caught.value.diagnostics]
    assert hints[:2] == ["write 'x_phase'", "write 'x_busy'"]


def test_a_tower_of_copies_is_refused() -> None:
    files = {f"t{n}": f"import t{n - 1} as a\nimport t{n - 1} as b" for n in range(1, 30)}
    with pytest.raises(SpecError) as caught:
        texts("import t29 as x", t0="state z : bool", **files)
    (problem,) = caught.value.diagnostics
    assert problem.code is Code.E132
    assert problem.span is not None


def test_every_name_of_every_node_has_a_name_space_or_is_none() -> None:
    """A name that is added to the syntax has to be put into the table, or here."""
    ours = {
        *("Step.label", "SameStep.label", "SameStep.other", "WhileItem.label", "ForeachItem.label"),
        *("EitherItem.label", "IfItem.label", "Goto.label", "AtLabel.label", "RefineGuard.label"),
        *("Emit.target", "Module.name", "Import.prefix", "FairClause.label"),
    }
    found = set()
    for kind in filter(is_dataclass, vars(ast).values()):
        for name, annotation in getattr(kind, "__annotations__", {}).items():
            if annotation in ("Name", "Name | None", "tuple[Name, ...]"):
                found.add(f"{kind.__name__}.{name}")
    told = {f"{kind.__name__}.{part}" for kind, parts in renaming._SPACES.items() for part in parts}
    assert found == told | ours


# --- against taking the prefix away again ---------------------------------------------------


def models(library: ast.Module) -> list[Model | list[str]]:
    """The library by itself and under a prefix, with nothing else."""
    Path("lib.tdx").write_text(print_module(library), encoding="utf-8")
    found: list[Model | list[str]] = []
    for prefix in ("      ", " as zq"):  # what follows stands at the same place
        Path("main.tdx").write_text(f"import lib{prefix}\nparam none_such : bool\n", encoding="utf-8")
        try:
            found.append(build_model(load(Path("main.tdx"))))
        except SpecError as error:
            found.append([one.code.name for one in error.diagnostics])
    return found


@pytest.mark.parametrize("seed", range(40))
def test_a_copy_means_what_its_file_means(seed: int) -> None:
    whole = merged(generate(seed).files)
    assert whole is not None
    plain, copy = models(replace(whole, imports=()))
    if isinstance(plain, list) or isinstance(copy, list):
        assert plain == copy
        return
    for part in (
        "index_sorts",
        "enums",
        "symbols",
        "initial",
        "constraints",
        "actions",
        "properties",
        "tables",
    ):
        told = repr(getattr(copy, part))
        assert told.replace("zq_", "") == repr(getattr(plain, part)), part
    named = {one.symbol.name for one in copy.symbols if one.symbol.implicit is None} - {"none_such"}
    assert all(name.startswith("zq_") for name in named)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_prefixes_are_all_that_is_added_to_shipped_files(path: Path) -> None:
    Path("main.tdx").write_text(f'import "{path}" as zq\nstate none_such : bool\n', encoding="utf-8")
    copies, files = load(Path("main.tdx"))[:-1], load(path)
    for copy, file in zip(copies, files, strict=True):
        assert print_module(copy).replace("zq_", "").split() == print_module(file).split()
