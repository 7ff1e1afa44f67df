"""The bits of all cells of a problem, now and behind a step, and the formulas about one state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tdxverify.engines.bdd.backend import Manager, Node
from tdxverify.engines.bdd.encode import Cases, Encoder, bit_cases
from tdxverify.engines.bdd.ordering import Order
from tdxverify.logic.expr import Role
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import Value, domain
from tdxverify.questions.problems.problem import Problem


@dataclass(frozen=True, slots=True)
class Variables:
    """One cell: its `bits`, highest first, and their `names`; the cell as cases, now and behind a step."""

    cell: Cell
    values: range
    bits: tuple[Node, ...]
    names: tuple[str, ...]
    later_names: tuple[str, ...]
    now: Cases
    later: Cases

    def bits_of(self, value: Value) -> dict[str, bool]:
        code = value - self.values[0]
        last = len(self.names) - 1
        return {name: bool(code >> (last - place) & 1) for place, name in enumerate(self.names)}


class Space:
    """`cells`: rigid ones, then state cells, in layout order, whatever the order in the diagrams.

    A rigid cell is called the same behind a step.
    """

    def __init__(self, problem: Problem, manager: Manager, order: Order) -> None:
        self.problem = problem
        self.manager = manager
        self.order = order
        all_cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
        found: dict[int, Variables] = {}
        for place in order:
            found[place] = self._declared(place, all_cells[place])
        self.cells: Sequence[Variables] = [found[place] for place in range(len(all_cells))]
        self.place_of: Mapping[tuple[str, tuple[Value, ...]], int] = {
            (cell.symbol.name, cell.indices): place for place, cell in enumerate(all_cells)
        }
        now = {key: self.cells[place].now for key, place in self.place_of.items()}
        self.encoder = Encoder(manager, problem.size_of, now)

    @property
    def rigid_count(self) -> int:
        return len(self.problem.rigid_layout.cells)

    def _declared(self, place: int, cell: Cell) -> Variables:
        values = domain(cell.symbol.sort, self.problem.size_of)
        width = (len(values) - 1).bit_length()
        names = tuple(f"c{place}.{bit}" for bit in range(width))
        later_names = tuple(f"n{place}.{bit}" for bit in range(width))
        bits, later_bits = [], []
        for name, later_name in zip(names, later_names, strict=True):
            bits.append(self.manager.declare(name))
            if cell.symbol.role is Role.STATE:  # both next to each other
                later_bits.append(self.manager.declare(later_name))
        now = bit_cases(self.manager, tuple(bits), values)
        if cell.symbol.role is Role.RIGID:
            return Variables(cell, values, tuple(bits), names, names, now, now)
        later = bit_cases(self.manager, tuple(later_bits), values)
        return Variables(cell, values, tuple(bits), names, later_names, now, later)

    # --- formulas ------------------------------------------------------------------

    def typed(self, places: range) -> Node:
        """That the bits of these cells are those of a value."""
        return self.manager.all_of(
            self.manager.any_of(self.cells[place].now.values())
            for place in reversed([cell for cell in self.order if cell in places])
            if len(self.cells[place].values) < 1 << len(self.cells[place].names)
        )

    def assumptions(self) -> Node:
        """The parameter values that there may be."""
        parts = (self.encoder.formula(part, {}) for part in self.problem.assumptions)
        return self.manager.all_of((self.typed(range(self.rigid_count)), *parts))

    def initial(self) -> Node:
        """The initial states, for parameter values that there may be or not."""
        found = self.typed(range(self.rigid_count, len(self.cells)))
        choices = {start.symbol.name: start for start in self.problem.initial}
        for place in reversed(self.order):
            variables = self.cells[place]
            start = choices.get(variables.cell.symbol.name)
            if variables.cell.symbol.role is Role.STATE and start is not None and start.choices is not None:
                environment = dict(zip(start.binders, variables.cell.indices, strict=True))
                found = self.manager.conjunction(
                    found,
                    self.manager.any_of(
                        self.equal(variables.now, self.encoder.cases(choice, environment))
                        for choice in start.choices
                    ),
                )
        return self.manager.all_of(
            (found, *(self.encoder.formula(part, {}) for part in self.problem.constraints))
        )

    def bad(self) -> Node:
        return self.encoder.formula(self.problem.bad, {})

    def equal(self, cell: Cases, value: Cases) -> Node:
        """That a cell has the value of these cases."""
        return self.manager.any_of(
            self.manager.conjunction(case, cell[one]) for one, case in value.items() if one in cell
        )
