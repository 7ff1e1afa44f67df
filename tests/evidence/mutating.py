"""Small changes to formulas, and whether the result is an invariant, found out by looking at every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import prod

from tdxverify.evidence.invariant import Invariant
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Apply, Const, Expr, Quantified, Read, children
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BoolSort, EnumSort, RangeSort, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics

MOST_STATES = 4_000


def mutants(certificate: Invariant) -> Iterator[tuple[str, Invariant]]:
    """Certificates that differ in one place, each with what was done to it."""
    formulas = certificate.formulas
    for place, formula in enumerate(formulas):
        before, behind = formulas[:place], formulas[place + 1 :]
        yield f"without {place}", replace(certificate, formulas=(*before, *behind))
        yield f"{place} negated", replace(certificate, formulas=(*before, core.negation(formula), *behind))
        for what, changed in changes(formula):
            yield f"{place}: {what}", replace(certificate, formulas=(*before, changed, *behind))


def changes(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """`expr` with one node changed."""
    yield from _changed_here(expr)
    yield from _compared_with_another(expr)
    for place, part in enumerate(children(expr)):
        for what, changed in changes(part):
            yield what, _with_part(expr, place, changed)


def _with_part(expr: Expr, place: int, part: Expr) -> Expr:
    parts = [*children(expr)]
    parts[place] = part
    match expr:
        case Apply(op=op, sort=sort):
            return Apply(op, tuple(parts), sort)
        case Quantified(universal=universal, binders=binders):
            return Quantified(universal, binders, part)
        case Read(symbol=symbol, primed=primed):
            return Read(symbol, tuple(parts), primed)
        case _:
            raise AssertionError(expr)


def _changed_here(expr: Expr) -> Iterator[tuple[str, Expr]]:
    match expr:
        case Apply(op=Op.NOT, arguments=(inner,)):
            yield "negation dropped", inner
        case Apply(op=Op.AND | Op.OR as op, arguments=parts, sort=sort):
            other = Op.OR if op is Op.AND else Op.AND
            yield f"{op.value} to {other.value}", Apply(other, parts, sort)
            for place in range(len(parts)):
                rest = parts[:place] + parts[place + 1 :]
                yield "operand dropped", rest[0] if len(rest) == 1 else Apply(op, rest, sort)
        case Apply(op=Op.LT | Op.LE as op, arguments=parts, sort=sort):
            yield "comparison changed", Apply(Op.LE if op is Op.LT else Op.LT, parts, sort)
        case Quantified(universal=universal, binders=binders, body=body):
            yield "quantifier exchanged", Quantified(not universal, binders, body)
        case Const(value=value, sort=EnumSort() | RangeSort() | BoolSort() as sort):
            for other_value in domain(sort, {}):
                if other_value != value:
                    yield "constant changed", Const(other_value, sort)
        case Read(symbol=symbol, indices=(first, second)) if first != second:
            if symbol.indices[0] == symbol.indices[1]:
                yield "indices swapped", Read(symbol, (second, first))
                yield "indices equal", Read(symbol, (first, first))


def _compared_with_another(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """The number that something is compared with is another one that it can be."""
    match expr:
        case Apply(arguments=(left, Const(value=value, sort=RangeSort())), sort=BoolSort()):
            for number in domain(left.sort, {}) if isinstance(left.sort, RangeSort) else ():
                if number != value:
                    other = Const(number, RangeSort(number, number))
                    yield "constant changed", _with_part(expr, 1, other)


def is_small(problem: Problem) -> bool:
    return _count(problem) <= MOST_STATES


def _count(problem: Problem) -> int:
    cells = (*problem.rigid_layout.cells, *problem.state_layout.cells)
    return prod(len(domain(cell.symbol.sort, problem.size_of)) for cell in cells)


def is_invariant(problem: Problem, formulas: tuple[Expr, ...]) -> bool:
    """By the definition: every initial state satisfies it, every step keeps it, no bad state does."""
    semantics = Semantics(problem)
    holds = [semantics.evaluator.formula(formula) for formula in formulas]
    rigid_cells, state_cells = problem.rigid_layout.cells, problem.state_layout.cells
    for rigid in product(*(domain(c.symbol.sort, problem.size_of) for c in rigid_cells)):
        if not semantics.assumed(rigid):
            continue
        for state in product(*(domain(c.symbol.sort, problem.size_of) for c in state_cells)):
            inside = all(formula(rigid, state, ()) for formula in holds)
            if not inside and semantics.is_initial(rigid, state):
                return False
            if inside and semantics.is_bad(rigid, state):
                return False
            if inside:
                for _, after in semantics.successors(rigid, state):
                    if not all(formula(rigid, after, ()) for formula in holds):
                        return False
    return True
