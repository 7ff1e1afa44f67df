"""Specs as text in tests: from a string to a Model or Problem."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from tdxverify.budget import UNLIMITED, Budget
from tdxverify.engines.explicit.engine import run
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.verdict import Verdict
from tdxverify.logic.layout import Valuation
from tdxverify.model.model import Model
from tdxverify.questions.problems.lower import lower
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.successors import Semantics
from tdxverify.source import SourceFile
from tdxverify.syntax.parse import parse
from tdxverify.wellformed import build_model


class Silent:
    """An observer that listens to nothing."""

    def progress(self, engine: str, text: str) -> None:
        """Nothing to do."""


def model_of(text: str) -> Model:
    """The model of a single-file spec without imports."""
    return build_model((parse(SourceFile("test.tdx", dedent(text))),))


def problem_of(text: str, number: int = 0, sizes: Mapping[str, int] | None = None) -> Problem:
    """The problem of check `number`, with 2 elements of every sort that `sizes` does not give."""
    model = model_of(text)
    chosen = {sort.name: 2 for sort in model.index_sorts} | dict(sizes or {})
    return lower(model, model.checks[number], chosen)


def steps_everywhere(problem: Problem) -> dict[Valuation, set[tuple[str, Valuation]]]:
    """Of every state that can be reached the steps that are possible there, and where they lead. Requires a
    problem without parameters."""
    semantics = Semantics(problem)
    found: dict[Valuation, set[tuple[str, Valuation]]] = {}
    waiting = list(semantics.initial_states((), UNLIMITED))
    while waiting:
        state = waiting.pop()
        if state not in found:
            found[state] = {(step.action, after) for step, after in semantics.successors((), state)}
            waiting += [after for _, after in found[state]]
    return found


def explicit(problem: Problem) -> Verdict:
    """What exhaustive enumeration says."""
    return run(problem, Budget(), Silent())


def require_accepted(problem: Problem, verdict: Verdict, budget: Budget = UNLIMITED) -> None:
    """Raises InternalError where the evidence of `verdict` is refused; undecided is not accepted."""
    found = certified(problem, verdict, budget)
    assert found == verdict, found
