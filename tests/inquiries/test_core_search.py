"""What a proof needs, against brute force: the explicit engine on models with parts switched off."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from itertools import combinations, islice, product
from math import prod
from pathlib import Path
from random import Random
from time import monotonic

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from tdxverify.answers.deciding import answer
from tdxverify.answers.observers import Silent
from tdxverify.budget import Budget, NotDecided, Why
from tdxverify.diagnostics import SpecError
from tdxverify.engines.registry import ENGINES
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous
from tdxverify.inquiries.core_search import Core
from tdxverify.inquiries.elements import Kind
from tdxverify.inquiries.proof_core import Answered, proof_needs
from tdxverify.inquiries.switched_question import Relaxed, relaxed
from tdxverify.logic.expr import FALSE
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, every_check
from tdxverify.questions.specs import Spec, load_model
from tdxverify.semantics.successors import Semantics
from tdxverify.source import SourceFile
from tdxverify.syntax.imports import load
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model
from tests.differential.test_statements import FRAME, statements
from tests.inquiries.conftest import WriteSpec

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = ("01-hello", "02-erratum", "03-kexec", "06-two-page-sizes", "09-faults", "10-retry-loop")

MOST_FREE = 500  # combinations of free values and choices of a step that are tried

EVERYTHING = """\
param erratum : bool   param mode : Mode   enum Mode { one, two }
assume mode = two implies not erratum "the parts have not both"
index Line
actor host, guest
fault #MC "machine check" fatal
const limit : 0..3 = 2
const partner[l : Line] : bool = erratum
state count : 0..3 = 0
state phase : Mode = any { one }
state owned[Line] : bool = false
state poison[Line] : bool = false
state free_choice : bool
init not free_choice "starts there"
halt when free_choice and phase = two or not free_choice and mode != one "the end"
access hit(l : Line) "a write" {
  owned[l] and erratum -> ok { if partner[l] { poison[l] := true } }
  owned[l] and not erratum -> dropped { owned[l] := false }
  otherwise -> ok
}
access load(l : Line) { poison[l] -> fault #MC  otherwise -> ok }
action own(l : Line) by guest when phase = one and not free_choice { owned[l] := true }
action write_one(l : Line) by host { hit(l) }
action clean by host { foreach l : Line { load(l) on #MC { poison[l] := false } } }
action all by host { foreach l : Line { if owned[l] { hit(l) } } }
action read_one(l : Line) by host "a load" { when count <= limit  load(l) }
process p by guest {
  loop: while count < limit { count := count + 1  phase := any { one, two } }
  each: foreach l : Line { owned[l] := false }
  pick: either { left: { free_choice := true } } or { right: { goto loop } }
}
property safe "the host lives" never host took #MC
property few always count <= limit
property up step count' >= count
check safe where not erratum and mode = one
check few
check up
"""

TINY = """\
param bug : bool
state a : bool = false
state b : bool = false
action first when bug { a := true }
action second when a { b := true }
property safe never b
check safe where not bug
"""


def asked_in(path: Path) -> tuple[Question, ...]:
    return every_check(Spec(path, load_model(path)), Options())


def proofs_in(path: Path) -> Iterator[tuple[Question, list[Answered]]]:
    for asked in asked_in(path):
        answered = [(d.problem, d.verdict) for d in answer(asked, Budget(), Silent()).decided]
        if answered and all(isinstance(verdict, Proved) for _, verdict in answered):
            yield asked, answered


def core_of(asked: Question, answered: list[Answered], budget: Budget | None = None) -> Core:
    return proof_needs(asked, answered, budget or Budget(), Silent())


def loose(asked: Question, size: int) -> Relaxed:
    sizes = {sort.name: size for sort in asked.spec.model.index_sorts}
    return relaxed(load(asked.spec.path), asked, sizes)


def holds(problem: Problem) -> bool:
    """By enumeration."""
    verdict = ENGINES["explicit"].run(problem, Budget(), Silent())
    assert isinstance(verdict, Proved | Refuted | Vacuous)
    return not isinstance(verdict, Refuted)


@pytest.mark.parametrize("name", SMALL)
def test_the_core_suffices_and_nothing_in_it_can_be_left_out(name: str) -> None:
    for asked, answered in proofs_in(EXAMPLES / f"{name}.tdx"):
        core = core_of(asked, answered)
        assert not core.open
        whole = loose(asked, 2)
        kept = {element.switch for element in core.needed}
        assert {e.switch for e in whole.elements} >= kept
        assert holds(whole.with_only(kept))
        for switch in kept:
            assert not holds(whole.with_only(kept - {switch})), switch


def test_a_condition_that_is_never_true_is_a_part_like_any_other(write_spec: WriteSpec) -> None:
    """With its switch it says what lowering says of switches that nothing reads."""
    text = TINY.replace("where not bug", "where false") + "check safe where not bug and false\n"
    text = text.replace("param bug : bool", "param bug : bool\nassume false")
    for asked in asked_in(write_spec(text)):
        whole = loose(asked, 1)
        false = [element.switch for element in whole.elements if element.text == "false"]
        assert len(false) == 2
        everything = set(whole.switches)
        for off in ((), false[:1], false[1:]):
            assert holds(whole.with_only(everything.difference(off)))
        assert holds(whole.with_only(everything.difference(false))) == ("not bug" in asked.check.where_text)


def test_every_subset_of_a_tiny_model(write_spec: WriteSpec) -> None:
    """Monotone: with more parts on, no more can go wrong. And the core is one of the least that suffice."""
    ((asked, answered),) = proofs_in(write_spec(TINY))
    whole = loose(asked, 1)
    assert len(whole.elements) == 7
    subsets = [frozenset(s) for n in range(8) for s in combinations(whole.switches, n)]
    good = {subset for subset in subsets if holds(whole.with_only(subset))}
    assert all(subset in good for subset in subsets if any(less <= subset for less in good))
    least = {subset for subset in good if not any(less < subset for less in good)}
    assert frozenset(e.switch for e in core_of(asked, answered).needed) in least


# --- the relaxed model ------------------------------------------------------------------


def states(problem: Problem, like: Problem) -> set[tuple[int, ...]]:
    """The reachable states and parameters, in the cells that `like` has as well."""
    verdict = ENGINES["explicit"].run(replace(problem, bad=FALSE), Budget(), Silent())
    assert isinstance(verdict, Proved) and isinstance(verdict.certificate, Enumeration)
    where = {c: n for n, c in enumerate((*problem.rigid_layout.cells, *problem.state_layout.cells))}
    wanted = [where[c] for c in (*like.rigid_layout.cells, *like.state_layout.cells)]
    return {tuple((*rigid, *state)[n] for n in wanted) for rigid, state in verdict.certificate.members or ()}


def test_everything_on_is_the_model_itself_and_less_allows_more(write_spec: WriteSpec) -> None:
    random = Random(1)
    for asked in asked_in(write_spec(EVERYTHING)):
        problem = lower(asked.spec.model, asked.check, {"Line": 1})
        whole = loose(asked, 1)
        exact = states(problem, problem)
        assert states(whole.with_only(whole.switches), problem) == exact
        larger = 0
        for _ in range(6):
            off = set(random.sample(whole.switches, 2))
            found = states(whole.with_only(set(whole.switches) - off), problem)
            assert found >= exact
            larger += found > exact
        assert larger


def test_every_kind_of_part_is_known(write_spec: WriteSpec) -> None:
    path = write_spec(EVERYTHING)
    narrowed = replace(asked_in(path)[0], options=Options(parameters=(("erratum", "false"),)))
    whole = relaxed(load(path), narrowed, {"Line": 2})
    assert {element.kind for element in whole.elements} == set(Kind)
    told = {(e.kind, e.owner, e.text): e for e in whole.elements}
    row = told[Kind.ROW, "hit, row 2", "not erratum"]
    assert row.span is not None and row.span.text == "not erratum" and row.description == "a write"
    assert told[Kind.OPTION, "", "--param erratum=false"].span is None
    assert (Kind.START, "", "phase = one") in told
    assert (Kind.STOP, "", "halt when free_choice and phase = two") in told
    assert (Kind.CONDITION, "step p.loop", "while count < limit") in told
    assert (Kind.FAULT, "load, row 1", "fault #MC") in told
    assert (Kind.CONSTANT, "", "limit = 2") in told


STOPPED = """\
actor a stopped when off or never_so
actor b
fault #MC halts
param never_so : bool
state off : bool = true
state down : bool = false
state x : bool = false
state y : bool = false
state z : bool = false
access read() { otherwise -> fault #MC }
halt when down
action by_a by a { x := true }
action crash by b { down := true }
process p when down { l: { y := true } }
action broken by b { read() }
action behind by b { if anyone took #MC { z := true } }
property safe never x or y or z
check safe where not never_so
"""


def test_what_stops_steps_is_a_part_like_any_other(write_spec: WriteSpec) -> None:
    path = write_spec(STOPPED)
    ((asked, answered),) = proofs_in(path)
    core, whole = core_of(asked, answered), loose(asked, 1)
    kinds = {Kind.STOP, Kind.GUARD}
    needed = {element.text for element in core.needed if element.kind in kinds}
    assert needed == {"actor a stopped when off", "fault #MC halts", "halt when down", "down"}
    for element in whole.elements:
        if element.kind in kinds:
            alone = whole.with_only(set(whole.switches) - {element.switch})
            assert holds(alone) == (element.text not in needed), element.text


def test_values_that_leave_their_range_are_never_relaxed_away(write_spec: WriteSpec) -> None:
    """The guard is needed, whatever is assigned: without it the assignment is a mistake."""
    spec = """\
    state n : 0..2 = 0   state bad : bool = false
    action up when n < 2 { n := n + 1 }
    property safe never bad
    check safe
    """
    ((asked, answered),) = proofs_in(write_spec(spec))
    core = core_of(asked, answered)
    assert [(e.kind, e.text) for e in core.needed] == [(Kind.GUARD, "n < 2"), (Kind.START, "bad = false")]
    assert core.broken[core.needed[0].switch].out_of_range


def test_deadlock_is_that_of_the_model_itself(write_spec: WriteSpec) -> None:
    """Guards that may be ignored must not make a deadlock impossible."""
    spec = """\
    state a : bool = false
    action stay when not a { }
    action go when a and not a { a := true }
    property goes_on never deadlock
    check goes_on
    """
    ((asked, answered),) = proofs_in(write_spec(spec))
    core = core_of(asked, answered)
    texts = [e.text for e in core.needed]
    assert "a = false" in texts and any(text in texts for text in ("a", "not a", "a := true"))


# --- the search --------------------------------------------------------------------------


def test_several_sizes_have_one_core(write_spec: WriteSpec) -> None:
    spec = """\
    index Line
    state x[Line] : bool = false   state y : bool = false   state z : bool = false
    action flip(l : Line) when y { x[l] := true }
    action idle when z { z := false }
    property safe never exists l : Line: x[l]
    check safe for Line <= 3
    """
    ((asked, answered),) = proofs_in(write_spec(spec))
    assert len(answered) == 3
    core = core_of(asked, answered)
    assert [e.text for e in core.needed] == ["y", "x[Line] = false", "y = false"]
    assert {e.text for e in core.others} == {"x[l] := true", "z", "z := false", "z = false"}
    assert [case.relaxed.problem.sizes for case in core.cases] == [(("Line", n),) for n in (1, 2, 3)]


def test_another_invariant_may_need_less(write_spec: WriteSpec) -> None:
    """An invariant that says too much: what only that needs is found not to be needed."""
    asked, answered = next(proofs_in(EXAMPLES / "03-kexec.tdx"))
    twice = core_of(asked, answered), core_of(asked, answered)
    assert twice[0].needed == twice[1].needed and twice[0].broken == twice[1].broken
    (case,) = twice[0].cases
    problem, verdict = answered[0]
    assert isinstance(verdict, Proved)
    other = next(one for one in proofs_in(EXAMPLES / "03-kexec.tdx") if one[0].check != asked.check)
    assert core_of(*other).needed != twice[0].needed
    assert case.invariant.any_size and problem.name == case.relaxed.problem.name


def test_out_of_time_the_core_is_certified_but_open() -> None:
    asked, answered = next(proofs_in(EXAMPLES / "03-kexec.tdx"))
    core = core_of(asked, answered, Budget(deadline=monotonic()))
    assert core.open == core.needed and len(core.open) > 1
    assert holds(loose(asked, 2).with_only({e.switch for e in core.needed}))


def test_counted_states_are_no_obstacle() -> None:
    asked, answered = next(proofs_in(EXAMPLES / "01-hello.tdx"))
    _, verdict = answered[0]
    assert isinstance(verdict, Proved) and isinstance(verdict.certificate, Enumeration)
    assert [e.text for e in core_of(asked, answered).needed] == ["poison := true"]


def test_accesses_in_a_foreach_over_numbers_are_taken_apart(write_spec: WriteSpec) -> None:
    spec = """\
    index Line
    state seen[Line] : bool = false   state other : bool = false
    access touch(l : Line) { seen[l] -> ok  otherwise -> dropped }
    action all(l : Line) { foreach n : 0..1 { touch(l) } }
    property safe never other
    check safe for Line = 1
    """
    ((asked, answered),) = proofs_in(write_spec(spec))
    assert core_of(asked, answered) is not None


def test_what_cannot_be_taken_apart_is_said(write_spec: WriteSpec) -> None:
    spec = """\
    index Line
    state seen[Line] : bool = false   state some : bool = false   state other : bool = false
    access touch(l : Line) { seen[l] -> ok { some := true }  otherwise -> dropped }
    action all { foreach n : Line { touch(n) } }
    property safe never other
    check safe for Line = 1
    """
    ((asked, answered),) = proofs_in(write_spec(spec))
    with pytest.raises(NotDecided, match="cannot be taken apart \\(E401"):
        core_of(asked, answered)


def test_a_solver_or_an_engine_that_gives_up_is_told(
    write_spec: WriteSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((asked, answered),) = proofs_in(write_spec(TINY))
    monkeypatch.setattr("tdxverify.smt.cores.SwitchedQuestions.needed", lambda *_: None)
    with pytest.raises(NotDecided, match="could not tell which parts"):
        core_of(asked, answered)
    unknown = Unknown(Why.SOLVER_GAVE_UP, None, "")
    monkeypatch.setattr(type(ENGINES["pdr"]), "run", lambda *_: unknown)
    counted = replace(answered[0][1], certificate=Enumeration(()))
    with pytest.raises(NotDecided, match="no invariant was found"):
        core_of(asked, [(answered[0][0], counted)])


# --- one step, from every state ------------------------------------------------------------


def successors(
    problem: Problem, like: Problem, state: Valuation, renewing: Container[str] = ()
) -> set[Valuation]:
    """Where a step of `problem`, but for those in `renewing`, leads from the state that `like` calls `state`,
    whatever free values are."""
    places = {cell: n for n, cell in enumerate(like.state_layout.cells)}
    cells = problem.state_layout.cells
    free = [domain(cell.symbol.sort, problem.size_of) for cell in cells if cell not in places]
    kept = [n for n, cell in enumerate(cells) if cell in places]
    choices = [len(domain(p.sort, problem.size_of)) for action in problem.actions for p in action.parameters]
    assume(prod(map(len, free)) * prod(choices) <= MOST_FREE)
    found = set()
    semantics = Semantics(problem)
    for values in product(*free):
        left = iter(values)
        whole = tuple(state[places[cell]] if cell in places else next(left) for cell in cells)
        for step, after in semantics.successors((), whole):
            if step.action not in renewing:
                found.add(tuple(after[n] for n in kept))
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(statements(), min_size=1, max_size=2), st.integers(0, 300), st.randoms(use_true_random=False))
def test_any_step_with_less_is_one_that_allows_more(body: list[str], skip: int, random: Random) -> None:
    """Random statements: everything on is the step itself, anything off allows what it does and more."""
    text = FRAME.replace("BODY", "\n".join(body))
    note(text)
    modules = (parse(SourceFile("random.tdx", text)),)
    try:
        model = build_model(modules)
    except SpecError:
        assume(False)
    check = model.checks[0]
    problem = replace(lower(model, check, {"Line": 1}), bad=FALSE)
    try:
        asked = Question(Spec(Path("random.tdx"), model), check, Options())
        whole = relaxed(modules, asked, {"Line": 1})
    except NotDecided:
        return
    off = set(random.sample(whole.switches, min(3, len(whole.switches))))
    less = whole.with_only(set(whole.switches) - off)
    renewing = whole.freedom.renewing
    semantics = Semantics(problem)
    for state in islice(semantics.initial_states((), Budget(max_states=10_000)), skip, skip + 3):
        exact = successors(problem, problem, state)
        assert successors(whole.with_only(whole.switches), problem, state, renewing) == exact
        assert successors(less, problem, state, renewing) >= exact
