"""Evidence of each kind, stored and used again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdxverify.budget import Budget
from tdxverify.engines import bmc
from tdxverify.evidence.bad_run import BadRun, value_of
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Item, Unusable
from tdxverify.evidence.kinds import KINDS, evidence_in
from tdxverify.evidence.no_start import NoStart
from tdxverify.evidence.ranking import Ranking
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort, Sort
from tdxverify.questions.problems.problem import Problem
from tests.generated import random_problem
from tests.problems import CASES
from tests.texts import Silent

FOLDER = Path(__file__).parents[2] / "tdxverify" / "evidence"
LINE, COLOUR = IndexSort("Line"), EnumSort("Colour", ("red", "green"))


def again(problem: Problem, evidence: Evidence, *, any_size: bool = False) -> Evidence:
    sizes = None if any_size else problem.sizes
    return evidence_in(problem, Item(evidence.kind, sizes, "", (), evidence.stored(problem)))


def test_traces_survive() -> None:
    problems = [case.problem for case in CASES if case.expected == "refuted"]
    problems += [random_problem(seed) for seed in range(120)]
    seen = 0
    for problem in problems:
        verdict = bmc.run(problem, Budget(bound=6), Silent())
        if isinstance(verdict, Refuted):
            seen += 1
            assert again(problem, verdict.evidence) == verdict.evidence
    assert seen > 40


def test_traces_say_nothing_of_what_is_least() -> None:
    problem = next(case.problem for case in CASES if case.name == "common_2_10")
    verdict = bmc.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    content = dict(verdict.evidence.stored(problem))
    assert set(content) == {"parameters", "initial", "steps"}
    assert content["parameters"] == {"erratum": "true"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_belongs_to_no_evidence_of_its_kind_is_refused(kind: type[Evidence]) -> None:
    content = (*((part, None) for part in kind.parts), ("note", "checked by hand"))
    item = Item(kind.kind, CASES[0].problem.sizes, "", (), content)
    with pytest.raises(Unusable, match=f"the {kind.kind} has no part 'note'"):
        evidence_in(CASES[0].problem, item)


@pytest.mark.parametrize(
    "evidence",
    [
        KInductive(3, True),
        KInductive(1, False),
        Enumeration(7),
        Ranking(7),
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
        ("ranking", {"states": 0}),
        ("ranking", {"states": None}),
        ("invariant", {}),
        ("invariant", {"formulas": None}),
        ("invariant", {"formulas": [True]}),
        ("invariant", {"formulas": [{"text": "true", "formula": True, "more": 1}]}),
        ("trace", {"parameters": [], "initial": {}, "steps": []}),
        ("trace", {"parameters": {}, "initial": {}, "steps": "none"}),
        ("trace", {"parameters": {}, "initial": {}}),
        ("decision diagram", {"cells": [], "nodes": [], "root": "0"}),
        ("decision diagram", {"cells": ["none"], "nodes": [], "root": 0}),
        ("decision diagram", {"cells": [1], "nodes": [], "root": 0}),
        ("decision diagram", {"cells": [], "nodes": [[0, 1]], "root": 0}),
        ("decision diagram", {"cells": [], "nodes": [[0, 1, True]], "root": 0}),
        ("decision diagram", {"cells": [], "nodes": 3, "root": 0}),
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
    assert Invariant((), True).described() == "invariant of 0 formulas"
    assert KInductive(3, True).described() == "3-induction"
    assert Enumeration(1).described() == "enumeration of 1 state"
    assert Ranking(1200).described() == "ranking of 1,200 states"
    assert Enumeration(1200).described() == "enumeration of 1,200 states"
    assert NoStart(True).described() == "no initial state"


def test_every_kind_is_in_the_table_once() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")}
    assert len({kind.kind for kind in KINDS}) == len(KINDS)
    assert {kind.__module__.rsplit(".", 1)[1] for kind in KINDS} <= modules
    known = {one for kind in Evidence.__subclasses__() for one in (kind, *kind.__subclasses__())}
    assert {kind.__name__ for kind in known if not kind.__abstractmethods__} == {k.__name__ for k in KINDS}


def test_a_trace_is_not_believed_about_states() -> None:
    """There is no way to store states: they follow from the start and the steps."""
    case = next(case for case in CASES if case.name == "common_2_10")
    verdict = bmc.run(case.problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    lying = replace(verdict.trace, states=(verdict.trace.states[0],) * len(verdict.trace.states))
    assert again(case.problem, BadRun(lying)) == verdict.evidence
