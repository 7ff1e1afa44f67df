"""Broken texts, and exactly which diagnostics they get where."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.syntax.reading import MOST_COMPLAINTS
from tdxverify.syntax.samples import SAMPLES, Sample


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("test.tdx", text))
    return caught.value.diagnostics


def places(text: str) -> list[str]:
    return [f"{m.code.name} {m.span.line}:{m.span.column}" for m in mistakes(text) if m.span]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("init a % b", "E110 1:8"),
        ("init a / b", "E110 1:8"),
        ("# a comment", "E110 1:1"),
        ("init a \u00a0and b", "E110 1:8"),
        ("param a : bool “quoted”", "E110 1:16"),
        ('param a : bool "line\\n"', "E110 1:21"),
        ("state x = false", "E111 1:9"),
        ("state x : bool\nstate y bool", "E111 2:9"),
        ("init a = b = c", "E111 1:12"),
        ("init a <> b", "E111 1:8"),
        ("action a { }\nelse", "E111 2:1"),
        ("property p x = 1 check p", "E111 1:12"),
        ("access a { b ok }", "E111 1:14"),
        ("access a { -> ok }", "E111 1:12"),
        ("access a { }", "E111 1:12"),
        ("fault MC", "E111 1:7"),
        ("init if a then b", "E112 1:17"),
        ("action a { x := 1  // no brace\n\n", "E112 1:18"),
        ("state x :", "E112 1:10"),
        ('param a : bool "abc\nparam b : bool', "E113 1:16"),
        ('import "a', "E113 1:8"),
        ("state x : bool\n/* abc\nstate y", "E114 2:1"),
        ("state when : bool", "E115 1:7"),
        ("enum E { a, any, b }", "E115 1:13"),
        ("action a {\n  div := 3\n}", "E115 2:3"),
        ("init or = 3", "E115 1:6"),
        ("action a { x = 1 }", "E116 1:14"),
        ("action a { x[i] = 1 }", "E116 1:17"),
        ("state x : bool := false", "E116 1:16"),
        ("define f := a", "E116 1:10"),
        ("init x := 3", "E116 1:8"),
        ("init a == b", "E117 1:8"),
        ("init a !== b", "E117 1:8"),
        ("init a && b", "E118 1:8"),
        ("init a || b", "E118 1:8"),
        ("init !a", "E118 1:6"),
        ("init a -> b", "E118 1:8"),
        ("init a => b", "E118 1:8"),
        ("init a <=> b", "E118 1:8"),
        ("init ∀ l : Line: a", "E118 1:6"),
        ("param n : 0..1000000001", "E119 1:14"),
        ("check p for Line = " + "9" * 5000, "E119 1:20"),
        ("", "E120 1:1"),
        ("// nothing\n/* at all */\n", "E120 1:1"),
        ("module alone", "E120 1:1"),
        ("action a \"one\" { } \"two\"", "E111 1:1"),
    ],
)  # fmt: skip
def test_the_place_and_code_of_one_mistake(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state x : = 3", "a type such as bool, 0..7 or an enum"),
        ("init a and and b", "expected an expression, found 'and'"),
        ("action a { x := 1", "'}' or a statement"),
        ("access a { b -> c }", "ok, dropped or fault #F"),
        ("init x[a b]", "expected ',' or ']', found 'b'"),
        ("init a = b = c", "comparisons do not chain"),
        ("state a : bool }", "this '}' closes nothing"),
        ("check p expect true", "proved, refuted, unknown or vacuous"),
        ("init (a b)", "expected ')', found 'b'"),
        ("state x' : bool", 'found "\'"'),
    ],
)
def test_the_message_says_what_was_expected(text: str, words: str) -> None:
    assert words in mistakes(text)[0].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("proces p { }", "did you mean 'process'"),
        ("state a : bool\ninvariant p a", "did you mean 'property NAME always'"),
        ("var x : bool", "did you mean 'state'"),
        ("gibberish", "declarations begin with"),
        ("state a : bool\ngibberish x", "declarations begin with"),
        ("action a { n += 1 }", "n := n + 1"),
        ("init x[a]' = b", "x'[i]"),
        ("init x[a][b]", "dirty[c, l]"),
        ("process p { when a { } }", "label"),
        ("action a { if b then x := 1 }", "without 'then'"),
        ("access a { b -> fault MC }", "'#'"),
        ("access a { b -> ok (zeros) }", "without a space"),
        ("state a : bool\nimport b", "come before"),
        ("property p never a -- why\nproperty q x", "always"),
        ("-- why", "comments begin with '//'"),
    ],
)
def test_the_hint_helps(text: str, words: str) -> None:
    hint = mistakes(text)[-1].hint
    assert hint is not None
    assert words in hint


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.text)
def test_every_sample_gets_its_advice(sample: Sample) -> None:
    assert mistakes(sample.text)[0].hint == sample.advice.hint


def test_one_declaration_one_mistake() -> None:
    text = """\
module m
state a bool
enum E { x, y }
action go when a = = b { c := := d { } }
define f(l : Line) = not
state b : bool
process p {
  start: { x = 1 }
  next: { y = 2 }
}
property q never a
check q expect refuted 5
state c : bool }
"""
    assert places(text) == [
        "E111 2:9",
        "E111 4:20",
        "E111 6:1",
        "E116 8:14",
        "E111 12:24",
        "E111 13:16",
    ]


def test_a_forgotten_brace_costs_one_declaration_only() -> None:
    text = "action a { x := 1\n\nproperty p never x\nstate y bool\n"
    assert places(text) == ["E111 3:1", "E111 4:9"]
    (note,) = mistakes(text)[0].notes
    assert "'{' is still open" in note.message
    assert note.span is not None
    assert (note.span.line, note.span.column) == (1, 10)


def test_only_declarations_outside_strings_and_comments_count() -> None:
    in_comments = "state x bool\n/*\nstate y bool\n*/\n// state z\nparam p bool\n"
    assert places(in_comments) == ["E111 1:9", "E111 6:9"]
    behind_strings = 'state x bool "/*"\nstate y bool "//"\nstate z bool\n'
    assert places(behind_strings) == ["E111 1:9", "E111 2:9", "E111 3:9"]


def test_mistakes_are_limited() -> None:
    assert len(mistakes("state x\n" * 100)) == MOST_COMPLAINTS


def test_words_that_mean_something_in_one_place_are_names_elsewhere() -> None:
    parse(SourceFile("t", "enum E { ok, unknown, dropped, size, proved, kills } init ok = size and fatal"))
    parse(SourceFile("t", "process p { fatal: { ok := kills reach(must) } cite A-1 fatal: { } }"))
    parse(SourceFile("t", "access a { ok -> ok ok -> ok(ok) (ok) -> ok ok or ok -> dropped }"))


def test_keywords_are_not_glued_to_names() -> None:
    assert mistakes("statephase : bool")[0].code is Code.E111
    assert mistakes("check p expectproved")[0].code is Code.E111


def test_unprintable_characters_are_shown_by_number() -> None:
    assert "U+0001" in mistakes("\x01")[0].message


RUNS = [
    ("property p each c : Cpu eventually x", "a colon stands before", "'each c : Cpu: eventually ...'"),
    ("property p each c : Cpu: never x", "'each' stands before", "'never exists c : Cpu: ...'"),
    ("property p each c : Cpu: always x", "'each' stands before", "'always forall c : Cpu: ...'"),
    ("check p expect refuted forever", "a number of steps", "'expect refuted in 4'"),
    ("check p expect refuted in 1 then stops", "a number of steps", "'expect refuted in 4'"),
    ("property p host cannot tell even by step", "'step' is nothing", "'even by steps'"),
    ("property p host cannot tell more than\ncheck p", "what may be told", "'host cannot tell'"),
    ("property p host can not tell", "'cannot'", "'host cannot tell'"),
    ("property p host can not change x", "'cannot'", "'host cannot change e'"),
    ("property p eventualy x\ncheck p", "'eventualy' is no claim", "'property p eventually x'"),
    ("property p always posible x", "'posible' is no word", "'property p always possible x'"),
    ("property p a lead_to b\ncheck p", "'lead_to' is no claim", "'property p x leads_to y'"),
    ("property p a leads to b\ncheck p", "'leads to' is no claim", "'property p x leads_to y'"),
    ("property p eventually x assuming fair a", "assumes nothing", "'check p assuming fair NAME'"),
    ("check p asuming fair a", "'asuming' is no part", "'assuming fair NAME'"),
    ("check p assuming fare a", "how fair 'fare' is", "'assuming fair NAME'"),
    ("check p assuming a", "how fair 'a' is", "'assuming strongly fair NAME'"),
    ("faire action b { }", "'faire' is not", "'fair action ...'"),
    ("strong fair process b { }", "'strong fair' is not", "'strongly fair process ...'"),
]


@pytest.mark.parametrize(("text", "message", "hint"), RUNS)
def test_claims_about_runs_that_are_nearly_right(text: str, message: str, hint: str) -> None:
    (found,) = mistakes(f"state x : bool\n{text}")
    assert message in found.message
    assert found.hint is not None and hint in found.hint
