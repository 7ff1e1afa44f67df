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

Ctrl-C: during a check Z3 puts its own handler in the place of Python's and turns the signal into
`unknown`. That is recognised here and raised as the KeyboardInterrupt it was. Timeouts were always
obeyed, within some 10 ms, by the checks that were measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

import z3

from tdxverify.model.sorts import BoolSort, Sort, Value
from tdxverify.smt.terms import Encoded, Term, Terms, is_signed

Limit: TypeAlias = Callable[[], int | None]  # milliseconds for the next query, None for no limit

_LOGIC = "QF_FD"
UNLIMITED = 4294967295  # Z3's own value for "no timeout"
INTERRUPTED = "interrupted from keyboard"
_AMBIGUOUS = "canceled"  # a timeout or an interrupt, depending on the part of Z3 that noticed


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


@dataclass(frozen=True, slots=True)
class Sat:
    model: Model


@dataclass(frozen=True, slots=True)
class Unsat:
    """`outright`: what was added is contradictory by itself, whatever was assumed for the question."""

    outright: bool


@dataclass(frozen=True, slots=True)
class GaveUp:
    reason: str


Answer: TypeAlias = Sat | Unsat | GaveUp


class Solver:
    """One Z3 solver over the context of `terms`. `limit` is asked before every query."""

    def __init__(self, terms: Terms, limit: Limit) -> None:
        self._terms = terms
        self._limit = limit
        self._solver = z3.SolverFor(_LOGIC, ctx=terms.context)
        self._timeout: int | None = None

    def add(self, *facts: Encoded) -> None:
        self._solver.add([self._terms.boolean(fact) for fact in facts])

    def check(self, assumptions: Iterable[Term] = ()) -> Answer:
        """Whether all added facts and the `assumptions` (Bool constants or their negations) can hold.

        Raises KeyboardInterrupt if Ctrl-C stopped Z3.
        """
        timeout = self._limit()
        if timeout != self._timeout:
            self._solver.set("timeout", UNLIMITED if timeout is None else timeout)
            self._timeout = timeout
        given = list(assumptions)
        began = monotonic()
        try:
            result = self._solver.check(given)
        except z3.Z3Exception as error:
            return GaveUp(str(error))
        if result == z3.sat:
            return Sat(Model(self._solver.model(), self._terms))
        if result == z3.unsat:
            return Unsat(outright=not given or not self._solver.unsat_core())
        return self._gave_up(monotonic() - began)

    def core(self) -> set[int]:
        """Ids of the assumptions that the last Unsat answer needed."""
        return {term.get_id() for term in self._solver.unsat_core()}

    def _gave_up(self, seconds: float) -> GaveUp:
        reason = self._solver.reason_unknown()
        timed_out = self._timeout is not None and seconds * 1000 >= self._timeout - 1
        if reason == INTERRUPTED or (reason == _AMBIGUOUS and not timed_out):
            raise KeyboardInterrupt
        return GaveUp("timeout" if reason == _AMBIGUOUS else reason)
