"""What nothing could ever break: against every typed state, and every pair of them."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tdxverify.budget import Budget
from tdxverify.inquiries.obstacle import small_sizes
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec
from tdxverify.triviality.tautology import tautology
from tests.texts import model_of

DECLARED = """\
index Line
param p : bool
state n : 0..3 = 0
state t : bool = false
state m[Line] : bool = false
action up when n < 3 { n := n + 1 }
"""


def asked_in(text: str) -> Question:
    (asked,) = every_check(Spec(Path("sample.tdx"), model_of(DECLARED + text)), Options())
    return asked


def where(text: str) -> str | None:
    asked = asked_in(text)
    return tautology(asked, small_sizes(asked), Budget())


@pytest.mark.parametrize(
    ("claim", "check", "sizes"),
    [
        ("always n <= 3", "check q where p", "at any size"),
        ("always t or not t", "check q for Line <= 3", "for Line = 1..3"),
        ("step n' >= n or n' < n", "check q", "at any size"),
        ("reachable n > 3", "check q", "at any size"),
        ("always (forall l : Line: m[l]) or (exists l : Line: not m[l])", "check q", "at any size"),
        ("step (forall l : Line: m'[l]) or (exists l : Line: not m'[l])", "check q", "for Line = 2"),
        ("never exists a, b, c : Line: a != b and b != c and a != c", "check q", "for Line = 2"),
        ("always n < 3", "check q where p", None),
        ("always t implies p", "check q where p", None),
        ("always n = 0 or n > 0 or t", "check q for Line = 1", "for Line = 1"),
        ("reachable t", "check q", None),
    ],
)
def test_at_which_sizes(claim: str, check: str, sizes: str | None) -> None:
    assert where(f"property q {claim}\n{check}\n") == sizes


def _claim(random: Random, depth: int = 2) -> tuple[str, str]:
    """A condition of p, n, t and what is primed of them, and the same in Python."""
    if depth == 0 or random.random() < 0.2:
        later, number = random.choice([("", ""), ("'", "2")]), random.randint(0, 3)
        relation = random.choice([("<=", "<="), (">=", ">="), ("=", "=="), ("!=", "!=")])
        number_is = tuple(f"n{mark} {sign} {number}" for mark, sign in zip(later, relation, strict=True))
        return random.choice([(number_is[0], number_is[1]), (f"t{later[0]}", f"t{later[1]}"), ("p", "p")])
    word = random.choice(["and", "or", "or", "not"])
    one, other = _claim(random, depth - 1), _claim(random, depth - 1)
    if word == "not":
        return f"not ({one[0]})", f"(not ({one[1]}))"
    return f"(({one[0]}) {word} ({other[0]}))", f"(({one[1]}) {word} ({other[1]}))"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1_000_000), st.sampled_from(["step", "always", "never", "reachable"]))
def test_against_every_state(seed: int, kind: str) -> None:
    told, meant = _claim(Random(seed))
    if kind != "step":
        told, meant = told.replace("'", ""), meant.replace("2 ", " ").replace("t2", "t").replace("n2", "n")
    note(f"{kind} {told}")
    bools = (False, True)
    values = product(bools, range(4), bools, range(4), bools)
    true = [eval(meant, {"p": p, "n": n, "t": t, "n2": n2, "t2": t2}) for p, n, t, n2, t2 in values]
    expected = not any(true) if kind in ("never", "reachable") else all(true)
    if kind == "step" and "'" not in told:
        kind = "always"
    assert (where(f"property q {kind} {told}\ncheck q\n") is not None) is expected
