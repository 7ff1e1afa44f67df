"""What a step is called: `donate(l = Line0)`, or `donate` where its action declares no parameters.

Hidden choices (`any`, `either`) are no part of it: they show in what the step did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdxverify.logic.show import show_call, written_name
from tdxverify.logic.sorts import Value, show
from tdxverify.model.model import Action
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Step
from tdxverify.telling.story import StoryStep


def declared_arguments(action: Action, arguments: Sequence[Value]) -> tuple[tuple[str, str], ...]:
    """(name, shown value) of each declared parameter; `arguments` are for all of them."""
    declared = len(action.parameters) - action.hidden
    pairs = list(zip(action.parameters, arguments, strict=True))[:declared]
    return tuple((written_name(parameter), show(parameter.sort, value)) for parameter, value in pairs)


def called(problem: Problem, step: Step) -> str:
    """The step of a run of `problem`."""
    pairs = declared_arguments(problem.action_named[step.action], step.arguments)
    return show_call(step.action, _assigned(pairs))


def told_call(step: StoryStep) -> str:
    """The same of a step that has been told."""
    return show_call(step.action, _assigned(step.parameters))


def with_actor(text: str, actor: str | None, between: str = " ") -> str:
    """`donate(l = Line0) by tdx_module`."""
    return f"{text}{between}by {actor}" if actor else text


def _assigned(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name} = {value}" for name, value in pairs)
