"""What stays possible in whole specs: what is found, what is told of traps, when a proof says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from tdxverify.answers.answer import Answer, Outcome, Standing, Trivial
from tdxverify.answers.checking import check
from tdxverify.answers.observers import Silent as Everyone
from tdxverify.answers.stored.proving import prove
from tdxverify.answers.stored.rechecking import recheck
from tdxverify.answers.traps import ending_in
from tdxverify.budget import UNLIMITED, Budget
from tdxverify.engines.finding import find
from tdxverify.evidence.enumeration import Enumeration
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain
from tdxverify.questions.options import Options
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at, in_file
from tdxverify.semantics.run import WhyNot, run
from tdxverify.semantics.successors import Semantics
from tests.answers.stored.sample import checksummed
from tests.texts import Silent

UPDATE = """
param torn_down : bool
param loud : bool
index Td
enum Build { absent, half, built, gone }
state td[Td] : Build = absent
state alive[Td] : bool = true
action begin(t : Td) when alive[t] and td[t] = absent { td[t] := half }
action finish(t : Td) when alive[t] and td[t] = half { td[t] := built }
action dies(t : Td) when alive[t] { alive[t] := false }
action tear_down(t : Td) when torn_down and not alive[t] and td[t] = half { td[t] := gone }
property free always possible not exists t : Td: td[t] = half
property ends each t : Td: always possible td[t] != half
property runs each t : Td: always possible td[t] = built
property kept each t : Td: always possible td[t] != gone
"""


def answers(tmp_path: Path, text: str, *lines: str, **options: object) -> list[Answer]:
    path = tmp_path / "spec.tdx"
    path.write_text(text + "\n".join(lines) + "\n")
    found = check([path], Options(**options))  # type: ignore[arg-type]
    assert found.diagnostics == ()
    return list(found.answers)


@pytest.mark.parametrize("engine", ["auto", "explicit", "pdr"])
@pytest.mark.parametrize(
    ("line", "outcome", "length"),
    [
        ("check free for Td = 2", Outcome.REFUTED, 2),
        ("check free for Td <= 2 where torn_down", Outcome.PROVED, None),
        ("check ends for Td = 2 where torn_down", Outcome.PROVED, None),
        ("check runs for Td = 2 where torn_down", Outcome.REFUTED, 1),
    ],
)
def test_what_stays_possible(
    tmp_path: Path, engine: str, line: str, outcome: Outcome, length: int | None
) -> None:
    (found,) = answers(tmp_path, UPDATE, line, engine=engine)
    assert (found.outcome, found.length) == (outcome, length)


def test_any_number(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, UPDATE, "check ends where torn_down")
    assert found.outcome is Outcome.PROVED and found.is_general


def test_where_any_number_has_to_do_something_first_it_is_unknown(tmp_path: Path) -> None:
    """As many steps are needed as there are elements; what is said of sizes is proved."""
    (found,) = answers(tmp_path, UPDATE, "check free where torn_down")
    assert found.outcome is Outcome.UNKNOWN and found.clean_through is None
    assert found.reason is not None and "a way to what is wanted takes 3 elements" in found.reason
    assert "proved for 1, 2 and 3 elements of each sort" in found.reason


def test_what_is_told_of_a_trap(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, UPDATE, "check ends for Td = 2 where not torn_down")
    story = found.told.story
    assert story is not None and story.no_way is not None and story.violation is not None
    assert set(story.no_way.always) == {"not torn_down", "not alive[Td0]", "td[Td0] = half"}
    assert story.no_way.elements == (("t", "Td0"),)
    assert story.violation.instead == "'td[t] != half' is out of reach from here, for t = Td0"
    assert story.parameters_that_matter == ("torn_down",)


def test_trivial_where_it_always_holds(tmp_path: Path) -> None:
    found = answers(
        tmp_path, UPDATE, "check kept for Td = 2 where not torn_down", "check ends for Td = 2 where torn_down"
    )
    assert [one.trivial for one in found] == [Trivial.YES, Trivial.NO]
    assert found[0].reason == "'td[t] != gone' holds in every reachable state"


def test_a_start_that_is_a_trap(tmp_path: Path) -> None:
    text = "state x : bool = false\nstate y : bool = false\naction a { y := not y }\n"
    (found,) = answers(tmp_path, text + "property p always possible x\n", "check p")
    assert (found.outcome, found.length) == (Outcome.REFUTED, 0)


def test_a_value_out_of_range_is_the_answer_where_it_is_nearer(tmp_path: Path) -> None:
    text = "state n : 0..2 = 0\naction a { n := n + 1 }\nproperty p always possible n = 0\ncheck p\n"
    path = tmp_path / "spec.tdx"
    path.write_text(text)
    for engine in ("explicit", "pdr"):
        (mistake,) = check([path], Options(engine=engine)).diagnostics
        assert mistake.code.name == "E510"


# --- the trap as it is told, against trying everything --------------------------------------


def traps(tmp_path: Path) -> Iterator[tuple[Question, Problem, Trap]]:
    lines = ["check free", "check ends", "check runs", "check free where not torn_down and loud"]
    path = tmp_path / "spec.tdx"
    path.write_text(
        UPDATE + "\n".join(f"{one.replace(' where', ' for Td = 2 where')}" for one in lines) + "\n"
    )
    for asked in in_file(path, Options(), None):
        problem = at(asked, {"Td": 2})
        verdict = find("auto", problem, Budget(), Silent()).verdict
        assert isinstance(verdict, Refuted) and isinstance(verdict.evidence, Trap)
        yield asked, problem, verdict.evidence


def test_what_stays_true_is_a_trap_whatever_the_parameters_are(tmp_path: Path) -> None:
    """From every state in which it holds, reachable or not: no step leads out, and nothing is as wanted."""
    for asked, problem, trap in traps(tmp_path):
        inside = ending_in(asked, problem, trap, Budget())
        assert inside.is_general and problem.possible is not None
        told = Semantics(inside.problem)
        wanted = told.evaluator.formula(problem.possible.wanted, problem.possible.binders)
        assert told.is_bad(trap.trace.rigid, trap.trace.states[-1])
        assert not any(told.is_bad(trap.trace.rigid, state) for state in trap.trace.states[:-1])
        for rigid in _all(problem, problem.rigid_layout.cells):
            for state in _all(problem, problem.state_layout.cells):
                if told.is_bad(rigid, state):
                    assert not wanted(rigid, state, trap.elements)
                    assert all(told.is_bad(rigid, after) for _, after in told.successors(rigid, state))


def _all(problem: Problem, cells: tuple[object, ...]) -> Iterator[Valuation]:
    return product(*(domain(cell.symbol.sort, problem.size_of) for cell in cells))  # type: ignore[attr-defined]


def test_how_many_states_can_still_come(tmp_path: Path) -> None:
    for _, problem, trap in traps(tmp_path):
        semantics = Semantics(problem)
        waiting = [trap.trace.states[-1]]
        known = set(waiting)
        while waiting:
            for _, after in semantics.successors(trap.trace.rigid, waiting.pop()):
                if after not in known:
                    known.add(after)
                    waiting.append(after)
        assert isinstance(trap.closed, Enumeration) and trap.closed.states == len(known)


def test_the_same_steps_end_in_a_trap_for_all_values_that_do_not_matter(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, UPDATE, "check free for Td = 2")
    assert found.told.story is not None and found.told.story.parameters_that_matter == ("torn_down",)
    (asked,) = in_file(tmp_path / "spec.tdx", Options(), None)
    problem = at(asked, {"Td": 2})
    verdict = find("auto", problem, Budget(), Silent()).verdict
    assert isinstance(verdict, Refuted)
    place = [cell.symbol.name for cell in problem.rigid_layout.cells].index("torn_down")
    for rigid in _all(problem, problem.rigid_layout.cells):
        if rigid[place] == verdict.trace.rigid[place]:
            again = run(Semantics(problem), rigid, verdict.trace.states[0], verdict.trace.steps)
            assert not isinstance(again, WhyNot)
            trap = verdict.evidence
            assert isinstance(trap, Trap)
            other = replace(trap, trace=again, closed=Enumeration(trap.closed.states))  # type: ignore[attr-defined]
            assert other.closed.check(other.inside(problem), UNLIMITED).__class__.__name__ == "Accepted"


# --- stored ----------------------------------------------------------------------------------

LINES = (
    "check free for Td = 2",
    "check free for Td <= 2 where torn_down",
    "check ends where torn_down",
    "check kept where not torn_down",
)


def stored(tmp_path: Path) -> Path:
    path = tmp_path / "spec.tdx"
    path.write_text(UPDATE + "\n".join(LINES) + "\n")
    prove([path], Everyone())
    return path


def standings(path: Path) -> list[Standing | None]:
    return [one.kept.standing if one.kept else None for one in recheck([path]).answers]


def test_stored_and_checked_again(tmp_path: Path) -> None:
    assert standings(stored(tmp_path)) == [Standing.HOLDS] * 4


def test_a_forged_trap_a_missing_plan_and_other_numbers_are_refused(tmp_path: Path) -> None:
    path = stored(tmp_path)
    proofs = path.with_suffix(".proof.json")
    document = json.loads(proofs.read_text())
    kinds = {one["kind"]: one for entry in document["checks"] for one in entry["evidence"]}
    kinds["trap"]["steps"].pop()
    kinds["distances"]["farthest"] += 1
    kinds["plans"]["plans"].pop()
    proofs.write_text(checksummed(document))
    assert standings(path)[:3] == [Standing.REFUSED] * 3


def test_a_run_that_only_ends_where_it_does_not_hold_is_no_evidence(tmp_path: Path) -> None:
    path = stored(tmp_path)
    proofs = path.with_suffix(".proof.json")
    document = json.loads(proofs.read_text())
    kinds = {one["kind"]: one for entry in document["checks"] for one in entry["evidence"]}
    trap = kinds["trap"]
    trap["kind"] = "trace"
    del trap["elements"], trap["closed"]
    proofs.write_text(checksummed(document))
    assert standings(path)[0] is not Standing.HOLDS


def test_a_change_of_the_spec_makes_it_stale_or_refuses_it(tmp_path: Path) -> None:
    path = stored(tmp_path)
    path.write_text(
        path.read_text().replace("action finish(t : Td) when alive[t] and", "action finish(t : Td) when")
    )
    found = standings(path)
    assert Standing.HOLDS not in (found[0], found[1])
