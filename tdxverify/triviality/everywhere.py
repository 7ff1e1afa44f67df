"""Which facts of a small machine hold however many elements there are.

That a variable never changes is put as a fact about one state: it has the values that it had at first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read, Role, Symbol
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.asker import Limit
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.triviality.facts import Fact, cell_of


def hold_everywhere(problem: Problem, facts: Sequence[Fact], limit: Limit) -> tuple[Fact, ...]:
    """The most of `facts` of which it is found that they hold at the start and go on together, at every size
    that `problem` is about. What an `init` says is among them only with all that it rests on."""
    kept = tuple(facts)
    while True:
        going_on = _inductive(problem, kept, limit)
        fixed = {symbol for fact in going_on if fact.formula == core.TRUE for symbol in fact.symbols}
        left = tuple(fact for fact in going_on if not fact.fixed or fixed.issuperset(fact.symbols))
        if left == kept or not left:
            return left
        kept = left


def _inductive(problem: Problem, facts: Sequence[Fact], limit: Limit) -> tuple[Fact, ...]:
    fixed = [symbol for fact in facts if fact.formula == core.TRUE for symbol in fact.symbols]
    asked = replace(
        problem,
        symbols=(*problem.symbols, *map(_at_first, fixed)),
        constraints=(*problem.constraints, *map(_as_at_first, fixed)),
    )
    wrong = problem.out_of_range
    formulas = [core.disjunction(wrong, _of_one_state(fact)) for fact in facts]
    questions = UnsizedQuestions(asked, formulas, limit)
    return tuple(facts[number] for number in questions.largest_inductive(len(formulas)))


def _of_one_state(fact: Fact) -> Expr:
    if fact.formula == core.TRUE:
        return core.conjunction(*map(_as_at_first, fact.symbols))
    return fact.formula


def _at_first(symbol: Symbol) -> Symbol:
    return replace(symbol, name=f"{symbol.name} at first", role=Role.RIGID)


def _as_at_first(symbol: Symbol) -> Expr:
    cell = cell_of(symbol)
    return core.quantified(
        cell, core.equal(Read(symbol, cell), Read(_at_first(symbol), cell)), universal=True
    )
