"""Invariants are proved again, and what is none is refused: exactly if looking at every state refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from time import monotonic

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines import anysize
from tdxverify.engines.pdr import engine as pdr
from tdxverify.evidence.base import Undecided
from tdxverify.evidence.certifying import checked
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.verdict import Proved, Vacuous
from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Const,
    Expr,
    Read,
    Role,
    Symbol,
    conjunction,
    disjunction,
    equal,
    negation,
    quantified,
)
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort
from tdxverify.questions.problems.problem import Problem
from tests.building import action, every, number, problem, read, start, state, write
from tests.evidence.mutating import is_invariant, is_small, mutants
from tests.generated import random_problem
from tests.problems import CASES, Case
from tests.smt.pigeons import pigeons
from tests.texts import Silent, require_accepted

PROVED = [case for case in CASES if case.expected == "proved"]
SMALL = [case for case in PROVED if is_small(case.problem)]
LINE = IndexSort("Line")
line, other, third = Bound("l", LINE), Bound("m", LINE), Bound("n", LINE)


@cache
def certificate_of(case: Case) -> Invariant:
    verdict = pdr.run(case.problem, Budget(), Silent())
    assert isinstance(verdict, Proved)
    assert isinstance(verdict.certificate, Invariant)
    return verdict.certificate


def accepted(subject: Problem, certificate: Invariant) -> bool:
    try:
        require_accepted(subject, Proved(certificate), Budget(query_ms=10_000))
    except InternalError:
        return False
    return True


@pytest.mark.parametrize("case", PROVED, ids=lambda case: case.name)
def test_proofs_are_accepted(case: Case) -> None:
    require_accepted(case.problem, Proved(certificate_of(case)), Budget())


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_mutants_are_refused_unless_they_are_invariants(case: Case) -> None:
    for what, mutant in mutants(certificate_of(case)):
        assert accepted(case.problem, mutant) is is_invariant(case.problem, mutant.formulas), what


def test_there_are_many_mutants() -> None:
    judged = [is_invariant(c.problem, m.formulas) for c in SMALL for _, m in mutants(certificate_of(c))]
    assert judged.count(False) > 200
    assert judged.count(True) > 5


def general_proofs() -> Iterator[tuple[Problem, Invariant]]:
    for subject in (case.problem for case in PROVED if case.problem.sizes):
        found = anysize.decide(subject, Budget(), Silent())
        if isinstance(found.verdict, Proved) and isinstance(found.verdict.certificate, Invariant):
            yield subject, found.verdict.certificate


def test_mutants_of_general_proofs_hold_wherever_they_are_accepted() -> None:
    """What is accepted for any size is an invariant at every size that can be looked at."""
    refused = 0
    for subject, certificate in general_proofs():
        assert certificate.any_size
        require_accepted(subject, Proved(certificate), Budget())
        for what, mutant in mutants(certificate):
            if not accepted(subject, mutant):
                refused += 1
                continue
            for size in (1, 2):
                small = replace(subject, sizes=tuple((name, size) for name, _ in subject.sizes))
                assert not is_small(small) or is_invariant(small, mutant.formulas), (subject.name, what)
    assert refused > 30


@pytest.mark.parametrize("seed", range(0, 400, 5))
def test_generated_problems(seed: int) -> None:
    subject = random_problem(seed)
    verdict = pdr.run(subject, Budget(), Silent())
    if (
        not is_small(subject)
        or not isinstance(verdict, Proved)
        or not isinstance(verdict.certificate, Invariant)
    ):
        return
    assert is_invariant(subject, verdict.certificate.formulas)
    for what, mutant in list(mutants(verdict.certificate))[:12]:
        assert accepted(subject, mutant) is is_invariant(subject, mutant.formulas), what


# --- false claims made by hand -----------------------------------------------------------


def pairs() -> Problem:
    """Lines are marked one by one; never three of them, as long as there are but two."""
    marked = state("marked", BOOL, LINE)
    three = (line, other, third)
    marks = (read(marked, one) for one in three)
    apart = (negation(equal(one, two)) for one, two in combinations(three, 2))
    return problem(
        "pairs",
        (start(marked, FALSE),),
        (action("mark", TRUE, write(marked, TRUE, line), parameters=(line,)),),
        quantified(three, conjunction(*marks, *apart), universal=False),
        sizes=((LINE, 2),),
    )


def test_what_is_true_of_two_elements_is_not_true_of_any() -> None:
    subject = pairs()
    good = (negation(subject.bad),)
    assert accepted(subject, Invariant(good, any_size=False))
    assert not accepted(subject, Invariant(good, any_size=True))
    assert not accepted(replace(subject, sizes=(("Line", 3),)), Invariant(good, any_size=False))
    # Neither does it help to assume that there are but two.
    equals = (equal(one, two) for one, two in combinations((line, other, third), 2))
    few = quantified((line, other, third), disjunction(*equals), universal=True)
    assert accepted(subject, Invariant((*good, few), any_size=False))
    assert not accepted(subject, Invariant((*good, few), any_size=True))


flag = state("flag")
colour = EnumSort("Colour", ("red", "green"))


def rising() -> Problem:
    """flag: false, then true. Every claim that it stays false is wrong."""
    return problem("rising", (start(flag, FALSE),), (action("rise", TRUE, write(flag, TRUE)),), read(flag))


def claimed_of(*names: str) -> tuple[Expr, ...]:
    """That flag stays false, in a quantifier that binds variables of these names."""
    binders = tuple(Bound(name, BOOL) for name in names)
    return (quantified(binders, negation(read(flag)), universal=False),)


FALSE_CLAIMS: dict[str, tuple[Expr, ...]] = {
    "nothing": (),
    "true": (TRUE,),
    "false": (FALSE,),
    "the property": (negation(read(flag)),),
    "a variable called like the state behind the step": claimed_of("flag' 1"),
    "a variable called like the symbol": claimed_of("flag"),
    "a variable called like the symbol in the script": claimed_of("$flag' 1"),
    "a variable that ends its quotes": claimed_of("x|) Bool)) true)(assert false)(assert (exists ((|y"),
    "a variable with a backslash": claimed_of("x\\", " ) (assert false) "),
    "a variable with a line in it": claimed_of("x\n(assert false)"),
    "a variable bound by nothing": (negation(Bound("flag", BOOL)),),
    "the parameter of an action": (negation(Bound("?l 1", BOOL)),),
    "the invariant itself": (Read(Symbol("invariant!", Role.STATE, (), BOOL)),),
    "the next state": (negation(Read(flag, (), primed=True)),),
    "a parameter of the state's name": (negation(Read(Symbol("flag", Role.RIGID, (), BOOL))),),
    "a symbol that there is not": (negation(Read(Symbol("nothing", Role.STATE, (), BOOL))),),
    "a number": (number(1),),
    "a member beyond the last": (equal(Const(7, colour), Const(7, EnumSort("Colour", ("red",)))),),
    "an element of an open sort": (equal(Const(0, LINE), Const(1, LINE)),),
    "a range that is not the symbol's": (negation(Read(Symbol("flag", Role.STATE, (), RangeSort(0, 1)))),),
}  # fmt: skip


@pytest.mark.parametrize("any_size", [True, False], ids=["any size", "stated"])
@pytest.mark.parametrize("name", FALSE_CLAIMS)
def test_false_claims_are_refused(name: str, any_size: bool) -> None:
    assert not accepted(rising(), Invariant(FALSE_CLAIMS[name], any_size))


def test_false_claims_are_counted() -> None:
    assert len(FALSE_CLAIMS) == 20


def test_names_that_solvers_know_mean_what_the_spec_means() -> None:
    """`xor` is a state here, and so on: were it the solver's, some of these would be wrong."""
    for name in ("xor", "select", "distinct", "let", "match", "Bool", "true", "invariant", "as", "_"):
        symbol = state(name, BOOL, BOOL, BOOL)
        bits = (Bound("a", BOOL), Bound("b", BOOL))
        subject = problem(
            name,
            (start(symbol, FALSE),),
            (action("set", TRUE, write(symbol, TRUE, TRUE, FALSE)),),
            quantified(bits, conjunction(read(symbol, *bits), equal(*bits)), universal=False),
        )
        assert accepted(subject, Invariant((negation(subject.bad),), any_size=True)), name
        wrong = every(bits[0], every(bits[1], negation(read(symbol, *bits))))
        assert not accepted(subject, Invariant((wrong,), any_size=True)), name


def test_vacuity_for_any_size_is_a_proof_of_false() -> None:
    contradiction = replace(rising(), constraints=(read(flag),))
    require_accepted(contradiction, Vacuous("", any_size=True), Budget())
    with pytest.raises(InternalError):
        require_accepted(rising(), Vacuous("", any_size=True), Budget())


def test_refusals_come_with_the_question() -> None:
    with pytest.raises(InternalError, match="consecution of rise") as caught:
        require_accepted(rising(), Proved(Invariant((negation(read(flag)),), any_size=True)), Budget())
    assert set(caught.value.bundle) == {"problem", "evidence", "obligation.smt2"}
    assert caught.value.bundle["obligation.smt2"].endswith("(check-sat)\n")


def test_out_of_time_is_neither_accepted_nor_refused() -> None:
    brief = Budget(deadline=monotonic() + 0.05)
    assert isinstance(checked(pigeons(9), Invariant((FALSE,), any_size=False), brief), Undecided)
