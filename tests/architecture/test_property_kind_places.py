"""What depends on the kind of a property is asked of its value: few modules may name the kinds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tdxverify.questions.kinds import KINDS
from tdxverify.resources import grammar_text
from tdxverify.syntax.claims import PropertyKind

PACKAGE = Path(__file__).parents[2] / "tdxverify"

PLACES = {
    "syntax/claims.py": set(PropertyKind.__members__),
    "questions/kinds/states.py": {
        "NEVER",
        "NEVER_TAKES",
        "NEVER_DEADLOCK",
        "CONTAINED",
        "ALWAYS",
        "REACHABLE",
    },
    "questions/kinds/steps.py": {"STEP"},
}
# These ask something of their own, and decide nothing by what others ask.
ASKING = {
    "inquiries/probes.py": {"NEVER", "STEP"},
    "questions/conditions.py": {"REACHABLE"},
}


def test_only_these_modules_name_kinds() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): set(named(path)) for path in PACKAGE.rglob("*.py")}
    assert {module: kinds for module, kinds in found.items() if kinds} == PLACES | ASKING


def test_a_kind_is_three_files() -> None:
    """A rule of the grammar, a row of what can be written, and its value."""
    for kind in PropertyKind:
        own = [module for module, kinds in PLACES.items() if kind.name in kinds]
        assert len(own) == 2, kind


def named(path: Path) -> Iterator[str]:
    """The kinds that the module at `path` names; in the module of the enumeration, its rows."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef(name="PropertyKind", body=body):
                rows = [row.targets[0] for row in body if isinstance(row, ast.Assign)]
                yield from (row.id for row in rows if isinstance(row, ast.Name))
            case ast.Attribute(value=ast.Name(id="PropertyKind"), attr=kind):
                yield kind
            case ast.Attribute(value=ast.Attribute(attr="PropertyKind"), attr=kind):
                yield kind
            case ast.Call(func=ast.Name(id="PropertyKind") | ast.Attribute(attr="PropertyKind")):
                yield "one by its name"


def test_every_kind_has_one_value() -> None:
    assert sorted(KINDS, key=list(PropertyKind).index) == list(PropertyKind)
    assert [kind.written for kind in KINDS.values()] == list(KINDS)


def test_every_kind_has_a_rule_in_the_grammar() -> None:
    rules = {line.partition(":")[0] for line in grammar_text().splitlines()}
    assert {rule for rule in rules if rule.endswith("_claim")} == {
        "_claim",
        *(f"{kind.value}_claim" for kind in PropertyKind),
    }
