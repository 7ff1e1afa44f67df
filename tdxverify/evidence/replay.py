"""A trace really is a run of its problem, and its last state is the first bad one.

Everything is asked of the evaluator; no solver and no generated code takes part.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Cell, Layout, Valuation
from tdxverify.logic.show import show_cell
from tdxverify.logic.sorts import Value, domain, show
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import Reason, WhyNot, named, run, state_after
from tdxverify.semantics.successors import Semantics
from tdxverify.semantics.trace import Step, Trace


def objection(problem: Problem, trace: Trace) -> WhyNot | None:
    """Why `trace` is no run of `problem` into its first bad state; None where it is.

    That no shorter trace exists is not checked here: only that no earlier state of this one is bad.
    """
    return next(_objections(Semantics(problem), trace), None)


def run_of(problem: Problem, rigid: Valuation, first: Valuation, steps: tuple[Step, ...]) -> Trace | WhyNot:
    """The trace of these `steps` from `first`, or why there is none."""
    semantics = Semantics(problem)
    found = run(semantics, rigid, first, steps)
    return found if isinstance(found, WhyNot) else next(_objections(semantics, found), found)


def run_objection(problem: Problem, trace: Trace) -> WhyNot | None:
    """Why `trace` is no run of `problem`, wherever that ends; None where it is."""
    return next(_of_any_run(Semantics(problem), trace), None)


def _objections(semantics: Semantics, trace: Trace) -> Iterator[WhyNot]:
    """What is wrong with it; only the first is to be relied on."""
    yield from _of_any_run(semantics, trace)
    *earlier, last = (semantics.is_bad(trace.rigid, state) for state in trace.states)
    if any(earlier):
        yield WhyNot(Reason.BAD_BEFORE, f"state {earlier.index(True)} is bad already")
    if not last:
        yield WhyNot(Reason.NOT_BAD, "its last state is not bad")


def _of_any_run(semantics: Semantics, trace: Trace) -> Iterator[WhyNot]:
    problem = semantics.problem
    if trace.sizes != problem.sizes:
        yield WhyNot(Reason.SIZES, f"its sizes are {trace.sizes}, the problem's {problem.sizes}")
    if len(trace.states) != len(trace.steps) + 1:
        yield WhyNot(
            Reason.SHAPE,
            f"it has {counted(len(trace.steps), 'step')} and {counted(len(trace.states), 'state')}",
        )
    yield from _misfits("parameters", problem, problem.rigid_layout, trace.rigid)
    for number, state in enumerate(trace.states):
        yield from _misfits(f"state {number}", problem, problem.state_layout, state)
    if not semantics.assumed(trace.rigid):
        yield WhyNot(Reason.ASSUMPTION, "its parameters violate the assumptions")
    if not semantics.is_initial(trace.rigid, trace.states[0]):
        yield WhyNot(Reason.START, "its first state is not an initial state")
    yield from _wrong_steps(semantics, trace)


def _misfits(what: str, problem: Problem, layout: Layout, values: Valuation) -> Iterator[WhyNot]:
    """Where `values` give no values to the cells of `layout`."""
    if len(values) != len(layout.cells):
        yield WhyNot(
            Reason.SHAPE, f"{what}: {counted(len(values), 'value')} for {counted(len(layout.cells), 'cell')}"
        )
    for cell, value in zip(layout.cells, values, strict=True):
        if value not in domain(cell.symbol.sort, problem.size_of):
            yield WhyNot(Reason.DOMAIN, f"{what}: {cell} is {value}, which is not in {cell.symbol.sort}")


def _wrong_steps(semantics: Semantics, trace: Trace) -> Iterator[WhyNot]:
    for number, step in enumerate(trace.steps, 1):
        before, claimed = trace.states[number - 1 : number + 1]
        after = state_after(semantics, trace.rigid, before, step, number)
        if isinstance(after, WhyNot):
            yield after
        elif after != claimed:
            values = zip(semantics.problem.state_layout.cells, after, claimed, strict=True)
            told = ", ".join(_difference(*cell) for cell in values if cell[1] != cell[2])
            name = named(semantics.problem, trace.rigid, before, step)
            yield WhyNot(Reason.STATE, f"the next state differs at {told}", number, step, name)


def _difference(cell: Cell, computed: Value, claimed: Value) -> str:
    right, wrong = (show(cell.symbol.sort, value) for value in (computed, claimed))
    return f"{show_cell(cell)} (computed {right}, in the trace {wrong})"
