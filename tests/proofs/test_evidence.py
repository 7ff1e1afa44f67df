"""Evidence of each kind, stored and used again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import bmc
from tdxverify.model.sorts import BOOL, EnumSort, IndexSort, RangeSort, Sort
from tdxverify.proofs.evidence import (
    Enumeration,
    Evidence,
    NoStart,
    content_of,
    described,
    evidence_in,
    kind_of,
    value_of,
)
from tdxverify.proofs.stored import Item, Unusable
from tdxverify.results.certificate import Invariant, KInductive
from tdxverify.results.verdict import Refuted
from tdxverify.ts.problem import Problem
from tests.generated import random_problem
from tests.problems import CASES
from tests.texts import Silent

LINE, COLOUR = IndexSort("Line"), EnumSort("Colour", ("red", "green"))


def again(problem: Problem, evidence: Evidence, *, any_size: bool = False) -> Evidence:
    sizes = None if any_size else problem.sizes
    return evidence_in(problem, Item(kind_of(evidence), sizes, "", (), content_of(problem, evidence)))


def test_traces_survive() -> None:
    problems = [case.problem for case in CASES if case.expected == "refuted"]
    problems += [random_problem(seed) for seed in range(120)]
    seen = 0
    for problem in problems:
        verdict = bmc.run(problem, Budget(bound=6), Silent())
        if isinstance(verdict, Refuted):
            seen += 1
            assert again(problem, verdict.trace) == verdict.trace
    assert seen > 40


def test_traces_say_nothing_of_what_is_least() -> None:
    problem = next(case.problem for case in CASES if case.name == "common_2_10")
    verdict = bmc.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    content = dict(content_of(problem, verdict.trace))
    assert set(content) == {"parameters", "initial", "steps"}
    assert content["parameters"] == {"erratum": "true"}


@pytest.mark.parametrize(
    "evidence",
    [
        KInductive(3, True),
        KInductive(1, False),
        Enumeration(7),
        NoStart(False),
        NoStart(True),
        Invariant((), True),
    ],
)
def test_everything_else_survives(evidence: Evidence) -> None:
    problem = CASES[0].problem
    general = evidence in (NoStart(True), Invariant((), True))
    assert again(problem, evidence, any_size=general) == evidence


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("k-induction", {}),
        ("k-induction", {"k": 0, "simple path": True}),
        ("k-induction", {"k": 10**9, "simple path": True}),
        ("k-induction", {"k": True, "simple path": 1}),
        ("enumeration", {"states": 0}),
        ("enumeration", {"states": "7"}),
        ("invariant", {}),
        ("invariant", {"formulas": None}),
        ("invariant", {"formulas": [True]}),
        ("invariant", {"formulas": [{"text": "true", "formula": True, "more": 1}]}),
        ("trace", {"parameters": [], "initial": {}, "steps": []}),
        ("trace", {"parameters": {}, "initial": {}, "steps": "none"}),
        ("trace", {"parameters": {}, "initial": {}}),
        ("", {}),
    ],
)
def test_what_is_no_evidence_is_refused(kind: str, content: dict[str, object]) -> None:
    item = Item(kind, CASES[0].problem.sizes, "", (), tuple(content.items()))  # type: ignore[arg-type]
    with pytest.raises(Unusable):
        evidence_in(CASES[0].problem, item)


@pytest.mark.parametrize(
    ("sort", "text", "value"),
    [
        (BOOL, "true", 1), (BOOL, "false", 0), (COLOUR, "green", 1), (RangeSort(-3, 3), "-2", -2),
        (LINE, "Line1", 1), (BOOL, "1", None), (BOOL, True, None), (COLOUR, "blue", None),
        (RangeSort(0, 3), "4", None), (RangeSort(0, 3), "\u0663", None), (RangeSort(0, 3), "", None),
        (LINE, "Line2", None), (LINE, "Line", None), (LINE, "Line-1", None), (LINE, "Page0", None),
        (LINE, 0, None), (LINE, None, None),
    ],
)  # fmt: skip
def test_values(sort: Sort, text: object, value: int | None) -> None:
    if value is None:
        with pytest.raises(Unusable):
            value_of(sort, text, {"Line": 2})  # type: ignore[arg-type]
    else:
        assert value_of(sort, text, {"Line": 2}) == value  # type: ignore[arg-type]


def test_descriptions() -> None:
    assert described(Invariant((), True)) == "invariant of 0 formulas"
    assert described(KInductive(3, True)) == "3-induction"
    assert described(Enumeration(1)) == "enumeration of 1 state"
    assert described(Enumeration(1200)) == "enumeration of 1,200 states"
    assert described(NoStart(True)) == "no initial state"


def test_a_trace_is_not_believed_about_states() -> None:
    """There is no way to store states: they follow from the start and the steps."""
    case = next(case for case in CASES if case.name == "common_2_10")
    verdict = bmc.run(case.problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    lying = replace(verdict.trace, states=(verdict.trace.states[0],) * len(verdict.trace.states))
    assert again(case.problem, lying) == verdict.trace
