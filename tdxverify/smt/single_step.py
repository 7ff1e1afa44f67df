"""Whether what is claimed of all states is kept by every step, at the sizes of the problem.

That is one question about one step. It is asked in a context of its own, so that a search that goes on
with the same system finds what it would have found without it.
"""

from __future__ import annotations

import z3

from tdxverify.smt.solver import Limit, Solver, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Encoded, Term, Terms

EFFORT = 200_000  # steps of Z3: most answers take a few thousand


def stays_good(system: SymbolicSystem, limit: Limit) -> bool:
    """Whether no step leads from a state that is not bad into one that is. False, too, if nobody knows."""
    terms = Terms()

    def moved(fact: Encoded) -> Term:
        return terms.boolean(fact if isinstance(fact, int) else fact.translate(terms.context))

    before = system.before
    here, there = ([moved(one) for one in _unknowns(state)] for state in (before.state, system.after))
    bad = moved(before.bad())
    solver = Solver(terms, limit)
    for fact in (before.assumptions(), before.typed(), system.possible, system.equations):
        solver.add(moved(fact))
    solver.add(z3.Not(bad), terms.copied(bad, here, there))
    return isinstance(solver.check(effort=EFFORT), Unsat)


def _unknowns(state: tuple[Encoded, ...]) -> list[Term]:
    """The values that are not known."""
    return [value for value in state if not isinstance(value, int)]
