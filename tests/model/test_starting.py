"""Initial values that read initial values: in any order, however many, and never in a circle."""

from __future__ import annotations

import pytest

from tdxverify.diagnostics import Code, SpecError
from tests.texts import explicit, model_of, problem_of

MANY = 2000  # more than Python's stack has room for


def test_a_long_chain_is_settled_in_whatever_order_it_is_written() -> None:
    chain = [f"state s{n} : 0..1 = s{n + 1}" for n in range(MANY)] + [f"state s{MANY} : 0..1 = 1"]
    text = "\n".join([*chain, "property p never s0 = 1", "check p"])
    problem = problem_of(text)
    assert explicit(problem).trace.steps == ()  # it is so at the start


@pytest.mark.parametrize("length", [1, 2, 3, MANY])
def test_a_circle_is_told_from_the_first_that_is_declared(length: int) -> None:
    before = "state apart : 0..1 = s0\n"
    ring = "\n".join(f"state s{n} : 0..1 = s{(n + 1) % length}" for n in range(length))
    with pytest.raises(SpecError) as caught:
        model_of(before + ring)
    (found,) = caught.value.diagnostics
    assert found.code is Code.E223
    assert found.message.endswith(" -> ".join([*(f"s{n}" for n in range(length)), "s0"]))
    assert found.span is not None and found.span.line == 2
