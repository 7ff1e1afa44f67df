"""Bounded search with switches: which of them, off by itself, lets a bad state be reached?

All of them are looked at together: at most one may be off. So one question finds a trace for one of them,
and as many questions as there are switches, and one per depth, find a trace for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace
from tdxverify.smt.canonical import canonical_trace
from tdxverify.smt.solver import GaveUp, Limit, Sat, Unsat
from tdxverify.smt.system import SymbolicSystem
from tdxverify.smt.terms import Term
from tdxverify.smt.unroll import Unrolling


def broken_without(
    problem: Problem, switches: Sequence[str], deepest: int, limit: Limit
) -> Iterator[tuple[str, Trace]]:
    """Switches without which a bad state is reached in at most `deepest` steps, each with the least trace.

    `switches` are names of rigid bool symbols of `problem`. Ends early where the solver gives up.
    """
    runs = Unrolling(SymbolicSystem.of(problem), limit, initialised=True)
    terms = runs.terms
    cells = zip(problem.rigid_layout.cells, runs.system.before.rigid, strict=True)
    found: dict[str, Term] = {c.symbol.name: term for c, term in cells if c.symbol.name in switches}
    for one, other in combinations(found.values(), 2):
        runs.solver.add(terms.disjunction((one, other)))
    while found and runs.depth <= deepest:
        answer = runs.ends_bad()
        if isinstance(answer, GaveUp) or (isinstance(answer, Unsat) and answer.outright):
            return
        if isinstance(answer, Sat):
            trace = canonical_trace(runs, answer)
            off = _off(problem, trace, found)
            if off is None:
                return  # nothing needs to be off: the property does not hold at all
            yield off, trace
            runs.solver.add(found.pop(off))
        else:
            runs.require_good(runs.depth)
            runs.extend()


def _off(problem: Problem, trace: Trace, switches: dict[str, Term]) -> str | None:
    offset = problem.rigid_layout.offset
    return next((name for name in switches if not trace.rigid[offset[name]]), None)
