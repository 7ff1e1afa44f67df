"""Symbolic execution against the plain interpreter, on random statements, from every state."""

from __future__ import annotations

from itertools import islice

from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tdxverify.budget import Budget
from tdxverify.diagnostics import SpecError
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.semantics.successors import Semantics
from tdxverify.source import SourceFile
from tdxverify.syntax import ast
from tdxverify.syntax.parse import parse
from tests.differential.interpreter import Program, State
from tests.texts import problem_of

FRAME = """
index Line
enum Mode { off, active, broken }
actor host
fault #MC
state n : 0..3
state b : bool
state m : Mode
memory Line { p : bool  q : bool }
access acc(l : Line) {
  p[l] and b            -> fault #MC { q[l] := not q[l] }
  p[l] and b = false    -> ok { p[l] := false  n := (n + 1) mod 4 }
  otherwise             -> dropped
}
access reset(l : Line) { otherwise -> ok { p[l] := b  q[l] := false } }
action act(x, y : Line) by host {
BODY
}
property watched never host takes #MC
check watched expect refuted
"""
REFUSED = {"E401", "E405", "E411", "E413"} | {"E412"}  # what a foreach must not do; a step that is too large

CLOSED = ["b", "n = 2", "m = active", "m != off", "exists k : Line: p[k]", "forall k : Line: q[k]"]
LINES = st.sampled_from(["x", "y"])


def conditions(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    atoms = st.one_of(
        st.sampled_from(CLOSED).map(lambda text: f"({text})"),
        lines.map(lambda line: f"p[{line}]"),
        lines.map(lambda line: f"q[{line}]"),
    )  # fmt: skip
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map(lambda one: f"not ({one})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        ),
        max_leaves=3,
    )


def assignments(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    truth = conditions(lines)
    return st.one_of(
        st.sampled_from(["n := (n + 1) mod 4", "n := 2", "m := active", "m := broken", "b := true"]),
        truth.map(lambda value: f"b := {value}"),
        st.tuples(lines, truth).map(lambda t: f"p[{t[0]}] := {t[1]}"),
        st.tuples(lines, truth).map(lambda t: f"q[{t[0]}] := {t[1]}"),
        lines.map(lambda line: f"reset({line})"),
    )


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=3).map(" ".join)


def statements() -> st.SearchStrategy[str]:
    simple = st.one_of(
        assignments(LINES),
        st.sampled_from(["b := any", "m := any { off, active }", "n := any"]),
        conditions(LINES).map(lambda text: f"when {text}"),
        LINES.map(lambda line: f"acc({line})"),
        st.tuples(LINES, assignments(LINES)).map(lambda t: f"acc({t[0]}) on #MC {{ {t[1]} }}"),
    )
    element = st.just("l")
    guarded = st.tuples(conditions(element), assignments(element)).map(lambda t: f"if {t[0]} {{ {t[1]} }}")
    each = blocks(st.one_of(assignments(element), guarded)).map(lambda body: f"foreach l : Line {{ {body} }}")
    return st.recursive(
        st.one_of(simple, each),
        lambda inner: st.one_of(
            st.tuples(conditions(LINES), blocks(inner), blocks(inner)).map(
                lambda t: f"if {t[0]} {{ {t[1]} }} else {{ {t[2]} }}"
            ),
            st.tuples(blocks(inner), blocks(inner)).map(lambda t: f"either {{ {t[0]} }} or {{ {t[1]} }}"),
        ),
        max_leaves=4,
    )


def concrete(layout: Layout, state: Valuation) -> State:
    return {(cell.symbol.name, cell.indices): value for cell, value in zip(layout.cells, state, strict=True)}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(statements(), min_size=1, max_size=4), st.integers(0, 300))
def test_symbolic_execution_agrees_with_the_interpreter(body: list[str], skip: int) -> None:
    text = FRAME.replace("BODY", "\n".join(body))
    note(text)
    try:
        problem = problem_of(text)
    except SpecError as error:
        assert {d.code.name for d in error.diagnostics} <= REFUSED, error
        assume(False)
    module = parse(SourceFile("test.tdx", text))
    action = next(d for d in module.declarations if isinstance(d, ast.ActionDecl))
    accesses = {d.name.text: d for d in module.declarations if isinstance(d, ast.AccessDecl)}
    domains = {"Line": range(2), "n": range(4), "b": range(2), "m": range(3)}
    members = {"off": 0, "active": 1, "broken": 2}
    semantics = Semantics(problem)
    layout = problem.state_layout
    for state in islice(semantics.initial_states((), Budget(max_states=10_000)), skip, skip + 40):
        symbolic: dict[tuple[int, ...], set[Valuation]] = {}
        for step, after in semantics.successors((), state):
            symbolic.setdefault(step.arguments[:2], set()).add(after)
        for backwards in (False, True):
            program = Program(members, domains, accesses, "host", backwards)
            for x in range(2):
                for y in range(2):
                    runs = program.run(action.body, concrete(layout, state), {"x": x, "y": y})
                    plain = {tuple(s[c.symbol.name, c.indices] for c in layout.cells) for s, _ in runs}
                    assert symbolic.get((x, y), set()) == plain
