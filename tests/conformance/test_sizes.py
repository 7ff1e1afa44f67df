"""Every engine about every way to state sizes: open, stated, bounded, some of each, and overridden.

The answers at each pair of sizes are known. An engine may say that it does not know, where that is its
nature; what it says must be true of the sizes that were asked about, and of no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.budget import UNLIMITED
from tdxverify.engines.registry import ENGINES
from tdxverify.model.model import Model, SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tests.forked import fork_workers
from tests.texts import model_of
from tests.thorough import each

NAMES = [name for name, info in ENGINES.items() if info.is_installed]
LARGEST = 5  # elements of a sort that is open, in what is known
VACUOUS = "vacuous"

MODEL = """
index A
index B
state own[A, B] : bool = false
state seen[A] : bool = false
state hit : bool = false
action take(a : A, b : B) when not exists c : B: own[a, c] { own[a, b] := true }
action see(a : A) { seen[a] := true }
action crowd(a, b, c : B) when a != b and a != c and b != c { hit := true }
property one_each always forall a : A, b, c : B: own[a, b] and own[a, c] implies b = c
property two_seen never exists a, b : A: a != b and seen[a] and seen[b]
property never_hit never hit
property different never exists a, b : A, c, d : B: a != b and c != d and own[a, c] and own[b, d]
property both reachable exists a, b : A: a != b and seen[a] and seen[b]
"""


@dataclass(frozen=True)
class Claim:
    """`length(a, b)`: of the shortest trace at these sizes; None where there is none."""

    name: str
    text: str
    length: Callable[[int, int], int | str | None]

    @property
    def is_reachability(self) -> bool:
        return self.name == "both"


def _never_starts_alone(a: int, b: int) -> int | str | None:
    if a < 2:
        return VACUOUS
    return 1 if b > 2 else None


CLAIMS = [
    Claim("one_each", MODEL, lambda a, b: None),
    Claim("two_seen", MODEL, lambda a, b: 2 if a > 1 else None),
    Claim("never_hit", MODEL, lambda a, b: 1 if b > 2 else None),
    Claim("different", MODEL, lambda a, b: 2 if a > 1 and b > 1 else None),
    Claim("both", MODEL, lambda a, b: 2 if a > 1 else None),
    Claim("never_hit", f"{MODEL}init exists a, b : A: a != b\n", lambda a, b: _never_starts_alone(a, b)),
]

STATED = ["{} = 1", "{} = 3", "{} <= 2"]
OVERRIDES = [(SizeRange("A", 2, 2),), (SizeRange("B", 1, 3),), (SizeRange("A", 1, 2), SizeRange("B", 3, 3))]
OVERRIDDEN = ["", "for A = 3", "for A <= 2, B = 1"]
SLOW = {"bdd": 9, "spacer": 9}  # engines that start a process for a question: of so many, one
THIRDS = 3


@pytest.fixture(autouse=True)
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_workers(monkeypatch)


def ways() -> Iterator[tuple[str, tuple[SizeRange, ...]]]:
    """What a check may say of sizes, and what the command line may add to that."""
    clauses = ["", "for any size"]
    clauses += [f"for {one.format('A')}, {other.format('B')}" for one, other in product(STATED, STATED)]
    clauses += [f"for {one.format(sort)}" for one in STATED for sort in "AB"]
    yield from ((clause, ()) for clause in clauses)
    yield from product(OVERRIDDEN, OVERRIDES)


@cache
def _model(text: str) -> Model:
    return model_of(text)


def run_of(claim: Claim, clause: str, engine: str, sizes: tuple[SizeRange, ...]) -> tuple[Answer, Asked]:
    model = _model(f"{claim.text}check {claim.name} {clause}\n")
    spec = Spec(Path("test.tdx"), model)
    asked = Question(spec, model.checks[0], Options(engine=engine, sizes=sizes, bound=3))
    stated = {r.sort: r for r in (*model.checks[0].sizes, *sizes)}
    found = answer(asked, UNLIMITED, Silent())
    assert not found.diagnostics
    return found.answer, Asked(stated.get("A"), stated.get("B"))


@dataclass(frozen=True)
class Asked:
    """What is stated of the two sorts."""

    a: SizeRange | None
    b: SizeRange | None

    @property
    def is_open(self) -> bool:
        return self.a is None or self.b is None

    def sizes(self) -> list[tuple[int, int]]:
        ranges = [range(r.low, r.high + 1) if r else range(1, LARGEST + 1) for r in (self.a, self.b)]
        return list(product(*ranges))


def judge(claim: Claim, run: Answer, asked: Asked, engine: str, told: str) -> None:
    truth = {sizes: claim.length(*sizes) for sizes in asked.sizes()}
    found = {sizes: length for sizes, length in truth.items() if isinstance(length, int)}
    bad = Outcome.PROVED if claim.is_reachability else Outcome.REFUTED
    good = Outcome.REFUTED if claim.is_reachability else Outcome.PROVED
    stated = dict(run.sizes)
    if run.length is not None:
        assert run.outcome is bad, told
        assert found.get((int(stated["A"]), int(stated["B"]))) == run.length, told
        return
    assert stated == {"A": shown(asked.a), "B": shown(asked.b)}, told
    if run.outcome is good:
        assert not found, told
        assert None in truth.values(), told
    elif run.outcome is Outcome.VACUOUS:
        assert set(truth.values()) == {VACUOUS}, told
    else:
        info = ENGINES[engine]
        assert run.outcome is Outcome.UNKNOWN, told
        assert run.reason, told
        assert not info.can_prove or (asked.is_open and not info.any_size), told


def shown(stated: SizeRange | None) -> str:
    if stated is None:
        return "any"
    return str(stated.low) if stated.low == stated.high else f"{stated.low}..{stated.high}"


def thirds() -> list[Any]:
    """Of every engine another third of all questions in a usual run, so that each is put to some engine."""
    asked = [name for name in NAMES if name not in SLOW]
    found = [(name, third) for name in NAMES for third in range(1 if name in SLOW else THIRDS)]
    usual = {(name, asked.index(name) % THIRDS if name in asked else 0) for name in NAMES}
    return each(found, lambda position: found[position] in usual)


@pytest.mark.parametrize(("engine", "third"), thirds())
def test_every_way_to_state_sizes(engine: str, third: int) -> None:
    step = SLOW.get(engine, THIRDS)
    for claim, (clause, sizes) in list(product(CLAIMS, ways()))[third::step]:
        run, asked = run_of(claim, clause, engine, sizes)
        told = f"{claim.name} {clause} {sizes}: {run.outcome} {run.sizes} {run.length} {run.reason}"
        judge(claim, run, asked, engine, told)


def test_more_elements_than_formulas_are_made_about() -> None:
    run, _ = run_of(CLAIMS[0], "for A = 9", "any-size", ())
    assert run.outcome is Outcome.UNKNOWN
    assert run.reason is not None
    assert "9 elements of A are too many beside sorts of any size" in run.reason


def test_without_index_sorts() -> None:
    for engine in NAMES:
        model = model_of("state m : bool = false\naction z { m := true }\nproperty q never m\ncheck q\n")
        spec = Spec(Path("test.tdx"), model)
        run = answer(Question(spec, model.checks[0], Options(engine=engine)), UNLIMITED, Silent()).answer
        assert (run.outcome, run.length, run.sizes) == (Outcome.REFUTED, 1, ())
