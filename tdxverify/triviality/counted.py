"""That a proof is not trivial, by states that are known to be reached: no solver is asked.

What holds of each variable on its own holds in these states. So nothing of that kind excludes a state that is
made of values which cells have there, one here and another there; where one is bad, the proof is not trivial.
What these states do not show, such as whether a variable ever changes, is taken to exclude as much as it can;
nothing follows where no bad state is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from typing import TypeAlias

from tdxverify.budget import Budget
from tdxverify.logic import expr as core
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Const, Expr, Symbol
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sorts import BoolSort, EnumSort, Value, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.triviality.facts import facts_of, said_of_later, with_later
from tdxverify.triviality.subject import Subject, subject_of

States: TypeAlias = Iterable[tuple[Valuation, Valuation]]  # parameters, and a state

MOST_STATES = 2_000  # that are looked at; fewer show less
MOST_CHANGED = 16  # of these, with different parameters, that others are made of
MOST_MADE = 20_000
_BATCH = 512  # of these between two looks at the clock


def is_not_trivial(question: Question, problem: Problem, reached: States, budget: Budget) -> bool:
    """Whether `reached`, all that can be in `problem`, which is `question` at some sizes, show that a proof
    of it is not trivial there. Raises LimitReached."""
    subject = subject_of(question, problem.size_of)
    rigid = _taken(problem.rigid_layout, subject.problem.rigid_layout)
    state = _taken(problem.state_layout, subject.problem.state_layout)
    if rigid is None or state is None:
        return False
    pairs = [
        (tuple(parameters[n] for n in rigid), tuple(values[n] for n in state))
        for parameters, values in islice(reached, MOST_STATES)
    ]
    first: dict[Valuation, Valuation] = {}
    for parameters, values in pairs:
        first.setdefault(parameters, values)
    made = _Made(subject, pairs)
    for count, (parameters, values) in enumerate(islice(made.of(first.items()), MOST_MADE)):
        if count % _BATCH == 0:
            budget.check_time()
        if made.is_bad(parameters, values):
            return True
    return False


def _taken(known: Layout, wanted: Layout) -> list[int] | None:
    """Where the cells of `wanted` are in `known`; None where one is not."""
    places = {cell: number for number, cell in enumerate(known.cells)}
    found = [places.get(cell) for cell in wanted.cells]
    return [place for place in found if place is not None] if None not in found else None


class _Made:
    """States that are made of those of `reached`; pairs of them where `subject` is about steps."""

    def __init__(self, subject: Subject, reached: Sequence[tuple[Valuation, Valuation]]) -> None:
        own = subject.problem
        self._reached = reached
        columns = list(zip(*(values for _, values in reached), strict=True))
        self._seen = _values(own, columns)
        self._same = _unchanged(own, columns)
        problem = with_later(own) if subject.of_steps else own
        excluded = list(self._excluded(own))
        wanted = [subject.bad, *map(core.negation, excluded)]
        if subject.of_steps:
            wanted = [
                said_of_later(subject.bad, primed_only=True),
                *wanted[1:],
                *(core.negation(said_of_later(one, primed_only=False)) for one in excluded),
            ]
        evaluator = Evaluator.of(problem.symbols, problem.size_of)
        self._wanted = [evaluator.formula(formula) for formula in wanted]
        self._cells = problem.state_layout.cells
        self._size = len(own.state_layout.cells)
        read = set[Symbol]().union(*map(core.symbols_of, wanted))
        self._varied = [
            number
            for number, cell in enumerate(self._cells)
            if cell.symbol in read and cell.symbol.name != own.range_monitor
            and (number < self._size or own.state_layout.cells[number - self._size].symbol not in self._same)
        ]  # fmt: skip

    def _excluded(self, problem: Problem) -> Iterator[Expr]:
        """What may be excluded beside values of one cell."""
        yield problem.out_of_range
        evaluator = Evaluator.of(problem.symbols, problem.size_of)
        for fact in facts_of(problem):
            if fact.value is None:
                holds = evaluator.formula(fact.formula)
                if all(holds(parameters, values, ()) for parameters, values in self._reached):
                    yield core.negation(fact.formula)
        states = set(problem.state_symbols)
        for tie in problem.constraints:
            if core.symbols_of(tie) & states <= self._same:
                yield core.negation(tie)

    def of(self, bases: Iterable[tuple[Valuation, Valuation]]) -> Iterator[tuple[Valuation, Valuation]]:
        """One after another, the first ones of a few bases."""
        for parameters, base in islice(bases, MOST_CHANGED):
            values = [*base, *base][: len(self._cells)]
            choices = (sorted(self._seen[number % self._size]) for number in self._varied)
            for chosen in islice(product(*choices), MOST_MADE // MOST_CHANGED):
                for number, value in zip(self._varied, chosen, strict=True):
                    values[number] = value
                for number in range(self._size, len(values)):
                    if self._cells_are_same(number):
                        values[number] = values[number - self._size]
                yield parameters, tuple(values)

    def _cells_are_same(self, number: int) -> bool:
        return self._cells[number - self._size].symbol in self._same

    def is_bad(self, parameters: Valuation, values: Valuation) -> bool:
        """Whether nothing that may hold of each variable on its own excludes it, and it is bad."""
        return all(holds(parameters, values, ()) for holds in self._wanted)


def _values(problem: Problem, columns: Sequence[tuple[Value, ...]]) -> list[set[Value]]:
    """Of each cell those that some cell of its variable has; of numbers and elements all."""
    found: dict[Symbol, set[Value]] = {symbol: set() for symbol in problem.state_symbols}
    for cell, values in zip(problem.state_layout.cells, columns, strict=False):
        told_apart = isinstance(cell.symbol.sort, BoolSort | EnumSort)
        found[cell.symbol] |= set(values if told_apart else domain(cell.symbol.sort, problem.size_of))
    return [found[cell.symbol] for cell in problem.state_layout.cells]


def _unchanged(problem: Problem, columns: Sequence[tuple[Value, ...]]) -> set[Symbol]:
    """The variables of which it is not seen that they change."""
    starts = {start.symbol: start.choices for start in problem.initial}
    changed = set()
    for cell, values in zip(problem.state_layout.cells, columns, strict=False):
        match starts[cell.symbol]:
            case (Const(value=first),) if any(value != first for value in values):
                changed.add(cell.symbol)
    return set(problem.state_symbols) - changed
