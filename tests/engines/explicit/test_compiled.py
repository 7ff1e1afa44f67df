"""Generated code against the evaluator: reachable states, shortest lengths, least traces."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings

from tdxverify.budget import Budget, LimitReached, Why
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit import compiled, generate, reach
from tdxverify.engines.explicit.compiled import is_compilable
from tdxverify.engines.explicit.interpreted import interpret_system
from tdxverify.engines.explicit.reach import Reached, Start, explore, prepare, shortest_trace
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, arithmetic, conditional, negation
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import IndexSort, RangeSort
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tests.building import action, number, problem, read, start, state, write
from tests.generated import problems, random_problem
from tests.problems import CASES, Case, choosing, common_model
from tests.semantics.reference import Pair, least_trace
from tests.semantics.reference import explore as explore_plainly

UNLIMITED = Budget(max_states=sys.maxsize)


def searched(subject: Problem) -> tuple[Start, Reached]:
    semantics = Semantics(subject)
    start = prepare(subject, semantics, UNLIMITED)
    return start, explore(start, UNLIMITED, lambda text: None)


def reachable(subject: Problem) -> set[Pair]:
    """All pairs, bad states notwithstanding."""
    start, reached = searched(replace(subject, bad=FALSE))
    return {start.system.packing.unpack(packed) for packed in reached.visited}


def length_of(reached: Reached) -> int | None:
    return len(reached.levels) - 1 if reached.bad else None


def agrees(subject: Problem) -> None:
    """Same states, same shortest length, same trace as by the plainest code."""
    expected = explore_plainly(subject)
    assert reachable(subject) == expected.reachable
    start, reached = searched(subject)
    assert length_of(reached) == expected.length
    if expected.length is not None:
        found = shortest_trace(subject, Semantics(subject), start, reached)
        assert found == least_trace(subject, expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hand_made_problems(case: Case) -> None:
    if case.name.startswith("common_3"):
        pytest.skip("too many valuations for brute force; counted in tests/engines")
    agrees(case.problem)


@settings(max_examples=200, deadline=None)
@given(problems())
def test_generated_problems(subject: Problem) -> None:
    agrees(subject)


@pytest.mark.parametrize("seed", range(0, 300, 20))
def test_random_problems(seed: int) -> None:
    for one in range(seed, seed + 20):
        agrees(random_problem(one))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_loops_do_what_unrolled_code_does(subject: Problem) -> None:
    """With all limits at zero nothing is unrolled: parameters, quantifiers and foreach stay loops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "_UNROLL_LIMIT", 0)
        patch.setattr(generate, "_INSTANCE_LIMIT", 0)
        patch.setattr(generate, "_FOREACH_LIMIT", 0)
        patch.setattr(compiled, "_BAD_LIMIT", 0)
        agrees(subject)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_functions_of_single_actions_do_what_one_function_does(subject: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_CHUNK_LINES", 1)
        agrees(subject)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_interpreted_system_agrees(subject: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "is_compilable", lambda given: False)
        agrees(subject)


@pytest.mark.parametrize(("always", "states"), [(0, 1), (2, 16)])
def test_choices_that_make_no_difference_are_not_tried(always: int, states: int) -> None:
    """4^14 of them; no more than 16 of them make a difference in any of the 16 states."""
    looked = 0

    def look() -> None:
        nonlocal looked
        looked += 1
        assert looked < 400

    subject = choosing(always, 14)
    system = compiled.compile_system(subject, {}, look)
    visited = {0}
    waiting = [0]
    while waiting:
        fresh: list[int] = []
        for expand in system.expand:
            expand(waiting, visited, fresh)
        waiting = fresh
    assert len(visited) == states


def test_there_is_a_look_at_the_clock_between_very_many_choices() -> None:
    system = compiled.compile_system(choosing(14, 14), {}, looking := Looking(10))
    with pytest.raises(LimitReached):
        system.expand[0]([0], {0}, [])
    assert looking.left == 0
    assert system.batch < 100


class Looking:
    """Says so many times that there is time left."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self) -> None:
        self.left -= 1
        if not self.left:
            raise LimitReached(Why.TIMEOUT)


def test_cells_without_bits_do_not_disturb_their_neighbours() -> None:
    """A sort of one element needs no bits, so its cells have the shift of the cell behind them.

    Found by comparing random problems: writes were gathered by shift, and the second one was lost.
    """
    one, flag = state("one", IndexSort("Cpu"), IndexSort("Cpu")), state("flag")
    c = Bound("c", IndexSort("Cpu"))
    both = action("both", TRUE, write(flag, negation(read(flag))), write(one, c, c, binders=(c,)))
    initial = (start(flag, FALSE), start(one))
    agrees(problem("one_element", initial, (both,), read(flag), sizes=((IndexSort("Cpu"), 1),)))


@pytest.mark.parametrize(
    ("erratum", "mitigation", "states"), [(False, False, 75), (True, False, 348), (True, True, 318)]
)
def test_the_common_model_has_the_known_number_of_states(
    erratum: bool, mitigation: bool, states: int
) -> None:
    assert len(reachable(common_model(2, erratum, mitigation))) == states


def test_all_configurations_at_once_are_the_sum() -> None:
    each = [len(reachable(common_model(2, e, m))) for e in (False, True) for m in (False, True)]
    assert len(reachable(common_model(2, None, None))) == sum(each)


def _nested(depth: int) -> Expr:
    """x + 1 in a wrapping of `depth` conditionals that all hold."""
    x = read(state("x", RangeSort(0, 3)))
    value: Expr = arithmetic(Op.MOD, arithmetic(Op.ADD, x, number(1)), number(4))
    for level in range(depth):
        value = conditional(negation(read(state(f"b{level % 3}"))), value, number(0))
    return value


def test_expressions_too_deep_for_pythons_parser_are_interpreted() -> None:
    x = state("x", RangeSort(0, 3))
    initial = (start(x, number(0)), *(start(state(f"b{k}"), FALSE) for k in range(3)))
    subject = problem("deep", initial, (action("step", TRUE, write(x, _nested(150))),), FALSE)
    assert not is_compilable(subject)
    assert {pair[1][0] for pair in reachable(subject)} == {0, 1, 2, 3}


def test_deep_but_compilable_expressions_are_compiled() -> None:
    x = state("x", RangeSort(0, 3))
    initial = (start(x, number(0)), *(start(state(f"b{k}"), FALSE) for k in range(3)))
    subject = problem("deep", initial, (action("step", TRUE, write(x, _nested(40))),), FALSE)
    assert is_compilable(subject)
    assert len(reachable(subject)) == 4


@pytest.mark.parametrize("compile_it", [True, False])
def test_a_write_outside_its_range_is_refused(compile_it: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lowering guards such writes; one that slips through must not overwrite its neighbours' bits."""
    monkeypatch.setattr(reach, "is_compilable", lambda given: compile_it)
    x, by = state("x", RangeSort(-1, 3)), Bound("by", RangeSort(1, 2))
    up = action("up", TRUE, write(x, arithmetic(Op.ADD, read(x), by)), parameters=(by,))
    subject = problem("stray", (start(x, number(0)), start(state("y"), FALSE)), (up,), FALSE)
    with pytest.raises(InternalError, match="up writes 4 to x"):
        searched(subject)


def test_interpreted_and_compiled_system_have_one_packing() -> None:
    subject = common_model(2, None, True)
    semantics = Semantics(subject)
    assert interpret_system(semantics).packing == prepare(subject, semantics, UNLIMITED).system.packing


def test_steps_are_written_once_however_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forwards, and backwards for a trace."""
    written: list[str] = []
    original = generate.Generator.block

    def block(generator: generate.Generator, one: Action) -> object:
        written.append(one.name)
        return original(generator, one)

    monkeypatch.setattr(generate.Generator, "block", block)
    subject = common_model(2, erratum=True, mitigation=False)
    start, reached = searched(subject)
    assert len(reached.levels) > 1 and len(shortest_trace(subject, Semantics(subject), start, reached)) > 0
    assert written == [one.name for one in subject.actions]
