"""What counts as the trigger of a property, and what does not."""

from __future__ import annotations

import pytest

from tdxverify.inquiries.triggers import parts_of, trigger, triggers
from tdxverify.logic.expr import FALSE, TRUE
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


@pytest.mark.parametrize(
    ("claim", "wanted"),
    [
        ("always a implies b", "a"),
        ("always condition implies c", "a and b"),
        ("always a implies (b implies c)", "a and b"),
        ("always a implies b and (c implies b)", None),  # a implies b, and a and c implies b: see below
        ("always forall l : Line: x[l] implies y[l]", "exists l : Line: x[l]"),
        ("always forall l : Line: a implies y[l]", "a"),
        ("always forall l, m : Line: x[l] implies y[m]", "exists l : Line: x[l]"),
        ("always (a implies b) and (b implies c)", "a or b"),
        ("never not (a implies b)", "a"),
        ("step a implies b'", "a"),
        ("step a' implies b", "a'"),
        ("always a", None),
        ("always (a implies b) and c", None),
        ("always a iff b", None),
        ("always a or not b", None),
        ("never a and b", None),
        ("never a", None),
        ("never deadlock", None),
        ("reachable a implies b", None),
        ("step a or b", None),
    ],
)
def test_conditions(claim: str, wanted: str | None) -> None:
    found = trigger(*target_of(claim))
    if claim == "always a implies b and (c implies b)":
        assert found is not None
        assert show_expression(found.formula) == "a or a and c"
    elif wanted is None:
        assert found is None
    else:
        assert found is not None
        assert show_expression(found.formula) == wanted


@pytest.mark.parametrize(
    "claim", ["never kernel takes #MC", "never anyone takes #MC", "never kernel took #MC or guest took #PF"]
)
def test_faults_are_about_accesses_that_can_raise_them(claim: str) -> None:
    """Either row counts: that the fault does not happen is the claim, not what it is about."""
    found = trigger(*target_of(claim))
    assert found is not None
    assert show_expression(found.formula) in ("b and a or b and not a", "a and b or b and not a")


@pytest.mark.parametrize("claim", ["never guest takes #MC", "never kernel takes #PF"])
def test_without_such_an_access_there_is_nothing_to_be_about(claim: str) -> None:
    found = trigger(*target_of(claim))
    assert found is not None
    assert found.formula == FALSE


def test_faults_and_something_else_is_an_ordinary_claim() -> None:
    assert trigger(*target_of("never kernel took #MC and b")) is None
    assert trigger(*target_of("never kernel took #MC or b")) is None


def test_parts_without_condition_are_none() -> None:
    parts = triggers(*target_of("always (a implies b) and c"))
    assert [part is None for part in parts] == [False, True]


def test_parts_of_a_never() -> None:
    parts = parts_of(target_of("never exists l : Line: x[l] and a")[1])
    assert [show_expression(part.met) for part in parts] == ["exists l : Line: x[l]", "a"]
    assert [show_expression(part.rest_unmet) for part in parts] == ["not a", "exists l : Line: not x[l]"]


@pytest.mark.parametrize("claim", ["never a", "always a and b", "reachable a and b", "never deadlock"])
def test_only_conjunctions_under_never_have_parts(claim: str) -> None:
    assert parts_of(target_of(claim)[1]) == []


def test_a_missing_trigger_in_words() -> None:
    found = trigger(*target_of("always a implies b"))
    assert found is not None
    assert found.formula != TRUE
    assert found.missing("for Line = 2") == "its condition is never true for Line = 2: a"
    access = trigger(*target_of("never guest takes #MC"))
    assert access is not None
    assert access.missing("") == "no access by guest that can raise #MC is ever made"
