"""How many elements are enough to look at, and when no number is."""

from __future__ import annotations

import pytest

from tdxverify.logic.expr import Expr, Quantified
from tdxverify.wellformed.enough import Enough, enough_elements
from tdxverify.wellformed.states import free_variables
from tests.texts import model_of

DECLARED = """
index L
index P
enum E { red, green }
const of[L] : P
const next[L] : L
state c[L] : bool
state here : L
state s : bool
"""


def counted(text: str) -> Enough | None:
    """For the formula `text`, in which l and p are free."""
    model = model_of(f"{DECLARED} property q never exists l : L, p : P: ({text}) and (l = l or p = p)")
    (target,) = model.properties
    formula: Expr | None = target.formula
    assert isinstance(formula, Quantified)
    return enough_elements(formula.body, free_variables(formula.body))


ENOUGH = {
    "c[l]": ({"L": 1}, ""),
    "c[l] and not c[here]": ({"L": 2}, ""),
    "of[l] = p": ({"L": 1, "P": 2}, ""),
    "exists x : L: c[x] and x != l": ({"L": 2}, ""),
    "not forall x : L: c[x]": ({"L": 1}, ""),
    "forall x : L: c[x]": ({"L": 1}, ""),
    "forall x : L: x = l or c[x]": ({"L": 1}, "L"),
    "(exists x : L: c[x]) iff s": ({"L": 1}, ""),
    "exists x, y : L: x != y and forall z : L: z = x or z = y": ({"L": 2}, "L"),
    "forall x : L: of[x] = p": ({"L": 1, "P": 2}, ""),
    "(exists x, y : L: x != y) and forall x, y : L: of[x] = of[y] implies x = y": ({"L": 2, "P": 4}, "L"),
    "forall e : E: exists x : L: c[x] iff e = red": ({"L": 2}, ""),
    "forall x : L: exists q : P: of[x] != q": ({"L": 1, "P": 2}, ""),
    "c[next[next[l]]]": ({"L": 3}, ""),
    "exists x : L: s": ({"L": 1}, ""),
}
NEVER = [
    "forall x : L: exists y : L: c[x] implies not c[y]",
    "forall x : L: c[next[x]]",
    "not exists x : L: forall y : L: c[x] or c[y]",
    "(forall q : P: exists x : L: of[x] = q) and forall x : L: exists q : P: of[x] != q",
]


@pytest.mark.parametrize("text", ENOUGH)
def test_enough(text: str) -> None:
    found = counted(text)
    assert found is not None
    sizes, smaller = ENOUGH[text]
    assert (dict(found.largest), "".join(sorted(found.smaller))) == (sizes, smaller)


@pytest.mark.parametrize("text", NEVER)
def test_no_number_is_enough(text: str) -> None:
    assert counted(text) is None


def test_all_smaller_sizes_where_copies_can_be_told_apart() -> None:
    found = Enough({"L": 2, "P": 3}, frozenset({"L"}))
    assert list(found.combinations()) == [{"L": 1, "P": 3}, {"L": 2, "P": 3}]
