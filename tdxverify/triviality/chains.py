"""From a fact to what it rests on in the end: which steps could break it, what they lack, and so on.

Where a step lacks several things, any of them tells why it breaks nothing: the one is taken whose own reasons
are the fewest. Facts may rest on one another in a circle; what they rest on then is the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tdxverify.model.model import Action
from tdxverify.triviality.facts import Fact
from tdxverify.triviality.grounds import Blocked, Holding, Lack

MOST_FACTS = 30  # that are looked at; what others rest on is not told
_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that could break a fact, and all lack the same."""

    actions: tuple[Action, ...]
    lack: Lack


class Chains:
    """Everything that `facts` rest on. Raises NotDecided."""

    def __init__(self, holding: Holding, facts: Iterable[Fact]) -> None:
        self._blocked: dict[Fact, tuple[Blocked, ...]] = {}
        waiting = list(facts)
        while waiting and len(self._blocked) < MOST_FACTS:
            fact = waiting.pop(0)
            if fact not in self._blocked:
                self._blocked[fact] = holding.blocked(fact)
                waiting += [more for lack in _lacks(self._blocked[fact]) for more in lack.ground.facts]
        self._costs: dict[Fact, int] = {}
        self._settle()

    def knows(self, fact: Fact) -> bool:
        """Whether it was looked at."""
        return fact in self._blocked

    def cost(self, fact: Fact) -> int:
        """How much there is to tell of it; a large number where that goes in a circle."""
        return self._costs.get(fact, _ENDLESS)

    def groups(self, fact: Fact) -> tuple[Group, ...]:
        """All steps that could break `fact`, which `knows`; those first of which the least is to be told."""
        found: dict[Lack, list[Action]] = {}
        for blocked in self._blocked[fact]:
            found.setdefault(min(blocked.lacks, key=self._of_lack), []).append(blocked.action)
        ordered = sorted(found.items(), key=lambda item: self._of_lack(item[0]))
        return tuple(Group(tuple(actions), lack) for lack, actions in ordered)

    def _settle(self) -> None:
        """Costs only fall, from what needs nothing else on."""
        before = None
        while before != self._costs:
            before = dict(self._costs)
            for fact, steps in self._blocked.items():
                cost = 1 + sum(min(map(self._of_lack, blocked.lacks)) for blocked in steps)
                if cost < _ENDLESS:
                    self._costs[fact] = cost

    def _of_lack(self, lack: Lack) -> int:
        return min(_ENDLESS, 1 + sum(map(self.cost, lack.ground.facts)))


def _lacks(steps: Iterable[Blocked]) -> Iterator[Lack]:
    return (lack for blocked in steps for lack in blocked.lacks)
