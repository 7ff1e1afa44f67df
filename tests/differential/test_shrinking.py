"""Shrinking: everything that it tries is a spec that can be written down, and what is around a fault goes."""

from __future__ import annotations

import pytest

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.generator import generate
from tests.differential.merging import merged
from tests.differential.shrinking import shrunk, smaller
from tests.printing import print_module

ITEMS = {
    "if": "if b { in_it: { } }",
    "if, labelled": "l: if b { in_it: { } } else if c { other: { } } else { last: { } }",
    "else if": "if b { one: { } } else if c { in_it: { } } else { goto a }",
    "either": "l: either { in_it: { } } or { when b }",
    "while": "while b { in_it: { } when c }",
    "foreach": "foreach v : Line { in_it: { } l: as in_it }",
    "nested": "if b { while c { in_it: { } } } else { either { foreach v : Line { s: { } } } or { } }",
}


def module_with(items: str) -> ast.Module:
    text = f"index Line\nstate b : bool\nstate c : bool\nprocess p {{ a: {{ b := c }} {items} }}\n"
    return parse(SourceFile("spec.tdx", f"{text}property q never b\ncheck q\n"))


@pytest.mark.parametrize("name", ITEMS)
def test_every_candidate_can_be_written_down(name: str) -> None:
    for candidate in smaller(module_with(ITEMS[name])):
        print_module(candidate)


@pytest.mark.parametrize("seed", [*range(40), *range(5000, 5040), *range(20_000, 20_040)])
def test_so_can_every_candidate_of_a_generated_spec(seed: int) -> None:
    module = merged(generate(seed).files)
    for candidate in smaller(module) if module else ():
        print_module(candidate)


@pytest.mark.parametrize("name", ITEMS)
def test_what_stands_around_a_step_goes(name: str) -> None:
    def persists(candidate: ast.Module) -> bool:
        steps = ast.nodes(candidate.declarations, ast.Step)
        return any(one.label is not None and one.label.text == "in_it" for one in steps)

    small = shrunk(module_with(ITEMS[name]), persists, seconds=20)
    assert " ".join(print_module(small).split()) == "process p { in_it: { } }"
