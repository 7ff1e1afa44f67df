"""Clauses in any order: the text is read as if they stood in the order in which it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import pytest

from tdxverify.diagnostics import Code, SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.printing import print_module

HEADS = {
    "action a(l : Line)": "{ x := true }",
    "action a": '{ } emit c "go();"',
    "process p(l : Line)": "{ s: { } }",
    "process p": "{ }",
}
# In the order in which they are printed.
CLAUSES = ("by guest[l]", '"described"', "cite F-TDX-1, F-TDX-2", "when x in { y, z }")
ASKED = ("for Line = 2, Cpu <= 3", "where x in 1..3", "expect refuted in 2", '"described"', "cite F-TDX-1")


def printed(text: str) -> str:
    return print_module(parse(SourceFile("test.tdx", text)))


def some(clauses: Sequence[str]) -> list[tuple[str, ...]]:
    return [chosen for count in range(len(clauses) + 1) for chosen in combinations(clauses, count)]


@pytest.mark.parametrize("head", HEADS)
def test_clauses_of_an_action_and_a_process(head: str) -> None:
    for usual in some(CLAUSES):
        canonical = printed(f"{head} {' '.join(usual)} {HEADS[head]}")
        for mixed in permutations(usual):
            assert printed(f"{head} {' '.join(mixed)} {HEADS[head]}") == canonical
    assert printed(canonical) == canonical
    assert canonical.splitlines()[0].startswith(f"{head} {' '.join(CLAUSES)} {{")


def test_clauses_of_a_check() -> None:
    for usual in some(ASKED):
        canonical = printed(f"check p, q {' '.join(usual)}")
        for mixed in permutations(usual):
            assert printed(f"check p, q {' '.join(mixed)}") == canonical


def test_the_configurations_of_a_check() -> None:
    canonical = printed("check p in v5, v6 for any size where x expect proved trivially")
    for head in ("in v5, v6 for any size", "for any size in v5, v6"):
        for mixed in permutations(("where x", "expect proved trivially")):
            assert printed(f"check p {head} {' '.join(mixed)}") == canonical


@pytest.mark.parametrize(
    "text",
    [
        'access f { a "described" cite F-1 -> ok(zeros) { x := y } otherwise -> dropped }',
        'access f { a -> ok(zeros) "described" cite F-1 { x := y } otherwise -> dropped }',
        'access f { a -> ok(zeros) { x := y } cite F-1 "described" otherwise -> dropped }',
        'access f { a cite F-1 -> ok(zeros) { x := y } "described" otherwise -> dropped }',
    ],
)
def test_notes_of_a_row(text: str) -> None:
    canonical = 'access f { a -> ok(zeros) { x := y } "described" cite F-1 otherwise -> dropped }'
    assert printed(text) == printed(canonical)


@pytest.mark.parametrize(
    "text",
    [
        'process p { s: "described" cite F-1 when x { y := z } }',
        'process p { s: when x cite F-1 "described" { y := z } }',
        'process p { s: cite F-1 when x "described" { y := z } }',
    ],
)
def test_notes_of_a_step(text: str) -> None:
    assert printed(text) == printed('process p { s: when x { y := z } "described" cite F-1 }')


@pytest.mark.parametrize("clause", CLAUSES)
@pytest.mark.parametrize("head", HEADS)
def test_a_clause_of_a_step_stands_once(head: str, clause: str) -> None:
    for other in CLAUSES:
        between = "" if other == clause else other
        text = f"{head} {clause} {between} {clause} {HEADS[head]}"
        with pytest.raises(SpecError) as caught:
            parse(SourceFile("test.tdx", text))
        (found,) = caught.value.diagnostics
        assert found.code is Code.E111 and found.span is not None
        assert (found.span.text, found.span.start) == (clause, text.rindex(clause))
        assert found.hint


@pytest.mark.parametrize("clause", ASKED)
def test_a_clause_of_a_check_stands_once(clause: str) -> None:
    for other in ASKED:
        between = "" if other == clause else other
        text = f"check p {clause} {between} {clause}"
        with pytest.raises(SpecError) as caught:
            parse(SourceFile("test.tdx", text))
        (found,) = caught.value.diagnostics
        assert found.span is not None and found.span.start == text.rindex(clause)


def test_every_clause_that_is_there_again_is_told() -> None:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("test.tdx", 'action a by b when c "d" by e when f "g" { }'))
    assert [one.span and one.span.text for one in caught.value.diagnostics] == ["by e", "when f", '"g"']
