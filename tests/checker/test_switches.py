"""Setting one parameter otherwise: a search or a check that gives up is no mistake of anybody."""

from __future__ import annotations

import pytest

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.certify.undecided import NotRechecked
from tdxverify.checker import switches
from tdxverify.results.verdict import Unknown
from tests.traces import trace_of


@pytest.mark.parametrize(
    ("raised", "why", "detail"),
    [
        (NotRechecked("it was tired"), Why.SOLVER_GAVE_UP, "it was tired"),
        (LimitReached(Why.STATE_SPACE, "too many"), Why.STATE_SPACE, "too many"),
    ],
)
def test_an_answer_that_nobody_could_check_is_none(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, why: Why, detail: str
) -> None:
    found = trace_of("03-kexec.tdx")
    before = switches.switches(found)
    assert any(switch.holds is not None for switch in before)

    def give_up(*_: object) -> None:
        raise raised

    monkeypatch.setattr(switches, "certify", give_up)
    assert switches.decided(found.problem, Budget(), 1_000) == Unknown(why, None, detail)
    after = switches.switches(found)
    assert len(after) >= len(before) and all(switch.holds is None for switch in after)


def test_without_time_nothing_is_decided() -> None:
    found = trace_of("03-kexec.tdx")
    assert all(switch.holds is None for switch in switches.switches(found, Budget.of(0.0)))
