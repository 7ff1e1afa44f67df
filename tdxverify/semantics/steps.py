"""What a step is called: `donate(l = Line0)`, or `donate` where its action declares no parameters.

What was chosen besides is part of it: `load(ptr := Obj1)` where `any` was assigned, and behind the call the
branch of an `either`, `init_ends, 2nd branch: failed := true`. So two steps from the same state that are
called the same are the same. Choices that the step did not come to are left out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Const, Expr
from tdxverify.logic.layout import Cell, Valuation
from tdxverify.logic.show import show_call, show_cell, show_instance, written_name
from tdxverify.logic.sorts import Value, show
from tdxverify.model.model import Action, Choice
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Step, Trace

_MOST_CHARACTERS = 40  # of a branch as written: its number tells it apart


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen in a step: `values` that `any` has given to cells (`ptr`, `Obj1`), and which `branches`
    were taken (`2nd branch: failed := true`)."""

    values: tuple[tuple[str, str], ...] = ()
    branches: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.branches)

    def texts(self) -> tuple[str, ...]:
        """`ptr := Obj1` and `2nd branch: failed := true`, each by itself."""
        return (*(f"{cell} := {value}" for cell, value in self.values), *self.branches)


NOTHING_CHOSEN = Chosen()


def declared_arguments(action: Action, arguments: Sequence[Value]) -> tuple[tuple[str, str], ...]:
    """(name, shown value) of each declared parameter; `arguments` are for all of them."""
    pairs = declared_values(action, arguments).items()
    return tuple((written_name(parameter), show(parameter.sort, value)) for parameter, value in pairs)


def declared_values(action: Action, arguments: Sequence[Value]) -> dict[Bound, Value]:
    """The value of each declared parameter; `arguments` are for all of them."""
    declared = len(action.parameters) - action.hidden
    return dict(list(zip(action.parameters, arguments, strict=True))[:declared])


def declared_call(problem: Problem, step: Step) -> str:
    """What `step` is called without what was chosen besides."""
    pairs = declared_arguments(problem.action_named[step.action], step.arguments)
    return call_text(step.action, pairs, NOTHING_CHOSEN)


class StepNames:
    """Names of the steps of one problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)

    def called(self, rigid: Valuation, before: Valuation, step: Step) -> str:
        """The name of `step`, which is taken in `before`."""
        pairs = declared_arguments(self._problem.action_named[step.action], step.arguments)
        return call_text(step.action, pairs, self.chosen(rigid, before, step))

    def listed(self, rigid: Valuation, before: Valuation, step: Step) -> str:
        """The same where it stands among others: `init_ends (2nd branch: failed := true)`."""
        pairs = declared_arguments(self._problem.action_named[step.action], step.arguments)
        chosen = self.chosen(rigid, before, step)
        call = call_text(step.action, pairs, Chosen(chosen.values))
        return f"{call} ({', '.join(chosen.branches)})" if chosen.branches else call

    def run_of(self, trace: Trace, actions: Container[str]) -> tuple[str, ...]:
        """The names of the steps of `trace` that are of these actions, listed."""
        steps = zip(trace.states, trace.steps, strict=False)
        return tuple(self.listed(trace.rigid, at, step) for at, step in steps if step.action in actions)

    def chosen(self, rigid: Valuation, before: Valuation, step: Step) -> Chosen:
        """What was chosen, in the order of the text."""
        values: list[tuple[str, str]] = []
        branches: list[str] = []
        for choice, taken in self._made(rigid, before, step):
            if choice.symbol is not None:
                values.append((self._cell(choice, rigid, before, step), show(choice.symbol.sort, taken)))
            elif choice.branches:
                branches.append(_branch(choice, taken))
        return Chosen(tuple(values), tuple(branches))

    def choices_made(
        self, rigid: Valuation, before: Valuation, step: Step
    ) -> frozenset[tuple[int, str, Value]]:
        """The same for comparing: which choice of the action, for which cell, and what was chosen."""
        choices = self._problem.action_named[step.action].choices
        return frozenset(
            (choices.index(choice), self._cell(choice, rigid, before, step), taken)
            for choice, taken in self._made(rigid, before, step)
        )

    def _made(self, rigid: Valuation, before: Valuation, step: Step) -> Iterator[tuple[Choice, Value]]:
        action = self._problem.action_named[step.action]
        if action.choices:
            bound = dict(zip(action.parameters, step.arguments, strict=True))
            for choice in action.choices:
                if choice.parameter in bound and self._evaluator.evaluate(
                    choice.condition, rigid, before, bound
                ):
                    yield choice, bound[choice.parameter]

    def _cell(self, choice: Choice, rigid: Valuation, before: Valuation, step: Step) -> str:
        """What `any` was assigned to; nothing of a branch."""
        if choice.symbol is None:
            return ""
        action = self._problem.action_named[step.action]
        bound = dict(zip(action.parameters, step.arguments, strict=True))
        at = (self._evaluator.evaluate(index, rigid, before, bound) for index in choice.indices)
        return show_cell(Cell(choice.symbol, tuple(at)))


def _branch(choice: Choice, taken: Value) -> str:
    """`2nd branch: failed := true`."""
    text = choice.branches[taken] or "does nothing"
    if len(text) > _MOST_CHARACTERS:
        text = text[: _MOST_CHARACTERS - 4].rstrip() + " ..."
    return f"{ordinal(taken + 1)} branch: {text}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else last}"


def acting(action: Action, arguments: Sequence[Value]) -> str | None:
    """Who does a step of `action`: `host_kernel`, `guest[Td0]`; None if nobody is named."""
    if action.actor is None:
        return None
    bound = dict(zip(action.parameters, arguments, strict=True))
    shown = [show(index.sort, _element(index, bound)) for index in action.actor_indices]
    return show_instance(action.actor, shown)


def _element(index: Expr, bound: Mapping[Bound, Value]) -> Value:
    """Requires: `index` is what a model has in `Action.actor_indices`."""
    if isinstance(index, Const):
        return index.value
    assert isinstance(index, Bound)
    return bound[index]


def with_actor(text: str, actor: str | None, between: str = " ") -> str:
    """`donate(l = Line0) by tdx_module`."""
    return f"{text}{between}by {actor}" if actor else text


def call_text(action: str, parameters: Iterable[tuple[str, str]], chosen: Chosen) -> str:
    """The name of a step of which these are known."""
    return ", ".join((show_call(action, _assigned(parameters, chosen)), *chosen.branches))


def _assigned(parameters: Iterable[tuple[str, str]], chosen: Chosen) -> Iterator[str]:
    yield from (f"{name} = {value}" for name, value in parameters)
    yield from (f"{cell} := {value}" for cell, value in chosen.values)
