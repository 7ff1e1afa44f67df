"""What a told trace depends on: what has to be said of its parameters and of its start, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from tdxverify.logic.expr import Const, Role, conjuncts, fixed_by, names_of
from tdxverify.logic.show import show_cell, show_expression
from tdxverify.logic.sorts import domain, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.needed_run import Place, definitions
from tdxverify.semantics.trace import Trace
from tdxverify.telling.cells import is_of_spec, told_cell
from tdxverify.telling.relevance import Given, Relevance, Trials
from tdxverify.telling.slicing import START, Slice, slice_trace
from tdxverify.telling.story import Reliance, ToldCell


class Depending:
    """Requires: `trace` is a run of `problem` that ends in a bad state, `given` is of the same model."""

    def __init__(self, problem: Problem, trace: Trace, given: Given) -> None:
        self._problem = problem
        self.trace = trace
        self._given = given
        self.trials = Trials(problem, trace, given)

    @cached_property
    def slice(self) -> Slice:
        """What each step made for which other."""
        return slice_trace(self._problem, self.trace)

    @cached_property
    def relevance(self) -> Relevance:
        """The cells that the trace relies on."""
        return self.trials.relevance()

    def reliance(self) -> Reliance:
        """The same of parameters and constants, as it is told."""
        found = self.relevance
        fixed = fixed_cells(self._problem, self._given)
        rigid = self._problem.rigid_layout.cells
        written = dict(reversed(self._given.written))
        named = set[str]().union(*(names_of(part) for part in found.relations))
        tied = {at for at, cell in enumerate(rigid) if cell.symbol.name in named} - found.rigid()
        cells, first = self._problem.state_layout.cells, self.trace.states[0]
        initial = [(at, cells[at]) for at in sorted(found.initial()) if is_of_spec(cells[at])]
        return Reliance(
            needed=tuple(self._told(found.needed)),
            perhaps=tuple(self._told(found.perhaps)),
            asked=tuple(self._told(found.asked)),
            others=len(rigid) - len(found.rigid() | tied | fixed),
            is_certain=found.is_certain,
            relations=tuple(written.get(part) or show_expression(part) for part in found.relations),
            tied=tuple(show_cell(rigid[at]) for at in sorted(tied)),
            initial=tuple((told_cell(cell), show(cell.symbol.sort, first[at])) for at, cell in initial),
            perhaps_initial=tuple(
                told_cell(cell) for at, cell in initial if Place(Role.STATE, at) in found.perhaps
            ),
            accidental=tuple(self._accidental()),
        )

    def _accidental(self) -> Iterator[ToldCell]:
        """The cells that are not relied on and could start otherwise."""
        relevant = self.relevance
        for at, cell in enumerate(self._problem.state_layout.cells):
            place = Place(Role.STATE, at)
            if place in relevant.kept() or not is_of_spec(cell):
                continue
            if self.trials.may_differ(place, relevant):
                yield told_cell(cell)

    def _told(self, places: Iterable[Place]) -> Iterator[tuple[str, str]]:
        for position in sorted(place.position for place in places if place.role is Role.RIGID):
            cell = self._problem.rigid_layout.cells[position]
            yield show_cell(cell), show(cell.symbol.sort, self.trace.rigid[position])

    def start(self) -> frozenset[int]:
        """Positions of the state cells whose value at the start decides something."""
        needed = {need.position for need in self.slice.needs if need.producer == START}
        return self.relevance.initial() | needed

    def kept(self, number: int) -> frozenset[int]:
        """Positions of the cells to which step `number` (from 1) assigned the value that they had, that
        something later needs to be so, and that had it from a start that could have been another."""
        before, after = self.trace.states[number - 1 : number + 1]
        made = {need.position for need in self.slice.needs if need.producer == number}
        same = {position for position in made if before[position] == after[position]}
        return frozenset(position for position in same if self._is_accidental(position, number))

    def _is_accidental(self, position: int, number: int) -> bool:
        """Whether, before step `number`, a cell has the value that it happened to start with."""
        values = {state[position] for state in self.trace.states[:number]}
        is_open = self.trials.is_open(Place(Role.STATE, position))
        return len(values) == 1 and is_open and position not in self.relevance.initial()


def fixed_cells(problem: Problem, given: Given) -> frozenset[int]:
    """Positions of the rigid cells that the file gives the value of: constants, what is assumed of one cell
    (`assume erratum`), and those for which there is one value only."""
    layout = problem.rigid_layout
    defined = definitions(replace(problem, assumptions=given.assumptions), given.constants)
    found = {
        at
        for at, cell in enumerate(layout.cells)
        if cell.symbol.name in defined or len(domain(cell.symbol.sort, problem.size_of)) == 1
    }
    for part in (part for assumption in given.assumptions for part in conjuncts(assumption)):
        fact = fixed_by(part)
        if fact is not None:
            read, _ = fact
            indices = tuple(index.value for index in read.indices if isinstance(index, Const))
            found |= {
                at
                for at, cell in enumerate(layout.cells)
                if (cell.symbol, cell.indices) == (read.symbol, indices)
            }
    return frozenset(found)
