"""One valuation of a problem's cells by unknowns, and the formulas that speak about a single state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tdxverify.logic.expr import Const, Read, Symbol, conjuncts, fixed_by
from tdxverify.logic.layout import Layout
from tdxverify.logic.sorts import Value, domain
from tdxverify.model.model import InitialValue
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.encode import Encoder
from tdxverify.smt.terms import Encoded, Terms


@dataclass(frozen=True)
class Valuation:
    """`rigid` and `state` follow the problem's layouts; `encoder` encodes expressions over them."""

    problem: Problem
    terms: Terms
    rigid: tuple[Encoded, ...]
    state: tuple[Encoded, ...]
    encoder: Encoder

    @staticmethod
    def of(
        problem: Problem, terms: Terms, rigid: tuple[Encoded, ...], state: tuple[Encoded, ...]
    ) -> Valuation:
        cells: dict[str, dict[tuple[Value, ...], Encoded]] = {symbol.name: {} for symbol in problem.symbols}
        layouts = ((problem.rigid_layout, rigid), (problem.state_layout, state))
        for layout, values in layouts:
            for cell, value in zip(layout.cells, values, strict=True):
                cells[cell.symbol.name][cell.indices] = value
        return Valuation(problem, terms, rigid, state, Encoder(terms, problem.size_of, cells))

    def assumptions(self) -> Encoded:
        """That the rigid values are of their sorts and satisfy the assumptions."""
        given = (self.encoder.encode(part, {}) for part in self.problem.assumptions)
        return self.terms.conjunction((self._typed(self.problem.rigid_layout, self.rigid), *given))

    def typed(self) -> Encoded:
        """That the state's values are of their sorts."""
        return self._typed(self.problem.state_layout, self.state)

    def bad(self) -> Encoded:
        return self.encoder.encode(self.problem.bad, {})

    def initial(self) -> Encoded:
        """That the state is an initial one."""
        given = (self.encoder.encode(part, {}) for part in self.problem.constraints)
        starts = (self._starts(start) for start in self.problem.initial)
        return self.terms.conjunction((self.typed(), *starts, *given))

    def _typed(self, layout: Layout, values: Iterable[Encoded]) -> Encoded:
        return self.terms.conjunction(
            self.terms.in_domain(value, cell.symbol.sort, self.problem.size_of)
            for cell, value in zip(layout.cells, values, strict=True)
        )

    def _starts(self, start: InitialValue) -> Encoded:
        """That every cell of one symbol has one of its initial values."""
        if start.choices is None:
            return 1
        parts: list[Encoded] = []
        for place, cell in enumerate(self.problem.state_layout.cells):
            if cell.symbol != start.symbol:
                continue
            environment = dict(zip(start.binders, cell.indices, strict=True))
            options = []
            for choice in start.choices:
                value = self.encoder.encode(choice, environment)
                stored = self.encoder.convert(value, choice.sort, cell.symbol.sort)
                options.append(
                    self.terms.equal(self.state[place], stored, cell.symbol.sort, self.problem.size_of)
                )
            parts.append(self.terms.disjunction(options))
        return self.terms.conjunction(parts)


def fresh_rigid(problem: Problem, terms: Terms) -> tuple[Encoded, ...]:
    """An unknown per rigid cell; the value itself where an assumption states it outright."""
    stated = _stated(problem)
    return tuple(
        stated[cell.symbol, cell.indices]
        if stated.get((cell.symbol, cell.indices)) in domain(cell.symbol.sort, problem.size_of)
        else terms.constant(f"rigid.{place}", cell.symbol.sort, problem.size_of)
        for place, cell in enumerate(problem.rigid_layout.cells)
    )


def fresh_state(problem: Problem, terms: Terms, suffix: str) -> tuple[Encoded, ...]:
    """An unknown per state cell."""
    return tuple(
        terms.constant(f"state.{place}{suffix}", cell.symbol.sort, problem.size_of)
        for place, cell in enumerate(problem.state_layout.cells)
    )


def fixed_start(problem: Problem) -> tuple[Value | None, ...]:
    """Per state cell, the only value it can start with, where the problem says so in so many words."""
    single = {
        start.symbol: start.choices[0].value
        for start in problem.initial
        if start.choices is not None and len(start.choices) == 1 and isinstance(start.choices[0], Const)
    }
    return tuple(single.get(cell.symbol) for cell in problem.state_layout.cells)


def _stated(problem: Problem) -> dict[tuple[Symbol, tuple[Value, ...]], Value]:
    """Values of rigid cells given by an assumption of the form `p`, `not p` or `p = constant`.

    The assumptions themselves stay: where two contradict each other, one of them becomes false.
    """
    found: dict[tuple[Symbol, tuple[Value, ...]], Value] = {}
    for part in (part for assumption in problem.assumptions for part in conjuncts(assumption)):
        fact = fixed_by(part)
        if fact is not None:
            _state(found, *fact)
    return found


def _state(found: dict[tuple[Symbol, tuple[Value, ...]], Value], read: Read, value: Const) -> None:
    indices: list[Value] = []
    for index in read.indices:
        if not isinstance(index, Const):
            return
        indices.append(index.value)
    found.setdefault((read.symbol, tuple(indices)), value.value)
