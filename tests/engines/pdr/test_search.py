"""Frames, obligations and generalisation, each against a solver that is a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tdxverify.budget import Budget, TooLarge, Why
from tdxverify.engines.pdr import engine
from tdxverify.engines.pdr.cubes import CellTable, Cube
from tdxverify.engines.pdr.frames import LARGEST_ORBIT, Frames
from tdxverify.engines.pdr.generalize import generalize
from tdxverify.engines.pdr.obligations import Obligations
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.logic.expr import FALSE
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort
from tests.building import problem, start, state
from tests.problems import CASES, common_model, counters
from tests.texts import Silent

LINE = IndexSort("Line")
HUE = EnumSort("Hue", ("red", "green", "blue"))


def table_of(lines: int) -> CellTable:
    symbols = (state("dirty", BOOL, LINE), state("hue", HUE))
    return CellTable(problem("frames", [start(s) for s in symbols], (), FALSE, sizes=((LINE, lines),)))


TABLE = table_of(3)
HUE_CELL = 3


@dataclass
class Store:
    """Remembers what it is given; `pushable` are the cubes that hold one level further up."""

    blocked: list[tuple[int, Cube]] = field(default_factory=list)
    pushable: set[Cube] = field(default_factory=set)

    def add_blocked(self, level: int, cube: Cube) -> None:
        self.blocked.append((level, cube))

    def is_blocked_from(self, level: int, cube: Cube) -> bool:
        return cube in self.pushable


def test_a_lemma_comes_with_its_orbit() -> None:
    store = Store()
    frames = Frames(TABLE, store)
    frames.add(((0, 2),), 1)
    assert store.blocked == [(1, ((line, 2),)) for line in range(3)]
    assert frames.levels == [[], [((0, 2),)]]
    assert frames.blocks(((2, 2), (HUE_CELL, 1)), 1)
    assert not frames.blocks(((2, 1), (HUE_CELL, 1)), 1)
    assert not frames.blocks(((HUE_CELL, 1),), 1)


def test_a_lemma_rules_out_weaker_ones_below_it_only() -> None:
    frames = Frames(TABLE, Store())
    weak, other, strong = ((0, 2), (HUE_CELL, 1)), ((1, 1), (HUE_CELL, 1)), ((2, 2),)
    frames.extend()
    frames.add(weak, 1)
    frames.add(other, 1)
    frames.add(weak, 2)
    frames.add(strong, 1)
    assert frames.levels == [[], [other, strong], [weak]]
    frames.add(strong, 2)
    assert frames.levels == [[], [other], [strong]]
    assert list(frames.above(1)) == [other, strong]
    assert list(frames.above(2)) == [strong]


def test_blocking_looks_at_the_level_and_above() -> None:
    frames = Frames(TABLE, Store())
    frames.extend()
    frames.add(((0, 2),), 1)
    assert frames.blocks(((0, 2),), 1)
    assert not frames.blocks(((0, 2),), 2)


def test_an_empty_level_is_inductive() -> None:
    lemma, stuck = ((0, 2),), ((HUE_CELL, 1),)
    frames = Frames(TABLE, Store(pushable={lemma}))
    frames.add(lemma, 1)
    frames.add(stuck, 1)
    frames.extend()
    assert frames.propagate() is None
    assert frames.levels == [[], [stuck], [lemma]]
    frames = Frames(TABLE, Store(pushable={lemma}))
    frames.add(lemma, 1)
    frames.extend()
    assert frames.propagate() == 1


def test_orbits_have_a_limit() -> None:
    lines = 60
    cube = tuple((line, 2) for line in range(4))
    with pytest.raises(TooLarge):
        Frames(table_of(lines), Store()).add(cube, 1)
    assert lines * 59 * 58 * 57 > LARGEST_ORBIT


def test_obligations_come_lowest_level_first_then_in_order() -> None:
    queue = Obligations()
    for level, distance in ((3, 0), (1, 2), (2, 1), (1, 3)):
        queue.add(level, distance, ((0, 2),))
    popped = [queue.pop() for _ in range(4)]
    assert [(o.level, o.distance) for o in popped if o is not None] == [(1, 2), (1, 3), (2, 1), (3, 0)]
    assert queue.pop() is None


@dataclass
class Blocking:
    """`needed` is the largest cube that is blocked. A core is the cube asked about, or (`spare`) less."""

    needed: tuple[tuple[int, int], ...]  # cell, mask
    spare: bool = False
    asked: list[Cube] = field(default_factory=list)

    def unreachable_core(self, level: int, cube: Cube) -> Cube | None:
        self.asked.append(cube)
        masks = dict(cube)
        if not all(cell in masks and masks[cell] & ~mask == 0 for cell, mask in self.needed):
            return None
        wanted = {cell for cell, _ in self.needed}
        return tuple(one for one in cube if one[0] in wanted) if self.spare else cube


@pytest.mark.parametrize("spare", [False, True])
@pytest.mark.parametrize(
    "needed", [((0, 2),), ((1, 1),), ((2, 1), (HUE_CELL, 0b011)), ((HUE_CELL, 0b101),), ((0, 2), (2, 1))]
)
def test_generalisation_finds_the_largest_cube(needed: tuple[tuple[int, int], ...], spare: bool) -> None:
    blocking = Blocking(needed, spare)
    cube = ((0, 2), (1, 1), (2, 1), (HUE_CELL, 0b001))
    assert generalize(blocking, TABLE, 0, cube) == needed


def test_generalisation_never_asks_about_nothing() -> None:
    blocking = Blocking(())
    found = generalize(blocking, TABLE, 0, ((0, 2), (1, 2)))
    assert len(found) == 1
    assert () not in blocking.asked


# --- the engine as a whole ------------------------------------------------------------


def test_the_bound_is_a_number_of_frames() -> None:
    subject = counters(1, 6, reach_top=True)
    assert engine.run(subject, Budget(bound=3), Silent()) == Unknown(Why.BOUND_REACHED, 3)
    verdict = engine.run(subject, Budget(bound=5), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 5


def test_many_lines_make_few_formulas() -> None:
    verdicts = [engine.run(common_model(lines, True, True), Budget(), Silent()) for lines in (3, 30)]
    sizes = [len(v.certificate.formulas) for v in verdicts if isinstance(v, Proved) and _is_ground(v)]
    assert len(sizes) == 2
    assert sizes[0] == sizes[1] <= 6


def _is_ground(verdict: Proved) -> bool:
    return isinstance(verdict.certificate, Invariant) and not verdict.certificate.any_size


def test_a_deadline_in_the_past_decides_nothing() -> None:
    for case in CASES:
        verdict = engine.run(case.problem, Budget(deadline=0.0), Silent())
        if isinstance(verdict, Unknown):
            assert verdict.why is Why.TIMEOUT


def test_an_orbit_that_is_too_large_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdxverify.engines.pdr.frames.LARGEST_ORBIT", 2)
    verdict = engine.run(common_model(3, True, True), Budget(), Silent())
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.clean_through) == (Why.STATE_SPACE, None)
