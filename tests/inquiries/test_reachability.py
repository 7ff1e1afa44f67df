"""Which formulas are ever true: every phase gives the right answers, and none claims too much."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import pytest

from tdxverify.budget import Budget, Why
from tdxverify.engines.auto import Decision
from tdxverify.evidence.base import Undecided
from tdxverify.evidence.verdict import Unknown
from tdxverify.inquiries import reachability
from tdxverify.inquiries.probes import UNCHECKED, asking
from tdxverify.inquiries.reachability import Sight, Status, sights
from tdxverify.logic.expr import disjunction
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tdxverify.smt.solver import GaveUp, Solver
from tests.texts import Silent, model_of

COUNTER = """\
param limit : 0..7
assume limit >= 6
state n : 0..7 = 0
state odd : bool = false
state broken : bool = false
action more when n < limit { n := n + 1  odd := not odd }
property start reachable n = 0
property soon reachable n = 3
property late reachable n = 7
property parity reachable odd and n = 4
property break reachable broken
"""

NEVER, SEEN = Sight(Status.NEVER), Sight(Status.SEEN)
ANSWERS = (SEEN, SEEN, SEEN, NEVER, NEVER)


def ask(
    text: str = COUNTER, budget: Budget | None = None, sizes: dict[str, int] | None = None
) -> Sequence[Sight] | None:
    """One answer for each property of `text`, which must be about reachable formulas."""
    model = model_of(text)
    anything = Question(Spec(Path("sample.tdx"), model), UNCHECKED, Options())
    formulas = [target.formula for target in model.properties if target.formula is not None]
    problem = asking(anything, sizes or {}, disjunction(*formulas))
    return sights(problem, formulas, budget or Budget(), Silent())


@pytest.fixture(autouse=True)
def short_unrolling(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there is something left to prove."""
    monkeypatch.setattr(reachability, "DEEPEST", 5)


def without_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachability, "ENUMERATED", 0)


def test_by_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise AssertionError("nothing is left to be searched for")

    monkeypatch.setattr(reachability._Search, "_unroll", fail)
    assert ask() == ANSWERS


def test_symbolically(monkeypatch: pytest.MonkeyPatch) -> None:
    without_enumeration(monkeypatch)
    assert ask() == ANSWERS


def test_enumeration_cut_short_is_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachability, "ENUMERATED", 10)
    assert ask() == ANSWERS


def test_one_after_another_where_all_at_once_is_too_hard(monkeypatch: pytest.MonkeyPatch) -> None:
    without_enumeration(monkeypatch)
    decide = reachability.decide
    asked: list[int] = []

    def refuse_first(name: str, *arguments: object) -> Decision:
        asked.append(1)
        if len(asked) == 1:
            return Decision(name, Unknown(Why.SOLVER_GAVE_UP, None))
        return decide(name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reachability, "decide", refuse_first)
    assert ask() == ANSWERS
    assert len(asked) == 4


def test_a_bound_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    without_enumeration(monkeypatch)
    monkeypatch.setattr(
        reachability, "decide", lambda name, *_: Decision(name, Unknown(Why.SOLVER_GAVE_UP, None))
    )
    open_ones = Sight(Status.UNSEEN, reachability.DEEPEST)
    assert ask() == (SEEN, SEEN, open_ones, open_ones, open_ones)
    open_ones = Sight(Status.UNSEEN, 2)
    assert ask(budget=Budget(bound=2)) == (SEEN, open_ones, open_ones, open_ones, open_ones)


def test_a_proof_that_is_not_certified_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    undecided = Undecided("the time ran out")
    monkeypatch.setattr("tdxverify.evidence.certifying.checked", lambda *_: undecided)
    found = ask()
    assert found is not None
    assert [sight.status for sight in found] == [Status.SEEN] * 3 + [Status.UNSEEN] * 2


def test_giving_up_is_never_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    without_enumeration(monkeypatch)
    monkeypatch.setattr(Solver, "check", lambda *_: GaveUp("no reason"))
    found = ask()
    assert found is not None
    assert {sight.status for sight in found} == {Status.UNSEEN}
    assert {sight.depth for sight in found} == {None}


def test_no_time_at_all() -> None:
    found = ask(budget=Budget(deadline=monotonic() - 1))
    assert found is not None
    assert NEVER not in found


@pytest.mark.parametrize("enumerated", [True, False])
def test_no_initial_state(monkeypatch: pytest.MonkeyPatch, enumerated: bool) -> None:
    if not enumerated:
        without_enumeration(monkeypatch)
    assert ask(COUNTER + "init n = 1\n") is None


@pytest.mark.parametrize("enumerated", [True, False])
def test_runs_that_end(monkeypatch: pytest.MonkeyPatch, enumerated: bool) -> None:
    """The longest run has one step: nothing is deeper."""
    if not enumerated:
        without_enumeration(monkeypatch)
    text = (
        "state a : bool = false\nstate b : bool = false\naction one when not a { a := true }\n"
        "property p reachable a\nproperty q reachable b\nproperty r reachable not a\n"
    )
    assert ask(text) == (SEEN, NEVER, SEEN)


@pytest.mark.parametrize("enumerated", [True, False])
def test_elements(monkeypatch: pytest.MonkeyPatch, enumerated: bool) -> None:
    if not enumerated:
        without_enumeration(monkeypatch)
    text = (
        "index Line\nstate x[Line] : bool = false\naction a(l : Line) { x[l] := forall m : Line: not x[m] }\n"
        "property one reachable exists l : Line: x[l]\n"
        "property two reachable exists l, m : Line: l != m and x[l] and x[m]\n"
    )
    assert ask(text, sizes={"Line": 3}) == (SEEN, NEVER)
    assert ask(text, sizes={"Line": 1}) == (SEEN, NEVER)
