"""What a problem's reachable states and its least shortest trace are, by the plainest possible code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace

Pair = tuple[Valuation, Valuation]


@dataclass(frozen=True)
class Reference:
    """`initial` ascending; `length` of a shortest trace into a bad state, None if there is none."""

    initial: list[Pair]
    reachable: set[Pair]
    length: int | None


def all_valuations(layout: Layout, problem: Problem) -> Iterator[Valuation]:
    return product(*(domain(cell.symbol.sort, problem.size_of) for cell in layout.cells))


def initial_pairs(problem: Problem) -> list[Pair]:
    """By trying every valuation of every cell."""
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    found: list[Pair] = []
    for rigid in all_valuations(problem.rigid_layout, problem):
        if not all(evaluator.evaluate(part, rigid, ()) for part in problem.assumptions):
            continue
        for state in all_valuations(problem.state_layout, problem):
            fits = all(_starts(problem, evaluator, rigid, k, v) for k, v in enumerate(state))
            if fits and all(evaluator.evaluate(part, rigid, state) for part in problem.constraints):
                found.append((rigid, state))
    return found


def _starts(problem: Problem, evaluator: Evaluator, rigid: Valuation, position: int, value: Value) -> bool:
    cell = problem.state_layout.cells[position]
    (start,) = (start for start in problem.initial if start.symbol == cell.symbol)
    if start.choices is None:
        return True
    bound: dict[Bound, Value] = dict(zip(start.binders, cell.indices, strict=True))
    return any(evaluator.evaluate(choice, rigid, (), bound) == value for choice in start.choices)


def steps(problem: Problem, rigid: Valuation, state: Valuation) -> Iterator[tuple[Step, Valuation]]:
    """Every step from `state` in the order of the actions and their arguments, by `evaluate` alone."""
    evaluator = Evaluator.of(problem.symbols, problem.size_of)
    layout = problem.state_layout
    for action in problem.actions:
        for values in product(*(domain(p.sort, problem.size_of) for p in action.parameters)):
            bound = dict(zip(action.parameters, values, strict=True))
            if not evaluator.evaluate(action.guard, rigid, state, bound):
                continue
            after = list(state)
            for write in action.writes:
                for chosen in product(*(domain(b.sort, problem.size_of) for b in write.binders)):
                    inner = {**bound, **dict(zip(write.binders, chosen, strict=True))}
                    if evaluator.evaluate(write.condition, rigid, state, inner):
                        at = tuple(evaluator.evaluate(i, rigid, state, inner) for i in write.indices)
                        value = evaluator.evaluate(write.value, rigid, state, inner)
                        after[
                            [c.indices for c in layout.cells].index(at, layout.offset[write.symbol.name])
                        ] = value
            yield Step(action.name, values), tuple(after)


def explore(problem: Problem) -> Reference:
    semantics = Semantics(problem)
    initial = initial_pairs(problem)
    seen, level = set(initial), initial
    length: int | None = None
    depth = 0
    while level:
        if length is None and any(semantics.is_bad(*pair) for pair in level):
            length = depth
        fresh: dict[Pair, None] = {}
        for rigid, state in level:
            fresh.update({(rigid, after): None for _, after in semantics.successors(rigid, state)})
        level = [pair for pair in fresh if pair not in seen]
        seen.update(level)
        depth += 1
    return Reference(initial, seen, length)


def least_trace(problem: Problem, reference: Reference) -> Trace:
    """The first of all traces of the shortest length, listed in lexicographic order."""
    semantics = Semantics(problem)
    assert reference.length is not None

    @cache
    def ends_badly(rigid: Valuation, state: Valuation, left: int) -> bool:
        if left == 0:
            return semantics.is_bad(rigid, state)
        return any(ends_badly(rigid, after, left - 1) for _, after in semantics.successors(rigid, state))

    rigid, state = next(pair for pair in reference.initial if ends_badly(*pair, reference.length))
    states, fired = [state], []
    for left in range(reference.length, 0, -1):
        step, state = next(s for s in semantics.successors(rigid, state) if ends_badly(rigid, s[1], left - 1))
        states.append(state)
        fired.append(step)
    return Trace(problem.sizes, rigid, tuple(states), tuple(fired))
