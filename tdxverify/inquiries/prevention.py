"""Which single parameter, set otherwise, would have prevented a trace: the question is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import UNLIMITED, Budget, Why
from tdxverify.engines.auto import is_small
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Sort, Value, domain, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import at, with_rigid
from tdxverify.semantics.successors import Semantics
from tdxverify.telling.nearest import Divergence, first_divergence

MOST_VALUES = 8  # other values tried of one parameter
MOST_STATES = 100_000
SECONDS = 5.0  # for one value,
COUNTING_SECONDS = 2.0  # and of that for counting states


@dataclass(frozen=True, slots=True)
class Switch:
    """The parameter `name` set to `value`, all else as in the trace. `length`: of the trace there still is.

    `holds`: no bad state can be reached; None where that was not decided. `divergence`: where the trace's own
    steps first go elsewhere; None where they do not, and so `holds` is False.
    """

    name: str
    value: str
    holds: bool | None
    length: int | None
    divergence: Divergence | None


def switches(found: FoundTrace, budget: Budget = UNLIMITED) -> tuple[Switch, ...]:
    """One for every other value of every parameter without which the trace would not be a run.

    Values that the model's assumptions exclude are left out; the `where` of the check is not asked.
    """
    matter = found.story.parameters_that_matter
    declared = {info.symbol.name for info in found.question.spec.model.symbols if info.origin == "param"}
    tried = []
    for position, cell in enumerate(found.problem.rigid_layout.cells):
        name = cell.symbol.name
        if name not in declared or cell.indices or (matter is not None and name not in matter):
            continue
        for value in _others(cell.symbol.sort, found.trace.rigid[position], found.problem.size_of):
            rigid = (*found.trace.rigid[:position], value, *found.trace.rigid[position + 1 :])
            tried.append(_switch(found, name, show(cell.symbol.sort, value), rigid, budget.within(SECONDS)))
    return tuple(switch for switch in tried if switch is not None)


def _others(sort: Sort, value: Value, sizes: dict[str, int]) -> Iterator[Value]:
    others = [other for other in domain(sort, sizes) if other != value]
    yield from others[:MOST_VALUES]


def _switch(found: FoundTrace, name: str, value: str, rigid: Valuation, budget: Budget) -> Switch | None:
    asked = with_rigid(found.question, found.problem.rigid_layout, rigid)
    problem = at(asked, found.problem.size_of)
    verdict = decided(problem, budget, MOST_STATES)
    divergence = first_divergence(Semantics(found.problem), found.trace, rigid)
    match verdict:
        case Vacuous():
            return None
        case Proved():
            return Switch(name, value, True, None, divergence)
        case Refuted(trace=trace):
            return Switch(name, value, False, len(trace), divergence)
        case Unknown() if divergence is None:
            return Switch(name, value, False, len(found.trace), None)
        case Unknown():
            return Switch(name, value, None, None, divergence)


def decided(problem: Problem, budget: Budget, most_states: int) -> Verdict:
    """The certified verdict about `problem`: by enumeration where there are few states, else by pdr."""
    verdict: Verdict = Unknown(Why.STATE_SPACE, None)
    if is_small(problem):
        counting = replace(budget, max_states=most_states).within(COUNTING_SECONDS)
        verdict = find("explicit", problem, counting, Silent()).verdict
    if isinstance(verdict, Unknown):
        verdict = find("pdr", problem, budget, Silent()).verdict
    return verdict
