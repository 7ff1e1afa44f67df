"""The order of elements as a relation, and back."""

from __future__ import annotations

import pytest

from tdxverify.logic.expr import Expr, conjuncts
from tdxverify.logic.order import numbered, opened, ordered_sorts
from tdxverify.logic.show import show_expression
from tdxverify.questions.problems.opened import with_any_order
from tests.ordered_specs import ordered_problem
from tests.texts import model_of

HEAD = """
index Epoch ordered
index Cpu
state now : Epoch = first(Epoch)
state seen[Cpu] : Epoch or none = none
"""


def formula(text: str) -> Expr:
    found = model_of(f"{HEAD}property p never {text}").properties[0].formula
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "now > first(Epoch)",
        "exists e : Epoch: e next after now",
        "forall d, e : Epoch: not d next after e or now <= d",
        "exists c : Cpu, e : Epoch: seen[c] != none and seen[c] < e and e next after first(Epoch)",
    ],
)
def test_it_is_told_as_it_is_written(text: str) -> None:
    told = show_expression(formula(text))
    assert told == text
    assert show_expression(formula(told)) == told


@pytest.mark.parametrize("seed", range(40))
def test_what_is_opened_can_be_taken_back(seed: int) -> None:
    problem = ordered_problem(seed, 3, 2)
    for expr in problem.expressions():
        plain = opened(expr)
        assert not ordered_sorts((plain,))
        assert opened(numbered(plain)) == plain
    assert not with_any_order(problem).ordered_sorts


def test_a_problem_without_orders_is_left_as_it_is() -> None:
    problem = ordered_problem(0, 2, 2)
    assert with_any_order(with_any_order(problem)) == with_any_order(problem)


def test_neighbours_are_told_only_where_both_halves_are_there() -> None:
    whole = formula("exists e : Epoch: e next after now")
    first, second = conjuncts(whole.body)  # type: ignore[union-attr]
    assert "next after" not in show_expression(first)
    assert "next after" not in show_expression(second)
