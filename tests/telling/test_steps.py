"""What steps are called, told or not."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.semantics.steps import StepNames, with_actor
from tdxverify.semantics.trace import Step
from tdxverify.telling.story import told_call
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


def test_declared_parameters_are_named_and_what_any_stands_for() -> None:
    names = StepNames(problem_of(SPEC))
    taken = names.called((), (0, 0), Step("take", (0, 1, 1)))
    assert taken == "take(l = Line0, how = wild, mine[Line0] := true)"
    assert names.called((), (0, 0), Step("rest", ())) == "rest"


def test_a_told_step_is_called_the_same() -> None:
    found = trace_of("03-kexec.tdx")
    told = [told_call(step) for step in found.story.steps]
    names, trace = StepNames(found.problem), found.trace
    taken = zip(trace.states, trace.steps, strict=False)
    assert told == [names.called(trace.rigid, before, step) for before, step in taken]
    assert told_call(replace(found.story.steps[0], parameters=())) == found.story.steps[0].action


def test_who_does_it() -> None:
    assert with_actor("go", "kernel") == "go by kernel"
    assert with_actor("go", "kernel", "\n") == "go\nby kernel"
    assert with_actor("go", None) == "go"
