"""Nested definitions are shared: what is done with them grows with their number, not with the tree."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import (
    Apply,
    Bound,
    Const,
    Expr,
    Quantified,
    Read,
    Role,
    Symbol,
    names_of,
    substitute,
    transform,
    walk,
)
from tdxverify.logic.grounding import expand, expanded_size
from tdxverify.logic.measure import Measure
from tdxverify.logic.operators import Op
from tdxverify.logic.sharing import parts_first, shared_parts
from tdxverify.logic.sorts import BOOL, IndexSort

LINE = IndexSort("Line")
A, B = (Symbol(name, Role.STATE, (LINE,), BOOL) for name in "ab")
HERE, THERE = Bound("here", LINE), Bound("there", LINE)
SIZES = {"Line": 2}


def nested(depth: int, at: Bound = HERE) -> Expr:
    """Each level uses the one inside it twice."""
    found: Expr = Read(A, (at,))
    for _ in range(depth):
        left = Apply(Op.AND, (found, Read(B, (at,))), BOOL)
        right = Apply(Op.AND, (Apply(Op.NOT, (found,), BOOL), Read(A, (at,))), BOOL)
        found = Apply(Op.OR, (left, right), BOOL)
    return found


def calls(work: Callable[[], object]) -> int:
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def evaluated(expr: Expr) -> object:
    evaluator = Evaluator.of((A, B), SIZES)
    return [evaluator.formula(expr, (HERE,))((), (0, 1, 1, 0), (element,)) for element in range(2)]


WAYS: dict[str, Callable[[Expr], object]] = {
    "walk": lambda expr: list(walk(expr)),
    "parts first": lambda expr: list(parts_first(expr)),
    "shared parts": shared_parts,
    "names": names_of,
    "hash": hash,
    "substitute": lambda expr: substitute(expr, {HERE: THERE}),
    "transform": lambda expr: transform(expr, lambda node: None),
    "expand": lambda expr: expand(Quantified(True, (HERE,), expr), SIZES),
    "expanded size": lambda expr: expanded_size(expr, SIZES),
    "evaluate": evaluated,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_work_grows_with_the_levels(way: Callable[[Expr], object]) -> None:
    """Of a tree that doubles with each of them."""
    short, long = (calls(lambda depth=depth: way(nested(depth))) for depth in (20, 40))  # type: ignore[misc]
    assert long < 3 * short


def test_comparing_two_copies_grows_with_the_levels() -> None:
    def compared(depth: int) -> int:
        one, other = nested(depth), nested(depth)
        assert one is not other
        found = []
        count = calls(lambda: found.append(one == other))
        assert found == [True]
        return count

    assert compared(40) < 3 * compared(20)
    assert nested(30) != nested(31)
    assert nested(30) != nested(30, THERE)


def test_what_is_rewritten_is_still_shared() -> None:
    before, after = nested(40), substitute(nested(40), {HERE: THERE})
    assert after == nested(40, THERE)
    assert len(list(parts_first(after))) == len(list(parts_first(before)))
    assert Measure().size(after) > 2**40


@st.composite
def with_shared_parts(draw: st.DrawFn) -> Expr:
    """Formulas built from parts made before, with `here` and `there` free or bound at several places."""
    known: list[Expr] = [Read(symbol, (at,)) for symbol in (A, B) for at in (HERE, THERE)]
    for _ in range(draw(st.integers(4, 16))):
        some = st.sampled_from(known[-6:])
        match draw(st.sampled_from(("and", "or", "not", "iff", "all", "some"))):
            case "not":
                known.append(Apply(Op.NOT, (draw(some),), BOOL))
            case "all" | "some" as word:
                own, old = Bound(f"own {len(known)}", LINE), draw(st.sampled_from((HERE, THERE)))
                known.append(Quantified(word == "all", (own,), substitute(draw(some), {old: own})))
            case word:
                op = {"and": Op.AND, "or": Op.OR, "iff": Op.EQ}[word]
                known.append(Apply(op, (draw(some), draw(some)), BOOL))
    return known[-1]


def plainly(expr: Expr, state: tuple[int, ...], at: dict[Bound, int]) -> bool:
    """By the definition, as a tree."""
    match expr:
        case Read(symbol=symbol, indices=(Bound() as index,)):
            return bool(state[at[index] + (2 if symbol is B else 0)])
        case Quantified(universal=universal, binders=(binder,), body=body):
            return (all if universal else any)(plainly(body, state, {**at, binder: n}) for n in range(2))
        case Apply(op=Op.NOT, arguments=(inner,)):
            return not plainly(inner, state, at)
        case Apply(op=op, arguments=arguments):
            values = [plainly(one, state, at) for one in arguments]
            return {Op.AND: all(values), Op.OR: any(values), Op.EQ: values[0] == values[-1]}[op]
        case Const(value=value):
            return bool(value)
        case _:
            raise AssertionError(expr)


@given(with_shared_parts(), st.lists(st.tuples(*[st.integers(0, 1)] * 6), min_size=1, max_size=5))
def test_values_kept_during_an_evaluation_are_those_of_the_tree(
    expr: Expr, cases: list[tuple[int, ...]]
) -> None:
    """The same formula in several states, one after the other: nothing is kept from the one before."""
    formula = Evaluator.of((A, B), SIZES).formula(expr, (HERE, THERE))
    for *state, here, there in cases:
        at = {HERE: here, THERE: there}
        assert bool(formula((), tuple(state), (here, there))) is plainly(expr, tuple(state), at)
