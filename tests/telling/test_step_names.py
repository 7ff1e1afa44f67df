"""What steps are called: choices are told apart, and those that were not come to are left out."""

from __future__ import annotations

from itertools import islice

import pytest

from tdxverify.budget import Budget
from tdxverify.diagnostics import SpecError
from tdxverify.logic.layout import Valuation
from tdxverify.model.model import Action, Choice
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.steps import StepNames
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step
from tdxverify.semantics.walk import Walk
from tdxverify.telling.cells import is_idle
from tests.differential.generator import generate
from tests.texts import model_of, problem_of

LIMITS = Budget(max_states=2_000)
MOST_STATES = 40  # of each problem
SEEDS = range(150)

ENDS = """\
index Line
actor k
state ok_ : bool = false
state failed : bool = false
action init_ends by k when not ok_ and not failed { either { ok_ := true } or { failed := true } or { } }
property p never failed
check p
"""

POINTERS = """\
index Obj
enum Mode { off, idle, busy }
state ptr[Mode] : Obj
state mode : Mode = off
state armed : bool = false
action load(o : Obj) { if armed { ptr[mode] := any } mode := any { idle, busy } armed := true }
property p never mode = busy
check p
"""

NESTED = """\
state a : bool = false
state b : bool = false
action move {
  either { a := true } or { either { b := true } or { a := true b := true // both
  } }
}
property p never a and b
check p
"""


def starts(problem: Problem) -> tuple[Valuation, Valuation]:
    semantics = Semantics(problem)
    rigid = next(semantics.rigid_valuations(LIMITS))
    return rigid, next(semantics.initial_states(rigid, LIMITS))


def names_at_start(problem: Problem) -> list[str]:
    rigid, start = starts(problem)
    names = StepNames(problem)
    steps = [step for step, _ in Walk(problem, rigid, start).choices().steps]
    return [names.called(rigid, start, step) for step in steps]


def test_branches_are_told_apart() -> None:
    told = ["init_ends, 1st branch: ok_ := true", "init_ends, 2nd branch: failed := true"]
    assert names_at_start(problem_of(ENDS)) == told
    problem = problem_of(ENDS)
    rigid, start = starts(problem)
    idle = Step("init_ends", (2,))
    assert StepNames(problem).called(rigid, start, idle) == "init_ends, 3rd branch: does nothing"


def test_values_of_any_are_part_of_the_call() -> None:
    """The assignment behind `if` is not come to at the start, and told with its cell where it is."""
    problem = problem_of(POINTERS)
    assert names_at_start(problem) == [
        "load(o = Obj0, mode := idle)",
        "load(o = Obj0, mode := busy)",
    ]
    rigid, start = starts(problem)
    walk = Walk(problem, rigid, start)
    walk.take(*walk.choices().steps[0])
    names = [StepNames(problem).called(rigid, walk.state, step) for step, _ in walk.choices().steps]
    assert "load(o = Obj0, ptr[idle] := Obj1, mode := busy)" in names
    assert len(set(names)) == len(names)


def test_inner_branches_are_told_where_they_are_taken() -> None:
    assert names_at_start(problem_of(NESTED)) == [
        "move, 1st branch: a := true",
        "move, 2nd branch: either { b := true } or { a := true ..., 1st branch: b := true",
        "move, 2nd branch: either { b := true } or { a := true ..., 2nd branch: a := true; b := true",
    ]


def test_every_hidden_parameter_has_a_choice() -> None:
    (action,) = model_of(POINTERS).actions
    assert [choice.parameter for choice in action.choices] == list(action.parameters[-action.hidden :])
    assert isinstance(action.choices[0], Choice) and isinstance(action, Action)


def reached(problem: Problem) -> list[tuple[Valuation, Valuation]]:
    semantics = Semantics(problem, LIMITS.within(5))
    found: dict[tuple[Valuation, Valuation], None] = {}
    for rigid in islice(semantics.rigid_valuations(LIMITS), 3):
        for state in islice(semantics.initial_states(rigid, LIMITS), 2):
            found[rigid, state] = None
    for rigid, state in (waiting := list(found)):
        for _, after in islice(semantics.successors(rigid, state), 200):
            if (rigid, after) not in found and len(found) < MOST_STATES:
                found[rigid, after] = None
                waiting.append((rigid, after))
    return list(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_different_steps_from_a_state_are_called_differently(seed: int) -> None:
    """Unless they lead to the same state: what `any` and `either` chose is all that they may share."""
    files = generate(seed).files
    if len(files) > 1 or not any(word in files["main.tdx"] for word in ("either", "any")):
        pytest.skip("nothing to choose")
    try:
        problem = problem_of(files["main.tdx"])
    except SpecError:
        pytest.skip("refused")
    names = StepNames(problem)
    for rigid, state in reached(problem):
        told: dict[str, Valuation] = {}
        for step, after in islice(Semantics(problem).successors(rigid, state), 200):
            assert told.setdefault(names.called(rigid, state, step), after) == after


def test_a_step_that_only_went_on_is_idle() -> None:
    problem = problem_of(
        "param resets : bool\nstate poison : bool = true\nstate up : bool = false\n"
        'process kexec { reset: { if resets { poison := false } } "resets"  wait: { when poison }\n'
        "  jump: { up := true } }\nproperty p never up\ncheck p where not resets\n"
    )
    rigid, state = starts(problem)
    walk = Walk(problem, rigid, state)
    idle = []
    while walk.choices().steps:
        step, after = walk.choices().steps[0]
        idle.append((step.action, is_idle(problem, problem.action_named[step.action], walk.state, after)))
        walk.take(step, after)
    assert idle == [("kexec.reset", True), ("kexec.wait", False), ("kexec.jump", False)]
