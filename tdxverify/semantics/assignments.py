"""Rigid valuations and initial states: all assignments of cells that satisfy given formulas.

Backtracking over the cells in layout order, so assignments come out ascending. A formula is split
into conjuncts, and each is asked as soon as the last cell that it reads has a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias, TypeVar

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.diagnostics import InternalError
from tdxverify.logic.evaluate import Evaluator, Formula, Values
from tdxverify.logic.expr import TRUE, Expr, Read, Role, transform, walk
from tdxverify.logic.grounding import conjuncts, constant, constant_indices
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.problems.problem import Problem

Check: TypeAlias = Callable[[Values], bool]
Made = TypeVar("Made")

_SPLIT_LIMIT = 4096  # instances of universal quantifiers that are checked one by one
_TRIES_PER_STATE = 50  # dead ends allowed before a sparse constraint counts as too large a space


def assignments(
    choices: Sequence[Sequence[Value]],
    checks: Sequence[Sequence[Check]],
    limits: Budget,
    tried: Mapping[int, int] | None = None,
) -> Iterator[Valuation]:
    """Every choice of one value per position that passes all checks, ascending if `choices` are.

    `checks[k]` are asked with the first k positions filled. Positions with a single value that nothing is
    asked of are filled once; like all others they count as a try, or as many as `tried` says. Raises
    LimitReached.
    """
    values = [options[0] if options else 0 for options in choices]
    open_ones = [n for n, options in enumerate(choices) if len(options) != 1 or checks[n + 1]]
    weights = [1 if tried is None else tried.get(n, 1) for n in range(len(choices))]
    behind = [sum(weights[one + 1 : end]) for one, end in pairwise((*open_ones, len(choices)))]
    pending: list[Iterator[Value]] = []  # what is still to be tried at each open position filled so far
    looked = tries = 0

    def advance() -> bool:
        """Put the next possible value into the last position filled; False if there is none."""
        nonlocal looked, tries
        last = len(pending) - 1
        position = open_ones[last]
        asked = checks[position + 1]
        for value in pending[-1]:
            tries += 1
            if tries - looked >= 1024:
                looked = tries
                _check_tries(tries, limits)
            values[position] = value
            for check in asked:
                if not check(values):
                    break
            else:
                tries += behind[last]
                return True
        return False

    if not all(check(values) for check in checks[0]):
        return
    while True:
        if len(pending) == len(open_ones):
            yield tuple(values)
        else:
            pending.append(iter(choices[open_ones[len(pending)]]))
        while pending and not advance():
            pending.pop()
        if not pending:
            return


def _check_tries(tries: int, limits: Budget) -> None:
    limits.check_time()
    if tries > limits.max_states * _TRIES_PER_STATE:
        raise LimitReached(Why.STATE_SPACE, "too many parameter values or initial states to try")


def rigid_valuations(problem: Problem, evaluator: Evaluator, limits: Budget) -> Iterator[Valuation]:
    """All valuations of the rigid symbols that satisfy the assumptions, ascending."""
    layout = problem.rigid_layout
    choices: list[Sequence[Value]] = [domain(cell.symbol.sort, problem.size_of) for cell in layout.cells]
    tried = {place: len(options) for place, options in enumerate(choices)}
    parts = _narrowed(problem, choices, evaluator)

    def check(part: Expr) -> Check:
        formula = evaluator.formula(part)
        return lambda values: bool(formula(values, (), ()))

    return assignments(choices, _by_last_cell(layout, Role.RIGID, parts, check), limits, tried)


def _narrowed(problem: Problem, choices: list[Sequence[Value]], evaluator: Evaluator) -> list[Expr]:
    """What is left to be asked of the assumptions once each that is about a single cell has narrowed its
    `choices`, and what has one left is put into the others: "a or b", where "not a", leaves b one choice."""
    cells = problem.rigid_layout.cells
    positions = {(cell.symbol.name, cell.indices): place for place, cell in enumerate(cells)}
    parts = _split(problem.assumptions, problem)
    while True:
        about = [(part, _only_cell(part, positions)) for part in parts]
        for part, place in about:
            if place is not None:
                choices[place] = _allowed_by(evaluator.formula(part), place, choices[place])
        known = {
            key: constant(choices[place][0], cells[place].symbol.sort)
            for key, place in positions.items()
            if len(choices[place]) == 1
        }
        others = [part for part, place in about if place is None]
        parts = [part for part in _split((_settled(one, known) for one in others), problem) if part != TRUE]
        if parts == others:
            return parts


def _only_cell(part: Expr, positions: Mapping[tuple[str, tuple[Value, ...]], int]) -> int | None:
    """The position of the only cell that `part` reads."""
    reads = {node for node in walk(part) if isinstance(node, Read)}
    if len(reads) != 1:
        return None
    (read,) = reads
    indices = constant_indices(read)
    return None if indices is None else positions.get((read.symbol.name, indices))


def _allowed_by(formula: Formula, place: int, options: Sequence[Value]) -> list[Value]:
    return [value for value in options if formula([*[0] * place, value], (), ())]


def _settled(part: Expr, known: Mapping[tuple[str, tuple[Value, ...]], Expr]) -> Expr:
    """`part` with the values that are known in their places."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read):
            return None
        indices = constant_indices(node)
        return None if indices is None else known.get((node.symbol.name, indices))

    return transform(part, visit)


class InitialStates:
    """The initial states under a given rigid valuation."""

    def __init__(self, problem: Problem, evaluator: Evaluator) -> None:
        self.problem = problem
        self._layout = problem.state_layout
        parts = _split(problem.constraints, problem)
        self._checks = _by_last_cell(self._layout, Role.STATE, parts, evaluator.formula)
        self._starts = {start.symbol.name: start for start in problem.initial}
        self._choices = {
            start.symbol.name: [evaluator.formula(choice, start.binders) for choice in start.choices]
            for start in problem.initial
            if start.choices is not None
        }

    def of(self, rigid: Valuation, limits: Budget) -> Iterator[Valuation]:
        """All of them, ascending. Raises LimitReached."""

        def given(formula: Formula) -> Check:
            return lambda values: bool(formula(rigid, values, ()))

        checks = [[given(formula) for formula in group] if group else () for group in self._checks]
        return assignments(self.choices(rigid), checks, limits)

    def choices(self, rigid: Valuation) -> list[Sequence[Value]]:
        """What each cell may start with, ascending; constraints not yet considered."""
        cells = zip(self._layout.cells, self._same, strict=True)
        return [self._allowed(cell, rigid) if same is None else same for cell, same in cells]

    @cached_property
    def _same(self) -> list[Sequence[Value] | None]:
        """The same for each cell; None where it depends on parameters."""
        return [None if self._depends(cell) else self._allowed(cell, ()) for cell in self._layout.cells]

    def _depends(self, cell: Cell) -> bool:
        choices = self._starts[cell.symbol.name].choices or ()
        return any(isinstance(node, Read) for choice in choices for node in walk(choice))

    def _allowed(self, cell: Cell, rigid: Valuation) -> Sequence[Value]:
        values = domain(cell.symbol.sort, self.problem.size_of)
        formulas = self._choices.get(cell.symbol.name)
        if formulas is None:
            return values
        chosen = sorted({formula(rigid, (), cell.indices) for formula in formulas})
        if any(value not in values for value in chosen):
            raise InternalError(f"initial values {chosen} of {cell} are not all in its domain")
        return chosen


def _split(formulas: Iterable[Expr], problem: Problem) -> list[Expr]:
    parts = (conjuncts(formula, problem.size_of, _SPLIT_LIMIT) for formula in formulas)
    return list(dict.fromkeys(part for group in parts for part in group))


def _by_last_cell(
    layout: Layout, role: Role, parts: Iterable[Expr], check: Callable[[Expr], Made]
) -> list[list[Made]]:
    """Element k holds what `check` makes of those `parts` that need the first k cells of `layout`."""
    checks: list[list[Made]] = [[] for _ in range(len(layout.cells) + 1)]
    end = _symbol_ends(layout)
    positions = {(cell.symbol.name, cell.indices): k for k, cell in enumerate(layout.cells)}
    for part in parts:
        needed = 0
        for node in walk(part):
            if isinstance(node, Read) and node.symbol.role is role:
                indices = constant_indices(node)
                known = None if indices is None else positions[node.symbol.name, indices]
                needed = max(needed, end[node.symbol.name] if known is None else known + 1)
        checks[needed].append(check(part))
    return checks


def _symbol_ends(layout: Layout) -> dict[str, int]:
    """Behind which position the last cell of each symbol stands."""
    return {cell.symbol.name: k + 1 for k, cell in enumerate(layout.cells)}
