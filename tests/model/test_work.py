"""Elaboration does a bounded amount of work, however things are put inside one another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from tdxverify.diagnostics import SpecError
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.thorough import each

MOST_CALLS = 6_000_000  # of Python functions: some seconds
DEPTHS = [1, 2, 3, 5, 8, 12, 20, 30, 50]
HEAD = """\
index L
actor a
fault #F
state x : bool
state y : bool
state n : 0..1000 = 0
state m[L] : bool
access acc(v : bool) {
  x and v   -> fault #F { x := not v }
  otherwise -> fault #F
}
access plain(v : bool) {
  x and v   -> ok { y := not v  x := y }
  otherwise -> ok { x := v }
}
"""
TAIL = "property p never x\n"


def step(body: str, parameters: str = "") -> str:
    return f"{HEAD}action go({parameters}) by a {{ {body} }}\n{TAIL}"


def nested(opening: str, closing: str = " }", inner: str = "x := not y") -> Callable[[int], str]:
    return lambda depth: step(opening * depth + inner + closing * depth)


def chained(*statements: str, parameters: str = "") -> Callable[[int], str]:
    return lambda depth: step(" ".join(statements) * depth, parameters)


def process(depth: int) -> str:
    inside = "if x { " * depth + "x := y y := x goto two" + " }" * depth
    return f"{HEAD}process q by a {{ one: {{ {inside} }} two: when x and y {{ goto one }} }}\n{TAIL}"


KINDS: dict[str, Callable[[int], str]] = {
    "handlers": nested("acc(x) on #F { "),
    "handlers that change": nested("acc(x) on #F { x := y y := x "),
    "handlers behind one another": chained("acc(x) on #F { x := not x } "),
    "accesses behind one another": chained("plain(x) plain(y) "),
    "ifs": nested("if x { "),
    "ifs that change": nested("if x { x := y or m[l] y := x ".replace("[l]", "[k]"), inner="y := x"),
    "ifs behind one another": chained("if x { y := not x } else { x := y } "),
    "eithers": nested("either { x := not x } or { "),
    "eithers that change": nested("either { y := x } or { x := y "),
    "eithers behind one another": chained("either { x := y } or { y := not x } "),
    "assignments": chained("x := x and y or not x y := not x or x and y "),
    "sums": chained("n := n + n "),
    "elements": chained("m[k] := not m[j] m[j] := not m[k] ", parameters="k : L, j : L"),
    "conditions": chained("when x or y x := not y y := not x "),
    "choices": chained("x := any y := any {x, not x, y} "),
    "foreach": chained("foreach l : L { m[l] := not m[l] or x } "),
    "process": process,
}
KINDS["ifs that change"] = lambda depth: step("if x { x := y or m[k] y := x " * depth + " }" * depth, "k : L")


def elaborated(text: str) -> tuple[int, set[str]]:
    """How many functions were called, and the codes of what was refused."""
    module = parse(SourceFile("work.tdx", text))
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        """Of functions only: what returns no function for the lines of one is not called for them."""
        nonlocal calls
        calls += 1
        if calls > MOST_CALLS:
            sys.settrace(None)
            pytest.fail("too much work")

    before = sys.gettrace()
    sys.settrace(count)
    try:
        build_model((module,))
    except SpecError as error:
        return calls, {diagnostic.code.name for diagnostic in error.diagnostics}
    finally:
        sys.settrace(before)
    return calls, set()


@pytest.mark.parametrize("depth", each(DEPTHS, lambda position: DEPTHS[position] in (1, 2, 5, 12, 50)))
@pytest.mark.parametrize("kind", KINDS)
def test_the_work_is_bounded(kind: str, depth: int) -> None:
    try:
        calls, codes = elaborated(KINDS[kind](depth))
    except SpecError as error:  # of the parser
        assert {diagnostic.code.name for diagnostic in error.diagnostics} == {"E106"}
        return

    assert calls <= MOST_CALLS
    assert codes <= {"E412"}
    assert depth > 1 or not codes


@pytest.mark.parametrize("levels", [100, 160, 1000])
@pytest.mark.parametrize("forwards", [True, False])
def test_defines_inside_one_another_are_refused_before_anything_breaks(levels: int, forwards: bool) -> None:
    defines = [f"define d{n} = (not d{n - 1}) or y\n" for n in range(1, levels)]
    text = "".join(defines if forwards else reversed(defines))
    used = f"state x : bool\nstate y : bool\ndefine d0 = x\n{text}property p never d{levels - 1}\n"
    module = parse(SourceFile("work.tdx", used))
    with pytest.raises(SpecError) as caught:
        build_model((module,))
    assert {diagnostic.code.name for diagnostic in caught.value.diagnostics} == {"E106"}
    assert all(diagnostic.span is not None for diagnostic in caught.value.diagnostics)


# Behind the body, the step of a process goes on: what that takes may be too large as well.
LARGE_JUMPS = """
index Line
enum Mode { m9 }
actor host, guest
fault #PF fatal
fault #MC
access acc(v3 : Line) { host is dead -> fault #MC  otherwise -> fault #MC }
process proc(i6 : Mode) by host {
  l0: foreach w7 : Line { l1: {
    if proc[Mode.m9] at l3 {
      acc(w7) on #MC {
        if anyone took #PF { acc(w7) goto l0 } else if guest is dead { goto l5 } else if true { acc(w7) }
      }
    } else if true { acc(w7) on #MC { if true { goto l3 } acc(w7) } } } }
  l3: foreach i15 : Line { }
  l5: { }
}
property p never guest is dead
check p
"""


def test_a_step_that_gets_too_large_where_it_goes_on_is_refused() -> None:
    assert elaborated(LARGE_JUMPS)[1] == {"E412"}
