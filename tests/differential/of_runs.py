"""Random claims about whole runs, and what checks assume of who has a turn."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.vocabulary import BOOL, Declared, Place
from tests.differential.writing import bracketed


class OfRuns:
    """Decides apart, so that the rest of a spec stays the same; says nothing where nothing is to be said."""

    def __init__(self, declared: Declared, expressions: Expressions) -> None:
        self.declared = declared
        self.expressions = expressions
        self.random: Random = declared.runs

    def claim(self) -> str:
        """`eventually`, or `leads_to`."""
        often = 0.85 if self.declared.rich else 0.6
        if not self.declared.of_runs or self.random.random() > often:
            return ""
        place, each = Place(), ""
        with self.declared.apart(self.random):
            if self.random.random() < 0.4:
                count = self.random.choice([1, 1, 1, 2])
                sorts = [self.random.choice(self.expressions.bindable()) for _ in range(count)]
                text, bound = self.expressions.binders(sorts)
                place, each = place.binding(bound), f"each {text}: "
            kept = self._goal(place)
            if self.random.random() < 0.4:
                return f"{each}eventually {kept}"
            return f"{each}{self._condition(place)} leads_to {kept}"

    def possibility(self) -> str:
        """That something can always be reached."""
        if not self.declared.of_possibilities or self.declared.ways.random() > 0.5:
            return ""
        place, each = Place(), ""
        with self.declared.apart(self.declared.ways):
            if self.declared.ways.random() < 0.4:
                count = self.declared.ways.choice([1, 1, 1, 2])
                sorts = [self.declared.ways.choice(self.expressions.bindable()) for _ in range(count)]
                text, bound = self.expressions.binders(sorts)
                place, each = place.binding(bound), f"each {text}: "
            wanted = self.expressions.truth(place, self.declared.ways.choice([0, 1, 1, 2]))
            return f"{each}always possible {wanted.text}"

    def _condition(self, place: Place) -> str:
        deep = [2, 3] if self.declared.of_numbers else []
        return self.expressions.truth(place, self.random.choice([0, 1, 1, 2, *deep])).text

    def _goal(self, place: Place) -> str:
        """What a state variable is to be, where that is said of most: few others are not so at the start."""
        symbols = [one for one in self.declared.symbols if not one.rigid]
        if not self.declared.rich or not symbols or self.random.random() < 0.2:
            return self._condition(place)
        symbol = self.random.choice(symbols)
        cell = self.expressions.cell_of(symbol, place)
        value = self.expressions.of(symbol.sort, replace(place, rigid=True), 0)
        if cell is None or value is None:
            return self._condition(place)
        if symbol.sort == BOOL:
            return cell.text if self.random.random() < 0.8 else f"not {cell.text}"
        return f"{cell.text} {self.random.choice(['=', '=', '!='])} {bracketed(value)}"

    def assuming(self) -> str:
        """What a check assumes besides what is declared."""
        parts = self._parts()
        if not self.declared.of_runs or not parts or self.random.random() > 0.5 + 0.2 * self.declared.rich:
            return ""
        if self.declared.rich and self.random.random() < 0.4:
            actions = [one for one in parts if one in self.declared.actions]
            strong = self.random.choice(["fair", "strongly fair"])
            if actions:
                return f" assuming {', '.join(f'{strong} {one}' for one in actions)}"
        some = self.random.sample(parts, min(len(parts), self.random.choice([1, 1, 2, 3])))
        first = self.declared.fairness(1.0) + some[0]
        return f" assuming {', '.join([first, *map(self._one_more, some[1:])])}"

    def _one_more(self, part: str) -> str:
        """`fair expect` is a part called `expect` that is fair, so what is called `fair` needs that word."""
        needed = self.declared.after_all and part == "fair"
        return self.declared.fairness(1.0 if needed else 0.4) + part

    def _parts(self) -> list[str]:
        """All that does steps."""
        declared = self.declared
        found = [*declared.actions, *declared.actors, *(one.name for one in declared.processes)]
        found += [f"{one.name}.{label}" for one in declared.processes for label in one.labels]
        if self.random.random() < declared.careless:
            found.append("nobody")
        return found
