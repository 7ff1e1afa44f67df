"""Setting one parameter otherwise: a search or a check that gives up is no mistake of anybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.evidence.base import Undecided
from tdxverify.evidence.verdict import Unknown
from tdxverify.inquiries import prevention as switches
from tests.traces import trace_of


@pytest.mark.parametrize(
    ("name", "replaced", "why"),
    [
        ("checked", lambda *_: Undecided("it was tired"), Why.TIMEOUT),
        ("certified", lambda *_: Unknown(Why.STATE_SPACE, None, "too many"), Why.STATE_SPACE),
    ],
)
def test_an_answer_that_nobody_could_check_is_none(
    monkeypatch: pytest.MonkeyPatch, name: str, replaced: Callable[..., object], why: Why
) -> None:
    found = trace_of("03-kexec.tdx")
    before = switches.switches(found).switches
    assert any(switch.holds is not None for switch in before)
    where = "tdxverify.evidence.certifying" if name == "checked" else "tdxverify.engines.finding"
    monkeypatch.setattr(f"{where}.{name}", replaced)
    verdict = switches.decided(found.problem, Budget(max_states=1_000))
    assert isinstance(verdict, Unknown)
    assert verdict.why is why
    after = switches.switches(found).switches
    assert len(after) >= len(before) and all(switch.holds is None for switch in after)


def test_without_time_nothing_is_decided() -> None:
    found = trace_of("03-kexec.tdx")
    assert all(switch.holds is None for switch in switches.switches(found, Budget.of(0.0)).switches)
