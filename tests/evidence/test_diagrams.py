"""Decision diagrams as certificates: refused exactly if looking at every state refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines.bdd import search
from tdxverify.evidence.diagram import Branch, DecisionDiagram
from tdxverify.evidence.scripts.bits import bit_script_for
from tdxverify.evidence.scripts.inductive import script_for
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.expr import Role, Symbol
from tdxverify.logic.layout import Cell
from tdxverify.logic.sorts import BOOL, EnumSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import other_solvers as second
from tests.evidence.mutating import is_small
from tests.evidence.mutating_diagrams import is_inductive, mutants
from tests.evidence.test_invariant import rising
from tests.generated import random_problem
from tests.problems import CASES, Case, common_model
from tests.texts import require_accepted

pytest.importorskip("dd")

PROVED = [case for case in CASES if case.expected == "proved"]
SMALL = [case for case in PROVED if is_small(case.problem)]
OTHERS = [p for p in (second.BITWUZLA, second.CVC5) if second.find_spec(p) is not None]
IN, OUT, FIRST = DecisionDiagram.IN, DecisionDiagram.OUT, DecisionDiagram.FIRST


@pytest.fixture(autouse=True)
def no_clauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "clauses_of", lambda space, states, possible: None)


@cache
def diagram_of(subject: Problem) -> DecisionDiagram | None:
    verdict = search.search(subject, lambda text, clean: None)
    if not isinstance(verdict, Proved):
        return None
    assert isinstance(verdict.certificate, DecisionDiagram)
    return verdict.certificate


def accepted(subject: Problem, diagram: DecisionDiagram) -> bool:
    try:
        require_accepted(subject, Proved(diagram), Budget(query_ms=10_000))
    except InternalError:
        return False
    return True


def confirmed(subject: Problem, diagram: DecisionDiagram, solver: str) -> bool:
    """The same by another solver, in its own words."""
    write = bit_script_for if solver == second.BITWUZLA else script_for
    script = write(subject, diagram)
    questions = [obligation.text for obligation in script.obligations]
    answers = second.contradictions(solver, script.logic, script.prelude, questions, 10_000)
    return all(answer is True for answer in answers)


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_proofs_are_accepted(case: Case) -> None:
    diagram = diagram_of(case.problem)
    assert diagram is not None
    require_accepted(case.problem, Proved(diagram), Budget())


@pytest.mark.parametrize("solver", OTHERS)
@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_other_solvers_accept_them_too(case: Case, solver: str) -> None:
    diagram = diagram_of(case.problem)
    assert diagram is not None
    assert confirmed(case.problem, diagram, solver)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_mutants_are_refused_unless_they_are_invariants(case: Case) -> None:
    diagram = diagram_of(case.problem)
    assert diagram is not None
    for what, mutant in _some(mutants(case.problem, diagram)):
        assert accepted(case.problem, mutant) is is_inductive(case.problem, mutant), what


def test_there_are_many_mutants() -> None:
    judged = []
    for case in SMALL:
        diagram = diagram_of(case.problem)
        assert diagram is not None
        judged += [is_inductive(case.problem, m) for _, m in _some(mutants(case.problem, diagram))]
    assert judged.count(False) > 400
    assert judged.count(True) > 10


def _some(found: Iterator[tuple[str, DecisionDiagram]]) -> list[tuple[str, DecisionDiagram]]:
    """Evenly spread, since large diagrams have thousands."""
    every = list(found)
    return every[:: max(1, len(every) // 60)]


@pytest.mark.parametrize("solver", OTHERS)
def test_other_solvers_refuse_the_same(solver: str) -> None:
    wrong = 0
    for case in SMALL[::3]:
        diagram = diagram_of(case.problem)
        assert diagram is not None
        for what, mutant in islice(mutants(case.problem, diagram), 12):
            right = is_inductive(case.problem, mutant)
            assert confirmed(case.problem, mutant, solver) is right, (case.name, what)
            wrong += not right
    assert wrong > 40


@pytest.mark.parametrize("seed", range(0, 200, 4))
def test_generated_problems(seed: int) -> None:
    subject = random_problem(seed)
    diagram = diagram_of(subject) if is_small(subject) else None
    if diagram is None:
        return
    assert is_inductive(subject, diagram)
    for what, mutant in _some(mutants(subject, diagram))[:10]:
        assert accepted(subject, mutant) is is_inductive(subject, mutant), what


# --- tables that are none -------------------------------------------------------------------

FLAG = Cell(rising().symbols[0], ())
STAYS = Branch(0, (1,), OUT, IN)  # flag is false

FORGED: dict[str, DecisionDiagram] = {
    "everything": DecisionDiagram((), (), IN),
    "nothing": DecisionDiagram((), (), OUT),
    "the property": DecisionDiagram((FLAG,), (STAYS,), FIRST),
    "a node that leads to itself": DecisionDiagram((FLAG,), (Branch(0, (1,), FIRST, IN),), FIRST),
    "two nodes that lead to each other": DecisionDiagram(
        (FLAG,), (Branch(0, (1,), FIRST + 1, IN), Branch(0, (0,), FIRST, IN)), FIRST
    ),
    "a node that there is not": DecisionDiagram((FLAG,), (Branch(0, (1,), 17, IN),), FIRST),
    "a negative node": DecisionDiagram((FLAG,), (Branch(0, (1,), -1, IN),), FIRST),
    "a root that there is not": DecisionDiagram((FLAG,), (STAYS,), FIRST + 1),
    "a negative root": DecisionDiagram((FLAG,), (STAYS,), -1),
    "a cell that there is not": DecisionDiagram((FLAG,), (Branch(1, (1,), OUT, IN),), FIRST),
    "a negative cell": DecisionDiagram((FLAG,), (Branch(-1, (1,), OUT, IN),), FIRST),
    "values out of range": DecisionDiagram((FLAG,), (Branch(0, (1, 2), OUT, IN),), FIRST),
    "a symbol of another problem": DecisionDiagram(
        (Cell(Symbol("other", Role.STATE, (), BOOL), ()),), (STAYS,), FIRST
    ),
    "the same name with another sort": DecisionDiagram(
        (Cell(Symbol("flag", Role.STATE, (), RangeSort(0, 1)), ()),), (STAYS,), FIRST
    ),
    "the same name as a parameter": DecisionDiagram(
        (Cell(Symbol("flag", Role.RIGID, (), BOOL), ()),), (STAYS,), FIRST
    ),
    "the same name with other members": DecisionDiagram(
        (Cell(Symbol("flag", Role.STATE, (), EnumSort("Flag", ("a", "b"))), ()),), (STAYS,), FIRST
    ),
    "an index that there is not": DecisionDiagram((Cell(FLAG.symbol, (0,)),), (STAYS,), FIRST),
    "the text behind the step": DecisionDiagram(
        (Cell(Symbol("node!2!1", Role.STATE, (), BOOL), ()),), (STAYS,), FIRST
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_tables_are_refused(name: str) -> None:
    assert not accepted(rising(), FORGED[name])


def test_forged_tables_are_counted() -> None:
    assert len(FORGED) == 18


def test_an_element_beyond_the_size_is_no_cell() -> None:
    subject = common_model(2, True, True)
    diagram = diagram_of(subject)
    assert diagram is not None
    larger = diagram_of(common_model(3, True, True))
    assert larger is not None
    assert not accepted(subject, larger)
    assert not accepted(replace(subject, sizes=(("Line", 3),)), diagram)


def test_a_step_that_nothing_in_the_diagram_depends_on() -> None:
    """The diagram is not written out again behind steps that write none of its cells."""
    subject = next(case.problem for case in PROVED if case.name == "common_2_00")
    diagram = diagram_of(subject)
    assert diagram is not None
    script = script_for(subject, diagram)
    assert script.prelude.count("node!2!") >= 1
    for obligation in script.obligations:
        assert ("node!2!" in obligation.text) is obligation.name.startswith("consecution")
