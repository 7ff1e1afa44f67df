"""What the long run has found, each as it was left by shrinking: nobody disagrees any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.comparing import Effort, examine

FOUND = {
    "a shared condition that is itself a conditional, in generated code": """
        state c : bool
        state b : bool
        state x : bool
        action a { if exists v : 0..1: if c then x else b { x := any { true } } }
        property q step true
        check q
    """,
    "goto done": """
        process p { a: { goto done } b: { } }
        property q never p at b
        check q
    """,
    "an argument of an access that does not fit": """
        actor a
        param p : 1..2
        access acc(v, i : 0..1) { otherwise -> dropped }
        action go by a { acc(p, 0) }
        property q never 1 = 2
        check q
    """,
    "a variable that is called as what is kept of a promise": """
        state promised : bool = false
        state n : 0..2 = 0
        action go when n < 2 { n := n + 1 promised := true }
        property q n = 1 leads_to not promised
        check q
    """,
    "an action that is fair in both ways, and an actor of the same name": """
        state n : 0..2 = 0
        fair actor go
        fair action go by go when n < 2 { n := n + 1 }
        action stay by go { }
        property q eventually n = 2
        check q assuming strongly fair go
    """,
    "what is promised of each truth value, and fair for each": """
        state x : bool = false
        state y : bool = false
        fair action f(b : bool) when x != b { x := b }
        action g { y := not y }
        property q each b : bool: eventually x = b
        property r each b : bool: y = b leads_to x = b
        property s each b : bool: y = b leads_to y != b
        check q, r, s
    """,
}


@pytest.mark.parametrize("name", FOUND)
def test_nobody_disagrees(name: str, tmp_path: Path) -> None:
    found = examine({"main.tdx": FOUND[name]}, tmp_path, Effort(plain=True))
    assert not found.faults
    assert found.compared["explicit"]
