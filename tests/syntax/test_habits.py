"""Mistakes of people who know other languages: each gets its own hint, whatever is wrong around it."""

from __future__ import annotations

from random import Random

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tests.texts import model_of

HINTS = {
    'property "text" p never x': "the name comes before the description",
    'state "text" x : bool': "the name comes before the description",
    'index "text" Page': "the name comes before the description",
    'check "text" p': "the name comes before the description",
    'action "text" a { }': "the name comes before the description",
    'enum "text" E { a }': "the name comes before the description",
    'actor "text" a': "the name comes before the description",
    'prelude "text"': "name the language first",
    "access f { poison[l] => ok }": "a row is 'guard -> outcome'",
    "define f = a => b": "write 'implies'",
    "define f = a ==> b": "write 'implies'",
    "define f = a === b": "equality is a single '='",
    "define f = a <==> b": "write 'iff'",
    "define f = a /\\ b": "write 'and'",
    "define f = a \\/ b": "write 'or'",
    "define f = \\A p : Page: x": "write 'forall",
    "define f = c ? a : b": "write 'if c then a else b'",
    "define f = (* why *) a": "comments are",
    "enum E { a | b }": "commas stand between the members",
    "define f = exists p : Page | x[p]": "a colon stands before the body",
    "define f = exists p, q : Page | x[p]": "a colon stands before the body",
    "define f = a | b": "write 'or'",
    "define f = forall q { x }": "as in 'forall q : Line: ...'",
    "action a { foreach q { x[q] := 1 } }": "as in 'foreach q : Queue { ... }'",
    "process p { foreach q { a: { } } }": "as in 'foreach q : Queue { ... }'",
    "action a { for q : Queue { x[q] := 1 } }": "write 'foreach l : Line { ... }'",
    "action a { x := y for q in Queue { } }": "write 'foreach l : Line { ... }'",
    "action a { forall q : Queue: x[q] := 1 }": "write 'foreach l : Line { ... }'",
    "process p { busy { x := 1 } }": "every step of a process has a label",
    "process p { a: { } busy { x := 1 } }": "every step of a process has a label",
    "index Page = 4": "a check states it",
    "check p with x": "follows 'where'",
    "action a when x by b { }": "the order is",
    'action a "text" by b { }': "the order is",
    'action a when x "text" { }': "the order is",
    'process a "text" by b { }': "the order is",
    "property p eventually x": "what can be claimed: never ..., always",
    "property p always a leads_to b": "never deadlock",
    "property p always eventually x": "what can be claimed",
    "property p always a ~> b": "cannot be said",
    "state when : bool": "'when_'",
    "enum E { any, b }": "'any_'",
    "enum E { a, any }": "'any_'",
}


def hints(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("test.tdx", text))
    return [diagnostic.hint or "" for diagnostic in caught.value.diagnostics]


@pytest.mark.parametrize("text", HINTS)
def test_each_has_its_hint(text: str) -> None:
    (hint,) = hints(text)
    assert HINTS[text] in hint


def test_any_five_of_them_have_five_hints() -> None:
    random = Random(5)
    for _ in range(150):
        chosen = random.sample([text for text in HINTS if "any" not in text], 5)
        found = hints("\n".join(chosen))
        assert len(found) == 5, chosen
        for text, hint in zip(chosen, found, strict=True):
            assert HINTS[text] in hint, chosen


def test_the_path_of_an_import() -> None:
    assert hints("import platform/tdx.tdx\nstate x bool")[0].startswith("write 'import platform.tdx'")


@pytest.mark.parametrize("word", ["eventually", "until", "leads_to", "for", "count", "next"])
def test_these_words_are_names(word: str) -> None:
    model_of(f"state {word} : bool = false property p never {word} check p")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("index Page state cur : Page = Page0", "declare one: 'const first : Page'"),
        ("state x : bool = True", "write 'true'"),
        ("state x : bool = FALSE", "write 'false'"),
        ("param n : bool action a { n := true }", "declared with 'state n"),
    ],
)
def test_names_of_nothing(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        model_of(text)
    assert words in (caught.value.diagnostics[0].hint or "")


@pytest.mark.parametrize("use", ["refine action old.update when x", "action f { old.update() }"])
def test_a_prefix_is_no_place(use: str) -> None:
    assert hints(f"import lib as old\n{use}") == ["names of that file begin with 'old_'"]
    assert "names of that file" not in str(hints(use))
