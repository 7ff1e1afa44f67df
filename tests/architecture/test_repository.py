"""Promises about the repository as a whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import tdxverify
from tdxverify.diagnostics import Code

ROOT = Path(__file__).parents[2]
FOLDERS = ("tdxverify", "spec", "examples", "grammar", "tests", "tools", "benchmarks", ".ci")
ENDINGS = {".py", ".md", ".tdx", ".lark", ".json", ".toml", ".txt", ""}
TEXTS = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix in ENDINGS and "__pycache__" not in path.parts
)


def test_version_is_stated_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == tdxverify.__version__


def test_codes_are_sorted_and_distinct() -> None:
    names = [code.name for code in Code]
    assert names == sorted(names)
    assert len({code.value for code in Code}) == len(names)
    assert len(names) >= 40


def test_every_code_is_used() -> None:
    source = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tdxverify").rglob("*.py"))
    unused = [code.name for code in Code if f"Code.{code.name}" not in source]
    assert not unused


def test_texts_speak_of_the_project_alone() -> None:
    foreign = re.compile(r"/work/|/root/|pypi\.org|\bshared/domain\b")
    others = (path for path in TEXTS if path != Path(__file__))
    found = [
        path.relative_to(ROOT).as_posix()
        for path in others
        if foreign.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_tests_are_used_by_benchmarks_and_not_the_other_way_round() -> None:
    """What both need stands with the tests; tools that are tested stand in a folder of their own."""
    using = [
        path.relative_to(ROOT).as_posix()
        for folder in ("tdxverify", "tests", "tools")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) benchmarks\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert using == []
