"""What divides: numbers, and all that has a range without zero; compared with division in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tdxverify.answers.answer import Outcome
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.diagnostics import Code
from tdxverify.engines.registry import ENGINES
from tdxverify.questions.options import Options
from tests.forked import fork_workers

INSTALLED = [name for name, info in ENGINES.items() if info.is_installed]
OPERATORS = {"div": operator.floordiv, "mod": operator.mod}
# `n` counts to 9; after so many steps `k` is what a step divides, or some quotient of `n` is looked at.
STATE = """
state n : -2..9 = -2
state m : 0..3 = 1
state k : -9..9 = -9
action up when k = -9 and n < 9 { n := n + 1 }
actor a
fault #MC
"""


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


@dataclass(frozen=True)
class Place:
    """`@` stands for the operator, `$` for a number. `is_bad`: whether it is for `n`, an operation, that
    number. `more`: how many steps behind the one that counts to `n`."""

    text: str
    is_bad: Callable[[int, Callable[[int, int], int], int], bool]
    more: int = 0
    bad: str = "k = $"


PLACES = {
    "exists": Place("", lambda n, op, c: c in (op(n, 2), op(n, 3)), bad="exists d : 2..3: n @ d = $"),
    "forall": Place(
        "",
        lambda n, op, c: all(op(n, d) <= op(c, e) for d in (1, 2, 3) for e in (1, 2, 3)),
        bad="forall d, e : 1..3: n @ d <= $ @ e",
    ),
    "count": Place(
        "",
        lambda n, op, c: sum(op(n, d) == c for d in (1, 2, 3)) == 2,
        bad="(count d : 1..3: n @ d = $) = 2",
    ),
    "define": Place(
        "define f(x : -2..9, d : 1..4) = x @ d", lambda n, op, c: op(n, 3) == c, bad="f(n, 3) = $"
    ),
    "define of what may be zero": Place(
        "define f(d : 1..4) = n @ d",
        lambda n, op, c: c in (op(n, 2), op(n, 3)),
        bad="exists e : 0..3: e > m and f(e) = $",
    ),
    "define of state": Place(
        "define f(d : 1..4) = n @ d", lambda n, op, c: op(n, 2) == c, bad="m > 0 and f(m + 1) = $"
    ),
    "define in a define": Place(
        "define f(d : 1..4) = n @ d define g(e : 0..5) = e > 0 and f(e) = $",
        lambda n, op, c: op(n, 1) == c,
        bad="g(m)",
    ),
    "action": Place(
        "action divide(d : 2..3) when k = -9 and n >= 0 { k := n @ d }",
        lambda n, op, c: n >= 0 and c in (op(n, 2), op(n, 3)),
        more=1,
    ),
    "step": Place(
        "process p { s(d : 2..3): when n >= 0 { k := n @ d } }",
        lambda n, op, c: n >= 0 and c in (op(n, 2), op(n, 3)),
        more=1,
    ),
    "foreach": Place(
        "state b[1..3] : -9..9 = -9 action divide { foreach d : 1..3 { b[d] := n @ d } k := b[2] }",
        lambda n, op, c: op(n, 2) == c,
        more=1,
    ),
    "access": Place(
        "access f(d : 1..4) { n @ d = 1 -> ok { k := 1 } otherwise -> ok { k := n @ d } }"
        " action divide by a when k = -9 { f(m + 1) }",
        lambda n, op, c: op(n, 2) == c,
        more=1,
    ),
    "define in an access": Place(
        "define q(d : 1..4) = n @ d access f(d : 0..4) { d = 0 -> ok otherwise -> ok { k := q(d) } }"
        " action divide by a when k = -9 { f(m) }",
        lambda n, op, c: op(n, 1) == c,
        more=1,
    ),
    "state that was assigned": Place(
        "state d : 1..4 = 4 action divide when k = -9 { d := m + 1 k := n @ d }",
        lambda n, op, c: op(n, 2) == c,
        more=1,
    ),
}


def expected(place: Place, sign: str, number: int) -> int | None:
    """How many steps lead to a bad state, by counting."""
    found = (n + 2 for n in range(-2, 10) if place.is_bad(n, OPERATORS[sign], number))
    first = next(found, None)
    return None if first is None else first + place.more


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("sign", OPERATORS)
def test_quotients_against_counting(tmp_path: Path, name: str, sign: str) -> None:
    place, spec = PLACES[name], tmp_path / "divided.tdx"
    for number in Random(f"{name} {sign}").sample(range(-2, 8), 2):
        bad = place.bad.replace("@", sign).replace("$", str(number))
        text = place.text.replace("@", sign).replace("$", str(number))
        spec.write_text(f"{STATE}{text}\nproperty p never {bad}\ncheck p\n", encoding="utf-8")
        wanted = expected(place, sign, number)
        for engine in ("auto", "explicit", "bmc", "pdr", *(["bdd"] if "bdd" in INSTALLED else [])):
            run = check([spec], Options(engine=engine))
            assert not run.diagnostics, run.diagnostics
            (found,) = run.answers
            if wanted is not None:
                assert (found.outcome, found.length) == (Outcome.REFUTED, wanted), (engine, number)
            elif engine != "bmc":
                assert found.outcome is Outcome.PROVED, (engine, number, found.reason)
        prove([spec], Silent(), update=True)
        (again,) = recheck([spec]).answers
        assert again.outcome is (Outcome.PROVED if wanted is None else Outcome.REFUTED), again.reason


@pytest.mark.parametrize(
    "text",
    [
        "property p never exists d : 0..3: n mod d = 1",
        "define f(d : -1..3) = n mod d",
        "action go(d : -3..-1) { n := n div d }",
        "property p never exists d : 1..3: n mod (d + 1) = 1",
    ],
)
def test_what_may_be_zero_or_below_does_not_divide(tmp_path: Path, text: str) -> None:
    spec = tmp_path / "wrong.tdx"
    spec.write_text(f"{STATE}{text}\nproperty q never n = 9\ncheck q\n", encoding="utf-8")
    assert [one.code for one in check([spec]).diagnostics] == [Code.E308]


@pytest.mark.parametrize("engine", ["explicit", "bmc", "pdr"])
def test_an_argument_that_is_no_divisor_is_found(tmp_path: Path, engine: str) -> None:
    spec = tmp_path / "zero.tdx"
    for text in (
        "define f(d : 1..4) = n mod d property p never f(m) = 7 action down { m := 0 }",
        "access f(d : 1..4) { otherwise -> ok { k := n mod d } } action go by a { f(m) }"
        " action down { m := 0 } property p never k = 7",
    ):
        spec.write_text(f"{STATE}{text}\ncheck p\n", encoding="utf-8")
        assert [one.code for one in check([spec], Options(engine=engine)).diagnostics] == [Code.E510]
