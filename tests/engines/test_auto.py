"""The engine `auto`: who decides, that shares of time are kept, and that contradictions are noticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines import auto
from tdxverify.engines.auto import Decision, reconcile
from tdxverify.engines.registry import ENGINES, decide
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.semantics.trace import Step, Trace
from tests.problems import common_model, counters
from tests.smt.pigeons import pigeons
from tests.texts import Silent

ROOT = Path(__file__).parents[2]
PROOF = Proved(KInductive(1, simple_path=False))
subject = common_model(1, True, False)


def refuted_in(length: int) -> Refuted:
    steps = tuple(Step("step", ()) for _ in range(length))
    return Refuted(Trace((), (), ((),) * (length + 1), steps))


@pytest.mark.parametrize(
    ("erratum", "mitigation", "lines", "engine", "verdict"),
    [
        (False, False, 3, "explicit", Proved),
        (True, False, 3, "explicit", Refuted),
        (True, True, 20, "pdr", Proved),
        (True, False, 20, "pdr", Refuted),
    ],
)
def test_who_decides(
    erratum: bool, mitigation: bool, lines: int, engine: str, verdict: type[Verdict]
) -> None:
    decision = decide("auto", common_model(lines, erratum, mitigation), Budget(), Silent())
    assert decision.engine == engine
    assert isinstance(decision.verdict, verdict)


@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "auto"])
def test_other_engines_decide_themselves(engine: str) -> None:
    assert decide(engine, subject, Budget(), Silent()).engine == engine


@pytest.fixture
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that other ones follow give up after a second."""
    monkeypatch.setattr(auto, "_PDR_SECONDS", 1.0)
    monkeypatch.setattr(auto, "_SECONDS", 1.0)


@pytest.mark.usefixtures("short_turns")
def test_many_states_that_induction_does_not_decide() -> None:
    """About 10^6 states: too many for the first look, too deep for bounded search."""
    decision = decide("auto", counters(5, 8, reach_top=True), Budget(bound=15), Silent())
    assert decision.engine == "explicit"
    assert isinstance(decision.verdict, Refuted)
    assert len(decision.verdict.trace) == 35


@pytest.mark.usefixtures("short_turns")
def test_unknown_keeps_the_best_depth() -> None:
    decision = decide("auto", counters(5, 8, reach_top=True), Budget(bound=15, max_states=50), Silent())
    assert decision.engine == "auto"
    assert isinstance(decision.verdict, Unknown)
    assert decision.verdict.why is Why.BOUND_REACHED
    assert decision.verdict.clean_through is not None
    assert 15 <= decision.verdict.clean_through < 35


def test_a_deadline_is_kept() -> None:
    decision = decide("auto", pigeons(14), Budget.of(1), Silent())
    assert isinstance(decision.verdict, Unknown)
    assert (decision.verdict.why, decision.verdict.clean_through) == (Why.TIMEOUT, None)


def test_small_problems_need_no_solver() -> None:
    code = (
        "import sys\n"
        "from tdxverify.evidence.certifying import certified\n"
        "from tdxverify.engines.base import Budget\n"
        "from tdxverify.engines.registry import decide\n"
        "from tests.problems import common_model\n"
        "from tests.texts import Silent\n"
        "for erratum in (False, True):\n"
        "    problem = common_model(2, erratum, False)\n"
        "    certified(problem, decide('auto', problem, Budget(), Silent()).verdict, Budget())\n"
        "print('z3' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_rows_are_named_after_their_engines() -> None:
    from tdxverify.engines import bmc, kinduction
    from tdxverify.engines.explicit import engine as explicit

    assert {auto.NAME, bmc.NAME, explicit.NAME, kinduction.NAME} <= set(ENGINES)
    assert all(name == row.name for name, row in ENGINES.items())
    assert not ENGINES[bmc.NAME].can_prove


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (refuted_in(3), PROOF),
        (refuted_in(3), Vacuous("")),
        (refuted_in(3), refuted_in(2)),
        (Unknown(Why.TIMEOUT, 7), refuted_in(7)),
    ],
)
def test_contradictions_are_our_bug(one: Verdict, other: Verdict) -> None:
    with pytest.raises(InternalError) as raised:
        reconcile(subject, [Decision("one", one), Decision("other", other)])
    assert set(raised.value.bundle) == {"problem", "one", "other"}


def test_no_contradiction_where_an_engine_only_looked_less_far() -> None:
    trace = decide("bmc", subject, Budget(), Silent())
    assert isinstance(trace.verdict, Refuted)
    less = Decision("explicit", Unknown(Why.STATE_SPACE, len(trace.verdict.trace) - 1))
    assert reconcile(subject, [less, trace]) == trace
