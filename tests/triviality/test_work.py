"""How much is asked and encoded to find out that a proof is trivial at every size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tdxverify.budget import Budget
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read, Role, Symbol
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.smt.products import States
from tdxverify.smt.unsized_states import UnsizedStates
from tdxverify.smt.unsized_steps import UnsizedSteps
from tdxverify.triviality import everywhere
from tdxverify.triviality.everywhere import hold_everywhere
from tdxverify.triviality.facts import Fact, cell_of
from tdxverify.triviality.grounds import Holding
from tdxverify.triviality.judging import triviality
from tdxverify.triviality.subject import subject_of
from tests.triviality.test_everywhere import _spec as generated
from tests.triviality.test_judging import questions

LINES = """\
index Line
param hot : bool
state poison[Line] : bool = false
state owner[Line] : bool
state used[Line] : bool = false
{others}
action spoil(l : Line) when hot and owner[l] {{ poison[l] := true }}
action give(l : Line) {{ owner[l] := not owner[l] }}
{steps}
property safe never exists l : Line: poison[l] and owner[l]
check safe where not hot
"""


def _lines(more: int) -> str:
    """With so many variables, and steps, that the property has nothing to do with."""
    others = "".join(f"state other{n}[Line] : bool = false\n" for n in range(more))
    steps = "".join(f"action step{n}(l : Line) when used[l] {{ other{n}[l] := true }}\n" for n in range(more))
    return LINES.format(others=others, steps=steps)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[UnsizedSteps]:
    """All that steps are asked of."""
    found: list[UnsizedSteps] = []

    def make(*given: object) -> UnsizedSteps:
        found.append(UnsizedSteps(*given))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr(everywhere, "UnsizedSteps", make)
    return found


def test_only_steps_that_could_change_something_are_encoded(made: list[UnsizedSteps]) -> None:
    for more in (0, 12):
        (asked,) = questions(_lines(more))
        assert triviality(asked, Budget()).trivial
    assert [(steps.encoded, steps.asked) for steps in made] == [
        (1, 2)
    ] * 2  # it never becomes true, it never changes


def test_what_is_possible_in_the_small_machine_is_not_asked_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (asked,) = questions(_lines(2))
    here: list[bool] = []
    anywhere: list[bool] = []

    def recorded(kind: type[States] | type[UnsizedStates], into: list[bool]) -> None:
        original = kind.contradiction

        def contradiction(states: Any, formulas: Sequence[Expr]) -> object:
            found = original(states, formulas)
            into.append(found is None)
            return found

        monkeypatch.setattr(kind, "contradiction", contradiction)

    recorded(States, here)
    recorded(UnsizedStates, anywhere)
    assert triviality(asked, Budget()).trivial
    assert len(here) > len(anywhere) > 0
    assert not any(anywhere)  # what is left to be asked is excluded


def _at_first(symbol: Symbol) -> Symbol:
    return replace(symbol, name=f"{symbol.name} at first", role=Role.RIGID)


def _as_at_first(symbol: Symbol) -> Expr:
    cell = cell_of(symbol)
    same = core.equal(Read(symbol, cell), Read(_at_first(symbol), cell))
    return core.quantified(cell, same, universal=True)


def _plainly(problem: Problem, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The same with everything encoded and asked: that something never changes is said of one state, by what
    it was at first."""
    fixed = [symbol for fact in facts if fact.formula == core.TRUE for symbol in fact.symbols]
    asked = replace(
        problem,
        symbols=(*problem.symbols, *map(_at_first, fixed)),
        constraints=(*problem.constraints, *map(_as_at_first, fixed)),
    )
    formulas = [
        core.conjunction(*map(_as_at_first, fact.symbols)) if fact.formula == core.TRUE else fact.formula
        for fact in facts
    ]
    said = [core.disjunction(problem.out_of_range, formula) for formula in formulas]
    kept = UnsizedQuestions(asked, said, lambda: None).largest_inductive(len(said))
    found = tuple(facts[number] for number in kept)
    unchanged = {one for fact in found if fact.formula == core.TRUE for one in fact.symbols}
    left = tuple(fact for fact in found if not fact.fixed or unchanged.issuperset(fact.symbols))
    return left if left == facts or not left else _plainly(problem, left)


@pytest.mark.parametrize("seed", range(60))
def test_the_same_facts_are_found_as_by_asking_everything(seed: int) -> None:
    text, where = generated(seed)
    (asked,) = questions(f"{text}check p{where}\n")
    for size in (2, 1):
        small = Holding(subject_of(asked, {"A": size}), lambda: None)
        if small.has_start:
            problem = small.subject.problem.limited(())
            assert hold_everywhere(problem, small.facts, lambda: None) == _plainly(problem, small.facts)
            return
