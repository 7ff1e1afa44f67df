"""The conformance suite's data: hand-made problems with known answers, for every engine.

`CASES` are small enough for any engine; `LARGE_CASES` are for engines that count states fast.
Lengths are derived in the comments or obvious from the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tdxverify.logic.expr import (
    FALSE,
    TRUE,
    Bound,
    Expr,
    arithmetic,
    conditional,
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
from tdxverify.questions.problems.problem import Problem
from tests.building import (
    action,
    every,
    member,
    number,
    problem,
    read,
    rigid,
    some,
    start,
    state,
    write,
)
from tests.common_model import common_model

__all__ = ["CASES", "LARGE_CASES", "Case", "choosing", "common_model", "counters"]

Answer: TypeAlias = Literal["proved", "refuted", "vacuous"]


@dataclass(frozen=True)
class Case:
    """`length` is that of a shortest trace for refuted, None otherwise."""

    name: str
    problem: Problem
    expected: Answer
    length: int | None


def proved(subject: Problem) -> Case:
    return Case(subject.name, subject, "proved", None)


def refuted(subject: Problem, length: int) -> Case:
    return Case(subject.name, subject, "refuted", length)


def vacuous(subject: Problem) -> Case:
    return Case(subject.name, subject, "vacuous", None)


LINE, CPU, PAGE = IndexSort("Line"), IndexSort("Cpu"), IndexSort("Page")
line, other, cpu, page = Bound("l", LINE), Bound("m", LINE), Bound("c", CPU), Bound("p", PAGE)
ABC = EnumSort("Abc", ("a", "b", "c"))
flag = state("flag")


# --- choices ------------------------------------------------------------------


def choosing(always: int, cells: int) -> Problem:
    """One action that chooses a number for each of `cells` cells, the first `always` of them in any case,
    the others where `armed`, which never holds. At first everything is 0."""
    values = RangeSort(0, 3)
    armed = state("armed")
    targets = [state(f"x{n}", values) for n in range(cells)]
    chosen = tuple(Bound(f"any${n}", values) for n in range(cells))
    writes = [
        write(target, value, condition=TRUE if n < always else read(armed))
        for n, (target, value) in enumerate(zip(targets, chosen, strict=True))
    ]
    go = action("go", TRUE, *writes, parameters=chosen, hidden=cells)
    initial = (start(armed, FALSE), *(start(target, number(0)) for target in targets))
    return problem("choosing", initial, (go,), read(armed))


# --- counting -----------------------------------------------------------------


def counters(size: int, modulus: int, *, reach_top: bool) -> Problem:
    """`size` counters; modulus ** size states, the last at distance size * (modulus - 1)."""
    count = state("count", RangeSort(0, modulus), LINE)
    stepped = arithmetic(Op.MOD, arithmetic(Op.ADD, read(count, line), number(1)), number(modulus))
    top = every(line, equal(read(count, line), number(modulus - 1)))
    beyond = some(line, equal(read(count, line), number(modulus)))
    return problem(
        f"counters_{size}_{modulus}_{'top' if reach_top else 'beyond'}",
        (start(count, number(0)),),
        (action("tick", TRUE, write(count, stepped, line), parameters=(line,)),),
        top if reach_top else beyond,
        sizes=((LINE, size),),
    )


def _stepping(name: str, top: int, first: int, by: int, bad: int, limit: int) -> Problem:
    """x: 0..top from `first` upwards in steps of `by` while x <= limit."""
    x = state("x", RangeSort(0, top))
    raised = _within(arithmetic(Op.ADD, read(x), number(by)), read(x), top)
    step = action("step", less(Op.LE, read(x), number(limit)), write(x, raised))
    return problem(name, (start(x, number(first)),), (step,), equal(read(x), number(bad)))


def _within(value: Expr, old: Expr, top: int) -> Expr:
    """`value` where it is at most `top`, else `old`: keeps every write inside its range."""
    return conditional(less(Op.LE, value, number(top)), value, old)


# --- degenerate systems -------------------------------------------------------


def _degenerate() -> tuple[Case, ...]:
    x = state("x", RangeSort(0, 3))
    allowed = rigid("allowed")
    toggle = action("toggle", TRUE, write(flag, negation(read(flag))))
    idle = action("idle", TRUE)
    up = action(
        "up",
        less(Op.LT, read(x), number(3)),
        write(x, _within(arithmetic(Op.ADD, read(x), number(1)), read(x), 3)),
    )
    off = (start(flag, FALSE),)
    return (
        refuted(problem("bad_initially", (start(flag, TRUE),), (toggle,), read(flag)), 0),
        refuted(problem("bad_among_initial", (start(x),), (up,), equal(read(x), number(2))), 0),
        vacuous(
            problem(
                "empty_init", off, (toggle,), read(flag), constraints=(read(flag),), parameters=(allowed,)
            )
        ),
        vacuous(
            problem(
                "contradictory_assumptions",
                off,
                (toggle,),
                read(flag),
                parameters=(allowed,),
                assumptions=(read(allowed), negation(read(allowed))),
            )
        ),
        vacuous(
            problem(
                "assumption_against_init",
                off,
                (toggle,),
                TRUE,
                parameters=(allowed,),
                assumptions=(read(allowed),),
                constraints=(negation(read(allowed)),),
            )
        ),
        proved(problem("no_action", off, (), read(flag))),
        proved(problem("never_enabled", off, (action("no", FALSE, write(flag, TRUE)),), read(flag))),
        refuted(problem("deadlock_state", (start(x, number(0)),), (up,), negation(up.guard)), 3),
        proved(problem("self_loop", off, (idle,), read(flag))),
        refuted(problem("one_variable", off, (toggle,), read(flag)), 1),
        refuted(problem("constants_only", (), (idle,), read(allowed), parameters=(allowed,)), 0),
        proved(
            problem(
                "constants_only_assumed",
                (),
                (idle,),
                read(allowed),
                parameters=(allowed,),
                assumptions=(negation(read(allowed)),),
            )
        ),
        proved(problem("no_symbol", (), (), FALSE)),
        refuted(problem("always_bad", (), (), TRUE), 0),
    )


def _induction() -> tuple[Case, ...]:
    """True properties that plain induction cannot show, in different ways."""
    phase = state("phase", ABC)
    a, b, last = (member(ABC, name) for name in ABC.members)
    stay = action("stay", TRUE)
    fall = action("fall", equal(read(phase), b), write(phase, last))
    return (
        proved(problem("unreachable_bad", (start(phase, a),), (fall,), equal(read(phase), last))),
        # 1 -> 3 -> 5 -> 7 is a chain of unreachable states; k = 4 closes it.
        proved(_stepping("true_not_inductive", 7, 0, 2, 7, 5)),
        proved(_stepping("needs_two_steps", 5, 0, 2, 5, 3)),
        # b may stay b for ever before it falls: only pairwise different states help.
        proved(problem("needs_simple_path", (start(phase, a),), (stay, fall), equal(read(phase), last))),
        refuted(_stepping("stepping_reaches", 9, 1, 2, 9, 7), 4),
    )


# --- index sorts --------------------------------------------------------------


def _two_sorts(name: str, bad: Expr, *, flush: bool) -> Problem:
    """CPUs dirty lines; handover needs every CPU flushed where `flush` is set."""
    dirty, done = state("dirty", BOOL, CPU, LINE), state("done")
    clean = every(line, negation(read(dirty, cpu, line)))
    everywhere = quantified((cpu,), clean, universal=True)
    running = negation(read(done))
    actions = (
        action("touch", running, write(dirty, TRUE, cpu, line), parameters=(cpu, line)),
        action("flush", TRUE, write(dirty, FALSE, cpu, line, binders=(line,)), parameters=(cpu,)),
        action("handover", conjunction(running, everywhere) if flush else running, write(done, TRUE)),
    )
    initial = (start(dirty, FALSE), start(done, FALSE))
    return problem(name, initial, actions, bad, sizes=((CPU, 2), (LINE, 2)))


def _indexed() -> tuple[Case, ...]:
    dirty, done = state("dirty", BOOL, CPU, LINE), state("done")
    leftover = quantified((cpu, line), read(dirty, cpu, line), universal=False)
    each_line_somewhere = every(line, some(cpu, read(dirty, cpu, line)))
    some_line_everywhere = some(line, every(cpu, read(dirty, cpu, line)))
    return (
        proved(_two_sorts("two_sorts_flushed", conjunction(read(done), leftover), flush=True)),
        refuted(_two_sorts("two_sorts_not_flushed", conjunction(read(done), leftover), flush=False), 2),
        refuted(_two_sorts("forall_exists", each_line_somewhere, flush=True), 2),
        refuted(
            _two_sorts(
                "alternation_both",
                conjunction(each_line_somewhere, some_line_everywhere, negation(read(done))),
                flush=True,
            ),
            3,
        ),
        _index_valued(),
        _index_guarded(),
    )


def _index_valued() -> Case:
    """A cursor walks over lines: mark, move, mark marks both."""
    cursor, marked = state("cursor", LINE), state("marked", BOOL, LINE)
    actions = (
        action("move", negation(equal(read(cursor), line)), write(cursor, line), parameters=(line,)),
        action("mark", TRUE, write(marked, TRUE, read(cursor))),
    )
    everything = every(line, read(marked, line))
    initial = (start(cursor), start(marked, FALSE))
    return refuted(problem("index_valued", initial, actions, everything, sizes=((LINE, 2),)), 3)


def _index_guarded() -> Case:
    """A chain of pointers: following them twice never leaves the marked cells."""
    target, cursor, marked = state("target", LINE, LINE), state("cursor", LINE), state("marked", BOOL, LINE)
    follow = action(
        "follow", read(marked, read(target, read(cursor))), write(cursor, read(target, read(cursor)))
    )
    mark = action("mark", TRUE, write(marked, TRUE, line), parameters=(line,))
    constraint = (read(marked, read(cursor)),)
    initial = (start(target), start(cursor), start(marked))
    return proved(
        problem(
            "index_of_index",
            initial,
            (follow, mark),
            negation(read(marked, read(cursor))),
            sizes=((LINE, 2),),
            constraints=constraint,
        )
    )


def _alternation_in_guard() -> tuple[Case, ...]:
    """Opening needs: for every line some CPU holds it. With one CPU per line at most, size decides."""
    holder, opened = state("holder", BOOL, CPU, LINE), state("opened")
    free = every(other, negation(read(holder, cpu, other)))
    hold = action("hold", free, write(holder, TRUE, cpu, line), parameters=(cpu, line))
    enough = every(line, some(cpu, read(holder, cpu, line)))
    open_ = action("open", enough, write(opened, TRUE))
    initial = (start(holder, FALSE), start(opened, FALSE))

    def sized(name: str, cpus: int) -> Problem:
        return problem(name, initial, (hold, open_), read(opened), sizes=((CPU, cpus), (LINE, 2)))

    return refuted(sized("alternation_guard_enough", 2), 3), proved(sized("alternation_guard_too_few", 1))


# --- arithmetic ---------------------------------------------------------------


def _arithmetic() -> tuple[Case, ...]:
    heat, x, y = state("heat", RangeSort(-3, 3)), state("x", RangeSort(0, 20)), state("y", RangeSort(-8, 8))
    phase = state("phase", ABC)
    colder = conditional(
        less(Op.LT, number(-3), read(heat)), arithmetic(Op.SUB, read(heat), number(1)), read(heat)
    )
    warmer = arithmetic(Op.SUB, number(0), read(heat))
    actions = (action("cool", TRUE, write(heat, colder)), action("flip", TRUE, write(heat, warmer)))
    lcg = arithmetic(
        Op.MOD, arithmetic(Op.ADD, arithmetic(Op.MUL, read(x), number(3)), number(1)), number(20)
    )
    spin = action("spin", TRUE, write(x, lcg))  # 0 -> 1 -> 4 -> 13 -> 0
    quotient, remainder = arithmetic(Op.DIV, read(y), number(3)), arithmetic(Op.MOD, read(y), number(3))
    down = conditional(
        less(Op.LE, number(-8), arithmetic(Op.SUB, read(y), number(1))),
        arithmetic(Op.SUB, read(y), number(1)),
        read(y),
    )
    minus_seven = conjunction(equal(quotient, number(-3)), equal(remainder, number(2)))
    successor = conditional(
        equal(read(phase), member(ABC, "a")),
        member(ABC, "b"),
        conditional(equal(read(phase), member(ABC, "b")), member(ABC, "c"), member(ABC, "a")),
    )
    zero = (start(x, number(0)),)
    return (
        refuted(
            problem("negative_range", (start(heat, number(0)),), actions, equal(read(heat), number(3))), 4
        ),
        proved(problem("mod_proved", zero, (spin,), equal(read(x), number(16)))),
        refuted(problem("mod_refuted", zero, (spin,), equal(read(x), number(13))), 3),
        refuted(
            problem(
                "negative_div_mod",
                (start(y, number(0)),),
                (action("down", TRUE, write(y, down)),),
                minus_seven,
            ),
            7,
        ),
        refuted(
            problem(
                "enum_cycle",
                (start(phase, member(ABC, "a")),),
                (action("go", TRUE, write(phase, successor)),),
                equal(read(phase), member(ABC, "c")),
            ),
            2,
        ),
    )


# --- choices and writes -------------------------------------------------------


def _choices() -> tuple[Case, ...]:
    """Initial choices 1 or 3 per cell, and a constraint between the cells."""
    x = state("x", RangeSort(0, 7), LINE)
    lift = action(
        "lift",
        less(Op.LE, read(x, line), number(5)),
        write(x, _within(arithmetic(Op.ADD, read(x, line), number(2)), read(x, line), 7), line),
        parameters=(line,),
    )
    differ = quantified(
        (line, other),
        implication(negation(equal(line, other)), negation(equal(read(x, line), read(x, other)))),
        universal=True,
    )
    initial = (start(x, number(3), number(1)),)

    def asked(name: str, bad: Expr) -> Problem:
        return problem(name, initial, (lift,), bad, sizes=((LINE, 2),), constraints=(differ,))

    return (
        refuted(asked("initial_choices", every(line, equal(read(x, line), number(7)))), 5),
        proved(
            asked(
                "initial_choices_odd",
                some(line, equal(arithmetic(Op.MOD, read(x, line), number(2)), number(0))),
            )
        ),
    )


def _writes() -> tuple[Case, ...]:
    x = state("x", RangeSort(0, 3), LINE)
    a, b = state("a"), state("b")
    marked = state("marked", BOOL, LINE)
    one, two = write(x, number(1), line), write(x, number(2), other)
    both = action("both", TRUE, one, two, parameters=(line, other))
    aliased = action("aliased", equal(line, other), one, two, parameters=(line, other))
    zero = (start(x, number(0)),)
    swap = action("swap", TRUE, write(a, read(b)), write(b, read(a)))
    sweep = action(
        "sweep",
        TRUE,
        write(
            marked,
            negation(read(marked, other)),
            other,
            binders=(other,),
            condition=negation(equal(other, line)),
        ),
        parameters=(line,),
    )
    keep = action(
        "keep",
        TRUE,
        write(marked, FALSE, other, binders=(other,)),
        write(marked, TRUE, line),
        parameters=(line,),
    )
    none = every(line, negation(read(marked, line)))
    two_lines, three_lines = ((LINE, 2),), ((LINE, 3),)
    return (
        proved(
            problem(
                "last_write_wins",
                zero,
                (aliased,),
                some(line, equal(read(x, line), number(1))),
                sizes=two_lines,
            )
        ),
        refuted(
            problem(
                "earlier_write_elsewhere",
                zero,
                (both,),
                some(line, equal(read(x, line), number(1))),
                sizes=two_lines,
            ),
            1,
        ),
        proved(
            problem("writes_read_before", (start(a, TRUE), start(b, FALSE)), (swap,), equal(read(a), read(b)))
        ),
        refuted(
            problem(
                "foreach_writes",
                (start(marked, FALSE),),
                (sweep,),
                every(line, read(marked, line)),
                sizes=two_lines,
            ),
            2,
        ),
        proved(problem("foreach_then_one", (start(marked, TRUE),), (keep,), none, sizes=three_lines)),
        _conditional_writes(),
        _hidden_parameters(),
    )


def _conditional_writes() -> Case:
    """x := 1 if a, x := 2 if b, x := 3 if a: the last one wins although the first has its condition."""
    x, a, b = state("x", RangeSort(0, 3)), state("a"), state("b")
    assign = action(
        "assign",
        TRUE,
        write(x, number(1), condition=read(a)),
        write(x, number(2), condition=read(b)),
        write(x, number(3), condition=read(a)),
    )
    bad = disjunction(conjunction(read(a), equal(read(x), number(2))), equal(read(x), number(1)))
    return proved(problem("conditional_writes", (start(x, number(0)), start(a), start(b)), (assign,), bad))


def _hidden_parameters() -> Case:
    """`either { x := any } or { }`: the value chosen is unused on the second branch."""
    x = state("x", RangeSort(0, 2))
    branch, value = Bound("branch", RangeSort(0, 1)), Bound("value", RangeSort(0, 2))
    first = equal(branch, number(0))
    choose = action(
        "choose",
        disjunction(first, equal(read(x), number(1))),
        write(
            x, value, condition=conjunction(first, less(Op.LE, value, arithmetic(Op.ADD, read(x), number(1))))
        ),
        write(flag, TRUE, condition=negation(first)),
        parameters=(branch, value),
        hidden=2,
    )
    bad = conjunction(equal(read(x), number(2)), read(flag))
    initial = (start(x, number(0)), start(flag, FALSE))
    return refuted(problem("hidden_parameters", initial, (choose,), bad), 3)


# --- rigid symbols ------------------------------------------------------------


def _rigid() -> tuple[Case, ...]:
    page_of = rigid("page_of", PAGE, LINE)
    locked, touched = state("locked", BOOL, PAGE), state("touched", BOOL, LINE)
    onto = every(page, some(line, equal(read(page_of, line), page)))
    together = quantified((line, other), equal(read(page_of, line), read(page_of, other)), universal=True)
    actions = (
        action(
            "lock", every(line, negation(read(touched, line))), write(locked, TRUE, page), parameters=(page,)
        ),
        action(
            "touch",
            negation(read(locked, read(page_of, line))),
            write(touched, TRUE, line),
            parameters=(line,),
        ),
    )
    initial = (start(locked, FALSE), start(touched, FALSE))
    touched_locked = some(line, conjunction(read(touched, line), read(locked, read(page_of, line))))
    some_of_each = conjunction(some(line, read(locked, read(page_of, line))), some(line, read(touched, line)))

    def asked(name: str, bad: Expr, *assumptions: Expr) -> Problem:
        return problem(
            name,
            initial,
            actions,
            bad,
            sizes=((LINE, 3), (PAGE, 2)),
            parameters=(page_of,),
            assumptions=assumptions,
        )

    return (
        proved(asked("open_function", touched_locked, onto)),
        refuted(asked("open_function_pages_differ", some_of_each, onto), 2),
        proved(asked("open_function_one_page", some_of_each, together)),
        vacuous(asked("open_function_contradiction", some_of_each, together, onto)),
        *_limit(),
    )


def _limit() -> tuple[Case, ...]:
    """A counter up to an open limit; the assumptions leave 3 and 5."""
    limit, x = rigid("limit", RangeSort(0, 7)), state("x", RangeSort(0, 7))
    assumptions = (
        less(Op.LE, number(3), read(limit)),
        less(Op.LE, read(limit), number(5)),
        negation(equal(read(limit), number(4))),
    )
    up = action(
        "up",
        less(Op.LT, read(x), read(limit)),
        write(x, _within(arithmetic(Op.ADD, read(x), number(1)), read(x), 7)),
    )

    def asked(name: str, bad: Expr) -> Problem:
        initial = (start(x, number(0)),)
        return problem(name, initial, (up,), bad, parameters=(limit,), assumptions=assumptions)

    return (
        refuted(asked("limit_reached", equal(read(x), read(limit))), 3),
        refuted(asked("limit_above", equal(read(x), number(4))), 4),
        proved(asked("limit_never_passed", less(Op.LT, read(limit), read(x)))),
    )


CASES: tuple[Case, ...] = (
    proved(common_model(2, False, False)),
    refuted(common_model(2, True, False), 5),
    proved(common_model(2, True, True)),
    refuted(common_model(2, None, None), 5),
    refuted(common_model(1, True, False), 5),
    proved(common_model(3, True, True)),
    proved(counters(2, 4, reach_top=False)),
    refuted(counters(2, 4, reach_top=True), 6),
    *_degenerate(),
    *_induction(),
    *_indexed(),
    *_alternation_in_guard(),
    *_arithmetic(),
    *_choices(),
    *_writes(),
    *_rigid(),
)

LARGE_CASES: tuple[Case, ...] = (
    proved(counters(6, 10, reach_top=False)),
    refuted(counters(5, 8, reach_top=True), 35),
)
