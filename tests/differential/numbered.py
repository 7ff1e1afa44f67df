"""Actors with one for each number of a range: how they are declared, and which of them is meant."""

from __future__ import annotations

from random import Random

from tests.differential.vocabulary import Declared, Position, Range, Sort, written

RANGES: tuple[Range, ...] = ((0, 1), (0, 2), (1, 2), (-1, 1), (2, 2), (1, 3), (-2, -1))


class Numbered:
    """Says nothing where no actor may be numbered, and decides apart, so that the rest stays the same."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.random: Random = declared.crowd

    def sorts(self, others: list[Position]) -> tuple[Position, ...] | None:
        """Of what there is one actor for each; None where that is for others to say."""
        if not self.declared.of_numbers or self.random.random() < 0.2:
            return None
        count = self.random.choice([1, 1, 1, 1, 2])
        return tuple(
            self.random.choice(others)
            if others and self.random.random() < 0.2
            else self.random.choice(RANGES)
            for _ in range(count)
        )

    def ranges(self) -> list[Sort]:
        """Ranges of actors, for what is bound elsewhere to run over as well."""
        if not self.declared.of_numbers:
            return []
        return [
            sort for sorts in self.declared.of_actors.values() for sort in sorts if isinstance(sort, tuple)
        ]

    def part(self, whole: Range) -> Range:
        """A range inside of another, often all of it."""
        if self.random.random() < 0.5:
            return whole
        low = self.random.randint(*whole)
        return low, self.random.randint(low, whole[1])

    def literal(self, whole: Range) -> str:
        return str(self.random.randint(*whole))

    def shifted(self, name: str, whole: Range) -> tuple[str, Range]:
        """An index whose values are in `whole`, and the range of `name`, over which it goes."""
        low, high = self.part(whole)
        by = self.random.choice([0, 0, 0, 1, -1])
        index = name if by == 0 else f"{name} {'+' if by > 0 else '-'} 1"
        return index, (low - by, high - by)

    def inside(self, whole: Range, bound: dict[str, Sort]) -> list[str]:
        """Names of numbers that all are in `whole`; now and then, of some that may not be."""
        loose = self.random.random() < self.declared.careless
        numbers = [(name, sort) for name, sort in bound.items() if isinstance(sort, tuple)]
        return [name for name, (low, high) in numbers if loose or (whole[0] <= low and high <= whole[1])]

    def acting(self, whole: Range, bound: dict[str, Sort]) -> tuple[str, str]:
        """Which of them does a step, and the parameter to add for that, to `bound` too."""
        names = self.inside(whole, bound)
        if self.random.random() < 0.25:
            return self.literal(whole), ""
        if names and self.random.random() < 0.7:
            return self.random.choice(names), ""
        name = self.declared.crowded("g")
        bound[name] = self.part(whole)
        return name, f"{name} : {written(bound[name])}"
