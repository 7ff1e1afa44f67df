"""Random claims that compare two runs: what is secret, who sees what, what nobody can tell or change."""

from __future__ import annotations

from random import Random

from tests.differential.expressions import Expressions
from tests.differential.vocabulary import BOOL, Declared, Optional, Place


class OfTwoRuns:
    """Decides apart, so that the rest of a spec stays the same; says nothing where nothing is to be said."""

    def __init__(self, declared: Declared, expressions: Expressions) -> None:
        self.declared = declared
        self.expressions = expressions
        self.random: Random = declared.pairs
        self.observers: list[str] = []

    def declarations(self) -> list[str]:
        """What is secret, and observers."""
        if not self.declared.of_two_runs:
            return []
        with self.declared.apart(self.random):
            states = [one.name for one in self.declared.symbols if not one.rigid]
            chosen = self.random.sample(states, min(len(states), self.random.choice([1, 1, 2])))
            if self.random.random() < self.declared.careless:
                chosen.append("nothing_such")
            found = [f"secret {', '.join(chosen)}"]
            for _ in range(self.random.choice([1, 1, 2])):
                name = self.declared.fresh(self.random.choice(["host", "wire"]))
                self.observers.append(name)
                found.append(f"observer {name} sees {self._views()}")
        return found

    def claim(self) -> str:
        """`host cannot tell`, or `host cannot change`."""
        if not self.declared.of_two_runs or self.random.random() > 0.65:
            return ""
        with self.declared.apart(self.random):
            if self.declared.actors and self.random.random() < 0.3:
                return f"{self.random.choice(self.declared.actors)} cannot change {self._views()}"
            steps = " even by steps" if self.random.random() < 0.35 else ""
            more = f" more than {self._views()}" if self.random.random() < 0.3 else ""
            return f"{self.random.choice(self.observers)} cannot tell{steps}{more}"

    def _views(self) -> str:
        return ", ".join(self._view() for _ in range(self.random.choice([1, 1, 2])))

    def _view(self) -> str:
        place, each = Place(), ""
        if self.random.random() < 0.5:
            sorts = [self.random.choice(self.expressions.bindable())]
            text, bound = self.expressions.binders(sorts)
            place, each = place.binding(bound), f"each {text}: "
        # Whether the value is none is seen where something is asked of it: 'none' alone is of no sort.
        states = [one for one in self.declared.symbols if not one.rigid]
        sorts_of_state = [one.sort for one in states if not isinstance(one.sort, Optional)]
        sort = self.random.choice([BOOL, *sorts_of_state])
        value = self.expressions.of(sort, place, self.random.choice([0, 0, 1]))
        return f"{each}{(value or self.expressions.truth(place, 1)).text}"
