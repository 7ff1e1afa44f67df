"""Diagrams against the evaluator: formulas, initial states, steps both ways, clauses, tables, counts."""

from __future__ import annotations

from random import Random

import pytest

from tdxverify.budget import Budget, TooLarge
from tdxverify.engines.bdd import cover
from tdxverify.engines.bdd.cover import clauses_of
from tdxverify.engines.bdd.ordering import order_of
from tdxverify.engines.bdd.relation import Steps
from tdxverify.engines.bdd.table import count, table_of
from tdxverify.evidence.diagram import DecisionDiagram
from tdxverify.logic.expr import TRUE, Bound, arithmetic, conjunction, equal, negation
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tests.building import action, number, problem, read, start, state, write
from tests.engines.bdd.sets import Pair, all_pairs, assumed, holds, is_small, members, set_of, space_of
from tests.evidence.mutating_diagrams import in_diagram
from tests.generated import random_problem
from tests.problems import CASES, common_model

pytest.importorskip("dd")

GENERATED = [p for p in map(random_problem, range(240)) if is_small(p)][:70]
SMALL = [case.problem for case in CASES if is_small(case.problem)]
BOTH = pytest.mark.parametrize("plain", [False, True], ids=["cudd", "plain"])
UNLIMITED = Budget(max_states=10**6)


def test_there_is_much_to_compare() -> None:
    assert len(GENERATED) == 70
    assert len(SMALL) > 20
    assert sum(bool(p.rigid_symbols) for p in GENERATED) > 20


@BOTH
@pytest.mark.parametrize("subjects", [SMALL, GENERATED], ids=["known", "generated"])
def test_formulas(subjects: list[Problem], plain: bool) -> None:
    for subject in subjects[:: 4 if plain else 1]:
        space, semantics = space_of(subject, plain=plain), Semantics(subject)
        bad = space.bad()
        for rigid, state_ in all_pairs(subject):
            assert holds(space, bad, (rigid, state_)) is semantics.is_bad(rigid, state_)


@BOTH
@pytest.mark.parametrize("subjects", [SMALL, GENERATED], ids=["known", "generated"])
def test_initial_states(subjects: list[Problem], plain: bool) -> None:
    for subject in subjects[:: 4 if plain else 1]:
        space, semantics = space_of(subject, plain=plain), Semantics(subject)
        expected = {
            (rigid, state_)
            for rigid in semantics.rigid_valuations(UNLIMITED)
            for state_ in semantics.initial_states(rigid, UNLIMITED)
        }
        found = space.manager.conjunction(space.assumptions(), space.initial())
        assert members(space, found) == expected
        assert count(space, found) == len(expected)


def successors(subject: Problem, pairs: set[Pair]) -> set[Pair]:
    semantics = Semantics(subject)
    return {(rigid, after) for rigid, s in pairs for _, after in semantics.successors(rigid, s)}


@BOTH
@pytest.mark.parametrize("subjects", [SMALL, GENERATED], ids=["known", "generated"])
def test_steps_forwards_and_back(subjects: list[Problem], plain: bool) -> None:
    """Steps that change nothing are left out on purpose, forwards and back."""
    for number_, subject in enumerate(subjects[:: 4 if plain else 1]):
        space = space_of(subject, plain=plain)
        steps = Steps(space, space.assumptions())
        typed = assumed(subject)
        some = {pair for pair in typed if Random(f"{number_} {pair}").random() < 0.3}
        chosen = set_of(space, some)
        forwards = members(space, space.manager.any_of(steps.image(r, chosen) for r in steps.relations))
        expected = successors(subject, some)
        assert forwards - some == expected - some
        assert forwards <= expected
        back = members(space, steps.preimage(chosen))
        leading = {pair for pair in typed if successors(subject, {pair}) & some}
        assert back - some == leading - some
        assert back <= leading


def test_many_steps_that_change_the_same_cells_share_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    level, bound = state("level", RangeSort(0, 63)), Bound("n", RangeSort(0, 63))
    subject = problem(
        "levels",
        (start(level, number(0)),),
        (action("set", negation(equal(bound, read(level))), write(level, bound), parameters=(bound,)),),
        equal(read(level), number(63)),
    )
    space = space_of(subject)
    steps = Steps(space, space.manager.true)
    assert len(steps.relations) == 1
    monkeypatch.setattr("tdxverify.engines.bdd.relation._LARGE", 10)
    assert len(Steps(space, space.manager.true).relations) > 5


def test_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tdxverify.engines.bdd.relation.MOST_INSTANCES", 3)
    space = space_of(common_model(2, True, True))
    with pytest.raises(TooLarge, match="more than 3 steps"):
        Steps(space, space.assumptions())


def test_arithmetic_on_too_many_values() -> None:
    wide = state("wide", RangeSort(0, 999))
    product_ = arithmetic(Op.MUL, read(wide), read(wide))
    subject = problem("wide", (start(wide, number(0)),), (), equal(product_, number(17)))
    with pytest.raises(TooLarge, match="arithmetic on 1,000 and 1,000 values"):
        space_of(subject).bad()


@pytest.mark.parametrize("subjects", [SMALL, GENERATED], ids=["known", "generated"])
def test_clauses_and_tables_say_the_same(subjects: list[Problem]) -> None:
    """Of any set of possible states, not only of reachable ones."""
    short = 0
    for number_, subject in enumerate(subjects):
        space, semantics = space_of(subject), Semantics(subject)
        steps = Steps(space, space.assumptions())
        typed = assumed(subject)
        some = {pair for pair in typed if Random(f"{number_} {pair}").random() < 0.5}
        chosen = set_of(space, some)
        table = table_of(space, chosen)
        assert {p for p in all_pairs(subject) if in_diagram(subject, table, p)} == some
        assert count(space, chosen) == len(some)
        clauses = clauses_of(space, chosen, steps.possible)
        if clauses is not None:
            short += 1
            formula = semantics.evaluator.formula(conjunction(*clauses))
            assert {pair for pair in typed if formula(*pair, ())} == some
    assert short > len(subjects) // 3


def test_a_cover_that_is_not_short(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = common_model(2, True, True)
    space = space_of(subject)
    steps, chosen = Steps(space, space.assumptions()), space.initial()
    clauses = clauses_of(space, chosen, steps.possible)
    assert clauses is not None
    monkeypatch.setattr(cover, "MOST_CLAUSES", len(clauses) - 1)
    assert clauses_of(space, chosen, steps.possible) is None
    monkeypatch.setattr(cover, "MOST_CLAUSES", len(clauses))
    assert clauses_of(space, chosen, steps.possible) == clauses
    monkeypatch.setattr(cover, "MOST_BITS", 3)
    assert clauses_of(space, chosen, steps.possible) is None


def test_sets_that_are_everything_or_nothing() -> None:
    space = space_of(common_model(2, True, True))
    nothing, everything = table_of(space, space.manager.false), table_of(space, space.manager.true)
    assert (nothing.root, len(nothing)) == (DecisionDiagram.OUT, 0)
    assert (everything.root, len(everything)) == (DecisionDiagram.IN, 0)
    assert count(space, space.manager.false) == 0


def test_counts_are_exact_beyond_floating_point() -> None:
    line = IndexSort("Line")
    marked = state("marked", BOOL, line)
    subject = problem("marks", (start(marked),), (), TRUE, sizes=((line, 80),))
    space = space_of(subject)
    one = set_of(space, [((), (1,) * 80)])
    assert count(space, space.manager.difference(space.initial(), one)) == 2**80 - 1


# --- the order of variables ---------------------------------------------------------------


@pytest.mark.parametrize("subject", [*SMALL, *GENERATED], ids=lambda p: p.name)
def test_every_cell_has_its_place(subject: Problem) -> None:
    cells = (*subject.rigid_layout.cells, *subject.state_layout.cells)
    assert sorted(order_of(subject)) == list(range(len(cells)))


def test_the_cells_of_an_element_stay_together() -> None:
    subject = common_model(6, True, True)
    cells = (*subject.rigid_layout.cells, *subject.state_layout.cells)
    owners = [cells[place].indices for place in order_of(subject)]
    for line in range(6):
        places = [n for n, indices in enumerate(owners) if indices == (line,)]
        assert places == list(range(places[0], places[0] + 4))


def test_what_belongs_together_is_brought_together() -> None:
    """Declared as all left ones, then all right ones; each step is about one of either."""
    left, right = ([state(f"{side}{n}") for n in range(6)] for side in ("left", "right"))
    subject = problem(
        "pairs",
        tuple(start(symbol) for symbol in (*left, *right)),
        tuple(
            action(f"copy{n}", TRUE, write(one, read(other)))
            for n, (one, other) in enumerate(zip(left, right, strict=True))
        ),
        TRUE,
    )
    position = {place: n for n, place in enumerate(order_of(subject))}
    assert all(abs(position[n] - position[n + 6]) == 1 for n in range(6))


def test_current_and_next_are_next_to_each_other() -> None:
    space = space_of(common_model(2, True, True))
    levels = space.manager._bdd.var_levels
    for variables in space.cells:
        for now, later in zip(variables.names, variables.later_names, strict=True):
            assert levels[later] - levels[now] == (now != later)
