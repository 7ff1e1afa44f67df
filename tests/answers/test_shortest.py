"""At which sizes a trace is the shortest, held against the length of the shortest at every size."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Shortest
from tdxverify.answers.checking import check
from tdxverify.answers.shortest import MOST_ELEMENTS, shortest_of
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.engines.explicit import engine as explicit
from tdxverify.engines.finding import Found
from tdxverify.evidence.verdict import Refuted, Unknown
from tdxverify.logic.expr import Read, negation
from tdxverify.logic.sizes_in_words import ANY
from tdxverify.logic.sorts import BoolSort
from tdxverify.model.model import SizeRange
from tdxverify.questions.options import Options
from tdxverify.questions.problems.cone import cone, sorts_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.size_plan import Combination, Sizing
from tests.answers.conftest import WriteSpec
from tests.generated import random_problem
from tests.texts import Silent, problem_of

LARGEST = 3
SEEDS = range(40)
FEW = Budget(max_states=3_000)

# Alone it takes four steps, two of them need one.
QUICKER_IN_PAIRS = """\
index A
state n : 0..5 = 0
state hit : bool = false
action slow { if n < 4 { n := n + 1 } if n = 4 { hit := true } }
action quick when exists a, b : A: a != b { hit := true }
property p never hit
"""


def answers(spec: Path, options: Options | None = None) -> tuple[Answer, ...]:
    return check([spec], options or Options()).answers


# --- brute force -------------------------------------------------------------------------


def every_size(problem: Problem) -> list[Combination]:
    names = [name for name, _ in problem.sizes]
    sizes = product(range(1, LARGEST + 1), repeat=len(names))
    return [tuple(zip(names, one, strict=True)) for one in sizes]


def length_at(problem: Problem, sizes: Combination) -> int | None:
    """Of the shortest trace at `sizes`."""
    verdict = explicit.run(replace(problem, sizes=sizes), FEW, Silent())
    if isinstance(verdict, Unknown):
        pytest.skip("too large to be counted")
    return len(verdict.trace) if isinstance(verdict, Refuted) else None


def lengths(problem: Problem) -> dict[Combination, int | None]:
    return {sizes: length_at(problem, sizes) for sizes in every_size(problem)}


def first_refuted(problem: Problem, known: dict[Combination, int | None]) -> Found | None:
    for sizes, length in known.items():
        if length is not None:
            at = replace(problem, sizes=sizes)
            return Found(at, explicit.run(at, UNLIMITED, Silent()), explicit.NAME)
    return None


def is_about(shortest: Shortest, sizes: Combination) -> bool:
    stated = dict(shortest.sizes)
    for sort, size in sizes:
        low, _, high = stated[sort].partition("..")
        if stated[sort] != ANY and not int(low) <= size <= int(high or low):
            return False
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_no_trace_is_shorter_where_that_is_said(seed: int) -> None:
    problem = random_problem(seed)
    known = lengths(problem)
    refuted = first_refuted(problem, known)
    if refuted is None:
        pytest.skip("refuted at no size")
    ranges = tuple(SizeRange(name, 1, LARGEST) for name, _ in problem.sizes)
    names = [name for name, _ in problem.sizes]
    for opened in (frozenset(), frozenset(names), frozenset(names[:1])):
        found = shortest_of(Sizing(ranges, opened), refuted, (), UNLIMITED, Silent())
        verdict = found.found.verdict
        assert isinstance(verdict, Refuted)
        length = len(verdict.trace)
        assert known[found.found.problem.sizes] == length
        assert is_about(found.shortest, found.found.problem.sizes)
        for sizes, other in known.items():
            assert other is None or other >= length or not is_about(found.shortest, sizes), sizes
        if not opened:
            assert found.shortest.is_all
            assert length == min(other for other in known.values() if other is not None)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_decides_has_shortest_traces_of_the_same_length(seed: int) -> None:
    problem = random_problem(seed)
    part = cone(problem)
    sorts = sorts_of(part)
    for sizes, length in lengths(problem).items():
        assert length_at(part, sizes) == length
        others = tuple((sort, size if sort in sorts else LARGEST) for sort, size in sizes)
        assert length_at(problem, others) == length


@pytest.mark.parametrize("seed", SEEDS)
def test_what_decides_has_the_same_assumptions(seed: int) -> None:
    """As said of parameters that nothing reads, but by somebody, and of others."""
    problem = random_problem(seed)
    for symbol in problem.rigid_symbols:
        if isinstance(symbol.sort, BoolSort) and not symbol.indices:
            assumed = replace(problem, assumptions=(*problem.assumptions, negation(Read(symbol))))
            assert lengths(cone(assumed)) == lengths(assumed)


# --- by hand -----------------------------------------------------------------------------


def test_the_shortest_over_all_stated_sizes(write_spec: WriteSpec) -> None:
    checks = (
        "check p for A <= 3 expect refuted in 1",
        "check p expect refuted in 1",
        "check p for A = 1 expect refuted in 4",
        "check p for A = 2 expect refuted in 1",
    )
    found = answers(write_spec(*checks, text=QUICKER_IN_PAIRS))
    assert [one.as_expected for one in found] == [True] * 4
    assert [dict(one.sizes) for one in found] == [{"A": "2"}, {"A": "2"}, {"A": "1"}, {"A": "2"}]
    told = ["shortest for A <= 3", "shortest for A <= 3; other sizes may need fewer steps", "", ""]
    assert [one.told_shortest for one in found] == told
    assert not any(one.leaves_sizes_out for one in found)


# Alone it takes five steps, in pairs two; one where p is true.
QUICK_WITH_P = """\
index A
param p : bool
state hit : bool = false
state n : 0..4 = 0
state ready[A] : bool = false
action at_once when p { hit := true }
action slow { if n < 4 { n := n + 1 } else { hit := true } }
action first(a : A) when forall b : A: not ready[b] { ready[a] := true }
action second(a : A) when not ready[a] and exists b : A: ready[b] { hit := true }
property p never hit
"""


@pytest.mark.parametrize("where", ["not p", "p = false", "p implies false"])
def test_a_parameter_that_the_check_gives_its_least_value_keeps_it(write_spec: WriteSpec, where: str) -> None:
    """Lowering says the same of what nothing reads; here it decides which steps are possible."""
    (found,) = answers(write_spec(f"check p for A <= 3 where {where} expect refuted in 2", text=QUICK_WITH_P))
    assert found.as_expected and dict(found.sizes) == {"A": "2"}


@pytest.mark.parametrize("engine", ["explicit", "bmc", "pdr", "k-induction"])
def test_whichever_engine_finds_the_first(write_spec: WriteSpec, engine: str) -> None:
    spec = write_spec("check p for A <= 3 expect refuted in 1", text=QUICKER_IN_PAIRS)
    (found,) = answers(spec, Options(engine=engine))
    assert found.as_expected and found.told_shortest == "shortest for A <= 3"


def test_a_larger_machine_is_quicker() -> None:
    """Ten steps with one task, eight with three: each task may do its part of the work once."""
    problem = problem_of(
        "index Task\nstate n : 0..10 = 0\nstate done[Task] : bool = false\n"
        "action one when n < 10 { n := n + 1 }\n"
        "action two(t : Task) when exists u : Task: u != t and not done[u] and not done[t] and n < 9 "
        "{ n := n + 2  done[t] := true }\n"
        "property p never n = 10\ncheck p\n"
    )
    (sort, _), *_ = problem.sizes
    alone = replace(problem, sizes=((sort, 1),))
    first = Found(alone, explicit.run(alone, UNLIMITED, Silent()), explicit.NAME)
    asked = Sizing((SizeRange(sort, 1, 2),), frozenset((sort,)))
    found = shortest_of(asked, first, (), UNLIMITED, Silent())
    assert isinstance(first.verdict, Refuted) and isinstance(found.found.verdict, Refuted)
    assert (len(first.verdict.trace), len(found.found.verdict.trace)) == (10, 8)
    assert found.shortest == Shortest(((sort, f"1..{MOST_ELEMENTS}"),))


def test_sorts_that_have_nothing_to_do_with_it_are_not_searched(write_spec: WriteSpec) -> None:
    text = "index Page\nindex Cpu\nstate a : bool = false\nstate b[Cpu] : bool = false\n"
    text += "action go { a := true }\naction other(c : Cpu) { b[c] := true }\nproperty p never a\n"
    text += "property q never exists c : Cpu: b[c]\n"
    found = answers(write_spec("check p, q expect refuted in 1", text=text))
    assert [one.told_shortest for one in found] == [
        "shortest at any size",
        "shortest for Cpu <= 3, any number of Page; other sizes may need fewer steps",
    ]


def test_a_trace_without_steps_is_the_shortest_anyway(write_spec: WriteSpec) -> None:
    text = "index A\nstate a[A] : bool\nproperty p never exists x : A: a[x]\n"
    (found,) = answers(write_spec("check p expect refuted in 0", text=text))
    assert found.told_shortest == ""


def test_sizes_for_which_there_was_no_time_are_left_out(write_spec: WriteSpec) -> None:
    asked = Sizing((SizeRange("A", 1, 3),))
    problem = problem_of(QUICKER_IN_PAIRS + "check p\n", sizes={"A": 1})
    first = Found(problem, explicit.run(problem, UNLIMITED, Silent()), explicit.NAME)
    found = shortest_of(asked, first, (), UNLIMITED.within(0), Silent())
    assert found.found == first
    assert found.shortest == Shortest((("A", "1"),), ended="the time ran out")
    told = "shortest for A = 1; other sizes may need fewer steps (the time ran out)"
    assert found.shortest.told() == told
