"""`count` says for how many elements something holds: compared with counting them one by one."""

from __future__ import annotations

from itertools import product
from operator import eq, ge, gt, le, lt, ne

import pytest

from tdxverify.logic.evaluate import Evaluator
from tests.texts import model_of

COMPARISONS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def answers(condition: str, size: int) -> dict[tuple[int, ...], bool]:
    """The value of `condition` for every value of `a[Cpu]`."""
    model = model_of(f"index Cpu\nstate a[Cpu] : bool\nproperty p never {condition}\ncheck p\n")
    (symbol,) = [info.symbol for info in model.symbols]
    holds = Evaluator.of([symbol], {"Cpu": size}).formula(model.properties[0].formula)
    return {cells: bool(holds((), cells, ())) for cells in product((0, 1), repeat=size)}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("sign", COMPARISONS)
def test_a_count_is_compared_with_every_number_that_is_possible(sign: str, size: int) -> None:
    compared = COMPARISONS[sign]
    for number in range(-1, 5):
        if number >= 4 and sign not in (">=", "<"):
            continue  # E319: speaks of too many elements
        first = answers(f"(count c : Cpu: a[c]) {sign} {number}", size)
        assert first == {cells: compared(sum(cells), number) for cells in first}, number
    for number in range(-1, 4):
        last = answers(f"{number} {sign} count c : Cpu: a[c]", size)
        assert last == {cells: compared(number, sum(cells)) for cells in last}, number


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("low", [-1, 0, 1, 2, 4])
def test_a_count_is_in_a_range_or_a_set(low: int, size: int) -> None:
    high = low + 1 if low < 4 else 4
    count = "(count c : Cpu: not a[c])"
    absent = {cells: size - sum(cells) for cells in product((0, 1), repeat=size)}
    assert answers(f"{count} in {low}..{high}", size) == {c: low <= n <= high for c, n in absent.items()}
    assert answers(f"{count} in {{ {low}, 0 }}", size) == {c: n in (low, 0) for c, n in absent.items()}


def test_pairs_are_counted_and_what_is_counted_may_count() -> None:
    pairs = answers("(count c, d : Cpu: a[c] and not a[d]) = 2", 3)
    assert pairs == {cells: sum(cells) * (3 - sum(cells)) == 2 for cells in pairs}
    nested = answers("(count c : Cpu: a[c] and (count d : Cpu: a[d]) <= 2) >= 2", 3)
    assert nested == {cells: sum(cells) == 2 for cells in nested}


def test_elements_are_counted_also_where_the_condition_is_constant() -> None:
    assert set(answers("(count c : Cpu: true) >= 3", 2).values()) == {False}
    assert set(answers("(count c : Cpu: true) >= 3", 3).values()) == {True}
    assert set(answers("(count n : 0..3: n > 1) = 2", 1).values()) == {True}


def test_count_is_an_ordinary_name_wherever_nothing_is_counted() -> None:
    model = model_of("""
        state count : 0..3 = 0
        state other : bool = false
        process p {
          a: { count := count }
          b: { other := count = 1 }
        }
        property q always count in 0..3 or count = 1 and exists c : 0..1: count in { c, count }
        check q
    """)
    assert [info.symbol.name for info in model.symbols][:2] == ["count", "other"]
