"""The queries of PDR against enumeration: every answer about frames, compared state by state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random

import pytest

from tdxverify.budget import NotDecided
from tdxverify.engines.pdr.cubes import CellTable, Cube
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.smt.frame_queries import RelativeInduction
from tdxverify.smt.solver import GaveUp, Solver
from tests.generated import random_problem
from tests.problems import CASES

Pair = tuple[Valuation, Valuation]
MOST = 500  # states


@dataclass(frozen=True)
class Enumerated:
    """All typed states of a small problem, and frames as sets of blocked cubes."""

    problem: Problem

    @cached_property
    def semantics(self) -> Semantics:
        return Semantics(self.problem)

    @cached_property
    def table(self) -> CellTable:
        return CellTable(self.problem)

    @cached_property
    def states(self) -> list[Pair]:
        layouts = (self.problem.rigid_layout, self.problem.state_layout)
        ranges = [[domain(c.symbol.sort, self.problem.size_of) for c in layout.cells] for layout in layouts]
        return [
            (rigid, state)
            for rigid in product(*ranges[0])
            if self.semantics.assumed(rigid)
            for state in product(*ranges[1])
        ]

    @cached_property
    def after(self) -> dict[Pair, set[Pair]]:
        return {
            (rigid, state): {(rigid, new) for _, new in self.semantics.successors(rigid, state)}
            for rigid, state in self.states
        }

    def holds(self, cube: Cube, pair: Pair) -> bool:
        values = (*pair[0], *pair[1])
        return all(values[cell] in self.table.allowed((cell, mask)) for cell, mask in cube)

    def initial(self) -> list[Pair]:
        return [pair for pair in self.states if self.semantics.is_initial(*pair)]

    def cube(self, chance: Random) -> Cube:
        """Around some state: a few of its cells, with other values beside theirs."""
        rigid, state = chance.choice(self.states)
        values = (*rigid, *state)
        cells = sorted(chance.sample(range(len(values)), chance.randint(1, min(3, len(values)))))
        literals = []
        for cell in cells:
            if len(self.table.values(cell)) == 1:
                continue
            mask = self.table.mask(cell, values[cell])
            if chance.random() < 0.3:
                mask |= chance.randrange(self.table.full(cell))
            literals.append((cell, mask))
        return tuple(literals)


def subjects() -> Iterator[Enumerated]:
    known = (case.problem for case in CASES)
    for problem in (*known, *(random_problem(seed) for seed in range(60))):
        cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
        count = 1
        for cell in cells:
            count *= len(domain(cell.symbol.sort, problem.size_of))
        if 1 < count <= MOST and any(len(domain(c.symbol.sort, problem.size_of)) > 1 for c in cells):
            subject = Enumerated(problem)
            if subject.states:
                yield subject


@dataclass
class Frame:
    """What both sides are told: cubes blocked up to a level."""

    subject: Enumerated
    queries: RelativeInduction
    blocked: list[tuple[int, Cube]]

    def block(self, level: int, cube: Cube) -> None:
        self.blocked.append((level, cube))
        self.queries.add_blocked(level, cube)

    def states(self, level: int) -> list[Pair]:
        cubes = [cube for at, cube in self.blocked if at >= level]
        start = self.subject.initial() if level == 0 else self.subject.states
        return [pair for pair in start if not any(self.subject.holds(cube, pair) for cube in cubes)]


def prepared(subject: Enumerated, chance: Random) -> Frame:
    """Some cubes blocked at levels 1 and 2: those without initial states, as PDR would."""
    frame = Frame(subject, RelativeInduction(subject.problem, lambda: None), [])
    initial = subject.initial()
    for level in (1, 2, 2):
        cube = subject.cube(chance)
        if cube and not any(subject.holds(cube, pair) for pair in initial):
            frame.block(level, cube)
    return frame


SUBJECTS = list(subjects())


def test_there_is_something_to_compare() -> None:
    assert len(SUBJECTS) > 60


@pytest.mark.parametrize("seed", range(2))
def test_initial_states(seed: int) -> None:
    for number, subject in enumerate(SUBJECTS):
        chance = Random(f"{seed} {number}")
        queries = RelativeInduction(subject.problem, lambda: None)
        initial = subject.initial()
        assert queries.has_parameters()
        assert queries.has_initial_state() == bool(initial)
        assert queries.initially_bad() == any(subject.semantics.is_bad(*pair) for pair in initial)
        cube = subject.cube(chance)
        assert queries.may_be_initial(cube) == any(subject.holds(cube, pair) for pair in initial)


@pytest.mark.parametrize("seed", range(2))
def test_bad_states_of_a_frame(seed: int) -> None:
    for number, subject in enumerate(SUBJECTS):
        frame = prepared(subject, Random(f"{seed} {number}"))
        for level in (1, 2):
            bad = [pair for pair in frame.states(level) if subject.semantics.is_bad(*pair)]
            cube = frame.queries.bad_state(level)
            assert (cube is None) == (not bad)
            if cube is not None:
                assert any(subject.holds(cube, pair) for pair in bad)
                covered = [pair for pair in subject.states if subject.holds(cube, pair)]
                assert all(subject.semantics.is_bad(*pair) for pair in covered)


@pytest.mark.parametrize("seed", range(2))
def test_predecessors(seed: int) -> None:
    for number, subject in enumerate(SUBJECTS):
        chance = Random(f"{seed} {number}")
        frame = prepared(subject, chance)
        for level in (0, 1, 2):
            target = subject.cube(chance)
            if not target:
                continue
            witnesses = [
                pair
                for pair in frame.states(level)
                if not subject.holds(target, pair)
                and any(subject.holds(target, new) for new in subject.after[pair])
            ]
            cube = frame.queries.predecessor(level, target)
            assert (cube is None) == (not witnesses)
            if cube is not None:
                assert any(subject.holds(cube, pair) for pair in witnesses)
                lifted = [pair for pair in subject.states if subject.holds(cube, pair)]
                assert all(any(subject.holds(target, new) for new in subject.after[pair]) for pair in lifted)


@pytest.mark.parametrize("seed", range(3))
def test_cores(seed: int) -> None:
    """A core contains the cube, holds no initial state, and cannot be entered from the rest of the frame."""
    found = 0
    for number, subject in enumerate(SUBJECTS):
        chance = Random(f"{seed} {number}")
        frame = prepared(subject, chance)
        cube = subject.cube(chance)
        if not cube:
            continue
        for level in (0, 1, 2):
            initial = subject.initial()
            entered = any(
                subject.holds(cube, new)
                for pair in frame.states(level)
                if not subject.holds(cube, pair)
                for new in subject.after[pair]
            )
            starts = any(subject.holds(cube, pair) for pair in initial)
            core = frame.queries.unreachable_core(level, cube)
            assert (core is None) == (entered or starts)
            if core is None:
                continue
            found += 1
            assert set(core) <= set(cube)
            assert not any(subject.holds(core, pair) for pair in initial)
            assert not any(
                subject.holds(core, new)
                for pair in frame.states(level)
                if not subject.holds(core, pair)
                for new in subject.after[pair]
            )
    assert found > 10


@pytest.mark.parametrize("seed", range(2))
def test_pushing(seed: int) -> None:
    for number, subject in enumerate(SUBJECTS):
        frame = prepared(subject, Random(f"{seed} {number}"))
        for level, cube in frame.blocked:
            steps = (new for pair in frame.states(level) for new in subject.after[pair])
            assert frame.queries.is_blocked_from(level, cube) == (
                not any(subject.holds(cube, new) for new in steps)
            )


def test_questions_leave_nothing_behind() -> None:
    """The same question gives the same answer after any number of others."""
    for number, subject in enumerate(SUBJECTS[:20]):
        chance = Random(number)
        frame = prepared(subject, chance)
        cubes = [cube for cube in (subject.cube(chance) for _ in range(6)) if cube]
        first = [frame.queries.predecessor(1, cube) is None for cube in cubes]
        for cube in cubes:
            frame.queries.unreachable_core(2, cube)
            frame.queries.bad_state(1)
        assert [frame.queries.predecessor(1, cube) is None for cube in cubes] == first


def test_giving_up_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = RelativeInduction(SUBJECTS[0].problem, lambda: None)
    cube = SUBJECTS[0].cube(Random(0))
    monkeypatch.setattr(Solver, "check", lambda solver, assumptions=(): GaveUp("injected"))
    for ask in (
        queries.has_initial_state,
        queries.initially_bad,
        lambda: queries.bad_state(1),
        lambda: queries.predecessor(1, cube),
        lambda: queries.unreachable_core(1, cube),
        lambda: queries.is_blocked_from(1, cube),
    ):
        with pytest.raises(NotDecided):
            ask()
