"""Pairs of runs, as answers: checked on the problem as asked, before anything is said."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.answers.never_asked import trivial_unless_reached
from tdxverify.budget import Budget
from tdxverify.diagnostics import InternalError
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Read, Symbol
from tdxverify.logic.layout import cell_variables
from tdxverify.model.compared import Comparison, View
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.doubling import with_second_run
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, without_loop
from tdxverify.semantics.trace import Trace
from tdxverify.semantics.two_runs import TwoRuns, as_found, two_runs_objection, two_runs_of
from tdxverify.telling.range_errors import leaves_range
from tdxverify.triviality.judging import Triviality


def comparison_of(asked: Question) -> Comparison | None:
    """What is compared of two runs, where that is what is asked."""
    return kind_of(asked.property).comparison(asked.property)


def single_run(asked: Question, problem: Problem) -> Problem:
    """`asked` at the sizes of `problem`, a problem about two runs, as a question about one."""
    return as_found(problem, without_loop(asked, problem.size_of))


def two_runs_in(asked: Question, problem: Problem, trace: Trace) -> TwoRuns | None:
    """The runs that `trace`, a certified run of `problem`, shows; None where no runs are compared, or a value
    leaves its range. Raises InternalError where they are no runs that are told apart."""
    comparison = comparison_of(asked)
    if comparison is None or leaves_range(problem, trace):
        return None
    original = single_run(asked, problem)
    runs = two_runs_of(original, problem, comparison, trace)
    wrong = two_runs_objection(original, comparison, runs)
    if wrong is not None:
        bundle = {"problem": repr(original), "comparison": repr(comparison), "runs": repr(runs)}
        raise InternalError(f"the two runs that were found for {problem.name} are refused: {wrong}", bundle)
    return runs


def mistaken_run(asked: Question, problem: Problem, trace: Trace) -> tuple[Problem, Trace]:
    """The run in which a value leaves its range where `trace`, a run of `problem`, ends so: of two that are
    compared the first one in which it does, as a run of the model; else what is given."""
    comparison = comparison_of(asked)
    if comparison is None:
        return problem, trace
    original = single_run(asked, problem)
    runs = two_runs_of(original, problem, comparison, trace)
    taken = [
        (step, state) for step, state in zip(runs.steps, runs.states[1:], strict=True) if step is not None
    ]
    states, steps = (runs.states[0], *(state for _, state in taken)), tuple(step for step, _ in taken)
    second = Trace(trace.sizes, trace.rigid, states, steps)
    run = next((one for one in (runs.first, second) if leaves_range(original, one)), None)
    if run is None:
        raise InternalError("a value left its range, but in neither of two runs", {"problem": repr(problem)})
    return original, run


def never_different(asked: Question, budget: Budget) -> Triviality:
    """Whether a proof about two runs is trivial: no two differ in a secret at all, or the actor
    whose steps one of them leaves out takes none. Requires that there is a proof; KeyboardInterrupt may be
    raised."""
    compared = comparison_of(asked)
    assert compared is not None
    if compared.without is not None:
        why = f"no step of {compared.without} is ever possible"
        return trivial_unless_reached(asked, budget, lambda problem: _acting(problem, compared), why)
    names = ", ".join(f"'{symbol.name}'" for symbol in compared.secrets)
    why = f"no two runs that are compared ever differ in {names}"
    secrets = replace(compared, views=tuple(map(_all_of, compared.secrets)), by_steps=False)
    beginnings = asked.spec.model.beginnings
    return trivial_unless_reached(
        asked, budget, lambda problem: with_second_run(problem, secrets, beginnings), why
    )


def _acting(problem: Problem, compared: Comparison) -> Problem:
    """Is a step of the actor possible in some reachable state?"""
    mine = (action for action in problem.actions if action.actor == compared.without)
    possible = (core.quantified(action.parameters, action.guard, universal=False) for action in mine)
    return replace(problem, bad=core.disjunction(problem.bad, *possible))


def _all_of(symbol: Symbol) -> View:
    cells = cell_variables(symbol)
    return View(cells, Read(symbol, cells), symbol.name)
