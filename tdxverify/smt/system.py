"""A `Problem` as one symbolic step, with selectors.

The unknowns of a step are its kind (which action) and a few parameter slots that the actions share by
sort. The next value of a cell is then a *function* of the current state and these inputs, in which only
the actions that write its symbol occur; nothing is said about cells that an action leaves alone. One
disjunct per ground instance of every action, the obvious alternative, is 20 to 40 times slower with 64
cache lines. Where a write's index is a parameter or a foreach binder, the write is specialised to the
cell, so that its condition and value read known cells instead of searching for them.

A step is a real step: the guard of the chosen action is a constraint, so a run of k steps has no
stuttering in it and a state with nothing enabled has no successor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tdxverify.logic.sorts import RangeSort, Sort
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.terms import Encoded, Terms
from tdxverify.smt.updates import Choice, guards, successor
from tdxverify.smt.valuation import Valuation, fresh_rigid, fresh_state


@dataclass(frozen=True, slots=True)
class Input:
    """One unknown of a step. Number 0 is the kind, the position of the action; the rest are slots."""

    sort: Sort
    value: Encoded


@dataclass(frozen=True)
class SymbolicSystem:
    """One step from the state `before`, made of unknowns.

    `possible` says that the inputs choose a step that can be made; `successor`, which follows the state
    layout, is where it leads. `assigned[a]` are the inputs of action number a's parameters.
    """

    problem: Problem
    terms: Terms
    before: Valuation
    inputs: tuple[Input, ...]
    assigned: tuple[tuple[int, ...], ...]
    possible: Encoded
    successor: tuple[Encoded, ...]

    @staticmethod
    def of(problem: Problem) -> SymbolicSystem:
        """Encode `problem` in a fresh context."""
        terms = Terms()
        before = Valuation.of(problem, terms, fresh_rigid(problem, terms), fresh_state(problem, terms, ""))
        inputs, assigned = _share_inputs(problem, terms)
        kind = inputs[0]
        choices = tuple(
            Choice(
                action,
                terms.equal(kind.value, number, kind.sort, problem.size_of),
                {bound: inputs[i].value for bound, i in zip(action.parameters, places, strict=True)},
            )
            for number, (action, places) in enumerate(zip(problem.actions, assigned, strict=True))
        )
        typed = (terms.in_domain(item.value, item.sort, problem.size_of) for item in inputs)
        possible = terms.conjunction((*typed, *guards(before, choices))) if choices else 0
        return SymbolicSystem(problem, terms, before, inputs, assigned, possible, successor(before, choices))

    @cached_property
    def after(self) -> tuple[Encoded, ...]:
        """Unknowns for the state after the step."""
        return fresh_state(self.problem, self.terms, "'")

    @cached_property
    def equations(self) -> Encoded:
        """That the step leads to `after`, whether or not it can be made."""
        cells = zip(self.problem.state_layout.cells, self.after, self.successor, strict=True)
        return self.terms.conjunction(
            self.terms.equal(value, result, cell.symbol.sort, self.problem.size_of)
            for cell, value, result in cells
        )


def _share_inputs(problem: Problem, terms: Terms) -> tuple[tuple[Input, ...], tuple[tuple[int, ...], ...]]:
    """The kind and the slots; the j-th parameter of a sort uses the j-th slot of that sort."""
    kind_sort = RangeSort(0, max(0, len(problem.actions) - 1))
    inputs = [Input(kind_sort, terms.constant("kind", kind_sort, problem.size_of))]
    places: dict[tuple[Sort, int], int] = {}
    assigned: list[tuple[int, ...]] = []
    for action in problem.actions:
        seen: dict[Sort, int] = {}
        used: list[int] = []
        for bound in action.parameters:
            key = (bound.sort, seen.get(bound.sort, 0))
            seen[bound.sort] = key[1] + 1
            if key not in places:
                places[key] = len(inputs)
                value = terms.constant(f"slot.{len(inputs)}", bound.sort, problem.size_of)
                inputs.append(Input(bound.sort, value))
            used.append(places[key])
        assigned.append(tuple(used))
    return tuple(inputs), tuple(assigned)
