"""The printer against the parser."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tdxverify.syntax.printer import print_expression, print_statements, print_type
from tests.printing import print_module
from tests.syntax import strategies

ROOT = Path(__file__).parents[2]
SPECS = sorted([*ROOT.glob("spec/**/*.tdx"), *ROOT.glob("examples/**/*.tdx")])

SLOW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def module_of(text: str) -> ast.Module:
    return parse(SourceFile("test.tdx", text))


def expression_of(text: str) -> ast.Expr:
    (declaration,) = module_of(f"init {text}").declarations
    assert isinstance(declaration, ast.InitDecl)
    return declaration.condition


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # there are many kinds of declarations
@SLOW
@given(strategies.modules)
def test_printed_modules_mean_the_same(module: ast.Module) -> None:
    text = print_module(module)
    assert module_of(text) == module
    assert print_module(module_of(text)) == text


@SLOW
@given(strategies.expressions)
def test_printed_expressions_mean_the_same(expression: ast.Expr) -> None:
    assert expression_of(print_expression(expression)) == expression


def test_there_are_specs() -> None:
    assert len(SPECS) >= 10


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_shipped_specs_survive_printing(path: Path) -> None:
    module = module_of(path.read_text(encoding="utf-8"))
    assert module_of(print_module(module)) == module


@pytest.mark.parametrize(
    "text",
    [
        "a and b and c",
        "a and (b and c)",
        "a and b or c and d",
        "(a or b) and c",
        "not a and b",
        "not (a and b)",
        "a implies b implies c",
        "(a implies b) implies c",
        "a iff b iff c",
        "a + b - c - d",
        "a - (b - c)",
        "a - (b + c)",
        "a * b + c div d mod e",
        "a * (b + c)",
        "-(a + b) * -c",
        "--a < 0",
        "a in { b, c } and d in 0..3",
        "a in -3..-1",
        "(a = b) = c",
        "a = (not b)",
        "a and forall l : Line: b or c",
        "(a and forall l : Line: b) or c",
        "not exists l, m : Line, c : Cpu: b",
        "a implies if b then c else d implies e",
        "(if a then b else c) + 1 = 2",
        "(forall x : bool: x) iff if a then b else c",
        "kexec at jump and flusher[c, d] at done",
        "x' = y'[l] and Phase.running = z",
        "host took #MC or anyone took #MC and host is dead",
        "f() and f(a, b[c])",
        " and ".join(f"a{i}" for i in range(40)),
        " + ".join(f"a{i}" for i in range(40)) + " = 0",
        " - ".join(f"a{i}" for i in range(40)) + " = 0",
    ],
)
def test_parentheses_are_neither_missing_nor_idle(text: str) -> None:
    assert print_expression(expression_of(text)) == text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("((a))", "a"),
        ("(a and b) and c", "a and b and c"),
        ("a and (not (b = c))", "a and not b = c"),
        ("forall l : Line, m : Line: a", "forall l, m : Line: a"),
        ("a or (forall l : Line: b)", "a or forall l : Line: b"),
        ("(a) + (b * c) = (d)", "a + b * c = d"),
    ],
)
def test_idle_parentheses_go(written: str, printed: str) -> None:
    assert print_expression(expression_of(written)) == printed


CANONICAL = """\
module kexec_on_tdx

import platform.tdx
import "rules/local.tdx"
import platform.tdx as old
import "rules/local.tdx" as new

param erratum : bool "partial writes poison" cite F-TDX-31
param limit : -1..7

assume limit > 0 implies erratum

index Line

enum Phase "where we are" { running, handover }

fault #MC "machine check" cite F-MC-02 fatal kills host must not reach next, module_

actor host, next

const page_of[Line] : Page
const even[l : Line] : bool = low[l]

state phase : Phase = running
state mode : Mode = any { a, b }
state lru : 0..3

memory Line "a line" {
  td_owned : bool = false cite F-TDX-07
  poison : bool
}

define clean(l : Line) : bool = not poison[l]
define stopped = phase = handover

access host_read(l : Line) "partial" {
  poison[l]                  -> fault #MC
  td_owned[l] and not broken -> ok(zeros) { touched[l] := true } "why" cite F-TDX-14
  limit > 3                  -> dropped {
    poison[l] := any
    limit := 3
  }
  otherwise                  -> ok
}
  emit c "readl({l});"

action donate(l, m : Line, c : Cpu) by host cite F-1 when phase = running {
  td_owned[l] := true
  poison[m] := any { true, false }
}
  emit c
    "if (x) {{"
    "  say(\\"{l}\\");"
    "}}"
  emit sh "echo {l}"

action tick { }

process kexec(c : Cpu) by host {
  start: when phase = running { phase := handover } "first"
  loop: while limit > 0 { limit := limit - 1 }
    emit c "again();"
  sweep: foreach l : Line {
    one: { host_read(l) on #MC { goto start } on #PF { } }
    two: { }
      emit c "two({l});"
  }
  pick: either {
    left: {
      if a {
        x := 1
      } else if b {
        when c
      } else {
        either {
        } or {
          x := 2
        }
      }
    }
  } or {
  }
}

property fine "the next kernel lives"
  never next takes #MC

property moves step limit' <= limit

property stuck never deadlock

property kept contained #MC

refine action donate when not busy and running "not yet" cite F-3
refine process kexec when started
refine step kexec.start when started or c = first

refine const even[l : Line] = false
refine state lru = any { 0, 1 } "two of them"

refine row td_owned[l] and not broken of host_read {
  td_owned[l] and not broken and hot -> dropped { x := 1 } cite F-TDX-14
  otherwise                          -> ok
}

refine row otherwise of host_read {
  otherwise -> fault #PF cite F-TDX-15
}

refine action tick by process tick(c : Cpu) by host {
  one: { x := 1 }
  two: as tick
}

check fine, moves for Line = 2, Cpu <= 3 where not erratum expect refuted in 5 "as seen" cite F-2
check stuck for any size expect vacuous

prelude c
  "#include <linux/io.h>"
  ""

prelude sh "set -x"
"""


def test_canonical_text_is_a_fixed_point() -> None:
    assert print_module(module_of(CANONICAL)) == CANONICAL


def test_statements_print_one_per_line() -> None:
    (action,) = module_of("action a { x := 1; foreach l : Line { y[l] := x z := 2 } }").declarations
    assert isinstance(action, ast.ActionDecl)
    assert print_statements(action.body) == "x := 1\nforeach l : Line {\n  y[l] := x\n  z := 2\n}"


def test_types_print_as_written() -> None:
    text = "param a : bool param b : -3..7 param c : Phase"
    declarations = module_of(text).declarations
    assert [print_type(d.type) for d in declarations if isinstance(d, ast.ParamDecl)] == [
        "bool",
        "-3..7",
        "Phase",
    ]
