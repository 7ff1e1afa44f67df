"""Backtracking over cells: order, pruning, limits."""

from __future__ import annotations

from itertools import product

import pytest

from tdxverify.budget import Budget, LimitReached
from tdxverify.evidence.verdict import Why
from tdxverify.logic.expr import Bound, equal, implication, negation, quantified
from tdxverify.logic.sorts import IndexSort
from tdxverify.semantics.assignments import assignments
from tdxverify.semantics.successors import Semantics
from tests.building import problem, read, rigid

UNLIMITED = Budget(max_states=10**9)
LINE, PAGE = IndexSort("Line"), IndexSort("Page")


def test_all_choices_come_out_ascending() -> None:
    choices = [range(2), (5, 7), range(-1, 2)]
    found = list(assignments(choices, [[], [], [], []], UNLIMITED))
    assert found == list(product(*choices))
    assert found == sorted(found)


def test_checks_see_exactly_the_cells_assigned_so_far() -> None:
    found = list(
        assignments([range(4), range(4)], [[], [lambda v: v[0] > 1], [lambda v: v[0] + v[1] == 4]], UNLIMITED)
    )
    assert found == [(2, 2), (3, 1)]


def test_no_cells_have_one_assignment_unless_a_check_forbids_it() -> None:
    assert list(assignments([], [[]], UNLIMITED)) == [()]
    assert list(assignments([], [[lambda v: False]], UNLIMITED)) == []


def _one_to_one(lines: int, pages: int) -> Semantics:
    """Functions from lines to pages that map no two lines to the same page."""
    page_of = rigid("page_of", PAGE, LINE)
    a, b = Bound("a", LINE), Bound("b", LINE)
    same = equal(read(page_of, a), read(page_of, b))
    distinct = quantified((a, b), implication(negation(equal(a, b)), negation(same)), universal=True)
    subject = problem(
        "one_to_one",
        (),
        (),
        read(rigid("unused")),
        parameters=(page_of, rigid("unused")),
        assumptions=(distinct, negation(read(rigid("unused")))),
        sizes=((LINE, lines), (PAGE, pages)),
    )
    return Semantics(subject)


def test_an_assumption_prunes_as_soon_as_its_cells_are_known() -> None:
    """7^7 functions, 7! of them one to one: few more tries than these, or the limit would be reached."""
    few = Budget(max_states=2_200)
    assert sum(1 for _ in _one_to_one(7, 7).rigid_valuations(few)) == 5040


def test_a_hopeless_search_stops_at_the_deadline() -> None:
    with pytest.raises(LimitReached) as stopped:
        list(_one_to_one(30, 29).rigid_valuations(Budget(deadline=0.0, max_states=10**9)))
    assert stopped.value.why is Why.TIMEOUT


def test_a_hopeless_search_stops_at_the_number_of_states() -> None:
    with pytest.raises(LimitReached) as stopped:
        list(_one_to_one(30, 29).rigid_valuations(Budget(max_states=100)))
    assert stopped.value.why is Why.STATE_SPACE
