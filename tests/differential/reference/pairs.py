"""Pairs of runs that take the same steps with the same choices: the fewest steps after which they differ for
somebody who must not tell, found by going through all pairs of states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from tdxverify.syntax import ast
from tests.differential.reference.expressions import Evaluation, Point
from tests.differential.reference.rounds import Taken
from tests.differential.reference.statements import Path
from tests.differential.reference.world import State, TooLarge, World

Successors: TypeAlias = Callable[[State], Iterator[tuple[Taken, Path]]]


@dataclass(frozen=True)
class Claim:
    """What `asked` compares: what is seen, what may be known, which states may differ, whose steps the second
    run leaves out."""

    seen: tuple[ast.View, ...]
    known: tuple[ast.View, ...]
    secrets: frozenset[str]
    without: str | None
    by_steps: bool


def claim_of(world: World, asked: ast.PropertyDecl) -> Claim:
    if asked.observer is None:
        assert asked.actor is not None
        return Claim(asked.views, (), frozenset(), asked.actor.text, by_steps=False)
    (observer,) = (d for d in world.of(ast.ObserverDecl) if d.name.text == asked.observer.text)
    secrets = frozenset(name.text for d in world.of(ast.SecretDecl) for name in d.names)
    return Claim(observer.views, asked.views, secrets, None, asked.by_steps)


class Pairs:
    """`starts`: all initial states, and for two of them whether they start alike but for states."""

    def __init__(
        self,
        world: World,
        claim: Claim,
        successors: Successors,
        begins_alike: Callable[[State, State], bool],
        most: int,
    ) -> None:
        self._world = world
        self._claim = claim
        self._evaluation = Evaluation(world)
        self._successors = successors
        self._begins_alike = begins_alike
        self._left = most
        self._steps: dict[Any, list[tuple[Taken, Path]]] = {}

    def shortest(self, starts: list[State]) -> int | None:
        """The fewest steps to a difference; None where there is none."""
        alike: dict[Any, list[State]] = {}
        for start in starts:
            alike.setdefault(self._open_part(start), []).append(start)
        layer = [
            (one, two)
            for group in alike.values()
            for one in group
            for two in group
            if self._begins_alike(one, two)
        ]
        known: set[Any] = set()
        depth = 0
        while layer:
            following: dict[Any, tuple[State, State]] = {}
            for one, two in layer:
                self._left -= 1
                if self._left < 0:
                    raise TooLarge
                if self._differ(self._claim.known, one, two):
                    continue
                if self._differ(self._claim.seen, one, two) or self._only_one_can(one, two):
                    return depth
                for pair in self._onward(one, two):
                    key = tuple(frozenset(state.items()) for state in pair)
                    if key not in known:
                        known.add(key)
                        following[key] = pair
            layer, depth = list(following.values()), depth + 1
        return None

    def _open_part(self, state: State) -> Any:
        """What is the same in both at the start; processes may stand elsewhere if they must."""
        apart = {"at", "progress", *self._claim.secrets}
        return frozenset((cell, value) for cell, value in state.items() if cell[0] not in apart)

    def _differ(self, views: tuple[ast.View, ...], one: State, two: State) -> bool:
        return any(
            self._value(view, one, bound) != self._value(view, two, bound)
            for view in views
            for bound in self._world.bindings(view.binders)
        )

    def _value(self, view: ast.View, state: State, bound: dict[str, Any]) -> Any:
        return self._evaluation.value(view.value, Point(state), bound)

    # --- steps

    def _of(self, state: State) -> list[tuple[Taken, Path]]:
        key = frozenset(state.items())
        if key not in self._steps:
            self._steps[key] = list(self._successors(state))
        return self._steps[key]

    def _onward(self, one: State, two: State) -> Iterator[tuple[State, State]]:
        for step, path in self._of(one):
            if path.wrong:
                continue
            if self._is_alone(step):
                yield path.state, two
                continue
            for other, beside in self._of(two):
                if not beside.wrong and self._can_be_both(step, path, other, beside):
                    yield path.state, beside.state

    def _is_alone(self, step: Taken) -> bool:
        return (
            self._claim.without is not None
            and step.actor is not None
            and step.actor[0] == self._claim.without
        )

    def _can_be_both(self, step: Taken, path: Path, other: Taken, beside: Path) -> bool:
        """The same step, and no choice that both make is made otherwise, but for values of secrets."""
        if (step.name, step.values) != (other.name, other.values):
            return False
        mine, theirs = dict(self._common(path)), dict(self._common(beside))
        return all(mine[place] == theirs[place] for place in mine.keys() & theirs.keys())

    def _common(self, path: Path) -> Iterator[tuple[Any, Any]]:
        for place, target, value in path.chosen:
            if target is None or target not in self._claim.secrets:
                yield place, value

    def _only_one_can(self, one: State, two: State) -> bool:
        if not self._claim.by_steps:
            return False
        return any(
            not any(self._can_be_both(step, path, other, beside) for other, beside in self._of(there))
            for here, there in ((one, two), (two, one))
            for step, path in self._of(here)
        )
