"""What each kind of property asks, and what a trace says of it."""

from __future__ import annotations

import pytest

from tdxverify.logic.expr import Read, negation
from tdxverify.logic.show import show_expression
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.steps import STEP_MONITOR
from tests.texts import model_of

SPEC = """
actor host, guest
fault #MC must not reach host
state x : bool = false
access touch { x -> fault #MC  otherwise -> ok }
action set by guest when not x { x := true }
action use by host { touch() }
"""


def asked(claim: str) -> tuple[Model, Property]:
    model = model_of(f"{SPEC}property p {claim}\ncheck p")
    return model, model.properties[0]


@pytest.mark.parametrize(
    ("claim", "bad", "required"),
    [
        ("never x", "x", "not x"),
        ("always x", "not x", "x"),
        ("reachable x", "x", None),
        ("never host takes #MC", "host took #MC", "not host took #MC"),
        (
            "never anyone takes #MC",
            "host took #MC or guest took #MC",
            "not (host took #MC or guest took #MC)",
        ),
        ("contained #MC", "host took #MC", "not host took #MC"),
    ],
)
def test_states(claim: str, bad: str, required: str | None) -> None:
    model, target = asked(claim)
    kind = kind_of(target)
    assert show_expression(kind.bad(model, target)) == bad
    found = kind.required(target)
    assert (None if found is None else show_expression(found)) == required
    assert not kind.of_steps
    assert kind.monitors(target) == ()


def test_steps() -> None:
    model, target = asked("step x implies x'")
    kind = kind_of(target)
    assert kind.of_steps
    assert kind.bad(model, target) == Read(STEP_MONITOR)
    assert kind.required(target) == target.formula
    assert [(one.symbol, one.required) for one in kind.monitors(target)] == [(STEP_MONITOR, target.formula)]


def test_deadlock() -> None:
    model = model_of("state x : bool = false\naction set when not x { x := true }\nproperty p never deadlock")
    target = model.properties[0]
    assert kind_of(target).bad(model, target) == negation(model.actions[0].guard)
    assert kind_of(target).broken == "no action is enabled"
    assert not kind_of(target).has_other_causes


@pytest.mark.parametrize(
    ("claim", "forbidden"),
    [("never x", "x"), ("always not x", None), ("contained #MC", "host took #MC"), ("reachable x", None)],
)
def test_what_was_written_as_forbidden(claim: str, forbidden: str | None) -> None:
    target = asked(claim)[1]
    found = kind_of(target).forbidden(target)
    assert (None if found is None else show_expression(found)) == forbidden


@pytest.mark.parametrize(
    ("claim", "found", "holds"),
    [
        ("never x", True, False),
        ("never x", False, True),
        ("reachable x", True, True),
        ("reachable x", False, False),
        ("step x'", True, False),
        ("never deadlock", False, True),
    ],
)
def test_what_a_trace_says(claim: str, found: bool, holds: bool) -> None:
    assert kind_of(asked(claim)[1]).holds(found=found) is holds


def test_words() -> None:
    sought, other = kind_of(asked("reachable x")[1]), kind_of(asked("always x")[1])
    assert (sought.without_trace, sought.so_far) == ("never reached", "not reached")
    assert (other.without_trace, other.so_far) == ("proved", "no violation")
