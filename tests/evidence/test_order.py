"""Invariants about elements that have an order: what is true of every order is accepted, all else refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import anysize
from tdxverify.evidence.formulas import FormulaReader, to_json
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts.inductive import script_for
from tdxverify.evidence.second_opinion import confirm
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.expr import Bound, Const, Expr, less, negation, quantified
from tdxverify.logic.operators import Op
from tdxverify.logic.show import show_expression
from tdxverify.logic.sorts import IndexSort
from tests.evidence.mutating import is_invariant, mutants
from tests.evidence.test_invariant import accepted
from tests.ordered_specs import ordered_problem
from tests.texts import Silent, problem_of
from tests.thorough import parts

EPOCH, CPU = IndexSort("Epoch"), IndexSort("Cpu")
TICKING = """
index Epoch ordered
index Cpu
state now : Epoch = first(Epoch)
state seen[Cpu] : Epoch = first(Epoch)
action tick(e : Epoch) when e next after now { now := e }
action look(c : Cpu) { seen[c] := now }
property p never exists c : Cpu: seen[c] > now
check p
"""


def invariant_of(seed: int) -> Invariant | None:
    verdict = anysize.decide(ordered_problem(seed, 2, 1), Budget(), Silent()).verdict
    certificate = verdict.certificate if isinstance(verdict, Proved) else None
    return certificate if isinstance(certificate, Invariant) else None


@pytest.mark.parametrize("seeds", parts(range(600, 660), 6))
def test_mutants_are_refused_where_looking_at_every_state_refuses_them(seeds: range) -> None:
    """At stated sizes exactly then; of any size what is accepted is an invariant at every small one."""
    judged: list[bool] = []
    for seed in seeds:
        found = invariant_of(seed)
        for what, mutant in () if found is None else (("itself", found), *mutants(found)):
            everywhere = [
                is_invariant(ordered_problem(seed, epochs, 1), mutant.formulas) for epochs in (1, 2, 3)
            ]
            judged.append(accepted(ordered_problem(seed, 2, 1), mutant))
            assert all(everywhere) or not judged[-1], (seed, what)
            stated = replace(mutant, any_size=False)
            assert accepted(ordered_problem(seed, 3, 1), stated) is everywhere[-1], (seed, what)
    assert judged.count(False) > 10
    assert judged.count(True) > 2


def test_another_solver_accepts_it_too() -> None:
    problem = problem_of(TICKING)
    verdict = anysize.decide(problem, Budget(), Silent()).verdict
    assert isinstance(verdict, Proved) and verdict.certificate is not None
    assert isinstance(confirm(problem, verdict.certificate), str)


def _after_the_first() -> Expr:
    """No epoch is behind the first: so it is for one epoch, and for no other number."""
    one = Bound("e", EPOCH)
    return quantified((one,), negation(less(Op.LT, Const(0, EPOCH), one)), universal=True)


def test_what_is_true_of_one_element_is_not_true_of_any() -> None:
    claim = Invariant((negation(problem_of(TICKING).bad), _after_the_first()), any_size=True)
    assert not accepted(problem_of(TICKING), claim)
    assert accepted(problem_of(TICKING, sizes={"Epoch": 1}), replace(claim, any_size=False))


def test_a_certificate_cannot_say_that_elements_have_an_order() -> None:
    one, other = Bound("c", CPU), Bound("d", CPU)
    formula = quantified((one, other), negation(less(Op.LT, one, other)), universal=True)
    with pytest.raises(Unusable, match="have no order"):
        script_for(problem_of(TICKING), Invariant((formula,), any_size=True))
    named = quantified((one,), negation(less(Op.LT, one, Const(1, CPU))), universal=True)
    with pytest.raises(Unusable):
        script_for(problem_of(TICKING), Invariant((named,), any_size=True))


def test_it_is_stored_as_it_is() -> None:
    problem = problem_of(TICKING)
    read_back = FormulaReader(problem).formula(to_json(problem.bad))
    assert show_expression(read_back) == show_expression(problem.bad)
    assert FormulaReader(problem).formula(to_json(_after_the_first())) == _after_the_first()
