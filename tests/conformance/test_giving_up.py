"""Whatever is given up on the way, at whatever point, makes engines say less, never something wrong.

Each engine asks for something that may not be had: an answer of Z3, another state, a diagram, Spacer's word.
Here it is refused at every point, at points that a seed chooses, or at all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import NoReturn, TypeAlias

import pytest
import z3

from tdxverify.budget import Budget, NotDecided, TooLarge, Why
from tdxverify.engines.bdd import process
from tdxverify.engines.bdd.backend import Manager
from tdxverify.engines.bdd.search import search
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.smt.asker import Asker, GaveUp
from tdxverify.smt.horn import HornSystem
from tests.forked import fork_workers
from tests.problems import CASES, Case
from tests.texts import Silent, require_accepted

BOUND = 8
UNTIL_NOW = Budget(bound=BOUND)
NO_STATES = replace(UNTIL_NOW, max_states=0)  # for auto: nothing is counted, everything is asked of Z3

Decide: TypeAlias = Callable[[int], bool]  # of the number of a point: whether it is given up
Injection: TypeAlias = Callable[[pytest.MonkeyPatch, Decide], list[bool]]


# --- what can be given up, and how --------------------------------------------------


def queries(monkeypatch: pytest.MonkeyPatch, decide: Decide) -> list[bool]:
    """Give up questions to Z3 where `decide` says so of their number; returns what was decided.

    Those about the base and about the step, of the search and of generalising: everybody asks here.
    """
    original, decided = Asker.ask, list[bool]()

    def ask(asker: Asker, assumptions: Sequence[z3.BoolRef], *limits: int | None) -> bool | GaveUp:
        decided.append(decide(len(decided)))
        return GaveUp("injected") if decided[-1] else original(asker, assumptions, *limits)

    monkeypatch.setattr(Asker, "ask", ask)
    return decided


def diagrams(monkeypatch: pytest.MonkeyPatch, decide: Decide) -> list[bool]:
    """The same with operations on diagrams. The search is made here, not in a process of its own."""
    original, decided = Manager._checked, list[bool]()

    def checked(manager: Manager, operation: Callable[[], object]) -> object:
        decided.append(decide(len(decided)))
        if decided[-1]:
            raise TooLarge("injected")
        return original(manager, operation)

    monkeypatch.setattr(Manager, "_checked", checked)
    monkeypatch.setattr(
        process, "decide", lambda problem, remaining, report: search(problem, lambda text, clean: None)
    )
    return decided


WAYS: dict[str, tuple[Injection, Budget]] = {
    "bmc": (queries, UNTIL_NOW),
    "k-induction": (queries, UNTIL_NOW),
    "pdr": (queries, UNTIL_NOW),
    "any-size": (queries, UNTIL_NOW),
    "auto": (queries, NO_STATES),
    "spacer": (queries, UNTIL_NOW),
    "bdd": (diagrams, UNTIL_NOW),
}
INSTALLED = [name for name in WAYS if ENGINES[name].is_installed]
SYMBOLIC = [name for name in INSTALLED if WAYS[name][0] is queries]
COUNTING = ["explicit", "auto"]  # states, of which there may be no more than the budget says
# Small, and of all kinds: every point of their searches is given up once.
EVERYWHERE = ("bad_among_initial", "empty_init", "needs_two_steps", "enum_cycle")
MOST_POINTS = 30  # of one search; a seed chooses where there are more
SLOW = {"spacer": 6}  # starts a process for each question: of so many problems, one


def test_every_engine_is_made_to_give_up() -> None:
    assert {*WAYS, *COUNTING} == set(ENGINES)


def outcome(engine: str, case: Case, decide: Decide, budget: Budget | None = None) -> tuple[Verdict, int]:
    """The verdict, and how many points there were. Requires: `engine` is in `WAYS`."""
    inject, usual = WAYS[engine]
    with pytest.MonkeyPatch.context() as patched:
        if engine == "spacer":
            fork_workers(patched)
        decided = inject(patched, decide)
        verdict = ENGINES[engine].run(case.problem, budget or usual, Silent())
    return verdict, len(decided)


def is_sound(case: Case, verdict: Verdict) -> None:
    """It is true, and what it rests on holds."""
    match verdict:
        case Proved():
            assert case.expected == "proved"
        case Vacuous():
            assert case.expected == "vacuous"
        case Refuted(trace=trace):
            assert (case.expected, case.length) == ("refuted", len(trace))
        case Unknown(clean_through=depth):
            assert case.expected != "vacuous" or depth is None
            assert case.length is None or depth is None or depth < case.length
    require_accepted(case.problem, verdict, Budget())


# --- questions and diagrams ---------------------------------------------------------


@pytest.mark.parametrize("engine", INSTALLED)
def test_everything(engine: str) -> None:
    for case in CASES:
        verdict, points = outcome(engine, case, lambda number: True)
        is_sound(case, verdict)
        if points:
            assert isinstance(verdict, Unknown), case.name
            assert verdict.clean_through is None


@pytest.mark.parametrize("engine", INSTALLED)
def test_one_thing_anywhere(engine: str) -> None:
    """Once at every point of small searches, and in some of them from that point on."""
    for case in (case for case in CASES if case.name in EVERYWHERE):
        right, points = outcome(engine, case, lambda number: False)
        is_sound(case, right)
        for hole in chosen(points, case.name):
            verdict, _ = outcome(engine, case, lambda number, hole=hole: number == hole)
            is_sound(case, verdict)
            if hole % 3 == 0:
                verdict, _ = outcome(engine, case, lambda number, hole=hole: number >= hole)
                is_sound(case, verdict)


def chosen(points: int, seed: str) -> list[int]:
    """All of so many points, or MOST_POINTS of them."""
    return sorted(Random(seed).sample(range(points), min(points, MOST_POINTS)))


@pytest.mark.parametrize("engine", INSTALLED)
def test_at_random(engine: str) -> None:
    """Seldom in one search, often in the next."""
    problems = CASES[:: SLOW.get(engine, 1)]
    holes = undecided = 0
    for number, case in enumerate(problems):
        dice = Dice(Random(case.name), 0.3 if number % 2 else 0.05)
        verdict, _ = outcome(engine, case, dice)
        is_sound(case, verdict)
        holes += dice.holes
        undecided += isinstance(verdict, Unknown)
    assert holes > len(problems) / 5
    assert undecided > len(problems) / 5


class Dice:
    """Gives up with `chance`."""

    def __init__(self, random: Random, chance: float) -> None:
        self.holes = 0
        self._random = random
        self._chance = chance

    def __call__(self, number: int) -> bool:
        given_up = self._random.random() < self._chance
        self.holes += given_up
        return given_up


# --- bounded search and induction: what exactly is left ------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bounded_search_stops_at_the_first_hole(case: Case) -> None:
    """Query 0 is about initial states, query n about depth n - 1; later ones settle the trace."""
    for hole in range(1, 5):
        verdict, _ = outcome("bmc", case, lambda number, hole=hole: number == hole)
        is_sound(case, verdict)
        if case.expected != "vacuous" and (case.length is None or case.length >= hole - 1):
            assert isinstance(verdict, Unknown)
            if verdict.why is Why.SOLVER_GAVE_UP:
                assert verdict.clean_through == (None if hole == 1 else hole - 2)
            else:
                assert verdict.why is Why.RUNS_END
                assert verdict.detail.startswith(("no run is longer", "no run takes a step"))


@pytest.mark.parametrize("engine", ["bmc", "k-induction", "pdr", "auto", "spacer"])
def test_who_gave_up_is_told(engine: str) -> None:
    for case in CASES[:: SLOW.get(engine, 1)]:
        verdict, points = outcome(engine, case, lambda number: True)
        if points:
            assert isinstance(verdict, Unknown)
            assert verdict.why is Why.SOLVER_GAVE_UP


def test_a_step_that_gives_up_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the base is answered: nothing may be proved, though the base alone goes to the bound."""
    from tdxverify.engines import kinduction

    monkeypatch.setattr(kinduction._Step, "fails", lambda step, k, limit: GaveUp("injected"))
    for case in CASES:
        verdict = ENGINES["k-induction"].run(case.problem, UNTIL_NOW, Silent())
        assert not isinstance(verdict, Proved)
        is_sound(case, verdict)
        if case.expected == "proved":
            assert isinstance(verdict, Unknown)
            assert (verdict.why, verdict.clean_through) == (Why.SOLVER_GAVE_UP, BOUND)


# --- states --------------------------------------------------------------------------


@pytest.mark.parametrize("engine", COUNTING)
def test_no_room_for_more_states(engine: str) -> None:
    """Enumeration ends at every number of states up to those that there are, or that a seed chooses.

    Behind it `auto` asks other engines, whose questions are given up: they know no better.
    """
    undecided = 0
    for case in CASES:
        right = ENGINES["explicit"].run(case.problem, UNTIL_NOW, Silent())
        states = right.states if isinstance(right, Proved) and right.states else MOST_POINTS
        for most in Random(case.name).sample(range(states + 1), min(states + 1, 5)):
            with pytest.MonkeyPatch.context() as patched:
                queries(patched, lambda number: True)
                verdict = ENGINES[engine].run(case.problem, replace(UNTIL_NOW, max_states=most), Silent())
            is_sound(case, verdict)
            undecided += isinstance(verdict, Unknown)
            if isinstance(right, Proved) and most < states:
                assert isinstance(verdict, Unknown), (case.name, most)
    assert undecided > 50


# --- Spacer's word -------------------------------------------------------------------


def _unknown(system: HornSystem, milliseconds: int | None) -> GaveUp:
    return GaveUp("injected")


def _not_decided(system: HornSystem, milliseconds: int | None) -> NoReturn:
    raise NotDecided("injected")


def _raise(system: HornSystem, milliseconds: int | None) -> NoReturn:
    raise z3.Z3Exception("injected")


def _die(system: HornSystem, milliseconds: int | None) -> NoReturn:
    os._exit(3)


@pytest.mark.parametrize("solve", [_unknown, _not_decided, _raise, _die])
def test_spacer_is_no_oracle(monkeypatch: pytest.MonkeyPatch, solve: Callable[..., GaveUp]) -> None:
    """Whatever becomes of its question, depth 0 is all that is known."""
    fork_workers(monkeypatch)
    monkeypatch.setattr(HornSystem, "solve", solve)
    for case in CASES[:: SLOW["spacer"]]:
        verdict = ENGINES["spacer"].run(case.problem, UNTIL_NOW, Silent())
        is_sound(case, verdict)
        if case.expected == "proved" or case.length:
            assert isinstance(verdict, Unknown), case.name
            assert (verdict.why, verdict.clean_through) == (Why.SOLVER_GAVE_UP, 0)


# --- certifying ----------------------------------------------------------------------


def test_a_recheck_that_gives_up_is_no_acceptance() -> None:
    case = next(case for case in CASES if case.name == "needs_two_steps")
    for hole in (0, 1):
        with pytest.MonkeyPatch.context() as patched:
            queries(patched, lambda number, hole=hole: number == hole)
            proof = Proved(KInductive(3, simple_path=False))
            assert isinstance(certified(case.problem, proof, Budget()), Unknown)
