"""Which sorts go together, and what they are called in messages."""

from __future__ import annotations

from tdxverify.logic.sorts import BoolSort, EnumSort, IndexSort, OptionalSort, RangeSort, Sort, bare


def same_kind(left: Sort, right: Sort) -> bool:
    """Whether values of both sorts can be compared and assigned: ranges mix, others must be equal but for
    none."""
    left, right = bare(left), bare(right)
    return left == right or (isinstance(left, RangeSort) and isinstance(right, RangeSort))


def name_sort(sort: Sort) -> str:
    """The sort in a message."""
    match sort:
        case BoolSort():
            return "bool"
        case RangeSort(low=low, high=high):
            return "a number" if low == high else f"a number in {low}..{high}"
        case EnumSort(name=name):
            return f"enum {name}"
        case IndexSort(name=name):
            return f"an element of {name}"
        case OptionalSort(base=base):
            return f"{name_sort(base)} or none"
