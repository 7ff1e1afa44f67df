"""The same system by the evaluator: slow, but without limits on what an expression looks like."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tdxverify.engines.explicit.compiled import Link, Select, System, packing_of
from tdxverify.logic.expr import Expr
from tdxverify.semantics.successors import Semantics

_BATCH = 256  # states between two looks at the clock; the steps of one state look at it by themselves


def interpret_system(semantics: Semantics) -> System:
    packing = packing_of(semantics.problem)

    def successors(packed: int) -> Iterator[int]:
        rigid, state = packing.unpack(packed)
        return (packing.pack(rigid, after) for _, after in semantics.successors(rigid, state))

    def expand(states: Sequence[int], visited: set[int], fresh: list[int]) -> None:
        for state in states:
            for after in successors(state):
                if after not in visited:
                    visited.add(after)
                    fresh.append(after)

    def toward(states: Sequence[int], targets: set[int], found: set[int]) -> None:
        found.update(state for state in states if any(after in targets for after in successors(state)))

    def bad(states: Iterable[int]) -> list[int]:
        return [state for state in states if semantics.is_bad(*packing.unpack(state))]

    def connect(
        states: Sequence[int], numbers: Mapping[int, int], sources: array[int], targets: array[int]
    ) -> None:
        for state in states:
            for after in successors(state):
                sources.append(numbers[state])
                targets.append(numbers[after])

    return System(packing, (expand,), lambda: (toward,), bad, _BATCH, lambda: (connect,))


def interpret_links(semantics: Semantics) -> tuple[Link, ...]:
    packing = packing_of(semantics.problem)

    def link(states: Sequence[int], found: list[int]) -> None:
        for packed in states:
            rigid, state = packing.unpack(packed)
            found.extend(packing.pack(rigid, after) for _, after in semantics.successors(rigid, state))

    return (link,)


def interpret_select(semantics: Semantics, formula: Expr) -> Select:
    packing, holds = packing_of(semantics.problem), semantics.evaluator.formula(formula)

    def select(states: Iterable[int]) -> list[int]:
        return [state for state in states if holds(*packing.unpack(state), ())]

    return select
