"""What the states that were counted show of a proof is what a solver says of it."""

from __future__ import annotations

import pytest

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.evidence.verdict import Proved
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.triviality.counted import States, is_not_trivial
from tdxverify.triviality.judging import triviality
from tests.texts import explicit
from tests.thorough import first
from tests.triviality.generated import Author
from tests.triviality.test_judging import questions

SEEDS = range(60)


def counted(asked: Question) -> list[tuple[Problem, States]]:
    """The reachable states at the largest sizes, where no bad one is among them."""
    problem = at(asked, asked.sizing.largest_first()[0])
    verdict = explicit(problem)
    if not isinstance(verdict, Proved):
        return []
    assert verdict.evidence.reached is not None
    return [(problem, verdict.evidence.reached)]


@pytest.mark.parametrize("seed", first(SEEDS, 20))
def test_same_answer_as_with_a_solver(seed: int) -> None:
    author = Author(seed)
    model, bad, where = author.model(), author.bad(), author.where()
    claims = [*author.claims(bad), "step c = c'", "step m = off implies m' != busy", "step n' >= n"]
    lines = [f"property p{number} {claim}\n" for number, claim in enumerate(claims)]
    checks = [f"check p{number} for Line <= 2 {where}\n" for number in range(len(claims))]
    for asked in questions("".join([model, *lines, *checks])):
        known = counted(asked)
        if known:
            assert triviality(asked, UNLIMITED, known) == triviality(asked, UNLIMITED)


COUNTING = """\
index Cpu
param fast : bool
state busy[Cpu] : bool = false
state held : bool = false
state n : 0..3 = 0
state lit : bool = false
action take(c : Cpu) when not held { held := true  busy[c] := true  if fast and n < 3 { n := n + 1 } }
action give(c : Cpu) when busy[c] { held := false  busy[c] := false }
"""


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("never exists c, d : Cpu: c != d and busy[c] and busy[d]", True),
        ("always held iff (exists c : Cpu: busy[c])", True),
        ("step forall c, d : Cpu: busy[c] and c != d implies not busy'[d]", True),
        ("step n' >= n", True),
        ("never lit", False),
        ("step lit' = lit", False),
        ("always n >= 0", False),
    ],
)
def test_what_is_shown_without_a_solver(claim: str, shown: bool) -> None:
    (asked,) = questions(f"{COUNTING}property p {claim}\ncheck p for Cpu <= 2\n")
    ((problem, states),) = counted(asked)
    assert is_not_trivial(asked, problem, states, Budget()) is shown
    assert triviality(asked, UNLIMITED).trivial is not shown
