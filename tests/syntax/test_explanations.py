"""Every diagnostic code is explained, by examples that do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdxverify.diagnostics import Code, SpecError
from tdxverify.diagnostics.explanations import Explanation, explanation
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model

# Examples that would have to be huge, and mistakes that only a run finds.
ONLY_SKETCHED = {Code.E412, Code.E505, Code.E510, Code.E511, Code.E606}
SPECS = [code for code in Code if not explanation(code).wrong.startswith("$ ")]  # else they are command lines


def codes_of(text: str, folder: Path) -> list[Code]:
    """What is wrong with a spec of that text, in a file example.tdx of its own."""
    path = folder / "example.tdx"
    path.write_text(text, encoding="utf-8")
    try:
        build_model(load(path))
    except SpecError as error:
        return [diagnostic.code for diagnostic in error.diagnostics]
    return []


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_every_code_is_explained(code: Code) -> None:
    told: Explanation = explanation(code)
    sentences = told.text.count(". ") + told.text.count(".\n") + told.text.endswith(".")
    assert sentences >= 1
    assert 40 <= len(told.text) <= 800
    assert told.wrong != told.right
    assert told.wrong.startswith("$ ") == told.right.startswith("$ ")


def test_nothing_else_is_explained() -> None:
    folder = Path(__file__).parents[2] / "tdxverify" / "diagnostics" / "explanations"
    headings = [
        line.strip("[]\n")
        for path in folder.glob("*.toml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("[E", "[W"))
    ]
    assert sorted(headings) == [code.name for code in Code]


def test_most_examples_are_specs() -> None:
    assert len(SPECS) > len(Code) * 3 // 4


@pytest.mark.parametrize(
    "code", [c for c in SPECS if c not in ONLY_SKETCHED and not c.is_warning], ids=lambda code: code.name
)
def test_wrong_examples_are_wrong_in_just_that_way(code: Code, tmp_path: Path) -> None:
    assert codes_of(explanation(code).wrong, tmp_path) == [code]


@pytest.mark.parametrize("code", SPECS, ids=lambda code: code.name)
def test_right_examples_are_right(code: Code, tmp_path: Path) -> None:
    assert codes_of(explanation(code).right, tmp_path) == []
