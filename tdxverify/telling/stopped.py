"""Which declarations stop steps in a state: `halt when`, stopped actors, conditions of processes, faults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxverify.logic import expr as core
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.logic.show import written_name
from tdxverify.logic.sorts import Value, show
from tdxverify.model.model import Stop
from tdxverify.model.ranges import some_violated
from tdxverify.questions.problems.problem import Problem

MOST_TOLD = 4


def stopped_here(
    stops: Iterable[Stop], problem: Problem, rigid: Valuation, state: Valuation
) -> tuple[str, ...]:
    """`halt when crashed (m.tdx:4)`, `process p(c : Cpu) when ready[c] for c = Cpu1 (m.tdx:9)`; the last one
    counts the rest where they are many.

    Only what has a value in that state, and does stop steps there: by the evaluator.
    """
    found = [told for stop in stops for told in _told(stop, problem, rigid, state)]
    if len(found) <= MOST_TOLD:
        return tuple(found)
    return (*found[: MOST_TOLD - 1], f"and {len(found) - MOST_TOLD + 1} more")


def _told(stop: Stop, problem: Problem, rigid: Valuation, state: Valuation) -> Iterator[str]:
    evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
    holds = core.conjunction(stop.formula, core.negation(some_violated(stop.obligations)))
    for values in values_of(stop.parameters, problem.size_of):
        given = dict(zip(stop.parameters, values, strict=True))
        if evaluator.evaluate(holds, rigid, state, given):
            yield f"{stop.text}{_elements(given)} ({stop.span.source.path}:{stop.span.line})"


def _elements(given: dict[core.Bound, Value]) -> str:
    if not given:
        return ""
    named = (f"{written_name(bound)} = {show(bound.sort, value)}" for bound, value in given.items())
    return f" for {', '.join(named)}"
