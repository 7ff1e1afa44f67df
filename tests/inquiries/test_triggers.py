"""Conditions that a property is made of."""

from __future__ import annotations

import pytest

from tdxverify.inquiries.triggers import parts_of
from tdxverify.logic.show import show_expression
from tdxverify.model.model import Model, Property
from tests.texts import model_of

SPEC = """\
index Line
actor kernel, guest
fault #MC "machine check"
fault #PF "page fault"
state a : bool = false
state b : bool = false
state c : bool = false
state x[Line] : bool = false
state y[Line] : bool = false
access load { a -> fault #MC  otherwise -> ok }
access store { otherwise -> ok }
action read by kernel when b { load() }
action write by kernel when c { store() }
define condition : bool = a and b
"""


def target_of(claim: str) -> tuple[Model, Property]:
    model = model_of(f"{SPEC}property p {claim}\n")
    return model, model.properties[0]


def test_parts_of_a_never() -> None:
    parts = parts_of(target_of("never exists l : Line: x[l] and a")[1])
    assert [show_expression(part.met) for part in parts] == ["exists l : Line: x[l]", "a"]
    assert [show_expression(part.rest_unmet) for part in parts] == ["not a", "exists l : Line: not x[l]"]


@pytest.mark.parametrize("claim", ["never a", "always a and b", "reachable a and b", "never deadlock"])
def test_only_conjunctions_under_never_have_parts(claim: str) -> None:
    assert parts_of(target_of(claim)[1]) == []
