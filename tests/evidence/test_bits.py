"""Invariants for stated sizes in bits: the same answers, by three solvers, and nothing wraps around."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdxverify.budget import Budget, TooLarge
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts import bits
from tdxverify.evidence.scripts.bits import bit_script_for
from tdxverify.evidence.scripts.inductive import Script
from tdxverify.evidence.verdict import Proved
from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Const,
    Expr,
    Read,
    Role,
    Symbol,
    arithmetic,
    conjunction,
    disjunction,
    equal,
    less,
    negation,
    quantified,
)
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import other_solvers as second
from tdxverify.smt.text import contradictions
from tests.building import action, number, problem, read, start, state, write
from tests.evidence.mutating import is_invariant, is_small, mutants
from tests.evidence.test_invariant import FALSE_CLAIMS, PROVED, SMALL, certificate_of, rising
from tests.generated import random_problem
from tests.problems import Case
from tests.texts import Silent

SOLVERS = ["z3", *(p for p in (second.BITWUZLA, second.CVC5) if second.find_spec(p) is not None)]


def answers(script: Script, solver: str) -> list[object]:
    questions = [obligation.text for obligation in script.obligations]
    if solver == "z3":
        return list(contradictions(script.prelude, questions, Budget().remaining_ms))
    return list(second.contradictions(solver, script.logic, script.prelude, questions, 10_000))


def accepted(subject: Problem, formulas: tuple[Expr, ...], solver: str = "z3") -> bool:
    try:
        script = bit_script_for(subject, Invariant(formulas, any_size=False))
    except Unusable:
        return False
    return all(answer is True for answer in answers(script, solver))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_proofs_are_accepted(case: Case, solver: str) -> None:
    assert accepted(case.problem, certificate_of(case).formulas, solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_mutants_are_refused_unless_they_are_invariants(solver: str) -> None:
    wrong = 0
    for case in SMALL:
        for what, mutant in mutants(certificate_of(case)):
            right = is_invariant(case.problem, mutant.formulas)
            assert accepted(case.problem, mutant.formulas, solver) is right, (case.name, what)
            wrong += not right
    assert wrong > 200


def test_generated_problems() -> None:
    checked = 0
    for seed in range(0, 400, 5):
        subject = random_problem(seed)
        verdict = pdr.run(subject, Budget(), Silent())
        if is_small(subject) and isinstance(verdict, Proved) and isinstance(verdict.certificate, Invariant):
            for what, mutant in list(mutants(verdict.certificate))[:6]:
                right = is_invariant(subject, mutant.formulas)
                assert accepted(subject, mutant.formulas, SOLVERS[-1]) is right, (seed, what)
                checked += 1
    assert checked > 40


@pytest.mark.parametrize("name", FALSE_CLAIMS)
def test_false_claims_are_refused(name: str) -> None:
    assert not accepted(rising(), FALSE_CLAIMS[name])


def test_scripts_have_neither_numbers_nor_quantifiers() -> None:
    for case in PROVED:
        text = bit_script_for(case.problem, certificate_of(case)).together()
        assert "(set-logic QF_UFBV)" in text
        for word in ("Int", "forall", "exists", "declare-sort", "declare-datatypes"):
            assert word not in text, (case.name, word)


# --- numbers ---------------------------------------------------------------------------


def counting(low: int, high: int, bad: Expr, symbol: Symbol) -> Problem:
    """`symbol` goes from anything to anything within its range."""
    anything = Bound("v", RangeSort(low, high))
    return problem(
        "counting",
        (start(symbol),),
        (action("set", TRUE, write(symbol, anything), parameters=(anything,)),),
        bad,
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0, 7), (0, 8), (-8, 7), (-9, -3), (100, 103), (-1, 0), (0, 255), (5, 5)]
)
def test_nothing_wraps_around(low: int, high: int, solver: str) -> None:
    """Each comparison holds of all numbers in the range, and of the one beyond it not."""
    symbol = state("n", RangeSort(low, high))
    n = read(symbol)
    twice, square = arithmetic(Op.ADD, n, n), arithmetic(Op.MUL, n, n)
    largest = max(low * low, high * high, low * high)
    for expr, most in (
        (n, high),
        (twice, 2 * high),
        (square, largest),
        (arithmetic(Op.SUB, n, number(50)), high - 50),
    ):
        fine = less(Op.LE, expr, number(most))
        assert accepted(counting(low, high, negation(fine), symbol), (fine,), solver)
        tight = less(Op.LE, expr, number(most - 1))
        assert not accepted(counting(low, high, negation(tight), symbol), (tight,), solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("divisor", [1, 2, 3, 7, 16])
def test_division_rounds_towards_minus_infinity(divisor: int, solver: str) -> None:
    symbol = state("n", RangeSort(-9, 9))
    n, by = read(symbol), number(divisor)
    quotient, rest = arithmetic(Op.DIV, n, by), arithmetic(Op.MOD, n, by)
    for value in range(-9, 10):
        here = equal(n, number(value))
        for expr, right in ((quotient, value // divisor), (rest, value % divisor)):
            for claimed in (right - 1, right, right + 1):
                sort = expr.sort
                assert isinstance(sort, RangeSort)
                if not sort.low <= claimed <= sort.high:
                    continue
                bad = negation(equal(expr, number(claimed)))
                subject = counting(-9, 9, FALSE, symbol)
                claim = negation(conjunction(here, bad))
                assert accepted(subject, (claim,), solver) is (claimed == right)


@pytest.mark.parametrize("solver", SOLVERS)
def test_there_are_no_values_beyond_the_last(solver: str) -> None:
    """Three members and three elements need two bits each; the fourth value of those is no value."""
    colour, line = EnumSort("Colour", ("red", "green", "blue")), IndexSort("Line")
    paint, at = Symbol("paint", Role.STATE, (line,), colour), Symbol("at", Role.STATE, (), line)
    anything, where = Bound("c", colour), Bound("l", line)
    subject = problem(
        "paint",
        (start(paint), start(at)),
        (action("set", TRUE, write(paint, anything, where), write(at, where), parameters=(anything, where)),),
        FALSE,
        sizes=((line, 3),),
    )
    one_of = [equal(Read(paint, (read(at),)), Const(value, colour)) for value in range(3)]
    places = [equal(read(at), Const(value, line)) for value in range(3)]
    for options, right in ((one_of, True), (places, True), (one_of[1:], False), (places[:2], False)):
        fine = disjunction(*options)
        changed = replace(subject, bad=negation(fine))
        assert accepted(changed, (fine,), solver) is right


def test_what_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    line = IndexSort("Line")
    poison, where = Symbol("poison", Role.STATE, (line,), BOOL), Bound("l", line)
    subject = problem(
        "poison", (start(poison, FALSE),), (), quantified((where,), Read(poison, (where,)), universal=False),
        sizes=((line, 100),),
    )  # fmt: skip
    claim = Invariant((negation(subject.bad),), any_size=False)
    assert "|$poison| (_ bv99 9)" in bit_script_for(subject, claim).together()
    monkeypatch.setattr(bits, "MOST_INSTANCES", 100)
    with pytest.raises(TooLarge):
        bit_script_for(subject, claim)
