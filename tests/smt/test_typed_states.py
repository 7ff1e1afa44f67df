"""Typed states of any size, asked of the solver and read back."""

from __future__ import annotations

from tdxverify.logic.expr import Bound, Expr, Read
from tdxverify.logic.partial import PartialEvaluator
from tdxverify.smt.typed_states import GaveUp, TypedState, find_typed_state
from tests.texts import model_of

EFFORT = 2_000_000
DECLARED = """
index L
index P
enum E { red, green, blue }
const of[L] : P
const next[L] : L
state c[L] : bool
state n[P] : -2..4
state e[E] : E
"""


def formula(text: str) -> Expr:
    (target,) = model_of(f"{DECLARED} property q never {text}").properties
    assert target.formula is not None
    return target.formula


def holds(state: TypedState, expr: Expr, bound: dict[Bound, int] | None = None) -> bool:
    return PartialEvaluator(dict(state.cells), state.sizes).value(expr, bound or {}) == 1


def test_a_state_is_read_back() -> None:
    text = (
        "(exists x, y, z : L: x != y and y != z and x != z and not c[x] and of[y] != of[z]) "
        "and (forall p : P: n[p] < 0) and (forall k : E: e[k] != k) and forall x : L: next[x] != x"
    )
    wanted = formula(text)
    found = find_typed_state(wanted, (), EFFORT)
    assert isinstance(found, TypedState)
    assert holds(found, wanted)
    assert found.sizes["L"] >= 3
    assert all(-2 <= value <= 4 for (name, _), value in found.cells.items() if name == "n")


def test_there_is_none() -> None:
    assert find_typed_state(formula("exists x : L: c[x] and forall y : L: not c[y]"), (), EFFORT) is None
    assert find_typed_state(formula("exists p : P: n[p] > 4"), (), EFFORT) is None
    none_of_three = "exists k : E: e[k] != red and e[k] != green and e[k] != blue"
    assert find_typed_state(formula(none_of_three), (), EFFORT) is None


def test_free_variables_have_values_of_their_sorts() -> None:
    line = Bound("line", model_of(DECLARED).index_sorts[0])
    (read,) = (s.symbol for s in model_of(DECLARED).symbols if s.symbol.name == "c")
    found = find_typed_state(Read(read, (line,)), (line,), EFFORT)
    assert isinstance(found, TypedState)
    assert holds(found, Read(read, (line,)), dict(found.bound))


def test_the_limit_is_a_count_of_work() -> None:
    """No finite state is like this, but the solver does not know that states are finite."""
    text = "(forall x, y : L: next[x] = next[y] implies x = y) and exists z : L: forall x : L: next[x] != z"
    one, other = (find_typed_state(formula(text), (), 100_000) for _ in range(2))
    assert isinstance(one, GaveUp)
    assert one.reason == "the solver's limit was reached"
    assert one == other
    assert isinstance(find_typed_state(formula(text), (), 0), GaveUp)
