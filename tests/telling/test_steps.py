"""What steps are called, told or not."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.semantics.trace import Step
from tdxverify.telling.steps import called, told_call, with_actor
from tests.texts import problem_of
from tests.traces import trace_of

SPEC = """
index Line
enum mood { calm, wild }
state mine[Line] : bool = false
action take(l : Line, how : mood) { mine[l] := any }
action rest { }
property p never (forall l : Line: mine[l])
check p
"""


def test_declared_parameters_are_named_and_hidden_ones_are_not() -> None:
    problem = problem_of(SPEC)
    (hidden,) = {action.hidden for action in problem.actions if action.name == "take"}
    assert called(problem, Step("take", (0, 1, *[0] * hidden))) == "take(l = Line0, how = wild)"
    assert called(problem, Step("rest", ())) == "rest"


def test_a_told_step_is_called_the_same() -> None:
    found = trace_of("03-kexec.tdx")
    told = [told_call(step) for step in found.story.steps]
    assert told == [called(found.problem, step) for step in found.trace.steps]
    assert told_call(replace(found.story.steps[0], parameters=())) == found.story.steps[0].action


def test_who_does_it() -> None:
    assert with_actor("go", "kernel") == "go by kernel"
    assert with_actor("go", "kernel", "\n") == "go\nby kernel"
    assert with_actor("go", None) == "go"
