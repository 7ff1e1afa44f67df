"""The explicit engine: verdicts of all known problems, counts, limits, progress, order of traces."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest

from tdxverify.budget import Budget
from tdxverify.engines.explicit import reach
from tdxverify.engines.explicit.engine import run
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.replay import objection
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Why
from tdxverify.logic.expr import FALSE, TRUE, Bound, conjunction, equal
from tdxverify.logic.sorts import IndexSort, RangeSort
from tdxverify.semantics.trace import Step
from tests.building import action, number, problem, read, rigid, start, state, write
from tests.problems import CASES, LARGE_CASES, Case, common_model, counters
from tests.texts import Silent, explicit


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def progress(self, engine: str, text: str) -> None:
        self.heard.append((engine, text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_answers(case: Case) -> None:
    verdict = explicit(case.problem)
    match verdict:
        case Refuted(trace=trace):
            assert (case.expected, case.length) == ("refuted", len(trace))
            assert objection(case.problem, trace) is None
        case Proved(certificate=Enumeration(states=counted), states=states):
            assert case.expected == "proved"
            assert states == counted
            assert certified(case.problem, verdict, Budget()) == verdict
        case Vacuous():
            assert case.expected == "vacuous"
        case _:
            pytest.fail(f"undecided: {verdict}")


@pytest.mark.parametrize("case", LARGE_CASES, ids=lambda case: case.name)
def test_large_problems(case: Case) -> None:
    verdict = explicit(case.problem)
    if isinstance(verdict, Refuted):
        assert len(verdict.trace) == case.length
        assert objection(case.problem, verdict.trace) is None
    else:
        assert isinstance(verdict, Proved)
        assert verdict.states == 10**6


def test_the_number_of_states_is_exact() -> None:
    for (erratum, mitigation), states in {(False, False): 75, (True, False): 348, (True, True): 318}.items():
        subject = replace(common_model(2, erratum, mitigation), bad=FALSE)
        verdict = explicit(subject)
        assert isinstance(verdict, Proved)
        assert verdict.states == states


def test_the_shortest_story_of_the_common_model() -> None:
    """The line first poisoned is line 0, and nothing irrelevant happens."""
    verdict = explicit(common_model(2, None, None))
    assert isinstance(verdict, Refuted)
    assert verdict.trace.rigid == (1, 0)
    assert verdict.trace.steps == (
        Step("a", (0,)),
        Step("c", (0,)),
        Step("e", ()),
        Step("g", ()),
        Step("d", (0,)),
    )


def test_among_equal_steps_the_first_action_and_the_least_arguments_are_told() -> None:
    """Three ways to set the flag; `second` is declared before `third`, and 2 is the least amount."""
    amount, unused = Bound("amount", RangeSort(0, 3)), Bound("unused", RangeSort(-1, 1))
    flag = state("flag")
    enough = equal(amount, number(2))
    actions = (
        action("first", FALSE, write(flag, TRUE)),
        action("second", enough, write(flag, TRUE), parameters=(amount, unused), hidden=1),
        action("third", TRUE, write(flag, TRUE)),
    )
    verdict = explicit(problem("ways", (start(flag, FALSE),), actions, read(flag)))
    assert isinstance(verdict, Refuted)
    assert verdict.trace.steps == (Step("second", (2, -1)),)


def test_the_least_parameters_come_before_the_least_initial_state() -> None:
    high, x = rigid("high"), state("x", RangeSort(0, 3))
    bad = conjunction(read(high), equal(read(x), number(2)))
    verdict = explicit(problem("order", (start(x),), (), bad, parameters=(rigid("other"), high)))
    assert isinstance(verdict, Refuted)
    assert (verdict.trace.rigid, verdict.trace.states) == ((0, 1), ((2,),))


# --- vacuity ----------------------------------------------------------------


def test_vacuous_says_which_side_contradicts_itself() -> None:
    details = {}
    for case in CASES:
        if case.expected == "vacuous":
            verdict = explicit(case.problem)
            assert isinstance(verdict, Vacuous)
            details[case.name] = verdict.detail
    assert "values of the parameters" in details["contradictory_assumptions"]
    assert "initial state" in details["empty_init"]
    assert "initial state" in details["assumption_against_init"]


# --- limits -----------------------------------------------------------------


def test_too_many_states_leave_a_clean_depth() -> None:
    """Level k of two counters mod 100 holds k + 1 states; 20 states are 5 whole levels and a part."""
    verdict = run(counters(2, 100, reach_top=False), Budget(max_states=20), Silent())
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.STATE_SPACE
    assert verdict.clean_through == 4


def test_too_many_initial_states_have_no_clean_depth() -> None:
    x = state("x", RangeSort(0, 9), IndexSort("Line"))
    subject = problem("wide", (start(x),), (), FALSE, sizes=((IndexSort("Line"), 6),))
    verdict = run(subject, Budget(max_states=10_000), Silent())
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.clean_through) == (Why.STATE_SPACE, None)
    assert "initial states" in verdict.detail


def test_too_many_parameter_values_have_no_clean_depth() -> None:
    table = rigid("table", RangeSort(0, 9), IndexSort("Line"))
    subject = problem("wide", (), (), FALSE, parameters=(table,), sizes=((IndexSort("Line"), 6),))
    verdict = run(subject, Budget(max_states=10_000), Silent())
    assert isinstance(verdict, Unknown)
    assert (verdict.why, verdict.clean_through) == (Why.STATE_SPACE, None)
    assert "parameter" in verdict.detail


def test_the_deadline_is_obeyed() -> None:
    verdict = run(counters(7, 10, reach_top=False), Budget.of(0.5), Silent())
    assert isinstance(verdict, Unknown)
    assert verdict.why is Why.TIMEOUT
    assert verdict.clean_through is not None
    assert verdict.clean_through > 5


def test_a_deadline_in_the_past_decides_nothing() -> None:
    verdict = run(common_model(2, True, True), Budget(deadline=monotonic() - 1), Silent())
    assert verdict == Unknown(Why.TIMEOUT, None)


def test_a_limit_never_hides_a_bad_state_found_before_it() -> None:
    """The bad state is at depth 5; whatever the limit, the answer is that trace or no claim beyond it."""
    subject = common_model(2, True, False)
    answers = set()
    for most in range(1, 360, 7):
        verdict = run(subject, Budget(max_states=most), Silent())
        if isinstance(verdict, Unknown):
            assert verdict.clean_through is None or verdict.clean_through < 5
        else:
            assert isinstance(verdict, Refuted)
            assert len(verdict.trace) == 5
        answers.add(type(verdict))
    assert answers == {Unknown, Refuted}


def test_the_bound_of_bounded_search_does_not_apply() -> None:
    verdict = run(counters(1, 20, reach_top=True), Budget(bound=3), Silent())
    assert isinstance(verdict, Refuted)
    assert len(verdict.trace) == 19


# --- progress ---------------------------------------------------------------


def test_progress_names_depth_and_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "_REPORT_SECONDS", 0.0)
    listener = Listener()
    run(counters(2, 5, reach_top=False), Budget(), listener)
    assert listener.heard[0] == ("explicit", "depth 1, 3 states")
    assert listener.heard[-1][1].endswith("25 states")


def test_progress_is_told_seldom() -> None:
    listener = Listener()
    started = monotonic()
    run(counters(5, 10, reach_top=False), Budget(), listener)
    assert len(listener.heard) <= (monotonic() - started) / 0.3 + 1


def test_ctrl_c_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting:
        def progress(self, engine: str, text: str) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(reach, "_REPORT_SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run(counters(2, 5, reach_top=False), Budget(), Interrupting())
