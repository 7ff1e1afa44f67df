"""What else there is to say of a run into a trap: how what is wanted could be reached one step before."""

from __future__ import annotations

from tdxverify.answers.observers import Silent
from tdxverify.answers.tracing import FoundTrace
from tdxverify.budget import STEPS_A_SECOND, Budget
from tdxverify.engines.finding import find
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.sorts import read_value
from tdxverify.questions.problems.plans import beginning_in
from tdxverify.questions.question import at
from tdxverify.semantics.steps import StepNames

WORK = 5 * STEPS_A_SECOND  # of solvers


def last_way(found: FoundTrace, budget: Budget) -> tuple[str, ...] | None:
    """The steps that lead to what is wanted from the state before the end of `found`, a run into a trap: as
    few as possible, as people read them. None where the trap is the start, or that was not found out."""
    way, trace = found.story.no_way, found.trace
    problem = at(found.question, dict(trace.sizes))
    if way is None or problem.possible is None or not trace.steps:
        return None
    pairs = zip(problem.possible.binders, way.elements, strict=True)
    read = [read_value(binder.sort, text, problem.size_of) for binder, (_, text) in pairs]
    elements = tuple(value for value in read if value is not None)
    inside = beginning_in(problem, trace.rigid, trace.states[-2], elements)
    verdict = find("auto", inside, budget.working(WORK), Silent()).verdict
    if not isinstance(verdict, Refuted):
        return None
    names, there = StepNames(inside), verdict.trace
    before = zip(there.states, there.steps, strict=False)
    return tuple(names.called(there.rigid, state, step) for state, step in before)
