"""Attempts to have something false certified: each is refused by every road that a proof can take.

The claims are about problems made by hand, so that names and sorts can be what no spec can write. Each
problem has a bad state that the evaluator reaches, and a certificate that one mistake in the writing of
questions would make good.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.induction import KInductive
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Unusable
from tdxverify.evidence.scripts.bits import bit_script_for
from tdxverify.evidence.scripts.inductive import Script, script_for
from tdxverify.evidence.scripts.unrolled import induction_script_for
from tdxverify.evidence.verdict import Proved, Refuted, Vacuous
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
    implication,
    less,
    negation,
    quantified,
)
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort
from tdxverify.model.model import Write
from tdxverify.questions.problems.problem import Problem
from tdxverify.smt import other_solvers as second
from tdxverify.smt.text import Unreadable, contradictions
from tests.building import action, number, problem, read, rigid, start, state, write
from tests.texts import Silent, require_accepted

LINE, NODE = IndexSort("Line"), IndexSort("Node")
l0, l1 = Bound("a", LINE), Bound("b", LINE)
flag, other = state("flag"), state("other")
never = negation(read(flag))


def _believed(script: Callable[[], Script]) -> bool:
    """Whether one of the solvers answers every question with `unsat`."""
    try:
        made = script()
    except (Unusable, InternalError):
        return False
    questions = [obligation.text for obligation in made.obligations]
    found: list[list[object]] = []
    for package in ("z3", second.BITWUZLA, second.CVC5):
        if package != "z3" and second.solver_for(made.logic) != package:
            continue
        try:
            if package == "z3":
                found.append(list(contradictions(made.prelude, questions, lambda: 5_000)))
            else:
                found.append(list(second.contradictions(package, made.logic, made.prelude, questions, 5_000)))
        except Unreadable:
            continue
    return any(all(answer is True for answer in answers) for answers in found)


def _certified(subject: Problem, claim: Invariant | KInductive) -> bool:
    try:
        require_accepted(subject, Proved(claim), Budget(query_ms=5_000))
    except InternalError:
        return False
    return True


def refused(subject: Problem, *formulas: Expr) -> None:
    """As an invariant in words and in bits, for any size and for those stated, and as k-induction."""
    assert isinstance(explicit.run(subject, Budget(), Silent()), Refuted), "the claim is not false"
    for any_size in (True, False):
        claim = Invariant(formulas, any_size)
        assert not _certified(subject, claim)
        assert not _believed(lambda claim=claim: script_for(subject, claim))  # type: ignore[misc]
    assert not _believed(lambda: bit_script_for(subject, Invariant(formulas, any_size=False)))
    for k in (1, 2, 3):
        for simple_path in (False, True):
            induction = KInductive(k, simple_path)
            assert not _certified(subject, induction)
            assert not _believed(lambda claim=induction: induction_script_for(subject, claim))  # type: ignore[misc]


# --- names -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["place", "place 0", "place 1", "!0", "!1", "at 0", "at 1", "?l 1", "l", "1'$linked", "linked", "1:0"],
)
def test_parameters_that_are_called_like_something_else(name: str) -> None:
    """`place` was one: the diagonal was set for all lines at once, so that no two lines could differ."""
    linked, one = state("linked", BOOL, LINE, LINE), Bound(name, LINE)
    differ = conjunction(read(linked, l0, l0), negation(read(linked, l1, l1)))
    bad = quantified((l0, l1), differ, universal=False)
    subject = problem(
        "diagonal",
        (start(linked, FALSE),),
        (action("set", TRUE, write(linked, TRUE, one, one), parameters=(one,)),),
        bad,
        sizes=((LINE, 2),),
    )
    refused(subject, negation(bad))


@pytest.mark.parametrize(
    "name",
    ["1'$flag", "$flag", "flag'", "flag' 1", "0:$flag", "1:$flag", "invariant!", "invariant!1", "initial!",
     "good! 0", "step! 0", "fires! 0", "node!2!", "?v 1", "!0", "true", "Bool", "bvsle"],
)  # fmt: skip
def test_symbols_that_are_called_like_something_else(name: str) -> None:
    """A symbol that stays false beside one that does not."""
    still = state(name)
    subject = problem(
        "rising",
        (start(flag, FALSE), start(still, FALSE)),
        (action("rise", negation(read(still)), write(flag, TRUE)),),
        read(flag),
    )
    refused(subject, never, negation(read(still)))


def test_two_variables_of_one_name_in_one_quantifier() -> None:
    """Of different ranges: taken for one, the bad states would need a number that is 5 and below 4."""
    x, wide, narrow = state("x", RangeSort(0, 7)), Bound("n", RangeSort(0, 7)), Bound("n", RangeSort(0, 3))
    any_value = Bound("v", RangeSort(0, 7))
    both = conjunction(equal(read(x), wide), equal(wide, number(5)), less(Op.LE, narrow, number(2)))
    subject = problem(
        "numbers",
        (start(x, number(0)),),
        (action("set", TRUE, write(x, any_value), parameters=(any_value,)),),
        quantified((wide, narrow), both, universal=False),
    )
    refused(subject, TRUE)
    refused(subject, negation(subject.bad))


def test_members_that_are_written_alike() -> None:
    """`A:b` with the member c, and A with the member `b:c`."""
    one, two = EnumSort("A", ("b:c", "x")), EnumSort("A:b", ("c", "y"))
    left, right = state("left", one), state("right", two)
    subject = problem(
        "alike",
        (start(left, Const(0, one)), start(right, Const(0, two))),
        (action("go", TRUE, write(left, Const(1, one))),),
        equal(read(left), Const(1, one)),
    )
    refused(subject, equal(read(left), Const(0, one)), equal(read(right), Const(0, two)))


def test_a_sort_and_an_enum_of_one_name() -> None:
    lines = EnumSort("Line", ("one", "two", "three"))
    here, marked, v = state("here", lines), state("marked", BOOL, LINE), Bound("v", lines)
    some = quantified((l0,), read(marked, l0), universal=False)
    subject = problem(
        "names",
        (start(here, Const(0, lines)), start(marked, FALSE)),
        (action("go", TRUE, write(here, v), write(marked, TRUE, l0), parameters=(v, l0)),),
        conjunction(some, equal(read(here), Const(2, lines))),
        sizes=((LINE, 2),),
    )
    refused(subject, negation(subject.bad))


def test_two_parameters_of_one_name() -> None:
    linked, one, two = state("n", BOOL), Bound("v", RangeSort(0, 1)), Bound("v", RangeSort(0, 3))
    subject = problem(
        "twins",
        (start(linked, FALSE),),
        (action("set", equal(two, number(3)), write(linked, TRUE), parameters=(one, two)),),
        read(linked),
    )
    refused(subject, negation(read(linked)))


# --- numbers ---------------------------------------------------------------------------


def counting(
    low: int, high: int, first: int, value: Callable[[Expr], Expr], bad: int
) -> tuple[Problem, Expr]:
    n = state("n", RangeSort(low, high))
    subject = problem(
        "counting", (start(n, number(first)),), (action("go", TRUE, write(n, value(read(n)))),),
        equal(read(n), number(bad)),
    )  # fmt: skip
    return subject, read(n)


def test_division_does_not_round_towards_zero() -> None:
    """-3, -2, -1: whoever truncates never sees -2."""
    subject, n = counting(-3, 3, -3, lambda n: arithmetic(Op.DIV, n, number(2)), -2)
    refused(subject, disjunction(*(equal(n, number(v)) for v in (-3, -1, 0))))


def test_remainders_are_not_negative() -> None:
    subject, n = counting(-3, 3, -3, lambda n: arithmetic(Op.MOD, n, number(2)), 1)
    refused(subject, disjunction(*(equal(n, number(v)) for v in (-3, -1))))


@pytest.mark.parametrize(
    ("first", "grown"),
    [
        (16, lambda n: equal(arithmetic(Op.MUL, n, n), number(256))),  # zero in eight bits
        (255, lambda n: less(Op.LT, number(255), arithmetic(Op.ADD, n, number(1)))),
        (0, lambda n: less(Op.LT, arithmetic(Op.SUB, n, number(1)), number(0))),  # the largest, unsigned
        (128, lambda n: less(Op.LT, number(0), n)),  # negative, in eight bits
        (200, lambda n: equal(arithmetic(Op.MUL, arithmetic(Op.MUL, n, n), n), number(8_000_000))),
    ],
)
def test_nothing_wraps_around(first: int, grown: Callable[[Expr], Expr]) -> None:
    n = state("n", RangeSort(0, 255))
    subject = problem(
        "wide",
        (start(n, number(first)), start(flag, FALSE)),
        (action("go", grown(read(n)), write(flag, TRUE)),),
        read(flag),
    )
    refused(subject, never, equal(read(n), number(first)))


def leaving() -> Problem:
    """x counts beyond its range, and nobody notes it: no evidence about such a problem may be accepted."""
    x = state("x", RangeSort(0, 3))
    grown = arithmetic(Op.ADD, read(x), number(1))
    return problem("leaving", (start(x, number(0)),), (action("up", TRUE, write(x, grown)),), FALSE)


def test_assignments_beyond_the_range_are_no_steps_to_rely_on() -> None:
    subject = leaving()
    for any_size in (True, False):
        assert not _certified(subject, Invariant((TRUE,), any_size))
    assert not _believed(lambda: bit_script_for(subject, Invariant((TRUE,), any_size=False)))
    for k in (1, 2, 5, 9):
        assert not _believed(lambda k=k: induction_script_for(subject, KInductive(k, simple_path=True)))  # type: ignore[misc]


def test_initial_values_beyond_the_range() -> None:
    x = state("x", RangeSort(0, 3))
    subject = problem("beyond", (start(x, number(9)),), (), FALSE)
    for any_size in (True, False):
        assert not _certified(subject, Invariant((TRUE,), any_size))
    assert not _believed(lambda: bit_script_for(subject, Invariant((TRUE,), any_size=False)))
    assert not _believed(lambda: induction_script_for(subject, KInductive(1, simple_path=False)))


def test_a_foreach_over_a_part_of_the_indices() -> None:
    """Written for 0..1 only; taken for all places it would mark those that stay unmarked."""
    few, all_of = RangeSort(0, 1), RangeSort(0, 3)
    x, n, m = state("x", BOOL, all_of), Bound("n", few), Bound("m", all_of)
    bad = quantified((m,), negation(read(x, m)), universal=False)
    subject = problem(
        "part",
        (start(x, FALSE), start(flag, FALSE)),
        (action("go", TRUE, Write(x, (n,), (n,), TRUE, TRUE), write(flag, TRUE)),),
        conjunction(read(flag), bad),
    )
    refused(subject, negation(subject.bad))


# --- steps -----------------------------------------------------------------------------


def test_the_last_write_wins() -> None:
    subject = problem(
        "last",
        (start(flag, FALSE),),
        (action("go", TRUE, write(flag, FALSE), write(flag, TRUE)),),
        read(flag),
    )
    refused(subject, never)


def test_writes_read_the_state_before() -> None:
    """An exchange: done one after the other, `other` would never be true."""
    subject = problem(
        "exchange",
        (start(flag, TRUE), start(other, FALSE)),
        (action("go", TRUE, write(flag, read(other)), write(other, read(flag))),),
        read(other),
    )
    refused(subject, negation(read(other)))


def test_writes_through_a_function() -> None:
    """The line that stands for another one is written, not the other one."""
    marked, to = state("marked", BOOL, LINE), Symbol("to", Role.RIGID, (LINE,), LINE)
    bad = quantified((l0,), conjunction(read(marked, l0), negation(equal(read(to, l0), l0))), universal=False)
    subject = problem(
        "function",
        (start(marked, FALSE),),
        (action("go", equal(read(to, l0), l0), write(marked, TRUE, l0), parameters=(l0,)),
         action("far", TRUE, write(marked, TRUE, read(to, l0)), parameters=(l0,))),
        bad,
        sizes=((LINE, 2),),
        parameters=(to,),
    )  # fmt: skip
    refused(subject, negation(bad))


def test_a_step_that_the_invariant_does_not_mention() -> None:
    subject = problem(
        "aside",
        (start(flag, FALSE), start(other, FALSE)),
        (action("go", TRUE, write(flag, TRUE)),),
        read(flag),
    )
    refused(subject, negation(read(other)))
    refused(subject, disjunction(read(other), negation(read(other))))


def test_what_changes_only_beside_the_point_is_still_a_different_state() -> None:
    """Waiting changes `other`, so that paths of different states can be long without getting anywhere."""
    count = state("count", RangeSort(0, 3))
    more = arithmetic(Op.ADD, read(count), number(1))
    subject = problem(
        "waiting",
        (start(count, number(0)), start(flag, FALSE)),
        (action("wait", less(Op.LT, read(count), number(3)), write(count, more)),
         action("go", equal(read(count), number(3)), write(flag, TRUE))),
        read(flag),
    )  # fmt: skip
    refused(subject, implication(read(flag), equal(read(count), number(0))))
    for k in (1, 2, 3):  # the base is fine up to here
        assert not _certified(subject, KInductive(k, simple_path=True))


# --- any size, and nothing at all --------------------------------------------------------


def test_nothing_to_prove_is_not_claimed_of_every_size() -> None:
    """Only with three lines or more is there an initial state."""
    three = (l0, l1, Bound("c", LINE))
    apart = (negation(equal(three[a], three[b])) for a in range(3) for b in range(a))
    subject = problem(
        "three",
        (start(flag, FALSE),),
        (action("go", TRUE, write(flag, TRUE)),),
        read(flag),
        sizes=((LINE, 2),),
        constraints=(quantified(three, conjunction(*apart), universal=False),),
    )
    require_accepted(subject, Vacuous("", any_size=False), Budget())
    with pytest.raises(InternalError):
        require_accepted(subject, Vacuous("", any_size=True), Budget())
    assert not _certified(subject, Invariant((never,), any_size=True))
    assert not _certified(subject, Invariant((FALSE,), any_size=True))


def test_parameters_may_have_any_value() -> None:
    """A parameter of the problem that has to be 2 for the bad state to be reached."""
    mode = rigid("mode", RangeSort(0, 2))
    subject = problem(
        "modes",
        (start(flag, FALSE),),
        (action("go", equal(read(mode), number(2)), write(flag, TRUE)),),
        read(flag),
        parameters=(mode,),
    )
    refused(subject, never)
    refused(subject, never, negation(equal(read(mode), number(2))))
    refused(subject, implication(read(flag), FALSE), less(Op.LE, read(mode), number(1)))


def test_a_proof_needs_formulas_about_this_problem() -> None:
    wrong = Read(Symbol("flag", Role.STATE, (), RangeSort(0, 1)))
    subject = problem("rising", (start(flag, FALSE),), (action("rise", TRUE, write(flag, TRUE)),), read(flag))
    refused(subject, equal(wrong, number(0)))
    refused(subject, negation(Read(flag, (), primed=True)))
    refused(subject, negation(Read(Symbol("flag", Role.RIGID, (), BOOL))))
