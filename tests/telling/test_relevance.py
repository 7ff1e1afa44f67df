"""What a trace depends on, compared with trying every start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.diagnostics import InternalError
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.replay import objection
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.expr import Role, conjuncts
from tdxverify.logic.layout import Valuation
from tdxverify.logic.show import show_cell, show_expression
from tdxverify.logic.sorts import domain
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.needed_run import Place
from tdxverify.semantics.run import run
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Trace
from tdxverify.telling import enough, sufficient
from tdxverify.telling.depending import Depending
from tdxverify.telling.enough import is_enough
from tdxverify.telling.relevance import Given, Places, Relevance, Trials, relevance
from tests.generated import random_problem, tied_problem
from tests.problems import CASES
from tests.texts import Silent, model_of, problem_of

SPEC = """
index Line
param erratum : bool
param level : 0..3
param unused : bool
state dirty[Line] : bool
state other[Line] : bool
state taken : bool = false
action read(l : Line) when dirty[l] and erratum and level >= 2 { taken := true }
action clean(l : Line) { other[l] := false }
property p never taken
check p
"""


def refuted(problem: Problem) -> Trace:
    verdict = explicit.run(problem, Budget(), Silent())
    assert isinstance(verdict, Refuted)
    return verdict.trace


def asked(text: str) -> tuple[Problem, Trace, Relevance]:
    problem = problem_of(text)
    trace = refuted(problem)
    return problem, trace, relevance(problem, trace, Given.by(model_of(text)))


def names(problem: Problem, places: Places) -> set[str]:
    layouts = {Role.RIGID: problem.rigid_layout, Role.STATE: problem.state_layout}
    return {str(layouts[place.role].cells[place.position]) for place in places}


def test_what_a_trace_needs() -> None:
    problem, _, found = asked(SPEC)
    told = names(problem, found.needed)
    assert {name for name in told if "[" not in name} == {"erratum", "level"}
    assert [name[:6] for name in told if "[" in name] == ["dirty["]
    assert found.is_certain and not found.perhaps and not found.asked


def test_a_bad_start_needs_what_makes_it_bad() -> None:
    problem, _, found = asked("state a : bool state b : bool property p never a check p")
    assert names(problem, found.needed) == {"a"}


def test_a_value_that_is_overwritten_does_not_matter() -> None:
    _, _, found = asked(
        "state a : bool = false state b : bool action go { a := true b := true } "
        "property p never a and b check p"
    )
    assert found.needed == frozenset()


START = "state died : bool = false property p never died check p "


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("param a : bool state x : bool = a action f when x { died := true }", {"a"}),
        ("param a : bool state x : bool init x iff a action f when x { died := true }", {"a"}),
        ("index I const a : I state x[i : I] : bool = i != a action f(i : I) when x[i] {died:=true}", {"a"}),
        ("param a : bool const c : 0..1 = if a then 1 else 0 action f when c = 1 { died := true }", {"a"}),
        ("const c : 0..1 = 1 action f when c = 1 { died := true }", set()),
        ("param a : 0..9 action f when a < 8 { died := true }", {"a"}),
        ("param a : bool param b : bool action f when a or b { died := true }", {"b"}),
        ("param a : bool param b : bool assume a iff b action f when a and b { died := true }", {"a"}),
        ("state x : 0..3 = any {1, 2} action f when x > 0 { died := true }", set()),
        ("state x : 0..3 = any {0, 2} action f when x > 0 { died := true }", {"x"}),
    ],
)  # fmt: skip
def test_where_values_come_from(text: str, needed: set[str]) -> None:
    problem, _, found = asked(text + " " + START)
    assert names(problem, found.needed) == needed
    assert found.is_certain


def test_what_a_trace_needs_of_a_where() -> None:
    """Two values that `where` ties: one is enough for what it allows; without it, it depends."""
    parameters = "param a : bool param b : bool "
    text = START.replace("check p", "check p where a iff b")
    problem, _, found = asked(parameters + "action f when a or b { died := true } " + text)
    assert (len(names(problem, found.needed)), found.asked) == (1, frozenset())
    problem, _, found = asked(parameters + "action f when a and b { died := true } " + text)
    assert names(problem, found.needed) == {"a"}
    assert (found.asked, [show_expression(part) for part in found.relations]) == (set(), ["a iff b"])
    text = START.replace("check p", "check p where a and b")
    problem, _, found = asked(parameters + "action f when a { died := true } " + text)
    assert (names(problem, found.needed), names(problem, found.asked)) == (set(), {"a"})


def where(text: str, asked_for: str) -> tuple[set[str], set[str], list[str]]:
    """What is needed, and of `where` the values and the parts."""
    problem, _, found = asked(f"{text} {START} where {asked_for}")
    assert found.is_certain and not found.perhaps
    parts = [show_expression(part) for part in found.relations]
    return names(problem, found.needed), names(problem, found.asked), parts


P = "param a : bool param b : bool param c : bool "


@pytest.mark.parametrize(
    ("text", "asked_for", "needed", "pinned", "parts"),
    [
        (P + "action f when a or b { died := true }", "a or b", set(), set(), ["a or b"]),
        (P + "action f when a or not b { died := true }", "a iff b", set(), set(), ["a iff b"]),
        (P + "action f when a or not b { died := true }", "(a or c) and (b implies a)", set(), set(),
         ["b implies a"]),
        (P + "action f when (a or b) and c { died := true }", "c and (a or b)", set(), {"c"}, ["a or b"]),
        (P + "action f when a and c { died := true }", "c and (c implies a)", set(), {"a", "c"}, []),
        (P + "assume a iff b action f when b { died := true }", "a", set(), {"a"}, []),
        (P + "assume a or b action f when b { died := true }", "not a", set(), {"a"}, []),
        (P + "assume not a action f when b { died := true }", "a or b", set(), set(), ["a or b"]),
        ("param n : 0..3 action f when n > 1 { died := true }", "n > 1", set(), set(), ["n > 1"]),
        ("param n : 0..3 action f when n > 1 { died := true }", "n > 2", set(), {"n"}, []),
        ("index I const m[I] : bool action f(i : I) when m[i] { died := true }", "forall i : I: m[i]",
         set(), {"m[I0]"}, []),
        ("index I const g : I const h : I action f(i : I) when h = i and g = i { died := true }", "g = h",
         {"g"}, set(), ["g = h"]),
        ("index I const m[I] : bool const k : I action f(i : I) when m[i] and m[k] { died := true }",
         "forall i, j : I: m[i] = m[j]", {"m[I0]"}, set(), ["forall i, j : I: m[i] iff m[j]"]),
    ],
)  # fmt: skip
def test_of_a_where_only_what_it_pins_is_a_value(
    text: str, asked_for: str, needed: set[str], pinned: set[str], parts: list[str]
) -> None:
    assert where(text, asked_for) == (needed, pinned, parts)


X = "action f when x { died := true }"


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (P + "state x : bool init x implies a " + X, {"a", "x"}),
        (P + "state x : bool init x implies a or b " + X, {"b", "x"}),
        (P + "state x : bool = any { a, b } " + X, {"b", "x"}),
        (P + "assume a iff b state x : bool init x implies a " + X, {"a", "x"}),
        (P + "assume a state x : bool init x implies a " + X, {"x"}),
        (P + "state y : bool state x : bool init y implies a init x implies y " + X, {"a", "x"}),
        (P + "state y : bool state x : bool init y implies a init y or b " + X, {"x"}),
        # Where a is false there is no initial state at all.
        (P + "state x : bool state y : bool init x implies a init y and a " + X, {"x"}),
        # With a nothing else is possible at the start.
        (P + "state x : bool init x implies a init a implies x " + X, {"a"}),
    ],
)
def test_every_machine_has_such_a_start(text: str, needed: set[str]) -> None:
    problem, trace, found = asked(text + " " + START)
    assert (names(problem, found.needed), found.is_certain) == (needed, True)
    assert by_trying(problem, trace, found.needed)


def machines(problem: Problem) -> Iterator[tuple[Valuation, list[Valuation]]]:
    """Rigid values, with all initial states."""
    semantics = Semantics(problem)
    for rigid in semantics.rigid_valuations(UNLIMITED):
        yield rigid, list(semantics.initial_states(rigid, UNLIMITED))


def starts(problem: Problem) -> Iterator[tuple[Valuation, Valuation]]:
    for rigid, states in machines(problem):
        for first in states:
            yield rigid, first


def by_trying(problem: Problem, trace: Trace, places: Places) -> bool:
    """Whether every machine that agrees with the trace there, and has a start at all, has one that agrees,
    and the steps of the trace are a run into a bad state from each such start."""
    semantics = Semantics(problem)
    rigid_places = frozenset(place for place in places if place.role is Role.RIGID)
    for rigid, states in machines(problem):
        if not states or not agree(trace, rigid, (), rigid_places):
            continue
        alike = [first for first in states if agree(trace, rigid, first, places)]
        if not alike:
            return False
        for first in alike:
            found = run(semantics, rigid, first, trace.steps)
            if not (isinstance(found, Trace) and semantics.is_bad(rigid, found.states[-1])):
                return False
    return True


def agree(trace: Trace, rigid: Valuation, first: Valuation, places: Places) -> bool:
    """Whether that start is the one of `trace` at `places`."""
    return all(_value(p, rigid, first) == _value(p, trace.rigid, trace.states[0]) for p in places)


def _value(place: Place, rigid: Valuation, first: Valuation) -> int:
    return (rigid if place.role is Role.RIGID else first)[place.position]


def generated(seed: int) -> tuple[Problem, Trace] | None:
    """Every other one with much that is said of the start and of rigid values."""
    problem = tied_problem(seed) if seed % 2 else random_problem(seed)
    verdict = explicit.run(problem, Budget(), Silent())
    return (problem, verdict.trace) if isinstance(verdict, Refuted) else None


@pytest.mark.parametrize("seed", range(120))
def test_enough_and_needed_against_trying_every_start(seed: int) -> None:
    made = generated(seed)
    if made is None:
        return
    problem, trace = made
    assert objection(problem, trace) is None
    found = relevance(problem, trace, Given(problem.assumptions))
    assert found.is_certain and not found.perhaps
    assert by_trying(problem, trace, found.needed)
    assert not any(by_trying(problem, trace, found.needed - {place}) for place in found.needed)
    assert found == relevance(problem, trace, Given(problem.assumptions))


@pytest.mark.parametrize("seed", range(120))
def test_what_is_asked_against_trying_every_start(seed: int) -> None:
    """With all assumptions taken for a `where`: what is said of it is enough, true, and needed."""
    made = generated(seed)
    if made is None:
        return
    problem, trace = made
    found = relevance(problem, trace, Given())
    parts = {part for fact in problem.assumptions for part in conjuncts(fact)}
    kept = found.needed | found.asked
    assert found.is_certain and set(found.relations) <= parts
    assert by_trying(problem, trace, found.needed)
    assert by_trying(replace(problem, assumptions=found.relations), trace, kept)
    for place in found.asked:
        assert {_value(place, rigid, ()) for rigid, _ in machines(problem)} == {
            _value(place, trace.rigid, ())
        }
        assert not by_trying(replace(problem, assumptions=found.relations), trace, kept - {place})
    for part in found.relations:
        rest = tuple(other for other in found.relations if other is not part)
        assert not by_trying(replace(problem, assumptions=rest), trace, kept)


@pytest.mark.parametrize("seed", range(120))
def test_cells_that_may_start_otherwise_against_trying_every_start(seed: int) -> None:
    """And all other cells start as they do wherever all that is relied on is as it is."""
    made = generated(seed)
    if made is None:
        return
    problem, trace = made
    depending = Depending(problem, trace, Given(problem.assumptions))
    accidental = {cell.text for cell in depending.reliance().accidental}
    alike = [
        first for rigid, first in starts(problem) if agree(trace, rigid, first, depending.relevance.kept())
    ]
    for at, cell in enumerate(problem.state_layout.cells):
        values = {first[at] for first in alike}
        assert trace.states[0][at] in values
        assert (len(values) > 1) == (show_cell(cell) in accidental)


@pytest.mark.parametrize("seed", range(120))
def test_other_values_against_trying_every_start(seed: int) -> None:
    """All combinations of the values that are said to do as well; for each alone, that there is a start."""
    made = generated(seed)
    if made is None:
        return
    problem, trace = made
    trials = Trials(problem, trace, Given(problem.assumptions))
    found = trials.relevance()
    cells = enumerate(problem.rigid_layout.cells)
    wanted = {Place(Role.RIGID, at): list(domain(cell.symbol.sort, problem.size_of)) for at, cell in cells}
    same = trials.alike(found, wanted)
    semantics = Semantics(problem)
    fixed = found.needed - frozenset(same)
    for place, values in same.items():
        assert _value(place, trace.rigid, ()) in values
        others = (found.needed | {place}) - {place}
        for value in values:
            assert any(
                _value(place, rigid, first) == value and agree(trace, rigid, first, others)
                for rigid, first in starts(problem)
            )
    for rigid, first in starts(problem):
        if agree(trace, rigid, first, fixed) and all(
            _value(p, rigid, first) in values for p, values in same.items()
        ):
            end = run(semantics, rigid, first, trace.steps)
            assert isinstance(end, Trace) and semantics.is_bad(rigid, end.states[-1])


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("most", [10**9, -1])
def test_the_second_opinion_against_trying_every_start(
    seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked of sets that are enough and of sets that are not: by trying, and by the solver."""
    made = generated(seed)
    if made is None:
        return
    monkeypatch.setattr(enough, "MOST_STARTS", most)
    problem, trace = made
    needed = sorted(relevance(problem, trace, Given(problem.assumptions)).needed, key=lambda p: p.position)
    for count in range(len(needed) + 1):
        places = frozenset(needed[:count])
        allowed = {place: (_value(place, trace.rigid, trace.states[0]),) for place in places}
        if by_trying(problem, trace, places):
            assert is_enough(problem, trace, allowed)
        else:
            with pytest.raises(InternalError):
                is_enough(problem, trace, allowed)


def test_traces_of_known_problems() -> None:
    seen = 0
    for case in CASES:
        if case.expected == "refuted":
            found = relevance(case.problem, refuted(case.problem), Given(case.problem.assumptions))
            assert found.is_certain
            seen += bool(found.needed)
    assert seen > 5


PINNED = """
param lim : 0..2
param fix : bool
const k : 0..1
const next : 0..2 = k + 1
assume k = 0 implies fix
state n : 0..3 = k
state m : bool = fix
state o : 0..2 = next
property p never m and n = k and lim = 2 and o > 0
check p where k = 0 and next = 1
"""


def test_what_a_check_says_of_a_constant_does_not_define_it() -> None:
    problem, trace, found = asked(PINNED)
    assert names(problem, found.needed) == {"lim"} and names(problem, found.asked) == {"k"}
    assert found.is_certain and by_trying(problem, trace, found.needed)
    everywhere = problem_of(PINNED.replace(" where k = 0 and next = 1", ""))
    assert not by_trying(everywhere, trace, found.needed)
    assert by_trying(everywhere, trace, found.needed | found.asked)


def test_beyond_the_trials_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is still enough: whatever is read is kept."""
    monkeypatch.setattr(sufficient, "MOST_RUNS", 1)
    problem, trace, found = asked(SPEC)
    assert found.needed == frozenset() and found.perhaps
    assert by_trying(problem, trace, found.perhaps)


def test_where_the_second_opinion_is_missing_nothing_is_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enough, "MOST_STARTS", -1)
    monkeypatch.setattr(enough, "EFFORT", 1)
    assert not asked(SPEC)[2].is_certain


def test_a_trace_that_is_none_is_found_out_elsewhere() -> None:
    """`relevance` requires a run; it is `objection` that checks."""
    problem = problem_of(SPEC)
    trace = refuted(problem)
    assert objection(problem, replace(trace, rigid=tuple(0 for _ in trace.rigid))) is not None
