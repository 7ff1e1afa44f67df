"""The engine `spacer`: its word is never taken for it. (Verdicts: see tests/conformance.)"""

from __future__ import annotations

import sys

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines import spacer
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Refuted, Unknown
from tdxverify.logic.expr import TRUE
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import horn
from tdxverify.smt.horn import Answer, Closed, Reachable
from tdxverify.smt.solver import GaveUp
from tests.problems import common_model
from tests.texts import Silent, require_accepted

SAFE, BROKEN = common_model(3, True, True), common_model(3, True, False)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    def ask(problem: Problem, milliseconds: int | None) -> Answer:
        return answer

    monkeypatch.setattr(spacer, "ask", ask)


def test_an_invariant_over_cells() -> None:
    verdict = spacer.run(SAFE, Budget(), Silent())
    assert isinstance(verdict, Proved)
    assert isinstance(verdict.certificate, Invariant)
    assert not verdict.certificate.any_size
    require_accepted(SAFE, verdict, Budget())


def test_a_counterexample_is_made_shortest() -> None:
    verdict = spacer.run(BROKEN, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 5
    assert spacer.run(BROKEN, Budget(bound=3), Silent()) == Unknown(Why.BOUND_REACHED, 3)


def test_a_wrong_invariant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Closed(TRUE))
    with pytest.raises(InternalError, match="refused"):
        require_accepted(BROKEN, spacer.run(BROKEN, Budget(), Silent()), Budget())


def test_a_wrong_counterexample_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Reachable())
    assert spacer.run(SAFE, Budget(bound=8), Silent()) == Unknown(Why.BOUND_REACHED, 8)


def test_giving_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, GaveUp("injected"))
    assert spacer.run(SAFE, Budget(), Silent()) == Unknown(Why.SOLVER_GAVE_UP, 0, "injected")


def test_a_process_that_fails_or_hangs_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    assert horn.ask(SAFE, None) == GaveUp("Z3 ended with status 1")
    monkeypatch.undo()
    assert horn.ask(SAFE, 1) == GaveUp("timeout")


def test_a_deadline_is_kept() -> None:
    from tests.german import german

    verdict = spacer.run(german(3, broken=False), Budget.of(2), Silent())
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.TIMEOUT
