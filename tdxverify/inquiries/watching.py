"""Values of expressions in every state of a trace, by the evaluator."""

from __future__ import annotations

from collections.abc import Iterable

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.sorts import show
from tdxverify.questions.conditions import Observed
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import at
from tdxverify.semantics.trace import Trace
from tdxverify.semantics.walk import carried_over
from tdxverify.telling.story import Watched


def watched(problem: Problem, trace: Trace, some: Iterable[Observed]) -> tuple[Watched, ...]:
    """Requires: `trace` is a run of `problem`, and all of `some` are of its model, at its sizes."""
    return tuple(Watched(one.text, _values(problem, trace, one)) for one in some)


def _values(problem: Problem, trace: Trace, observed: Observed) -> tuple[str | None, ...]:
    """None where there is none."""
    larger = at(observed.question, problem.size_of)
    whole = carried_over(trace, problem, larger)
    assert whole is not None
    evaluator = Evaluator.of(larger.symbols, larger.size_of)
    sort = observed.value.sort
    return tuple(
        None
        if evaluator.evaluate(observed.undefined, whole.rigid, state)
        else show(sort, evaluator.evaluate(observed.value, whole.rigid, state))
        for state in whole.states
    )
