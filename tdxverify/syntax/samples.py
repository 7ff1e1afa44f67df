"""Broken texts with the advice that each deserves.

A complaint is like a sample if the same kind of token stands where the same things are possible
(in the words of `expectations`). To add a message, add a sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from tdxverify.source import SourceFile
from tdxverify.syntax.complaint import Complaint
from tdxverify.syntax.expectations import DECLARATIONS, expectations
from tdxverify.syntax.reading import first_complaint


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say: `message` None keeps the list of what was expected."""

    hint: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """`text` breaks at one point; with `any_token`, whatever stands there deserves the advice."""

    text: str
    advice: Advice
    any_token: bool = False


_MISSING_TYPE = Advice("write a type, as in 'state x : bool = false'")
_ONE_EACH = Advice("declare each on its own, with its type")
_BOUNDS = Advice("the bounds of a range are written out as numbers, as in 0..7")
_NUMBERED = Advice("cells are numbered by a range, as in acc[0..5]")
_SETS = Advice("write 'x in { a, b }' or 'x in 0..3'; equality is '='")
_QUANTIFIER = Advice("write 'forall l : Line: ...', with a colon before the body")
_BINDER = Advice("every parameter and bound variable has a type, as in 'l : Line'")
_NO_CHAINS = Advice("join two comparisons with 'and', or put one in parentheses", "comparisons do not chain")
_LOOSE = Advice("put parentheses around it: the operator before it binds tighter")
_BRACES = Advice("statements stand in braces, as in 'if e { x := true }'")
_IF_STATEMENT = Advice("among statements write 'if e { ... } else { ... }', without 'then'")
_ELSE = Advice("an 'if' that gives a value needs both: 'if e then a else b'")
_ARROW = Advice("a row is 'guard -> outcome'; outcomes such as ok(zeros) are written without a space")
_OUTCOME = Advice("outcomes are ok, ok(word), dropped and fault #F, each with optional { effects }")
_OTHERWISE = Advice("a row without a guard is written 'otherwise -> ...'")
_HASH = Advice("the names of faults begin with '#', as in #MC")
_LABEL = Advice("every step of a process has a label, as in 'start: { ... }'")
_STEP_BRACES = Advice("the statements of a step stand in braces, as in 'start: { x := true }'")
_PRIME = Advice("the prime stands behind the name: x'[i]")
_COMMAS = Advice("several indices stand in one pair of brackets: dirty[c, l]")
_CLAIM = Advice("write 'property name never e', or always, reachable, step, 'never A takes #F', ...")
_CANNOT = Advice(
    "write 'property p host cannot tell', 'host cannot tell more than e', or of an actor"
    " 'host cannot change e'"
)
_SECRET = Advice("name a state that is declared: 'state data[Page] : bool', and on its own 'secret data'")
_OBSERVER = Advice("write 'observer host sees phase, each p : Page: seen[p]'")
_VERDICT = Advice(
    "write 'expect proved', 'expect proved trivially', 'expect refuted in 5', 'expect unknown' or"
    " 'expect vacuous'"
)
_LENGTH = Advice("the length of the trace follows 'in', as in 'expect refuted in 5'")
_SIZES = Advice("write 'for Line = 2, Cpu <= 3' or 'for any size'")
_CONFIG = Advice(
    "write 'config v5 where e', as in 'config v5 \"as posted\" where not flush'; checks then say 'in v5'"
)
_IMPORTS = Advice("'module' and 'import' come before everything else, 'module' first")
_CLOSES_NOTHING = Advice("remove it, or look for a '{' missing before it", "this '}' closes nothing")
_INCREMENT = Advice("write it out: n := n + 1")
_ASSIGN = Advice("write ':=' to assign")
_LOOP = Advice("loops over time are items of a process: 'wait: while e { ... }'; inside a step use foreach")
_OUTSIDE = Advice("statements belong inside an action or a step of a process")
_COMMENT = Advice("comments begin with '//'")
_STATEMENT = Advice("a statement is 'x := e', 'access(i)', if, foreach, either, when or goto")
_EMPTY_TABLE = Advice("give at least one row, such as 'otherwise -> ok'", "this access table has no rows")
_BLOCK = Advice("what it does stands in braces, as in '{ x := true }'")
_CITATION = Advice("facts are cited by their ids: cite F-TDX-31, T-SNP-1")
_GUARD_TWICE = Advice("the guard stands before the block: 'when e { ... }'")
_HALT = Advice(
    "write 'halt when e': nothing moves in such a state; or 'fault #F halts': nothing moves after it"
)
_STOPPED = Advice("write 'actor a stopped when e' for states in which an actor takes no step")
_LANGUAGE = Advice("name the language first, as in 'emit c \"wbinvd_on_cpu({c});\"'")
_LINES = Advice('the lines of a template are strings, as in \'emit c "a();" "b();"\'')
_EMIT_LAST = Advice("the description and its citations come before 'emit'")
_EMIT_WHERE = Advice(
    "'emit' stands behind an action, a step or an access; what a file brings along is a 'prelude'"
)
_SORT_SIZE = Advice("an index sort has any number of elements; a check states it: 'check p for Page = 4'")
_CHECK_WHERE = Advice("what a check assumes follows 'where', its sizes 'for': 'check p for Page = 4 where x'")
_NO_PRIME = Advice("statements say what is after the step: 'x := e', without a prime")
_MEMBERS = Advice("write 'enum E { a, b }': members are names with commas between them")
_TYPE_BEHIND = Advice("the type stands behind the name, as in 'state n : 0..7 = 0'")
_NAMED_TYPE = Advice("give the members a name first: 'enum E { a, b }', then 'state x : E'")
_PLAIN_RANGE = Advice("a range is written out as 0..7, as in 'state n : 0..7' and 'n in 1..3'")
_INDEX_BEHIND_NAME = Advice("the index stands behind the name, as in 'state acc[0..7] : bool'")
_INDEX_TYPE = Advice("write 'state used[p : Page] : bool', or without 'p :'")
_SOME_VALUE = Advice("without an initial value it may have any; or write '= any { 0, 1 }'")
_NO_QUOTES = Advice("members of an enum are written without quotes, as in 'phase = busy'")
_IS = Advice("a condition is written 'x' or 'not x', equality 'x = none'; 'is' only asks whether 'a is dead'")
_HOW_MANY = Advice("how many: '(count l : Line: e) <= 2'; '#' begins the name of a fault")
_EXISTS = Advice("write 'exists l : Line: ...'")
_NO_BRACKETS = Advice("write 'exists l : Line: ...' or 'forall l : Line: ...', without brackets")
_TYPE_THEN_BODY = Advice("the type and another colon come before the body, as in 'exists l : Line: x[l]'")
_LAST_COMMA = Advice("leave the last comma out")
_HEAD = Advice(
    "what it waits for follows 'when', and what it does stands in braces: 'action a when e { ... }'"
)
_CONDITION = Advice(
    "'init' is a condition, as in 'init n = 3'; or say it where it is declared: 'state n : 0..7 = 3'"
)
_DEFINE = Advice("write 'define f(l : Line) = e'")
_INSTANCES = Advice("write 'actor guest[Td]' for one actor of each element")
_NAMED_CLAIM = Advice("a claim has a name: 'property p always e'")
_HASH_SIGN = Advice(
    "'#' begins the name of a fault; write 'const n : 0..7 = 4', 'import platform.tdx', or '// ...'"
)
_SEMICOLON = Advice("declarations need no separator; leave the ';' out")

SAMPLES: tuple[Sample, ...] = (
    Sample("action a { x' := 1 }", _NO_PRIME),
    Sample("action a { x <= 1 }", _ASSIGN),
    Sample("action a { x[b][c] := 1 }", _COMMAS),
    Sample("enum a { b c }", _MEMBERS),
    Sample("enum a { b = 0 }", _MEMBERS),
    Sample("enum a { b; c }", _MEMBERS),
    Sample("enum a : b", _MEMBERS, any_token=True),
    Sample("state a b = 0", _TYPE_BEHIND),
    Sample("state a : { b }", _NAMED_TYPE),
    Sample("state a : [0..7]", _PLAIN_RANGE),
    Sample("state a : 0-7", _PLAIN_RANGE),
    Sample("init a in 1 : 3", _PLAIN_RANGE),
    Sample("init a in 1 .. . 3", _PLAIN_RANGE),
    Sample("init a in [1]", _SETS),
    Sample("state a : bool, b : bool", _ONE_EACH),
    Sample("param a : bool, b : bool", _ONE_EACH),
    Sample("state a : bool[8]", _INDEX_BEHIND_NAME),
    Sample("state a : 0..7 [8]", _INDEX_BEHIND_NAME),
    Sample("state a[b in c] : bool", _INDEX_TYPE),
    Sample("state a : b = 0..2", _SOME_VALUE),
    Sample('init a = "b"', _NO_QUOTES),
    Sample("init a = 'b'", _NO_QUOTES),
    Sample('action a { x := "b" }', _NO_QUOTES),
    Sample("init a is true", _IS, any_token=True),
    Sample("property a never #b", _HOW_MANY),
    Sample("property a always #b", _HOW_MANY),
    Sample("init a and #b", _HOW_MANY),
    Sample("property a never any b", _EXISTS),
    Sample("property a always any b", _EXISTS),
    Sample("init exists a : b . c", _TYPE_THEN_BODY),
    Sample("init exists a : b [c]", _TYPE_THEN_BODY),
    Sample("init exists (a : b) c", _NO_BRACKETS),
    Sample("action a(b : c,) { }", _LAST_COMMA),
    Sample("action a(b : c) = { }", _HEAD, any_token=True),
    Sample("action a = { }", _HEAD, any_token=True),
    Sample("process a(b : c) = { }", _HEAD, any_token=True),
    Sample("process a by b = { }", _HEAD, any_token=True),
    Sample("init { a }", _CONDITION),
    Sample("init : a", _CONDITION),
    Sample("define a(b : c) { d }", _DEFINE),
    Sample("define a(b : c) -> d", _DEFINE),
    Sample("define a { d }", _DEFINE),
    Sample("define a -> d", _DEFINE),
    Sample("define a b = c", _DEFINE),
    Sample("define a(b : c) : d[e]", _DEFINE),
    Sample("actor a : b", _INSTANCES),
    Sample("actor a(b)", _INSTANCES),
    Sample("action a { } always b", _NAMED_CLAIM),
    Sample("action a { } never b", _NAMED_CLAIM),
    Sample("action a { } #b", _HASH_SIGN),
    Sample("action a { } module b", _IMPORTS),
    Sample("action a { } import b", _IMPORTS),
    Sample("state x = false", _MISSING_TYPE),
    Sample("state x state y : bool", _MISSING_TYPE),
    Sample("state x bool", _MISSING_TYPE),
    Sample("param x = 3", _MISSING_TYPE),
    Sample("param x bool", _MISSING_TYPE),
    Sample("state a, b : bool", _ONE_EACH),
    Sample("param a, b : bool", _ONE_EACH),
    Sample("state x[6] : bool", _NUMBERED),
    Sample("state x[0..5, 6] : bool", _NUMBERED),
    Sample("memory 6 { a : bool }", _NUMBERED),
    Sample("state x : 0..n", _BOUNDS),
    Sample("state x : n..3", _BOUNDS),
    Sample("init x in y", _SETS),
    Sample("init x in (y)", _SETS),
    Sample("init forall l : Line x", _QUANTIFIER, any_token=True),
    Sample("action a(l) { }", _BINDER),
    Sample("init a = b = c", _NO_CHAINS),
    Sample("init a < b < c", _NO_CHAINS),
    Sample("init a <= b <= c", _NO_CHAINS),
    Sample("init a = b != c", _NO_CHAINS),
    Sample("init a > b > c", _NO_CHAINS),
    Sample("init a >= b >= c", _NO_CHAINS),
    Sample("init a = b in { c }", _NO_CHAINS),
    Sample("init a = not b", _LOOSE),
    Sample("init a = if b then c else d", _LOOSE),
    Sample("init a = forall l : Line: b", _LOOSE),
    Sample("init a = exists l : Line: b", _LOOSE),
    Sample("action a { if b x := 1 }", _BRACES),
    Sample("action a { if b then x := 1 }", _IF_STATEMENT),
    Sample("action a { if b { } else x := 1 }", _BRACES),
    Sample("init if a then b init c", _ELSE),
    Sample("init (if a then b)", _ELSE),
    Sample("init if a { b }", _ELSE),
    Sample("access a { b ok }", _ARROW),
    Sample("access a { b: ok }", _ARROW),
    Sample("access a { b -> ok (c) }", _ARROW),
    Sample("access a { b -> c }", _OUTCOME, any_token=True),
    Sample("access a { -> ok }", _OTHERWISE),
    Sample("access a { b -> ok -> ok }", _OTHERWISE),
    Sample("access a { else -> ok }", _OTHERWISE),
    Sample("fault MC", _HASH, any_token=True),
    Sample("process p { { } }", _LABEL),
    Sample("process p { when a { } }", _LABEL),
    Sample("process p { a { } }", _LABEL),
    Sample("process p { a: { } b { } }", _LABEL),
    Sample("process p { a: x := 1 }", _STEP_BRACES),
    Sample("process p { a: goto b }", _STEP_BRACES),
    Sample("property p step x[i]' = 1", _PRIME),
    Sample("init a[b][c]", _COMMAS),
    Sample("property p a = b", _CLAIM, any_token=True),
    Sample("property p a", _CLAIM, any_token=True),
    Sample("property p a cannot b", _CANNOT, any_token=True),
    Sample("property p a cannot tell b", _CANNOT),
    Sample("secret state a : bool", _SECRET),
    Sample("secret a : bool", _SECRET),
    Sample("secret a[b]", _SECRET),
    Sample("observer a : b", _OBSERVER, any_token=True),
    Sample("check p expect true", _VERDICT, any_token=True),
    Sample("check p expect refuted 5", _LENGTH),
    Sample("check p for 2", _SIZES, any_token=True),
    Sample("check p for Line 2", _SIZES, any_token=True),
    Sample("config a = b", _CONFIG, any_token=True),
    Sample('config a "b" = c', _CONFIG, any_token=True),
    Sample("state a : bool import b", _IMPORTS),
    Sample("state a : bool module b", _IMPORTS),
    Sample("import b module a", _IMPORTS),
    Sample("module a module b", _IMPORTS),
    Sample("state a : bool }", _CLOSES_NOTHING),
    Sample("init a }", _CLOSES_NOTHING),
    Sample("action a { } }", _CLOSES_NOTHING),
    Sample("index a = 4", _SORT_SIZE),
    Sample("index a : 4", _SORT_SIZE),
    Sample("index a { b }", _SORT_SIZE),
    Sample("check a with b", _CHECK_WHERE, any_token=True),
    Sample("state a : bool ;", _SEMICOLON),
    Sample("init a ;", _SEMICOLON),
    Sample("action a { } ;", _SEMICOLON),
    Sample("action a { n += 1 }", _INCREMENT),
    Sample("action a { n ++ }", _INCREMENT),
    Sample("action a { n -= 1 }", _INCREMENT),
    Sample("action a { x < - 1 }", _ASSIGN),
    Sample("action a { while b { } }", _LOOP),
    Sample("action a { x := 1 while b { } }", _LOOP),
    Sample("state a : bool if b { }", _OUTSIDE),
    Sample("init a if b { }", _OUTSIDE),
    Sample("if b { }", _OUTSIDE),
    Sample("foreach b : c { }", _OUTSIDE),
    Sample("-- a", _COMMENT),
    Sample("state a : bool -- b", _COMMENT),
    Sample("action a { x }", _STATEMENT),
    Sample("action a { x y := 1 }", _STATEMENT),
    Sample("action a { 1 }", _STATEMENT),
    Sample("action a { x := 1, y := 2 }", _STATEMENT),
    Sample("access a { }", _EMPTY_TABLE),
    Sample("action a x := 1", _BLOCK),
    Sample("action a by b action c { }", _BLOCK),
    Sample("action a when b action c { }", _BLOCK),
    Sample("init a cite b", _CITATION, any_token=True),
    Sample("action a { } when b", _GUARD_TWICE),
    Sample("halt a", _HALT, any_token=True),
    Sample("actor a when b", _STOPPED),
    Sample('action a { } emit "b"', _LANGUAGE),
    Sample('prelude "b"', _LANGUAGE),
    Sample("action a { } emit c { d }", _LINES, any_token=True),
    Sample('action a { } emit c "d" cite F-1', _EMIT_LAST),
    Sample("process p { a b: { } }", _LABEL),
    Sample('emit c "d"', _EMIT_WHERE),
    Sample('state a : bool emit c "d"', _EMIT_WHERE),
    Sample('action a emit c "d" { }', _EMIT_WHERE),
)

_Key: TypeAlias = tuple[str, tuple[str, ...]]
_ANYTHING = "*"


def advice(complaint: Complaint) -> Advice | None:
    """The advice of the first sample that breaks in the same way."""
    table = _table()
    expected = expectations(complaint.accepted)
    found = table.get((complaint.terminal, expected)) or table.get((_ANYTHING, expected))
    if found is None and complaint.is_first_on_line and "PARAM" in complaint.accepted:
        found = table.get((complaint.terminal, expectations(DECLARATIONS)))
    return found


@cache
def _table() -> Mapping[_Key, Advice]:
    """What each sample breaks at -> its advice. Parsing all samples takes some tens of milliseconds."""
    table: dict[_Key, Advice] = {}
    for sample in SAMPLES:
        complaint = first_complaint(SourceFile("sample", sample.text))
        terminal = _ANYTHING if sample.any_token else complaint.terminal
        table.setdefault((terminal, expectations(complaint.accepted)), sample.advice)
    return table
