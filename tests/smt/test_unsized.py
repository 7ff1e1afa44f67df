"""Formulas over open sorts: what Z3 says of every size must be so at sizes 1, 2 and 3.

The evaluator decides what is so. A formula that Z3 calls valid is evaluated in every state of small
instances; one that is false in a small state must not be called valid.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from random import Random

import pytest
import z3

from tdxverify.budget import Budget
from tdxverify.engines.anysize import instance
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Expr,
    Symbol,
    arithmetic,
    conditional,
    conjunction,
    disjunction,
    equal,
    implication,
    less,
    negation,
    quantified,
    symbols_of,
)
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, RangeSort, domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.smt.asker import GaveUp
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.smt.unsized import UnsizedSystem, after
from tests.building import action, every, member, number, problem, read, rigid, some, start, state, write
from tests.generated import random_problem

LINE, PAGE = IndexSort("Line"), IndexSort("Page")
HUE, ONE = EnumSort("Hue", ("red", "green", "blue")), EnumSort("One", ("only",))
line, other, page, hue = Bound("l", LINE), Bound("m", LINE), Bound("p", PAGE), Bound("h", HUE)
digit = Bound("d", RangeSort(1, 2))

page_of = rigid("page_of", PAGE, LINE)
limit = rigid("limit", RangeSort(1, 3))
cursor, dirty = state("cursor", LINE), state("dirty", BOOL, LINE)
seen, colour = state("seen", BOOL, LINE, PAGE), state("colour", HUE, LINE)
tally, single = state("tally", RangeSort(-1, 1), HUE), state("single", ONE)
RIGID, STATE = (page_of, limit), (cursor, dirty, seen, colour, tally, single)


def asked(bad: Expr = FALSE, symbols: tuple[Symbol, ...] = STATE) -> Problem:
    used = [symbol for symbol in symbols if symbol in STATE]
    return problem("open", [start(s) for s in used], (), bad, sizes=((LINE, 2), (PAGE, 2)), parameters=RIGID)


def is_valid(formula: Expr) -> bool:
    """Whether Z3 shows `formula` for every size."""
    return UnsizedQuestions(asked(negation(formula)), (), lambda: 5_000).bad_excluded_by(()) is not None


def counterexample(formula: Expr) -> tuple[tuple[str, int], ...] | None:
    """Small sizes at which some state (of a sample, where there are many) makes `formula` false."""
    symbols = tuple(symbol for symbol in STATE if symbol in symbols_of(formula))
    for lines, pages in product((1, 2, 3), (1, 2)):
        subject = problem(
            "small",
            [start(s) for s in symbols],
            (),
            FALSE,
            sizes=((LINE, lines), (PAGE, pages)),
            parameters=[s for s in RIGID if s in symbols_of(formula)],
        )
        evaluator = Evaluator(subject.rigid_layout, subject.state_layout, subject.size_of)
        holds = evaluator.formula(formula)
        layouts = (subject.rigid_layout, subject.state_layout)
        ranges = [[domain(c.symbol.sort, subject.size_of) for c in layout.cells] for layout in layouts]
        for rigid_values in product(*ranges[0]):
            for values in islice(product(*ranges[1]), 3_000):
                if not holds(rigid_values, values, ()):
                    return subject.sizes
    return None


def _symbols(formula: Expr) -> set[Symbol]:
    return symbols_of(formula)


def _differ(*pairs: tuple[Bound, Bound]) -> Expr:
    return conjunction(*(negation(equal(one, two)) for one, two in pairs))


VALID = {
    "the cursor is some line": some(line, equal(read(cursor), line)),
    "a page of a line is a page": every(line, some(page, equal(read(page_of, line), page))),
    "what holds of all lines holds of the cursor's": implication(
        every(line, read(dirty, line)), read(dirty, read(cursor))
    ),
    "some page for all lines, then for each line some": implication(
        some(page, every(line, read(seen, line, page))), every(line, some(page, read(seen, line, page)))
    ),
    "a line has one of the colours": every(
        line, disjunction(*(equal(read(colour, line), member(HUE, name)) for name in HUE.members))
    ),
    "some colour is that of the cursor's line": some(hue, equal(read(colour, read(cursor)), hue)),
    "tallies are in their range": every(
        hue, conjunction(less(Op.LT, number(-2), read(tally, hue)), less(Op.LT, read(tally, hue), number(2)))
    ),
    "a parameter is in its range": less(Op.LE, number(1), read(limit)),
    "the only member": equal(read(single), member(ONE, "only")),
    "range binders take their values only": every(
        digit, disjunction(equal(digit, number(1)), equal(digit, number(2)))
    ),
    "and all of them": some(digit, equal(digit, number(2))),
    "equal lines have equal pages": quantified(
        (line, other),
        implication(equal(line, other), equal(read(page_of, line), read(page_of, other))),
        universal=True,
    ),
    "a choice between lines is one of them": equal(
        read(dirty, conditional(read(dirty, read(cursor)), read(cursor), read(cursor))),
        read(dirty, read(cursor)),
    ),
    "sums are exact": every(
        hue,
        equal(
            arithmetic(Op.SUB, arithmetic(Op.ADD, read(tally, hue), number(3)), number(3)), read(tally, hue)
        ),
    ),
}
INVALID = {
    "there are two lines": some(line, some(other, _differ((line, other)))),
    "there is one line": quantified((line, other), equal(line, other), universal=True),
    "each line some page, so some page for all": implication(
        every(line, some(page, read(seen, line, page))), some(page, every(line, read(seen, line, page)))
    ),
    "pages differ where lines do": quantified(
        (line, other),
        implication(_differ((line, other)), negation(equal(read(page_of, line), read(page_of, other)))),
        universal=True,
    ),
    "every page is that of a line": every(page, some(line, equal(read(page_of, line), page))),
    "the cursor's line is dirty": read(dirty, read(cursor)),
    "a tally is never its lowest": every(hue, less(Op.LE, number(0), read(tally, hue))),
    "the limit is not the highest": less(Op.LT, read(limit), number(3)),
    "all colours occur": every(hue, some(line, equal(read(colour, line), hue))),
    "no range binder is two": every(digit, equal(digit, number(1))),
}


@pytest.mark.parametrize("formula", VALID.values(), ids=VALID)
def test_valid(formula: Expr) -> None:
    assert is_valid(formula)
    assert counterexample(formula) is None


@pytest.mark.parametrize("formula", INVALID.values(), ids=INVALID)
def test_not_valid(formula: Expr) -> None:
    assert not is_valid(formula)
    assert counterexample(formula) is not None


def test_generated_formulas() -> None:
    """Bad states that Z3 rules out for every size do not exist in small instances."""
    excluded = 0
    for seed in range(150):
        subject = random_problem(seed)
        for formula in (subject.bad, *(a.guard for a in subject.actions if not a.parameters)):
            questions = UnsizedQuestions(_with_bad(subject, formula), (), lambda: 2_000)
            if questions.bad_excluded_by(()) is None:
                continue
            excluded += 1
            for size in (1, 2):
                small = instance(_with_bad(subject, formula), size)
                semantics = Semantics(small)
                chance = Random(f"{seed} {size}")
                ranges = [domain(c.symbol.sort, small.size_of) for c in small.state_layout.cells]
                for rigid_values in semantics.rigid_valuations(Budget(max_states=10_000)):
                    for _ in range(50):
                        values = tuple(chance.choice(choices) for choices in ranges)
                        assert not semantics.is_bad(rigid_values, values)
    assert excluded > 10


def _with_bad(subject: Problem, bad: Expr) -> Problem:
    return replace(subject, bad=bad)


def test_after_a_step_is_what_the_step_does() -> None:
    """The rewritten formula, before a step, says what the formula says behind it."""
    compared = 0
    for seed in range(80):
        subject = random_problem(seed)
        semantics = Semantics(subject)
        evaluator = Evaluator(subject.rigid_layout, subject.state_layout, subject.size_of)
        behind = evaluator.formula(subject.bad)
        limits = Budget(max_states=1_000_000)
        rewritten = {a.name: evaluator.formula(after(a, subject.bad), a.parameters) for a in subject.actions}
        for rigid_values in islice(semantics.rigid_valuations(limits), 2):
            for before in islice(semantics.initial_states(rigid_values, limits), 3):
                for step, new in semantics.successors(rigid_values, before):
                    compared += 1
                    before_step = rewritten[step.action](rigid_values, before, step.arguments)
                    assert bool(before_step) == bool(behind(rigid_values, new, ()))
    assert compared > 200


def test_variables_of_a_formula_are_not_caught_by_those_of_an_action() -> None:
    """Candidates use names that no model has; see `engines.pdr.readback`."""
    mine = Bound("l$of Line", LINE)
    mark = action("mark", TRUE, write(dirty, TRUE, line), parameters=(line,))
    subject = problem("caught", [start(dirty, FALSE)], (mark,), FALSE, sizes=((LINE, 2),))
    system = UnsizedSystem(subject)
    enabled, (later,) = system.step(mark, [every(mine, negation(read(dirty, mine)))])
    solver = z3.Solver(ctx=system.terms.context)
    solver.add(enabled, later)
    assert solver.check() == z3.unsat


# --- candidates -----------------------------------------------------------------------


def transfer() -> tuple[Problem, tuple[Expr, ...]]:
    """Lines become dirty one by one; `done` is set once all are."""
    done = state("done")
    mark = action("mark", TRUE, write(dirty, TRUE, line), parameters=(line,))
    finish = action("finish", every(line, read(dirty, line)), write(done, TRUE))
    subject = problem(
        "transfer",
        [start(dirty, FALSE), start(done, FALSE)],
        (mark, finish),
        conjunction(read(done), some(line, negation(read(dirty, line)))),
        sizes=((LINE, 2),),
    )
    candidates = (
        every(line, negation(read(dirty, line))),  # not kept
        every(line, read(dirty, line)),  # not initial
        implication(read(done), every(line, read(dirty, line))),
        disjunction(negation(read(done)), read(done)),
        negation(read(done)),  # not kept
    )
    return subject, candidates


def test_the_largest_inductive_subset() -> None:
    subject, candidates = transfer()
    questions = UnsizedQuestions(subject, candidates, lambda: None)
    assert [n for n in range(5) if questions.holds_initially(n)] == [0, 2, 3, 4]
    assert questions.largest_inductive(len(candidates)) == [2, 3]
    assert questions.bad_excluded_by([2, 3]) == {2}
    assert questions.bad_excluded_by([3]) is None
    assert questions.used_of([2, 3]) == [2]
    assert questions.gave_up is None


def test_candidates_that_hold_only_together() -> None:
    """first -> second -> third: each is kept because of the one before it."""
    symbols = [state(f"s{n}") for n in range(3)]
    chain = [
        action(f"follow{n}", read(symbols[n]), write(symbols[n + 1], TRUE), write(dirty, TRUE, line),
               parameters=(line,))
        for n in range(2)
    ]  # fmt: skip
    subject = problem(
        "chain",
        [*(start(s, FALSE) for s in symbols), start(dirty)],
        chain,
        read(symbols[2]),
        sizes=((LINE, 2),),
    )
    candidates = tuple(negation(read(s)) for s in reversed(symbols))
    questions = UnsizedQuestions(subject, candidates, lambda: None)
    assert questions.largest_inductive(3) == [0, 1, 2]
    assert questions.used_of([0, 1, 2]) == [0, 1, 2]
    assert questions.kept_by(0, [0]) is None
    without_first = UnsizedQuestions(subject, candidates[:2], lambda: None)
    assert without_first.largest_inductive(2) == []


def test_names_of_a_spec_are_not_those_of_the_questions() -> None:
    names = ("bad", "initially", "now0", "false0", "lost0", "!bad")
    symbols = [state(name) for name in names[:-1]]
    broken = state("broken")
    smash = action("smash", disjunction(*(read(s) for s in symbols)), write(broken, TRUE))
    subject = problem(
        "names", [*(start(s, FALSE) for s in symbols), start(broken, FALSE)], (smash,), read(broken)
    )
    candidates = (*(negation(read(s)) for s in symbols), negation(read(broken)))
    questions = UnsizedQuestions(subject, candidates, lambda: None)
    assert questions.bad_excluded_by(()) is None
    assert questions.kept_by(len(symbols), [len(symbols)]) is None
    assert questions.largest_inductive(len(candidates)) == list(range(len(candidates)))


def test_what_is_not_answered_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, candidates = transfer()
    questions = UnsizedQuestions(subject, candidates, lambda: None)
    monkeypatch.setattr(UnsizedQuestions, "_check", lambda questions, assumptions, limit: GaveUp("tired"))
    assert questions.largest_inductive(len(candidates)) == []
    assert questions.bad_excluded_by([2]) is None
    assert not questions.never_starts()
    assert questions.gave_up is not None
