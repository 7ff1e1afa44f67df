"""Why Z3 has no answer: whatever part of it noticed, in whatever words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import z3

from tdxverify.smt.asker import EXHAUSTED, Asker, GaveUp, gave_up

SMT = Path(__file__).parents[2] / "tdxverify" / "smt"
INTERRUPTS = ["interrupted from keyboard", "canceled", "push canceled", "Z3 interrupted"]


@pytest.mark.parametrize("reason", INTERRUPTS)
@pytest.mark.parametrize("raised", [False, True])
def test_ctrl_c_is_recognised(monkeypatch: pytest.MonkeyPatch, reason: str, raised: bool) -> None:
    def check(solver: z3.Solver, *assumptions: object) -> z3.CheckSatResult:
        if raised:
            raise z3.Z3Exception(reason)
        return z3.unknown

    monkeypatch.setattr(z3.Solver, "check", check)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda solver: reason)
    with pytest.raises(KeyboardInterrupt):
        Asker(z3.Solver(ctx=z3.Context())).ask((), None)


@pytest.mark.parametrize(
    ("reason", "allowed", "needed", "told"),
    [
        ("canceled", 100, 100.0, "timeout"),
        ("push canceled", 100, 250.0, "timeout"),
        ("timeout", 100, 3.0, "timeout"),
        ("incomplete quantifiers", None, 3.0, "incomplete quantifiers"),
        ("out of memory", 100, 3.0, "out of memory"),
    ],
)
def test_a_give_up_is_none(reason: str, allowed: int | None, needed: float, told: str) -> None:
    assert gave_up(reason, allowed, needed) == GaveUp(told)


def test_long_before_the_limit_it_was_no_timeout() -> None:
    with pytest.raises(KeyboardInterrupt):
        gave_up("canceled", 10_000, 50.0)


def test_answers() -> None:
    context = z3.Context()
    solver, it = z3.SimpleSolver(ctx=context), z3.Bool("it", context)
    asker = Asker(solver)
    solver.add(it)
    assert asker.ask((), None) is True
    assert asker.ask((z3.Not(it),), 10_000) is False


def _endless(context: z3.Context) -> z3.Solver:
    """Every element is below another, there are no circles, and whatever two there are have one above."""
    element = z3.DeclareSort("Element", context)
    below = z3.Function("below", element, element, z3.BoolSort(context))
    x, y, above = z3.Consts("x y above", element)
    solver = z3.SimpleSolver(ctx=context)
    solver.add(z3.ForAll([x], z3.Not(below(x, x))))
    solver.add(z3.ForAll([x, y, above], z3.Implies(z3.And(below(x, y), below(y, above)), below(x, above))))
    solver.add(z3.ForAll([x, y], z3.Exists([above], z3.And(below(x, above), below(y, above)))))
    return solver


@pytest.mark.parametrize("milliseconds", [None, 100_000])
def test_effort_is_counted_for_each_question_alone(milliseconds: int | None) -> None:
    """The same on every machine, and no interrupt."""
    context = z3.Context()
    asker, it = Asker(_endless(context)), z3.Bool("it", context)
    for effort in (20_000, 5_000, 20_000):
        before = asker.spent
        assert asker.ask((it,), milliseconds, effort) == GaveUp(EXHAUSTED)
        assert effort <= asker.spent - before < effort + 5_000


def test_effort_is_for_one_question_only() -> None:
    context = z3.Context()
    asker, it = Asker(_endless(context)), z3.Bool("it", context)
    assert asker.ask((it,), None, 1) == GaveUp(EXHAUSTED)
    assert asker.ask((it,), 50) == GaveUp("timeout")


def test_solvers_are_asked_in_one_place_only() -> None:
    """Nobody else reads why there is no answer. Spacer is asked in a process of its own."""
    found = [
        path.name
        for path in sorted(SMT.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "reason_unknown"
    ]
    assert found == ["asker.py", "horn.py"]
