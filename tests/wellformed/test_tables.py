"""Exactly one row of an access table answers every state of every size, or the table says what is open."""

from __future__ import annotations

import json
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from tdxverify.answers import tracing
from tdxverify.answers.answer import Answer, Outcome
from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.answers.run import Run
from tdxverify.budget import UNLIMITED, Budget, LimitReached, TooLarge
from tdxverify.cli.why import why_lines
from tdxverify.cli.why_proof import explain_proof, found_proof
from tdxverify.diagnostics import Diagnostic, SpecError
from tdxverify.evidence.verdict import Refuted
from tdxverify.inquiries.strict import judge
from tdxverify.logic import expr as core
from tdxverify.logic.partial import PartialEvaluator
from tdxverify.model.build import elaborate
from tdxverify.model.model import Model
from tdxverify.outputs.html.run_page import html_text
from tdxverify.outputs.junit import junit_text
from tdxverify.outputs.run_json import json_text
from tdxverify.outputs.sarif import sarif_text
from tdxverify.outputs.text.layout import plain
from tdxverify.outputs.text.run_text import text_lines
from tdxverify.questions.options import Options
from tdxverify.questions.question import every_check
from tdxverify.questions.specs import Spec
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import states, tables
from tdxverify.wellformed.states import Effort, Example, find_state
from tests.changed_answers import changed
from tests.texts import model_of
from tests.wellformed.guards import codes, random_table, troubles

CHAIN = "((exists x : L: c[x] = 0) and (forall y : L: c[y] < 3 implies exists z : L: c[z] = c[y] + 1))"
ONE_TO_ONE = "(forall x, y : L: next[x] = next[y] implies x = y)"
EVERYTHING = "(forall y : L: exists x : L: next[x] = y)"


def found(text: str) -> list[Diagnostic]:
    try:
        model_of(text)
    except SpecError as error:
        return list(error.diagnostics)
    return []


def test_rows_that_overlap_with_four_elements_only() -> None:
    text = f"index L state c[L] : 0..3 state a : bool access f {{ a or {CHAIN} -> ok  not a -> dropped }}"
    (overlap,) = found(text)
    assert overlap.code.name == "E501"
    assert overlap.message.endswith(": a = false, c[L0] = 0, c[L1] = 1, c[L2] = 2, c[L3] = 3")


def test_a_gap_with_four_elements_only() -> None:
    (gap,) = found(f"index L state c[L] : 0..3 access f {{ not {CHAIN} -> ok }}")
    assert gap.code.name == "E502"
    assert gap.message.endswith("the state c[L0] = 0, c[L1] = 1, c[L2] = 2, c[L3] = 3")


CHAIN_OF_7 = "((exists x : L: c[x] = 0) and (forall y : L: c[y] < 6 implies exists z : L: c[z] = c[y] + 1))"


def test_rows_that_overlap_with_seven_elements_only() -> None:
    """Too many to be enumerated: the example is the solver's, as far as it matters."""
    text = (
        f"index L state c[L] : 0..6 state a : bool access f {{ a or {CHAIN_OF_7} -> ok  not a -> dropped }}"
    )
    (overlap,) = found(text)
    head, _, example = overlap.message.partition(": ")
    assert overlap.code.name == "E501" and head.endswith("both apply, with different results")
    first, *cells = example.split(", ")
    assert first == "a = false"
    assert [cell.split(" = ")[0] for cell in cells] == [f"c[L{n}]" for n in range(7)]
    assert sorted(cell.split(" = ")[1] for cell in cells) == list("0123456")


@pytest.mark.parametrize("count", [2, 7])
def test_an_example_tells_how_many_elements_it_needs(count: int) -> None:
    names = [f"x{n}" for n in range(count)]
    distinct = " and ".join(f"{x} != {y}" for x, y in combinations(names, 2))
    many = f"(exists {', '.join(names)} : L: {distinct})"
    text = f"index L state a : bool access f {{ a or {many} -> ok  not a -> dropped }}"
    (overlap,) = found(text)
    assert overlap.message.endswith(f": a = false, with {count} elements of L")
    (gap,) = found(f"index L access f {{ not {many} -> ok }}")
    assert gap.message.endswith(f"the state every state with {count} elements of L")


def test_an_example_with_very_many_cells_says_that_there_are_more() -> None:
    cells = " and ".join(f"c{n:02}" for n in range(23))
    declared = " ".join(f"state c{n:02} : bool" for n in range(23))
    (gap,) = found(f"{declared} access f {{ not ({cells}) -> ok }}")
    assert gap.message.endswith("c18 = true, c19 = true, and 3 more cells")


def test_a_row_that_needs_four_elements_can_apply() -> None:
    assert found(f"index L state c[L] : 0..3 access f {{ {CHAIN} -> ok  otherwise -> dropped }}") == []


def test_a_gap_with_one_element_only() -> None:
    (gap,) = found(
        "index L state a : bool access f { a -> ok  not a and exists x, y : L: x != y -> dropped }"
    )
    assert gap.code.name == "E502"


def test_images_under_a_function_are_elements() -> None:
    """Three lines on three pages: as many pages as lines, though two terms name pages."""
    rows = "exists x, y : L: x != y and of[x] = of[y] -> ok  exists p, q : P: p != q -> dropped"
    third = "forall p, q : P: p = q -> ok(alone)"
    errors = found(f"index L index P const of[L] : P access f {{ {rows}  {third} }}")
    assert {one.code.name for one in errors} == {"E501"}


@pytest.mark.parametrize("sort", ["L", "M", "E", "0..2", "bool"])
@pytest.mark.parametrize("word", ["forall", "exists"])
def test_a_variable_that_does_not_occur(word: str, sort: str) -> None:
    text = "index L index M enum E { red, green } state s : bool state k : L"
    assert found(f"{text} access f(l : L) {{ {word} x : {sort}: s -> ok  otherwise -> dropped }}") == []
    errors = found(
        f"{text} access f(l : L) {{ {word} x : {sort}: s -> ok  {word} x : {sort}: k = l -> dropped }}"
    )
    assert {one.code.name for one in errors} == {"E501", "E502"}


def test_assumptions_about_the_number_of_elements_count() -> None:
    text = "index L state a : bool access f { a -> ok  not a and exists x, y : L: x != y -> dropped }"
    assert found(f"{text} assume exists x, y : L: x != y") == []


def test_many_cases_are_decided_by_the_solver() -> None:
    names = [f"a{n}" for n in range(24)]
    declared = " ".join(f"state {name} : bool" for name in names)
    odd = " iff ".join(names)
    assert found(f"{declared} access f {{ {odd} -> ok  not ({odd}) -> dropped }}") == []
    errors = found(f"{declared} access f {{ {odd} -> ok  not ({odd}) and a0 -> dropped }}")
    assert [one.code.name for one in errors] == ["E502"]


# --- what nothing decides ---------------------------------------------------------------

UNDECIDED = f"""
index L
const next[L] : L
state touched : bool = false
state other : bool = false
access go_on {{
  not {ONE_TO_ONE} -> ok {{ touched := true }}
  {EVERYTHING} -> dropped
}}
action go {{ go_on() }}
action look(l : L) {{ other := next[l] = l }}
property untouched never touched
property quiet never other
check untouched for L <= 4 where {ONE_TO_ONE} expect proved
check untouched for L = 5 expect refuted
check untouched where {ONE_TO_ONE} expect proved
check untouched expect refuted in 1
check quiet for L = 5 expect refuted
"""


@cache
def undecided() -> Model:
    return model_of(UNDECIDED)


def test_the_table_says_what_it_was_checked_for() -> None:
    (table,) = undecided().tables
    assert table.checked_up_to == (("L", 4),)
    (table,) = model_of("state a : bool access f { a -> ok  not a -> dropped }").tables
    assert table.checked_up_to == ()


def test_the_solver_is_not_waited_for_any_longer_than_there_is_time() -> None:
    """With all the work in the world, only the time ends it."""
    formula = next(row for row in undecided().tables[0].rows if "exists" in row.guard).condition
    neither = core.negation(core.disjunction(*(row.condition for row in undecided().tables[0].rows)))
    effort = Effort(work=0, solver=4_000_000_000, budget=Budget.of(0.2))
    with pytest.raises(LimitReached):
        find_state(core.conjunction(neither, core.negation(formula)), (), effort)


def test_mistakes_at_small_sizes_are_still_found() -> None:
    text = UNDECIDED.replace(EVERYTHING, f"({EVERYTHING} and not exists x : L: next[x] != x)")
    (gap,) = found(text)
    assert gap.code.name == "E502"


def told() -> list[Answer]:
    spec = Spec(Path("undecided.tdx"), undecided())
    questions = every_check(spec, Options())
    return [answer(asked, UNLIMITED, Silent()).answer for asked in questions]


SAID = "access 'go_on' was checked for up to 4 elements of L only"


def test_the_verdicts_that_use_it_say_so() -> None:
    runs = told()
    assert [run.as_expected for run in runs] == [True] * 5
    assert [[str(one) for one in run.told.partly_checked] for run in runs] == [[], [SAID], [SAID], [], []]


def test_every_report_says_so() -> None:
    run = Run(tuple(told()))
    text = " ".join(plain(text_lines(run)).split())
    assert text.count(SAID) == 3  # twice in the table, once with the trace
    assert html_text(run).count(SAID.replace("'", "&#x27;")) == 2
    documents = json.loads(json_text(run))["checks"]
    doubt = [{"access": "go_on", "sizes": {"L": 4}}]
    assert [one["partly_checked"] for one in documents] == [[], doubt, doubt, [], []]


def test_other_formats_say_so() -> None:
    runs = told()
    results = json.loads(sarif_text(Run(tuple(runs))))["runs"][0]["results"]
    assert [SAID in one["message"]["text"] for one in results] == [False, True, True, False, False]
    assert [one["kind"] for one in results] == ["pass"] * 5
    wrong = changed(runs[1], expected="proved")
    cases = ElementTree.fromstring(junit_text(Run((*runs, wrong)))).findall("./testsuite/testcase")
    noted = [case.findtext("system-out") for case in cases]
    assert noted == [None, SAID, SAID, None, None, None]
    assert SAID in (cases[5].findtext("failure") or "").splitlines()


def test_an_explanation_says_so() -> None:
    spec = Spec(Path("undecided.tdx"), undecided())
    doubts = (False, True, True, False, False)
    for asked, doubtful in zip(every_check(spec, Options()), doubts, strict=True):
        found = answer(asked, UNLIMITED, Silent())
        decided = found.decided[-1]
        if isinstance(decided.verdict, Refuted):
            trace = tracing.told(asked, decided.problem, decided.verdict.trace)
            lines = why_lines(trace, 200)
        else:
            proof = found_proof(asked, [(one.problem, one.verdict) for one in found.decided])
            assert proof is not None
            lines, _ = explain_proof(proof, 200, everything=False)
        assert (SAID in plain(lines)) is doubtful


def test_strict_takes_it_for_no_answer() -> None:
    spec = Spec(Path("undecided.tdx"), undecided())
    judged = [
        judge(run, asked, Silent())
        for run, asked in zip(told(), every_check(spec, Options()), strict=True)
        if run.told.partly_checked
    ]
    assert [(one.outcome, one.as_expected) for one in judged] == [(Outcome.UNKNOWN, False)] * 2
    assert judged[0].reason == "refuted, but it rests on what was not checked for all of these sizes"


# --- against brute force --------------------------------------------------------------------


def test_tables_are_judged_as_their_states_say() -> None:
    random = Random(20_240_602)
    for _ in range(60):
        text = random_table(random)
        said = {one.code.name for one in found(text)}
        draft = elaborate((parse(SourceFile("test.tdx", text)),)).model
        real = codes(troubles(draft, 2)) if said else codes(troubles(draft, 4))
        assert real - {"E504"} <= said, text
        assert said <= real or codes(troubles(draft, 3)) >= said, text


def test_without_the_solver_nothing_is_missed_that_it_would_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enumeration where it suffices, and the solver for everything, come to the same answers."""
    random = Random(20_240_603)
    texts = [random_table(random) for _ in range(40)]
    usual = [sorted(one.code.name for one in found(text)) for text in texts]
    monkeypatch.setattr(states, "enough_elements", lambda formula, free: None)
    assert [sorted(one.code.name for one in found(text)) for text in texts] == usual


@pytest.mark.parametrize("work", [states.THOROUGH, 0])
def test_what_is_told_of_the_solver_s_example_is_enough(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formula holds whatever the cells are that the example leaves out."""
    examples = 0

    def too_large(*_: object) -> Example | None:
        raise TooLarge

    def looked_for(formula: core.Expr, variables: tuple[core.Bound, ...], effort: Effort) -> Example | None:
        nonlocal examples
        example = find_state(formula, variables, effort)
        if example is not None:
            examples += 1
            evaluator = PartialEvaluator(example.known(), example.sizes)
            assert evaluator.value(formula, dict(example.bound)) == 1
        return example

    monkeypatch.setattr(states, "enough_elements", lambda formula, free: None)
    monkeypatch.setattr(states, "first_of", too_large)
    monkeypatch.setattr(states, "THOROUGH", work)
    monkeypatch.setattr(tables, "find_state", looked_for)
    random = Random(20_240_604)
    for _ in range(30):
        found(random_table(random))
    assert examples > 30
