"""Every word of the language at every place where a name can stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.diagnostics.explanations import explanation
from tdxverify.source import SourceFile
from tdxverify.syntax import grammar
from tdxverify.syntax.expectations import DECLARATION_WORDS, FAIR_WORDS
from tdxverify.syntax.parse import parse
from tdxverify.syntax.words import FIRST_OF_CLAIMS, RESERVED, SECOND_OF_CLAIMS, Words, words
from tests.printing import print_module
from tests.syntax.test_printer import CANONICAL, SPECS

ALL = sorted(
    {
        terminal.pattern.value
        for terminal in grammar.parser().terminals
        if terminal.pattern.type == "str" and terminal.pattern.value.isidentifier()
    }
)
FREE = [word for word in ALL if word not in RESERVED]

# Where names are given. `@` is the name.
GIVEN = """
module @ state x : bool
import a.b as @
import "a.tdx" as @ import b state x : bool
param @ : bool
param a : bool param @ : 0..3
index @
index @ "described"
index @ ordered
index @ ordered "described"
enum @ { a, b }
enum E { @, b }
enum E { a, @ }
enum E { a, @, }
enum E { a, @, b }
actor @
actor a, @
actor @, a
const @ : bool
const @[A] : bool = true
state @ : bool = false
state @[A, B] : bool = false
state x : bool = y state @ : bool
state x[@ : A] : bool = y
memory A { @ : bool = false }
memory A { x : bool = y @ : bool }
memory A { x : E @ : bool = false "described" }
memory A { x : bool = y + 1 = z "described" cite A-1 @ : E = any }
define @ = x
define @(l : A) : bool = x
define f(@ : A) = x
define f(a, @ : A, b : B) = x
access @ { otherwise -> ok }
access @(l : A) { otherwise -> ok }
access f(@ : A) { otherwise -> ok }
action @ { }
action @(l : A) by b when x { }
action f(@ : A) { }
process @ { a: { } }
process @(c : A) by b { }
process p { @: { } }
process p { a: { } @: { } }
process p { a: { x := y } "described" @: when x { } }
process p { a: { } cite A-1 @: while x { } }
process p { a: { } emit c "d" @: { } }
process p { when x @: { } }
process p { goto a @: { } }
process p { if x { } else { } @: foreach l : A { } }
process p { @: either { } or { } }
process p { @: if x { } }
process p { while x { @: { } } }
process p { a: as b @: as c }
property @ never x
property @ "described" cite A-1 step x
refine state x[@ : A] = y
refine action f by process @ { a: { } }
refine action f by process p { @: { } }
init forall @ : A: x
init exists a, @ : A, c : B: x
action f { foreach @ : A { } }
action f { foreach a : A, @ : B { } }
process p { a: foreach @ : A { } }
"""

# Where names are used.
USED = """
import @
import a.@
import @ as b
import a.@ as b state x : bool
import @.a
import a.@ import b state x : bool
param a : @
state x : @ = a
state x[@] : bool
state x[A, l : @] : bool
memory @ { x : bool }
fault #MC kills @
fault #MC kills a, @ must not reach b
fault #MC must not reach @
init x in { @, a }
init x in { a, @ }
init @ and x
init x and @
init not @
init (@)
init @ = 3
init 3 = @
init @ < x
init @ next after x
init x next after @
init x next after @ and y
init @[l] next after @(l)
init x <= @ + 1
init -@ = @ * @ div 2
init @[l]
init x[@]
init x[@, l]
init f(@)
init f(l, @)
init @(l)
init @()
init @.a = b
init @.@ = b
init a.@ = b
init @ at a
init @[c] at a
init p at @
init p[c] at @ and x
init p at @ and q at @
init @ took #MC
init @ is dead
init @ is dead and x
init @ in 1..3
init @ in { a }
init if @ then @ else @
init forall a : @: x
init forall a : A: @
init @ implies @ iff @ or @
property p step @' = x
property p step @'[l]
property p step x'[@]
property p never @ and x
property p always @ or x
property p reachable @[l]
property p step @ implies @'
property p never @ takes #MC
property p never @ = 3
assume @ and x
define f : @ = x
define f = @ define g = x
action f by @ { }
action f(l : A) by @ "described" when x { }
action f when @ { }
action f when x and @ { }
action f when @ by a { }
action f when x by @ { }
action f when @ cite A-1 by @ "described" { }
action f "described" by @ cite A-1 when @ { }
process p by @ { }
process p when @ by a { }
process p { a: when @ "described" { } }
process p { a: when @ cite A-1 { } }
access f { @ cite A-1 -> ok }
access f { x -> ok "described" { @ := y } }
access f { x -> ok cite A-1 { } cite A-2 "described" @ -> ok }
check p for @ = 2 in @
check p in @ for A = 2
check p where @ for @ = 2 expect proved
check p expect proved "described" where @ for any size
check p expect refuted in 3 cite A-1 where @
check @
check a, @
check @ where x
check p for @ = 2
check p for A = 2, @ <= 3
check p for any size where @ expect proved
check p where @ expect refuted in 3
check p where x at @ expect proved
action f { @ := x }
action f { @[l] := x }
action f { @(l) }
action f { @() }
action f { @(l) on #MC { } }
action f { x := @ }
action f { x := @ y := z }
action f { x := @; y := z }
action f { x := y @ := z }
action f { x := a next after b @ := z }
action f { x := y @[l] := z }
action f { x := y @(l) }
action f { x := y[l] @ := z }
action f { x := any @ := z }
action f { x := any { @ } y := z }
action f { x := p at a @ := z }
action f { f(l) @ := x }
action f { f(l) @[l] := x }
action f { f(l) @(l) }
action f { f(l) on #MC { } @ := x }
action f { f(l) on #MC { } @(l) }
action f { when x @ := y }
action f { if x { } @ := y }
action f { if @ { } else if @ { } else { } }
action f { either { @ := x } or { @(l) } }
action f { foreach a : @ { } }
action f { goto @ }
action f { x[@] := y }
action f { x := if @ then @ else @ }
process p { goto @ }
process p { a: as @ }
process p { a: when @ { } }
process p { a: while @ { } }
process p { if @ { goto @ } else { } }
process p { when @ a: { } }
access f { @ -> ok }
access f { @ and x -> ok }
access f { x -> ok @ -> ok }
access f { x -> ok @[l] -> ok }
access f { x -> ok @ and x -> ok }
access f { x -> ok not @ -> ok }
access f { x -> ok @ took #MC -> ok }
access f { x -> ok @ at a -> ok }
access f { x -> ok @ is dead -> ok }
access f { x -> ok(@) }
access f { x -> dropped @ -> ok }
access f { x -> fault #MC @ -> ok }
access f { x -> ok { x := y } @ -> ok }
access f { x -> ok { @ := y @ := z } @ -> ok }
access f { x -> ok "described" @ -> ok }
access f { x -> ok cite A-1 @ = 3 -> ok }
refine row x of f { x -> ok { y := z } @ -> ok }
refine action @ when x
refine action f when @ and x "described"
refine process @ when @
refine step @.a when x
refine step p.@ when x
refine state @ = x
refine state x = @
refine state x[@] = any { @ }
refine const @[l : A] = @
refine row @ of f { x -> ok cite A-1 }
refine row x of @ { otherwise -> ok cite A-1 }
refine row @ = 3 of @ { x -> ok cite A-1 @ -> ok }
refine row otherwise of @ { x -> ok }
refine action @ by process p { a: { } }
refine action f by process p { a: as @ }
state x : bool = y refine action @ when x
state x : bool = @
state x : bool = any { @, @ }
const c : @ = @
"""


def places(text: str) -> list[str]:
    return text.strip().splitlines()


def outcome(text: str) -> str | tuple[Diagnostic, ...]:
    """The text printed again, or what is wrong with it."""
    try:
        return print_module(parse(SourceFile("t", text)))
    except SpecError as error:
        return error.diagnostics


@pytest.mark.parametrize("place", [*places(GIVEN), *places(USED)])
def test_words_are_names_like_any_other(place: str) -> None:
    usual = outcome(place.replace("@", "zzz"))
    assert isinstance(usual, str), usual
    for word in FREE:
        found = outcome(place.replace("@", word))
        wanted = usual.replace("zzz", word)
        assert found == outcome(wanted), word
        # Lines may be broken elsewhere because the word has another length.
        assert isinstance(found, str), (word, found)
        assert found.split() == wanted.split(), word


@pytest.mark.parametrize("place", places(GIVEN))
def test_a_reserved_word_cannot_be_given_as_a_name(place: str) -> None:
    for word in sorted(RESERVED):
        found = outcome(place.replace("@", word))
        assert not isinstance(found, str), word
        assert [(d.code, d.span and d.span.text) for d in found] == [(Code.E115, word)], (word, found)
        assert f"'{word}' is a reserved word" in found[0].message
        assert f"'{word}_'" in (found[0].hint or "")


@pytest.mark.parametrize("place", places(USED))
def test_a_reserved_word_used_as_a_name_is_one_mistake_at_most(place: str) -> None:
    for word in sorted(RESERVED):
        found = outcome(place.replace("@", word))
        assert isinstance(found, str) or len(found) == 1, (word, found)


# --- what the two kinds of words rest on --------------------------------------


def stacks() -> Iterator[tuple[Words, list[Any]]]:
    """Where the parser comes to in texts that have everything: all its stacks that differ near the top."""
    texts = [CANONICAL, *(path.read_text(encoding="utf-8") for path in SPECS)]
    texts += [place.replace("@", "zzz") for place in (*places(GIVEN), *places(USED))]
    seen = set()
    for text in texts:
        interactive = grammar.parser().parse_interactive(text)
        telling, lexer_state = Words(interactive), interactive.lexer_thread.state
        assert lexer_state is not None
        for token in interactive.lexer_thread.lex(interactive.parser_state):
            before = interactive.parser_state.state_stack
            word = words().get(token) or (token.type if token.type.startswith("WORD_") else None)
            if word is not None:
                token.type = telling.terminal(token, word, before, lexer_state)
            interactive.parser_state.feed_token(token)
            stack = list(interactive.parser_state.state_stack)
            if tuple(stack[-5:]) not in seen:
                seen.add(tuple(stack[-5:]))
                yield telling, stack


def test_no_word_can_be_both_where_the_next_token_does_not_tell() -> None:
    terminals = [terminal.name for terminal in grammar.parser().terminals]
    free = {t.name for t in grammar.parser().terminals if t.pattern.value in FREE}
    both = set()
    for told, stack in stacks():
        as_name = told.behind(stack, "NAME")
        for word in sorted(free) if as_name else ():
            as_word = told.behind(stack, word)
            if as_word is None or as_name is None:
                continue
            both.add(word)
            begins = told.behind(stack, "NEVER") or told.behind(stack, "WORD_EVENTUALLY")  # behind `each` too
            spelled = word.removeprefix("WORD_").lower()
            if spelled in SECOND_OF_CLAIMS or (spelled in FIRST_OF_CLAIMS and begins):
                continue
            for following in terminals:
                fits = told.behind(as_word, following) and told.behind(as_name, following)
                assert not fits, f"{word} has to be reserved: {following} fits behind it and behind a name"
    assert both >= {"AT", "IS", "IN", "TOOK", "ON", "EMIT", "CITE"}, "the test no longer sees such places"


def test_the_lists_of_words_are_complete() -> None:
    interactive = grammar.parser().parse_interactive("")
    at_start = {t for t in interactive.accepts() if t != "$END"}
    fair = (w.upper() if w in RESERVED else f"WORD_{w.upper()}" for w in FAIR_WORDS)
    assert sorted(at_start) == sorted((*fair, *(word.upper() for word in DECLARATION_WORDS)))
    assert set(ALL) >= RESERVED
    told = explanation(Code.E115).text.split("names: ")[1].split(".")[0]
    assert told.replace("\n", " ").split(", ") == sorted(RESERVED)


# --- mistakes -------------------------------------------------------------------


def told(text: str) -> list[str]:
    found = outcome(text)
    assert not isinstance(found, str), found
    return [f"{d.code.name} {d.span.line}" for d in found if d.span]


def test_a_reserved_word_is_reported_once() -> None:
    assert told("""\
state when : bool = false
action a when not when { when := true }
action b when when { when := false }
enum E { when, any }
process p { when: { } }
property p never when and when
property any always when or not when
check p
state b bool
""") == ["E115 1", "E115 4", "E111 9"]


@pytest.mark.parametrize("word", DECLARATION_WORDS)
def test_an_unfinished_declaration_ends_where_the_next_one_begins(word: str) -> None:
    behind = {"fault": "#MC", "assume": "not x"}.get(word, "x")
    for before in ("action f { x := 1", "state y :", "init x =", "enum E { a,", "property p never"):
        assert told(f"{before}\n{word} {behind}")[0] == "E111 2", before


@pytest.mark.parametrize("word", DECLARATION_WORDS)
def test_names_inside_a_broken_declaration_begin_none(word: str) -> None:
    lines = (f"{word} := 3", f"{word}: {{ }}", f"{word}[l] := x", f"{word} : bool", f"{word}, b", f"{word}")
    for line in lines:
        assert told(f"process p {{\n a: {{ x = 1 }}\n {line}\n}}\nstate x bool") == ["E116 2", "E111 5"]
