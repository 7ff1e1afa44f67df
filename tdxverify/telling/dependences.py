"""A slice of a trace as it is told: which step needed what of which earlier one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tdxverify.logic.sorts import show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import is_of_spec, told_cell
from tdxverify.telling.slicing import Slice
from tdxverify.telling.story import Dependence


def dependences(
    problem: Problem, trace: Trace, sliced: Slice, constants: Collection[str]
) -> Iterator[Dependence]:
    """What each step of `trace`, and its end, needed of the state before, latest first. `constants`: names of
    rigid symbols that are no parameters."""
    state, rigid = problem.state_layout.cells, problem.rigid_layout.cells
    for consumer in range(len(trace) + 1, 0, -1):
        for need in sliced.needs:
            cell = state[need.position]
            if need.consumer == consumer and is_of_spec(cell):
                value = show(cell.symbol.sort, trace.states[need.at][need.position])
                yield Dependence(consumer, told_cell(cell), value, need.producer)
        for place in sliced.parameters.get(consumer, ()):
            value = show(rigid[place].symbol.sort, trace.rigid[place])
            is_constant = rigid[place].symbol.name in constants
            yield Dependence(consumer, told_cell(rigid[place]), value, None, is_constant)
