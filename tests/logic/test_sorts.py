"""Values written and read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort, Sort, domain, read_value, show

SIZES = {"Line": 3, "Line1": 2}
SORTS: list[Sort] = [
    BOOL,
    EnumSort("Phase", ("boot", "run", "true")),
    RangeSort(-3, 4),
    RangeSort(5, 5),
    IndexSort("Line"),
    IndexSort("Line1"),
]
sorts = st.sampled_from(SORTS)


@given(sorts)
def test_what_is_shown_is_read_back(sort: Sort) -> None:
    for value in domain(sort, SIZES):
        assert read_value(sort, show(sort, value), SIZES) == value


@given(sorts, st.text(alphabet="-0123456789abLinetrue\u0663", max_size=20))
def test_nothing_outside_is_read(sort: Sort, text: str) -> None:
    value = read_value(sort, text, SIZES)
    if value is not None:
        assert value in domain(sort, SIZES)
        assert read_value(sort, show(sort, value), SIZES) == value


def test_elements_of_a_sort_without_a_size_have_no_names() -> None:
    assert read_value(IndexSort("Line"), "Line0", {}) is None


def test_very_long_numbers_are_not_read() -> None:
    assert read_value(RangeSort(0, 9), "0" * 5000 + "1", SIZES) is None
