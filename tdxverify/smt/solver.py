"""Asking Z3, so that no answer can be mistaken for another.

An answer is `Sat`, `Unsat` or `GaveUp`, never a bool. Questions are asked with assumption literals;
nothing is pushed or popped, so an exception in between leaves nothing behind.

The default is `SolverFor("QF_FD")`: everything here is booleans and bit-vectors, it turns them into
clauses once and keeps one incremental SAT solver. Measured, seconds for the whole process, step by step:

    ================================  ======  ======  ============  ========
    model                             QF_FD   QF_BV   SimpleSolver  Solver()
    ================================  ======  ======  ============  ========
    common model, 64 lines, depth 20    0.5     0.6       7.8            37
    German protocol, 3 clients, 20      2.4     1.9        65            97
    German protocol, 4 clients, 20      5.8     7.5     > 120         > 120
    ================================  ======  ======  ============  ========

`Solver()` starts with a one-shot strategy and falls back to a general SMT core as soon as it is used
incrementally. QF_BV is the same SAT solver behind a more general front, and takes more memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import z3

from tdxverify.diagnostics import InternalError
from tdxverify.logic.sorts import BoolSort, Sort, Value
from tdxverify.smt.asker import Asker
from tdxverify.smt.asker import GaveUp as GaveUp
from tdxverify.smt.asker import Limit as Limit
from tdxverify.smt.terms import Encoded, Term, Terms, is_signed

_LOGIC = "QF_FD"


class Model:
    """Values for all unknowns of one satisfiable question. Stays inside the package."""

    def __init__(self, model: z3.ModelRef, terms: Terms) -> None:
        self._model = model
        self._terms = terms

    def value(self, term: Encoded, sort: Sort) -> Value:
        """The value of `term`, stored as `sort`. Unknowns that do not matter are 0."""
        if isinstance(term, int):
            return term
        value = self._model.eval(term, model_completion=True)
        if isinstance(sort, BoolSort):
            return int(value.eq(self._terms.true))
        return int(value.as_signed_long() if is_signed(sort) else value.as_long())


class Sat:
    """Many who ask want no values, and to put these together takes Z3 longer than most answers: so they are
    fetched where they are asked for, which has to be before anything else is said to the solver."""

    def __init__(self, fetch: Callable[[], Model]) -> None:
        self._fetch = fetch

    @cached_property
    def model(self) -> Model:
        return self._fetch()


@dataclass(frozen=True, slots=True)
class Unsat:
    """`outright`: what was added is contradictory by itself, whatever was assumed for the question."""

    outright: bool


Answer: TypeAlias = Sat | Unsat | GaveUp


class Solver:
    """One Z3 solver over the context of `terms`. `limit` is asked before every query."""

    def __init__(self, terms: Terms, limit: Limit) -> None:
        self._terms = terms
        self._limit = limit
        self._solver = z3.SolverFor(_LOGIC, ctx=terms.context)
        self._asker = Asker(self._solver)
        self._said = 0  # how often something was added or asked
        self.models = 0  # that were fetched

    def add(self, *facts: Encoded) -> None:
        self._said += 1
        self._solver.add([self._terms.boolean(fact) for fact in facts])

    def check(self, assumptions: Iterable[Term] = (), effort: int | None = None) -> Answer:
        """Whether all added facts and the `assumptions` (Bool constants or their negations) can hold.

        `effort` limits what may be done for it, in steps that Z3 counts.

        Raises KeyboardInterrupt if Ctrl-C stopped Z3.
        """
        given = list(assumptions)
        self._said += 1
        found = self._asker.ask(given, self._limit(), effort)
        if isinstance(found, GaveUp):
            return found
        if found:
            return Sat(partial(self._model, self._said))
        return Unsat(outright=not given or not self._solver.unsat_core())

    def _model(self, said: int) -> Model:
        if said != self._said:
            raise InternalError("the values of an answer are asked for when others were asked already")
        self.models += 1
        return Model(self._solver.model(), self._terms)

    def core(self) -> set[int]:
        """Ids of the assumptions that the last Unsat answer needed."""
        return {term.get_id() for term in self._solver.unsat_core()}
