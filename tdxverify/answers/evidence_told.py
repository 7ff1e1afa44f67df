"""What is told of the evidence of an answer: the same, whether it was found now or kept before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tdxverify.answers.answer import Told
from tdxverify.answers.lassos import fairness_in, lasso_in, original_of, promise_of
from tdxverify.answers.partly import partly_checked
from tdxverify.answers.traps import ending_in, no_way
from tdxverify.answers.two_runs import comparison_of, single_run, two_runs_in
from tdxverify.answers.unknowns import uses_in_proof, uses_in_trace
from tdxverify.budget import Budget
from tdxverify.evidence.base import Evidence
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Proved, Verdict, run_in
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question
from tdxverify.telling.depending import Depending
from tdxverify.telling.invariants import told_invariant
from tdxverify.telling.lassos import with_loop_told
from tdxverify.telling.narrate import narrate
from tdxverify.telling.narrate_proof import narrate_proof
from tdxverify.telling.range_errors import leaves_range
from tdxverify.telling.relevance import Given
from tdxverify.telling.surroundings import with_surroundings
from tdxverify.telling.traps import with_no_way_told
from tdxverify.telling.two_runs import with_second_run_told


def told_trace(asked: Question, problem: Problem, evidence: Evidence, budget: Budget) -> Told:
    """What is told of `evidence`, a run of `problem` that was replayed; with what is around it, within
    `budget`, where the options say so. May raise LimitReached.

    Where it ends in a value out of range, it answers nothing, and no more than its steps is told.
    """
    model, trace = asked.spec.model, run_in(evidence)
    way = inside = None
    if isinstance(evidence, Trap):
        inside = ending_in(asked, problem, evidence, budget)
        way, problem = no_way(asked, problem, evidence, inside.formulas), inside.problem
    elif problem.possible is not None:  # a value out of range is all that such a run shows
        problem = replace(problem, possible=None, bad=problem.mistaken)
    depending = Depending(problem, trace, Given.by(model))
    story = narrate(model, problem, asked.property, trace, depending)
    if way is not None:
        story = with_no_way_told(story, way, model, problem, trace)
        if inside is not None and not inside.is_general:  # there may be another trap with other values
            story = replace(story, reliance=None, dependences=())
    lasso = lasso_in(asked, problem, trace)
    if lasso is not None:
        promise = promise_of(asked)
        assert promise is not None
        original, fairness = original_of(asked, problem), (fairness_in(asked), model.fair_candidates)
        story = with_loop_told(story, original, promise, lasso, fairness, Given.by(model).constants)
    elif (runs := two_runs_in(asked, problem, trace)) is not None:
        comparison = comparison_of(asked)
        assert comparison is not None
        story = with_second_run_told(story, single_run(asked, problem), comparison, runs)
    elif asked.options.surroundings and way is None:
        story = with_surroundings(model, problem, trace, story, budget)
    if leaves_range(problem, trace):
        return Told(story, parameters=story.parameters)
    return Told(
        story,
        parameters=story.parameters,
        unknowns=uses_in_trace(model, problem, depending),
        partly_checked=partly_checked(model, [problem], any_size=False),
    )


def told_proof(
    asked: Question, found: Sequence[tuple[Problem, Verdict]], engine: str | None, *, is_answer: bool = True
) -> Told:
    """What is told of verdicts none of which is a trace, in order of size. `engine`: None for those that were
    kept. `is_answer`: they answer `asked`; else only what each shows by itself is told."""
    model = asked.spec.model
    proofs = [(problem, v.evidence) for problem, v in found if isinstance(v, Proved)] if is_answer else []
    problem, last = found[-1]
    return Told(
        proof=narrate_proof(model, asked.check, proofs, engine) if proofs else None,
        invariant=_invariant(asked, last) if len(found) == 1 else (),
        unknowns=uses_in_proof(model, problem) if is_answer and isinstance(last, Proved) else (),
        partly_checked=partly_checked(model, [one for one, _ in found], any_size=asked.sizing.any_size),
    )


def _invariant(asked: Question, verdict: Verdict) -> tuple[str, ...]:
    formulas = verdict.evidence.formulas if isinstance(verdict, Proved) else ()
    return tuple(told_invariant(asked.spec.model, asked.check, formulas))
