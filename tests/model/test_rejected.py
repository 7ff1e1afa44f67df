"""Every file in tests/rejected is refused with exactly the diagnostics that its comments announce."""

from __future__ import annotations

import ast as ast_of_python
import re
from dataclasses import replace
from pathlib import Path

import pytest

import tdxverify
from tdxverify.diagnostics import Code, SpecError
from tdxverify.model.build import elaborate
from tdxverify.syntax import ast
from tdxverify.syntax.imports import load
from tdxverify.wellformed import build_model
from tests.traces import EXAMPLES

FOLDER = Path(__file__).parents[1] / "rejected"
PACKAGE = Path(tdxverify.__file__).parent
FILES = sorted(FOLDER.glob("*.tdx"))
MARK = re.compile(r"//.*?error: (E\d+)")

# Found while reading files, by large input or while a check runs: tested with those stages.
OTHERWISE_TESTED = {
    *("E101", "E102", "E103", "E104", "E105", "E106", "E113", "E114", "E120", "E131", "E132"),
    *("E412", "E505", "E510", "E511", "E606", "E607", "E608"),
}
SPEC_CODES = {code.name for code in Code if "E100" <= code.name < "E700"}  # the rest: command line, proofs


def announced(text: str) -> list[tuple[str, int]]:
    return [(m.group(1), n) for n, line in enumerate(text.splitlines(), start=1) if (m := MARK.search(line))]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_rejected(path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        build_model(load(path))
    found = sorted((d.code.name, d.span.line if d.span else 0) for d in caught.value.diagnostics)
    wanted = sorted(announced(path.read_text(encoding="utf-8")))
    assert wanted, "the file announces nothing"
    assert found == wanted, [d.message for d in caught.value.diagnostics]
    for diagnostic in caught.value.diagnostics:
        assert diagnostic.message
        assert not diagnostic.message.endswith(".")
        assert diagnostic.hint, diagnostic.message


def test_whoever_reports_a_mistake_of_a_spec_has_a_hint() -> None:
    """In the text of the program, so that a mistake nobody has a rejected spec of is seen as well."""
    without = {
        f"{path.stem}: {ast_of_python.unparse(call.args[0])}"
        for package in ("syntax", "model", "wellformed")
        for path in (PACKAGE / package).glob("*.py")
        for call in ast_of_python.walk(ast_of_python.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast_of_python.Call)
        and call.args
        and ast_of_python.unparse(call.args[0]).startswith(("Code.E", "code"))
        and not any(given.arg == "hint" for given in call.keywords)
        and len(call.args) < 5
    }
    assert without == {
        "parse_errors: Code.E111",  # what could stand there; whoever asks for it puts a hint to it
    }


def test_every_code_has_a_rejected_spec() -> None:
    marked = {code for path in FILES for code, _ in announced(path.read_text(encoding="utf-8"))}
    assert SPEC_CODES - marked == OTHERWISE_TESTED


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.tdx")), ids=lambda path: path.stem)
def test_a_second_declaration_is_looked_at_by_itself(path: Path) -> None:
    """Each declared twice, in the same words: no mistake but that, and no consequence of it."""
    *imported, root = load(path)
    for kind in {type(one) for one in root.declarations}:
        again = tuple(one for one in root.declarations if isinstance(one, kind))
        doubled = replace(root, declarations=(*root.declarations, *again))
        try:
            elaborate((*imported, doubled))
        except SpecError as error:
            wanted = {ast.PreludeDecl: Code.E219, ast.SecretDecl: Code.E224}.get(kind, Code.E202)
            assert {found.code for found in error.diagnostics} == {wanted}
        else:
            assert kind in (ast.CheckDecl, ast.InitDecl, ast.AssumeDecl, ast.HaltDecl)
