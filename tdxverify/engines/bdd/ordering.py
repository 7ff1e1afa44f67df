"""In which order a diagram asks for the cells: what one step or formula joins stands close together.

The cells of one element, or of one pair of elements, form a block; a cell without indices is a block of
its own. Blocks are put in order by FORCE: each moves to the mean of the centres of the groups that it
belongs to, again and again; the order with the least total span wins. Moving single cells tears elements
apart, which costs more than it gains. Aloul, Markov and Sakallah, "FORCE: a fast and easy-to-implement
variable-ordering heuristic", GLSVLSI 2003.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from tdxverify.logic.expr import Apply, Bound, Const, Expr, Quantified, Read, children
from tdxverify.logic.layout import Cell, values_of
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import Sizes, Sort, Value
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem

Order: TypeAlias = tuple[int, ...]
Environment: TypeAlias = Mapping[Bound, Value]

_MOST_GROUPS = 20_000
_MOST_CHOICES = 400  # values of the parameters of one action, or of the binders of one formula
_ROUNDS = 60
_PATIENCE = 8  # rounds without a better order


def order_of(problem: Problem) -> Order:
    """All cells of `problem` in order, by place: rigid cells are counted before state cells."""
    cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
    blocks = _blocks(cells)
    block_of = {place: number for number, block in enumerate(blocks) for place in block}
    groups = [
        tuple(sorted({block_of[place] for place in group}))
        for group in islice(_Groups(problem, cells).all(), _MOST_GROUPS)
    ]
    order = _force(tuple(range(len(blocks))), [group for group in groups if len(group) > 1])
    return tuple(place for block in order for place in blocks[block])


def _blocks(cells: Sequence[Cell]) -> list[list[int]]:
    """Those without indices first, then by element."""
    blocks: dict[tuple[tuple[Value, ...], tuple[Sort, ...], int], list[int]] = {}
    for place, cell in enumerate(cells):
        own = -1 if cell.indices else place
        blocks.setdefault((cell.indices, cell.symbol.indices, own), []).append(place)
    return [blocks[key] for key in sorted(blocks, key=lambda key: (key[0], blocks[key][0]))]


def _span(order: Order, groups: Iterable[Sequence[int]]) -> int:
    position = _positions(order)
    return sum(max(places) - min(places) for places in ([position[b] for b in group] for group in groups))


def _positions(order: Order) -> list[int]:
    position = [0] * len(order)
    for place, block in enumerate(order):
        position[block] = place
    return position


def _force(order: Order, groups: Sequence[Sequence[int]]) -> Order:
    best, least, waited = order, _span(order, groups), 0
    for _ in range(_ROUNDS):
        order = _moved(order, groups)
        span = _span(order, groups)
        waited = 0 if span < least else waited + 1
        if span < least:
            best, least = order, span
        if waited >= _PATIENCE:
            break
    return best


def _moved(order: Order, groups: Iterable[Sequence[int]]) -> Order:
    position = _positions(order)
    pulled, pulls = [0.0] * len(order), [0] * len(order)
    for group in groups:
        centre = sum(position[block] for block in group) / len(group)
        for block in group:
            pulled[block] += centre
            pulls[block] += 1
    target = [pulled[b] / pulls[b] if pulls[b] else float(position[b]) for b in range(len(order))]
    return tuple(sorted(order, key=lambda block: (target[block], position[block])))


class _Groups:
    """Which cells belong together: those that one instance of a step, or of a formula, reads and writes."""

    def __init__(self, problem: Problem, cells: Sequence[Cell]) -> None:
        self._problem = problem
        self._sizes: Sizes = problem.size_of
        self._places = {(cell.symbol.name, cell.indices): place for place, cell in enumerate(cells)}
        self._of_symbol: dict[str, list[int]] = {}
        for place, cell in enumerate(cells):
            self._of_symbol.setdefault(cell.symbol.name, []).append(place)

    def all(self) -> Iterator[set[int]]:
        for formula in (self._problem.bad, *self._problem.assumptions, *self._problem.constraints):
            yield from self._of_formula(formula, {})
        for action in self._problem.actions:
            for environment in self._choices(action.parameters, {}):
                yield from self._of_action(action, environment)

    def _of_action(self, action: Action, environment: Environment) -> Iterator[set[int]]:
        joint = self._plainly_read(action.guard, environment)
        for write in action.writes:
            for inner in self._choices(write.binders, environment):
                target = self._cells(Read(write.symbol, write.indices), inner)
                for part in (write.condition, write.value):
                    target |= self._plainly_read(part, inner)
                    yield from self._of_formula(part, inner)
                if write.binders:
                    yield target
                else:
                    joint |= target
        yield from self._of_formula(action.guard, environment)
        if joint:
            yield joint

    def _of_formula(self, expr: Expr, environment: Environment) -> Iterator[set[int]]:
        """A group per operand of a conjunction or disjunction, and per instance of a quantifier."""
        match expr:
            case Quantified(binders=binders, body=body):
                for inner in self._choices(binders, environment):
                    yield from self._of_formula(body, inner)
            case Apply(op=Op.NOT, arguments=(operand,)):
                yield from self._of_formula(operand, environment)
            case Apply(op=Op.AND | Op.OR | Op.IMPLIES, arguments=parts) if any(map(_has_quantifier, parts)):
                for part in parts:
                    yield from self._of_formula(part, environment)
            case _:
                found = self._read(expr, environment)
                if found:
                    yield found

    def _choices(self, binders: tuple[Bound, ...], environment: Environment) -> Iterator[Environment]:
        values = values_of(binders, self._sizes)
        for chosen in islice(values, _MOST_CHOICES):
            yield {**environment, **dict(zip(binders, chosen, strict=True))}

    def _plainly_read(self, expr: Expr, environment: Environment) -> set[int]:
        """What is read outside quantifiers."""
        if isinstance(expr, Quantified):
            return set()
        if not _has_quantifier(expr):
            return self._read(expr, environment)
        parts = (self._plainly_read(part, environment) for part in children(expr))
        return set[int]().union(*parts)

    def _read(self, expr: Expr, environment: Environment) -> set[int]:
        match expr:
            case Quantified(binders=binders, body=body):
                return set[int]().union(*(self._read(body, e) for e in self._choices(binders, environment)))
            case Read():
                return self._cells(expr, environment)
            case _:
                return set[int]().union(*(self._read(part, environment) for part in children(expr)))

    def _cells(self, read: Read, environment: Environment) -> set[int]:
        """The cell, or all cells of the symbol where the indices depend on the state; and what they read."""
        found = set[int]().union(*(self._read(index, environment) for index in read.indices))
        values: list[Value] = []
        for index in read.indices:
            match index:
                case Const(value=value):
                    values.append(value)
                case Bound():
                    values.append(environment[index])
                case _:
                    return found | set(self._of_symbol[read.symbol.name])
        return found | {self._places[read.symbol.name, tuple(values)]}


def _has_quantifier(expr: Expr) -> bool:
    return isinstance(expr, Quantified) or any(_has_quantifier(part) for part in children(expr))
