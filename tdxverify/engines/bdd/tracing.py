"""The least of the shortest traces, out of sets of states: the same one that every engine shows.

Backwards over the levels, of each only those states are kept that lie on a shortest way into a bad state.
Forwards among these every choice is part of a shortest trace, so taking the least each time is right:
parameter values, then the initial state, cell by cell, then steps in the order of the evaluator.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdxverify.diagnostics import InternalError
from tdxverify.engines.bdd.backend import Node
from tdxverify.engines.bdd.relation import Steps
from tdxverify.engines.bdd.space import Space
from tdxverify.engines.bdd.table import branches
from tdxverify.logic.layout import Valuation
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


def least_trace(space: Space, steps: Steps, levels: Sequence[Node], bad: Node) -> Trace:
    """`levels[k]`: the states at distance k. Requires: of these only the last has a bad one."""
    useful = [space.manager.conjunction(levels[-1], bad)]
    for level in reversed(levels[:-1]):
        useful.append(space.manager.conjunction(level, steps.preimage(useful[-1])))
    useful.reverse()
    rigid, state = _least(space, useful[0])
    semantics = Semantics(space.problem)
    states, taken = [state], list[Step]()
    for targets in useful[1:]:
        step, state = _least_step(space, semantics, rigid, state, targets)
        taken.append(step)
        states.append(state)
    return Trace(space.problem.sizes, rigid, tuple(states), tuple(taken))


def _least(space: Space, states: Node) -> tuple[Valuation, Valuation]:
    """The first of `states`, of which there is one, in the order of layouts."""
    values: list[int] = []
    for variables in space.cells:
        for value in variables.values:
            left = space.manager.fixed(variables.bits_of(value), states)
            if left != space.manager.false:
                values.append(value)
                states = left
                break
    return tuple(values[: space.rigid_count]), tuple(values[space.rigid_count :])


def _least_step(
    space: Space, semantics: Semantics, rigid: Valuation, state: Valuation, targets: Node
) -> tuple[Step, Valuation]:
    for step, after in semantics.successors(rigid, state):
        if _holds(space, rigid + after, targets):
            return step, after
    raise InternalError("the evaluator knows no step that a diagram has", {"problem": repr(space.problem)})


def _holds(space: Space, values: Valuation, states: Node) -> bool:
    bits: dict[str, bool] = {}
    for variables, value in zip(space.cells, values, strict=True):
        bits |= variables.bits_of(value)
    while states.var is not None:
        low, high = branches(states)
        states = high if bits[states.var] else low
    return bool(states == space.manager.true)
