"""Sorts, and the concrete values in them.

Every value is a Python int: booleans are 0 and 1, an enum member is its position, an element of
an index sort its number from 0, a bounded integer itself. One representation serves evaluator,
explorer, solver decoding and traces; `show` turns a value into what the user wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TypeAlias

Value: TypeAlias = int
Sizes: TypeAlias = Mapping[str, int]  # index sort name -> number of elements, at least 1


@dataclass(frozen=True, slots=True)
class BoolSort:
    """true and false."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class EnumSort:
    """A declared enum; members in the order of their declaration."""

    name: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RangeSort:
    """Integers `low..high`, both included.

    Also the sort of every integer expression: the interval that its value provably lies in, so
    that encoders can choose widths in which nothing wraps around.
    """

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@dataclass(frozen=True, slots=True)
class IndexSort:
    """A sort of elements whose number the model leaves open.

    They are interchangeable unless they have an order: whether a spec says so is remembered for messages, and
    makes no other sort of it.
    """

    name: str
    is_ordered: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class OptionalSort:
    """The values of `base` and one more, `none`, which is less than all of them.

    A value of `base` is the same value here, so nothing has to be converted between the two.
    """

    base: EnumSort | IndexSort

    def __str__(self) -> str:
        return f"{self.base} or none"


Sort: TypeAlias = BoolSort | EnumSort | RangeSort | IndexSort | OptionalSort

BOOL = BoolSort()
NONE: Value = -1  # of every OptionalSort


def bare(sort: Sort) -> Sort:
    """`sort` without `none`."""
    return sort.base if isinstance(sort, OptionalSort) else sort


def element_sort(sort: Sort) -> IndexSort | None:
    """The index sort whose elements the values of `sort` are, but for `none`; None if they are others."""
    found = bare(sort)
    return found if isinstance(found, IndexSort) else None


def lowest(sort: Sort) -> Value:
    """The least value of `sort`, whatever the sizes are."""
    if isinstance(sort, RangeSort):
        return sort.low
    return NONE if isinstance(sort, OptionalSort) else 0


def domain(sort: Sort, sizes: Sizes) -> range:
    """All values of `sort`, ascending. `sizes` must give every index sort that occurs."""
    match sort:
        case BoolSort():
            return range(2)
        case EnumSort(members=members):
            return range(len(members))
        case RangeSort(low=low, high=high):
            return range(low, high + 1)
        case IndexSort(name=name):
            return range(sizes[name])
        case OptionalSort(base=base):
            return range(NONE, domain(base, sizes).stop)


def cardinality(sort: Sort, sizes: Sizes) -> int:
    """How many values `sort` has, however many: `len` of a domain ends at what a machine word holds."""
    values = domain(sort, sizes)
    return values.stop - values.start


MOST_LISTED = 10_000  # combinations of values that are kept in memory


class Combinations:
    """Every combination of a value of each domain, ascending, as often as it is asked for.

    Few are listed once. Many are made again each time: nobody may have the time for all of them.
    """

    def __init__(self, domains: Iterable[range]) -> None:
        self._domains = tuple(domains)
        self._listed: tuple[tuple[Value, ...], ...] | None = None
        if prod(map(len, self._domains)) <= MOST_LISTED:
            self._listed = tuple(product(*self._domains))

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        return product(*self._domains) if self._listed is None else iter(self._listed)

    def __reversed__(self) -> Iterator[tuple[Value, ...]]:
        """Descending."""
        if self._listed is not None:
            return reversed(self._listed)
        return product(*(values[::-1] for values in self._domains))


def show(sort: Sort, value: Value) -> str:
    """`value` as the user would write it; elements of index sorts as `Line0`, `Line1`."""
    match sort:
        case BoolSort():
            return "true" if value else "false"
        case EnumSort(members=members):
            return members[value]
        case RangeSort():
            return str(value)
        case IndexSort(name=name):
            return f"{name}{value}"
        case OptionalSort(base=base):
            return "none" if value == NONE else show(base, value)


def read_value(sort: Sort, text: str, sizes: Sizes) -> Value | None:
    """The value that `show` writes as `text`; None if `sort` has none that is written so.

    `sizes` may leave index sorts out, whose elements nobody can name then.
    """
    match sort:
        case OptionalSort(base=base):
            return NONE if text == "none" else read_value(base, text, sizes)
        case BoolSort():
            return {"false": 0, "true": 1}.get(text)
        case EnumSort(members=members):
            return members.index(text) if text in members else None
        case RangeSort():
            value = _integer(text)
        case IndexSort(name=name):
            value = _integer(text.removeprefix(name)) if text.startswith(name) and name in sizes else None
    return value if value is not None and value in domain(sort, sizes) else None


def _integer(text: str) -> int | None:
    """Of at most 18 digits: longer ones take long to be read, and no sort has such values."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
