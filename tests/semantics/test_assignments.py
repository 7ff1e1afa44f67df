"""Backtracking over cells: order, pruning, limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import pytest

from tdxverify.budget import Budget, LimitReached
from tdxverify.evidence.verdict import Why
from tdxverify.logic.expr import (
    Bound,
    Const,
    Expr,
    Symbol,
    conjunction,
    disjunction,
    equal,
    implication,
    negation,
    quantified,
)
from tdxverify.logic.sorts import BOOL, IndexSort, RangeSort, domain
from tdxverify.semantics.assignments import assignments
from tdxverify.semantics.successors import Semantics
from tests.building import number, problem, read, rigid

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


class _Counted(tuple[int, ...]):
    """Values that know how often somebody goes through them."""

    times = 0

    def __iter__(self) -> Iterator[int]:
        self.times += 1
        return super().__iter__()


def test_what_has_one_value_is_filled_once() -> None:
    single, open_one = [_Counted((1,)) for _ in range(50)], _Counted((0, 1))
    choices = [*single[:20], open_one, *single[20:], open_one]
    found = list(assignments(choices, [[] for _ in range(len(choices) + 1)], UNLIMITED))
    assert found == list(product(*(tuple(options) for options in choices)))
    assert not any(options.times > 1 for options in single)  # by `product`


def _switches(count: int) -> list[Symbol]:
    return [rigid(f"switch {number}") for number in range(count)]


def _with_assumptions(switches: Sequence[Symbol], *assumptions: Expr) -> Semantics:
    return Semantics(
        problem("switches", (), (), read(switches[0]), parameters=tuple(switches), assumptions=assumptions)
    )


def test_what_the_others_leave_one_value_is_not_tried() -> None:
    """2^40 combinations, of which one is left: nothing is tried but that."""
    mode, *others = _switches(40)
    off = conjunction(*(negation(read(one)) for one in others))
    semantics = _with_assumptions((mode, *others), disjunction(read(mode), off), negation(read(mode)))
    assert list(semantics.rigid_valuations(Budget(max_states=2))) == [(0,) * 40]


@pytest.mark.parametrize("seed", range(150))
def test_parameters_have_all_values_that_are_allowed_and_no_others(seed: int) -> None:
    random = Random(seed)
    switches = _switches(random.randint(1, 5))
    numbers = [rigid("number", RangeSort(-1, 2)), rigid("each", BOOL, LINE)]

    def some(depth: int) -> Expr:
        match random.randint(0, 4 if depth else 1):
            case 0:
                return read(random.choice(switches))
            case 1:
                return random.choice(
                    [
                        equal(read(numbers[0]), number(random.randint(-1, 2))),
                        read(numbers[1], Const(random.randint(0, 1), LINE)),
                        quantified((Bound("l", LINE),), read(numbers[1], Bound("l", LINE)), universal=True),
                    ]
                )
            case 2:
                return negation(some(depth - 1))
            case 3:
                return disjunction(some(depth - 1), some(depth - 1))
            case _:
                return conjunction(some(depth - 1), implication(some(depth - 1), some(depth - 1)))

    assumptions = tuple(some(3) for _ in range(random.randint(1, 5)))
    subject = problem(
        "generated",
        (),
        (),
        read(switches[0]),
        parameters=(*switches, *numbers),
        assumptions=assumptions,
        sizes=((LINE, 2),),
    )
    semantics = Semantics(subject)
    cells = subject.rigid_layout.cells
    every = product(*(domain(cell.symbol.sort, subject.size_of) for cell in cells))
    assert list(semantics.rigid_valuations(UNLIMITED)) == [one for one in every if semantics.assumed(one)]
