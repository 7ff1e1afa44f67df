"""Files reached by imports."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.resources import spec_directory
from tdxverify.syntax.imports import load


@pytest.fixture(autouse=True)
def in_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def loaded(root: str = "root.tdx") -> list[str]:
    """The files in the order in which they were loaded."""
    return [module.span.source.path for module in load(Path(root))]


def problems(root: str = "root.tdx") -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        load(Path(root))
    return caught.value.diagnostics


def test_imported_files_come_first_and_once() -> None:
    write(
        {
            "root.tdx": 'import left import right import "sub/deep.tdx" state r : bool',
            "left.tdx": "import sub.deep state a : bool",
            "right.tdx": "import left import sub.deep state b : bool",
            "sub/deep.tdx": "import beside state c : bool",
            "sub/beside.tdx": "state d : bool",
        }
    )
    assert loaded() == ["sub/beside.tdx", "sub/deep.tdx", "left.tdx", "right.tdx", "root.tdx"]


def test_one_file_under_two_names_is_loaded_once() -> None:
    write({"root.tdx": 'import a import "./sub/../a.tdx" import b', "a.tdx": "state a : bool", "sub/x": ""})
    Path("b.tdx").symlink_to("a.tdx")
    assert loaded() == ["a.tdx", "root.tdx"]


def test_the_library_comes_after_the_folder() -> None:
    (library, *_) = sorted((spec_directory() / "platform").glob("*.tdx"))
    write({"root.tdx": f"import platform.{library.stem}"})
    assert Path(loaded()[-2]).resolve() == library.resolve()
    write({f"platform/{library.name}": "state mine : bool"})
    assert loaded() == [f"platform/{library.name}", "root.tdx"]


def test_folders_above_are_not_searched() -> None:
    write({"sub/root.tdx": "import outer", "outer.tdx": "state a : bool"})
    assert [problem.code for problem in problems("sub/root.tdx")] == [Code.E130]


def test_a_missing_import_says_where_it_was_looked_for() -> None:
    write({"root.tdx": "\nimport platfrm.tdx", "platform/tdx.tdx": "state a : bool"})
    (problem,) = problems()
    assert problem.code is Code.E130
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (2, 1)
    assert problem.notes[0].message == "looked for platfrm/tdx.tdx"
    assert len(problem.notes) == 2
    assert problem.hint == "did you mean 'import platform.tdx'?"


def test_a_missing_quoted_import_has_a_hint_too() -> None:
    write({"root.tdx": 'import "rules/locl.tdx"', "rules/local.tdx": "state a : bool"})
    (problem,) = problems()
    assert [note.message for note in problem.notes] == ["looked for rules/locl.tdx"]
    assert problem.hint == "did you mean 'import \"rules/local.tdx\"'?"


def test_the_folder_of_a_known_name_is_found() -> None:
    write({"root.tdx": "import tdx_rules", "platform/tdx_rules.tdx": "state a : bool"})
    assert problems()[0].hint == "did you mean 'import platform.tdx_rules'?"


def test_cycles_are_shown() -> None:
    write({"root.tdx": "import a", "a.tdx": "import b state a : bool", "b.tdx": "import a"})
    (problem,) = problems()
    assert problem.code is Code.E131
    assert problem.message.endswith("a.tdx imports b.tdx imports a.tdx")
    assert problem.span is not None
    assert problem.span.source.path == "b.tdx"


def test_a_file_that_imports_itself_is_a_cycle() -> None:
    write({"root.tdx": "import root"})
    (problem,) = problems()
    assert problem.message.endswith("root.tdx imports root.tdx")


def test_the_mistakes_of_all_files_come_together() -> None:
    write(
        {
            "root.tdx": "import a import nowhere import b import c",
            "a.tdx": "state x bool",
            "b.tdx": "state y bool\nstate z bool",
            "c.tdx": "// nothing",
        }
    )
    found = [(p.code, p.span.source.path if p.span else None) for p in problems()]
    assert found == [
        (Code.E111, "a.tdx"),
        (Code.E130, "root.tdx"),
        (Code.E111, "b.tdx"),
        (Code.E111, "b.tdx"),
        (Code.E120, "c.tdx"),
    ]


def test_an_unreadable_import_points_at_its_line() -> None:
    write({"root.tdx": "state x : bool\n".replace("state", "import a state")})
    Path("a.tdx").write_bytes(b"\xff")
    (problem,) = problems()
    assert problem.code is Code.E103
    assert problem.span is not None
    assert problem.span.text == "import a"


def test_a_folder_is_no_import() -> None:
    write({"root.tdx": 'import "sub"', "sub/a.tdx": "state x : bool"})
    (problem,) = problems()
    assert (problem.code, problem.message) == (Code.E102, "sub is a folder, not a file")
    assert problem.span is not None and problem.hint == "name one of the files in it"


def test_a_pipe_is_no_import() -> None:
    write({"root.tdx": 'import "pipe.tdx"\nimport dotted'})
    os.mkfifo("pipe.tdx")
    os.mkfifo("dotted.tdx")
    assert [problem.message for problem in problems()] == [
        "pipe.tdx is a pipe, not a file",
        "dotted.tdx is a pipe, not a file",
    ]


def test_a_folder_hides_no_module_of_the_library() -> None:
    write({"root.tdx": "import platform.tdx", "platform/tdx.tdx/a.txt": ""})
    assert len(load(Path("root.tdx"))) > 1


def test_a_loop_of_links_is_no_import() -> None:
    write({"root.tdx": 'import "loop.tdx"'})
    os.symlink("loop.tdx", "loop.tdx")
    (problem,) = problems()
    assert problem.code is Code.E102 and problem.span is not None


def test_a_missing_root_has_no_place() -> None:
    (problem,) = problems("nowhere.tdx")
    assert problem.code is Code.E101
    assert problem.span is None


@pytest.mark.parametrize("written", ["", "\\\\", "..", "/", "a" * 5000, "~"])
def test_odd_paths_are_only_not_found(written: str) -> None:
    write({"root.tdx": f'import "{written}"'})
    is_folder = written in ("", "..", "/")
    assert [problem.code for problem in problems()] == [Code.E102 if is_folder else Code.E130]


def test_a_long_chain_of_imports() -> None:
    write({f"m{i}.tdx": f"import m{i + 1}" for i in range(1500)} | {"m1500.tdx": "state x : bool"})
    assert len(loaded("m0.tdx")) == 1501
