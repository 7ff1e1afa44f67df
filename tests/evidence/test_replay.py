"""Replay accepts what engines find and refuses every trace that is no run into a bad state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tdxverify.diagnostics import InternalError
from tdxverify.evidence.replay import objection, run_of
from tdxverify.evidence.verdict import Refuted
from tdxverify.logic.evaluate import Evaluator
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.run import Reason, WhyNot
from tdxverify.semantics.trace import Step, Trace
from tests.generated import random_problem
from tests.problems import CASES, Case, common_model
from tests.semantics.reference import initial_pairs, steps
from tests.texts import explicit, require_accepted

REFUTED = [case for case in CASES if case.expected == "refuted"]


def trace_of(problem: Problem) -> Trace:
    verdict = explicit(problem)
    assert isinstance(verdict, Refuted)
    return verdict.trace


@pytest.mark.parametrize("case", REFUTED, ids=lambda case: case.name)
def test_found_traces_are_accepted(case: Case) -> None:
    trace = trace_of(case.problem)
    assert len(trace) == case.length
    assert objection(case.problem, trace) is None


def _with_value(values: tuple[int, ...], position: int, value: int) -> tuple[int, ...]:
    return (*values[:position], value, *values[position + 1 :])


def _mutants(trace: Trace) -> Iterator[Trace]:
    """Each differs from `trace` in one thing: a value, an argument, a step, their order, a shape."""
    for k, state in enumerate(trace.states):
        for position, value in enumerate(state):
            for new in (value - 1, value + 1):
                states = (*trace.states[:k], _with_value(state, position, new), *trace.states[k + 1 :])
                yield replace(trace, states=states)
        yield replace(trace, states=(*trace.states[:k], *trace.states[k + 1 :]))
        yield replace(trace, states=(*trace.states[:k], (*state, 0), *trace.states[k + 1 :]))
    for position, value in enumerate(trace.rigid):
        yield replace(trace, rigid=_with_value(trace.rigid, position, 1 - value))
    for k, step in enumerate(trace.steps):
        before, after = trace.steps[:k], trace.steps[k + 1 :]
        yield replace(trace, steps=(*before, *after))
        yield replace(trace, steps=(*before, *after), states=trace.states[: k + 1] + trace.states[k + 2 :])
        yield replace(trace, steps=(*before, Step("no such action", step.arguments), *after))
        yield replace(trace, steps=(*before, Step(step.action, (*step.arguments, 0)), *after))
        for position, value in enumerate(step.arguments):
            for new in (value - 1, value + 1):
                changed = Step(step.action, _with_value(step.arguments, position, new))
                yield replace(trace, steps=(*before, changed, *after))
        if after and after[0] != step:
            yield replace(trace, steps=(*before, after[0], step, *after[1:]))
        for other in {s.action for s in trace.steps} - {step.action}:
            yield replace(trace, steps=(*before, Step(other, step.arguments), *after))
    yield replace(trace, sizes=(*trace.sizes, ("Other", 1)))
    yield replace(trace, states=trace.states[:-1], steps=trace.steps[:-1])
    yield replace(trace, states=(*trace.states, trace.states[-1]), steps=(*trace.steps, *trace.steps[-1:]))


class Reference:
    """Whether a trace is a run into its first bad state, independently of `replay`: looked up among all
    initial pairs and all steps of the plainest code."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._initial = set(initial_pairs(problem))
        self._evaluator = Evaluator.of(problem.symbols, problem.size_of)

    def accepts(self, trace: Trace) -> bool:
        if trace.sizes != self._problem.sizes or len(trace.states) != len(trace.steps) + 1:
            return False
        if (trace.rigid, trace.states[0]) not in self._initial:
            return False
        for k, step in enumerate(trace.steps):
            if (step, trace.states[k + 1]) not in steps(self._problem, trace.rigid, trace.states[k]):
                return False
        bad = [self._evaluator.evaluate(self._problem.bad, trace.rigid, state) for state in trace.states]
        return bool(bad[-1]) and not any(bad[:-1])


@pytest.mark.parametrize("case", REFUTED, ids=lambda case: case.name)
def test_mutants_are_refused(case: Case) -> None:
    """A mutant that is a run into a bad state all the same is accepted; most are not."""
    refused, valid = _judge(case.problem, list(_mutants(trace_of(case.problem))))
    assert refused > 0
    assert refused > valid


def _judge(problem: Problem, mutants: list[Trace]) -> tuple[int, int]:
    """How many were refused and how many accepted; fails where `objection` and the reference disagree."""
    reference = Reference(problem)
    refused = valid = 0
    for mutant in mutants:
        if reference.accepts(mutant):
            assert objection(problem, mutant) is None
            valid += 1
        else:
            assert objection(problem, mutant) is not None
            refused += 1
    return refused, valid


def test_mutants_of_generated_problems_are_refused() -> None:
    refused = 0
    for seed in range(150):
        problem = random_problem(seed)
        verdict = explicit(problem)
        if isinstance(verdict, Refuted) and verdict.trace.steps:
            refused += _judge(problem, list(_mutants(verdict.trace))[::3])[0]
    assert refused > 200


def test_every_mutant_differs_from_its_trace() -> None:
    for case in REFUTED:
        trace = trace_of(case.problem)
        assert all(mutant != trace for mutant in _mutants(trace)), case.name


@pytest.mark.parametrize(
    ("mutate", "reason"),
    [
        (lambda t: replace(t, rigid=(0, 0)), "assumptions"),
        (lambda t: replace(t, rigid=(2, 0)), "parameters: erratum is 2"),
        (lambda t: replace(t, states=(t.states[1], *t.states[1:])), "not an initial state"),
        (lambda t: replace(t, steps=(Step("a", (1,)), *t.steps[1:])), "step 1, .*next state differs"),
        (lambda t: replace(t, steps=(Step("z", (1,)), *t.steps[1:])), "no such action"),
        (lambda t: replace(t, steps=(Step("a", (2,)), *t.steps[1:])), ": l is 2, which is not in Line"),
        (lambda t: replace(t, steps=(Step("a", ()), *t.steps[1:])), "it takes 1 argument"),
        (lambda t: replace(t, steps=(Step("g", ()), *t.steps[1:])), "it is not possible there"),
        (lambda t: replace(t, states=t.states[:-1], steps=t.steps[:-1]), "last state is not bad"),
        (
            lambda t: replace(t, states=(*t.states, t.states[-1]), steps=(*t.steps, t.steps[-1])),
            "state 5 is bad already",
        ),
    ],
)
def test_reasons_are_precise(mutate: object, reason: str) -> None:
    problem = common_model(2, True, False)
    assert callable(mutate)
    wrong = mutate(trace_of(problem))
    with pytest.raises(InternalError, match=reason) as refused:
        require_accepted(problem, Refuted(wrong))
    assert set(refused.value.bundle) == {"problem", "evidence"}


def test_steps_that_are_no_trace_are_an_answer_and_no_error() -> None:
    problem = common_model(2, True, False)
    trace = trace_of(problem)
    assert run_of(problem, trace.rigid, trace.states[0], trace.steps) == trace
    for given, reason in [
        (trace.steps[:-1], Reason.NOT_BAD),
        ((*trace.steps, trace.steps[-1]), Reason.BAD_BEFORE),
        ((Step("g", ()), *trace.steps), Reason.GUARD),
    ]:
        found = run_of(problem, trace.rigid, trace.states[0], given)
        assert isinstance(found, WhyNot)
        assert found.reason is reason
    found = run_of(problem, trace.rigid, trace.states[-1], trace.steps)
    assert isinstance(found, WhyNot)
