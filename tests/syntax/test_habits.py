"""Mistakes of people who know other languages: each gets its own hint, whatever is wrong around it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.questions.specs import load_model
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
    "action a by b when x by c { }": "keep one",
    "action a when x by b when y { }": "join the conditions with 'and'",
    'action a "text" by b "more" { }': "keep one",
    'process a "text" by b { a: when x "more" { } "again" }': "keep one",
    "process a cite F-1 when x cite F-2 { }": "one 'cite' names all",
    "check p where x for Line = 2 where y": "join the conditions with 'and'",
    "check p for Line = 2 for Cpu = 1": "one 'for' states all sizes",
    "check p in v5 for Line = 2 in v6": "one 'in' names all configurations",
    "check p expect proved where x expect proved": "keep one",
    "check p where x in v5": "configurations stand before",
    "check p where x expect proved in v5": "configurations stand before",
    "check p expect unknown in v5": "configurations stand before",
    "check p where x and y = z in v5 expect proved": "configurations stand before",
    "action a { n' := n + 1 }": "without a prime",
    "action a { x <= 1 }": "write ':=' to assign",
    "action a { assert x }": "what must hold is a property",
    "action a { if x { } elif y { } }": "write 'else if e { ... }'",
    "action a { skip }": "'{ }'",
    "action a { return }": "behind its last statement",
    "action a { break }": "'goto label' leads on",
    "action a { await x }": "write 'when e'",
    "action a { let y = 3 }": "give an expression a name with 'define'",
    "action a { for (i = 0; i < 3; i++) { } }": "write 'foreach l : Line { ... }'",
    "action a { n := 0x1F }": "write 31",
    "action a { n := 0b101 y := 1 }": "write 5",
    "state m : 0..0xff = 0": "write 255",
    "action a { x[p][q] := 1 }": "one pair of brackets",
    "action a { phase := Phase::busy }": "write 'Phase.busy'",
    "action a { n := n << 1 }": "no operations on bits",
    "action a { n := n ^ 1 }": "one of two conditions is 'a != b'",
    "enum E { a b }": "commas between them",
    "enum E { a = 0, b = 1 }": "commas between them",
    "enum E { a; b }": "commas between them",
    "enum E = { a, b }": "write 'enum E { a, b }'",
    "enum E : a, b": "write 'enum E { a, b }'",
    "state a : bool, b : bool": "declare each on its own",
    "state int k = 0": "the type stands behind the name",
    "state s : { a, b } = a": "give the members a name first",
    "state s : set of Page": "a set is a bool for each element",
    "state s : [0..7]": "a range is written out as 0..7",
    "state s : 0-7": "a range is written out as 0..7",
    "state s : bool[8]": "the index stands behind the name",
    "state s : array [0..7] of bool": "the index stands behind the name",
    "state s[p in Page] : bool": "write 'state used[p : Page] : bool'",
    "state s : 0..7 = 0..2": "without an initial value it may have any",
    "property p never n in [1, 2]": "write 'x in { a, b }'",
    "property p never n in 1:3": "'n in 1..3'",
    "property p never n in 1...3": "'n in 1..3'",
    'property p never phase = "busy"': "without quotes",
    "property p never phase = 'busy'": "without quotes",
    "property p never x is true": "a condition is written 'x' or 'not x'",
    "property p never x is None": "equality 'x = none'",
    "property p never x xor y": "'a != b'",
    "property p always x U y": "a claim of its own",
    "property p never |used| = 2": "'(count l : Line: e) <= 2'",
    "property p never #used = 2": "'(count l : Line: e) <= 2'",
    "property p never some p : Page: used[p]": "write 'exists l : Line: ...'",
    "property p never no p : Page: used[p]": "write 'not exists l : Line: ...'",
    "property p never (all p : Page: used[p])": "write 'forall l : Line: ...'",
    "property p never exists p : Page. used[p]": "another colon come before the body",
    "property p never exists p : used[p]": "another colon come before the body",
    "property p never exists (p : Page): used[p]": "without brackets",
    "action a(p : Page, q : Page,) { }": "leave the last comma out",
    "action a(p : Page) requires x { }": "what it waits for follows 'when'",
    "action a if x { }": "what it waits for follows 'when'",
    "action a(p : Page): { }": "stands in braces",
    "process p(c : Cpu) = { a: { } }": "stands in braces",
    "process p { begin a: { } end }": "every step of a process has a label",
    "define f(p : Page) { used[p] }": "write 'define f(l : Line) = e'",
    "define f p = used[p]": "write 'define f(l : Line) = e'",
    "define f(p : Page) : used[p]": "write 'define f(l : Line) = e'",
    "actor a : Page": "write 'actor guest[Td]'",
    "actor a(Page)": "write 'actor guest[Td]'",
    "init x -- why not": "comments begin with '//'",
    "property p x": "write 'property name never e'",
    "property p always a leads_to b": "there is no 'always'",
    "property p always eventually x": "true leads_to x",
    "property p finally x": "eventually x",
    "property p AG EF x": "'property p always possible x'",
    "property p AG (EF x)": "'property p always possible x'",
    "property p EF x": "'property p reachable x', from everywhere 'always possible x'",
    "property p always eventually possible x": "'property p always possible x'",
    "property p reachable always x": "'property p always possible x'",
    "property p always can x": "'property p always possible x'",
    "property p a until b": "a claim of its own",
    "property p a ~> b": "write 'leads_to'",
    "check p fair a": "assuming fair NAME",
    "actor a stopped if x": "write 'stopped when e'",
    "actor a, b stopped x": "write 'stopped when e'",
    "halt if x": "write 'halt when e'",
    "process p stopped when x { a: { } }": "'process p when e { ... }'",
    "action a(p : Page) by g[any] { }": "by guest[t]",
    "check p in v5 v6": "commas between them",
    "process p { a: { goto } }": "'goto label'",
    "state when : bool": "'when_'",
    "actor a halts": "write 'stopped when e'",
    "actor a[Td] dies": "write 'stopped when e'",
    "actor a, b crashed when x": "write 'stopped when'",
    "actor a b": "commas between them",
    "property p never x and": "missing behind 'and'",
    "property p never x or // and what?": "missing behind 'or'",
    "define f = x implies": "missing behind 'implies'",
    "define f = (n +)": "missing behind '+'",
    "property p never exists p : Page: used[p] and not": "missing behind 'not'",
    "action a when { }": "missing behind 'when'",
    "action a { x := }": "missing behind ':='",
    "property p never f(x,)": "missing behind ','",
    "define f = return x": "a define is an expression",
    "define f = { return x }": "without braces",
    "define f(p : Page) = { x }": "without braces",
    "property p never { x }": "without braces",
    "state x @ 3": "no such sign",
    "enum E { a, }  enum { b }": "enum Phase { idle, busy }",
    "fault #MC stops": "fault #MC fatal",
    "enum E { any, b }": "'any_'",
    "enum E { a, any }": "'any_'",
}


def hints(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("test.tdx", text))
    return [diagnostic.hint or "" for diagnostic in caught.value.diagnostics]


OF_TWO_RUNS = {
    "property p host can not tell": "write 'host cannot tell'",
    "property p host cannot see x": "host cannot tell more than e",
    "property p host cannot tell x": "more than e",
    "secret state x : bool": "on its own 'secret data'",
    "secret x : bool": "on its own 'secret data'",
    "secret x[Page]": "on its own 'secret data'",
    "observer host { x }": "sees phase",
}


@pytest.mark.parametrize("text", OF_TWO_RUNS)
def test_claims_of_two_runs_have_theirs(text: str) -> None:
    (hint,) = hints(text)
    assert OF_TWO_RUNS[text] in hint


@pytest.mark.parametrize("text", HINTS)
def test_each_has_its_hint(text: str) -> None:
    (hint,) = hints(text)
    assert HINTS[text] in hint


def test_a_variable_that_is_called_possible() -> None:
    """Before what could go on it is no name."""
    (hint,) = hints("property p always possible\ncheck p")
    assert "'always (possible)'" in hint
    model_of("state possible : bool = false property p always (possible) check p")


def test_any_five_of_them_have_five_hints() -> None:
    random = Random(5)
    for _ in range(150):
        chosen = random.sample([text for text in HINTS if "any" not in text], 5)
        found = hints("\n".join(chosen))
        assert len(found) == 5, chosen
        for text, hint in zip(chosen, found, strict=True):
            assert HINTS[text] in hint, chosen


# Declarations of other languages, behind one of ours that ends in an expression.
DECLARATIONS = {
    "bool k = false": "'state NAME : bool'",
    "int k = 0;": "did you mean 'state'?",
    "var k : bool": "did you mean 'state'?",
    "typedef enum { a, b } e": "did you mean 'enum'?",
    "active proctype p() { }": "did you mean 'process'?",
    "def f(x): return x": "did you mean 'define'?",
    "fact { x }": "did you mean 'assume'?",
    "assert x": "did you mean 'property NAME always'?",
    "always x": "a claim has a name",
    "EXTENDS Naturals": "did you mean 'import'?",
    "#define N 4": "'const n : 0..7 = 4'",
    '#include "x.tdx"': "'import platform.tdx'",
    "-- why not": "comments begin with '//'",
    "module m": "come before everything else",
    "init: x": "'init' is a condition",
    "init { x := true }": "'init' is a condition",
    "import tdx": "come before everything else",
}


@pytest.mark.parametrize("text", DECLARATIONS)
@pytest.mark.parametrize("before", ["state x : bool", "property p never x", "action a { }", "halt when x[l]"])
def test_declarations_of_other_languages(before: str, text: str) -> None:
    (hint,) = hints(f"{before}\n{text}")
    assert DECLARATIONS[text] in hint


# One that is broken, and behind it one in the words of another language, or a misspelt one.
BROKEN = {
    "state y : bool =": "missing behind '='",
    "define f = x and": "missing behind 'and'",
    "property q never n +": "missing behind '+'",
    "action a { x == true }": "equality is a single '='",
    "struct page {\n  int a;\n};": "did you mean 'memory'?",
}
BEHIND = {
    "var x;": "did you mean 'state'?",
    "MODULE main": "did you mean 'module'?",
    "VARIABLES x, y": "did you mean 'state'?",
    "struct page {\n  int a;\n  bool b;\n};": "did you mean 'memory'?",
    "int k = 0;": "did you mean 'state'?",
    "sate k : bool": "did you mean 'state'?",
}


@pytest.mark.parametrize("text", BEHIND)
@pytest.mark.parametrize("before", BROKEN)
def test_a_foreign_declaration_behind_a_broken_one_is_told_as_well(before: str, text: str) -> None:
    for ending in ("", "\nstate z : bool"):
        first, second = hints(f"{before}\n{text}{ending}")
        assert BROKEN[before] in first
        assert BEHIND[text] in second


def test_a_fair_action_behind_a_broken_declaration_is_told_as_well() -> None:
    first, second = hints("action a { x == true }\nfair action b { n := }")
    assert "equality" in first
    assert "missing behind ':='" in second


def test_words_of_other_languages_are_names_where_they_are_used_as_names() -> None:
    model_of("state var : bool = false define use =\nvar or\nvar property p never\nuse check p")


# What can be read, but is no value of the right kind.
VALUES = {
    "action a { x := 1 }": "'true' or 'false'",
    "action a { n := x }": "'true' or 'false'",
    "property q never x = 1": "written 'x' or 'not x'",
    "action a when fast != 0 { }": "written 'x' or 'not x'",
    "action a { used[0] := true }": "elements have no numbers",
    "action a { used := true }": "write 'used[i]'",
    "action a(p : Page) { x[p] := true }": "write 'x'",
    "action a(p : Page) { both[p] := true }": "write 'both[i, j]'",
    "property q never exists p : Page: used(p)": "write 'used[...]'",
    "property q never exists p : Page: used.p": "used[p]",
    "action a { x := NULL }": "write 'none'",
    "property q never n = max(n, 3)": "write 'if a > b then a else b'",
    "action a(p : Page) when next(p) = p { }": "of elements that have an order, 'b next after a'",
    "property q step next(n) = n": "x' is x after the step",
    "property q never abs(n) = 1": "write 'if n < 0 then -n else n'",
    "property q never sum(used) = 1": "how many",
    "action a { n := n mod m }": "a range without 0 and below",
    "action a { print(n) }": "a trace shows all that changes",
    "action a { assert(x) }": "what must hold is a property",
    "action a { nothing_like_it(n) }": "there are: get, put",
    "action a { get() on #NOPE { x := true } }": "its outcomes: ok",
    "action a { get() on ok(zeros) { x := true } }": "its outcomes: ok",
    "action a { q := true }": "declare it: 'state q : bool'",
    "action a { n := 9 }": "a wider range, such as 0..9",
    "action a { n := get }": "performed as a statement",
    "property q never used[u]": "bind it: 'exists u : Page: ...'",
    "property q never zzz": "declare it with state, param, const or define",
    "property q never zzz(n)": "'define zzz(l : Line) = e'",
    "property q never is_low()": "it is declared with (k : 0..7)",
    "property q never x + 1 = n": "'if x then 1 else 0'",
    "property q never n' = 1": "leave the prime out",
    "action a { goto b }": "steps in a row are a 'process",
    "define f(k : 0..7) = return (k)": "a define is an expression",
    "halt when used[v]": "bind it: 'exists v : Page: ...'",
    "halt when zzz": "declare it with state, param, const or define",
    "actor k stopped when zzz": "declare it with state, param, const or define",
    "init took_it(n)": "'define took_it(l : Line) = e'",
    "assume n = 1": "of the start 'init' speaks",
    "action a { fast := true }": "declared with 'state fast ...'",
}
KNOWN = """
index Page
param fast : bool
state x : bool = false
state n : 0..7 = 0
state m : 0..7 = 0
state used[Page] : bool = false
state both[Page, Page] : bool = false
define is_low(k : 0..7) = k < 3
access get { otherwise -> ok }
access put { otherwise -> ok }
"""


def test_values_of_another_kind(tmp_path: Path) -> None:
    """Each alone, and all of them in one file."""
    spec = tmp_path / "values.tdx"
    for texts in (*([text] for text in VALUES), list(VALUES)):
        named = [
            one.replace("action a", f"action a{n}").replace("q never", f"q{n} never")
            for n, one in enumerate(texts)
        ]
        spec.write_text(KNOWN + "\n".join(named), encoding="utf-8")
        with pytest.raises(SpecError) as caught:
            load_model(spec)
        found = sorted(caught.value.diagnostics, key=lambda one: one.span.line if one.span else 0)
        first = KNOWN.count("\n") + 1
        assert [one.span and one.span.line for one in found] == list(range(first, first + len(texts)))
        for text, one in zip(texts, found, strict=True):
            assert VALUES[text] in (one.hint or ""), text


def test_the_path_of_an_import() -> None:
    assert hints("import platform/tdx.tdx\nstate x bool")[0].startswith("write 'import platform.tdx'")


@pytest.mark.parametrize("word", ["eventually", "until", "leads_to", "for", "count", "next", "possible"])
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
