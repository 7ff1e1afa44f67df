"""Whether what is wanted stays possible, asked in rounds of an engine that knows nothing of it.

Is a state reachable from which no plan leads there? If not, the plans prove it. If so, can what is wanted be
reached from that state at all? The way there is a new plan: for some elements what was done with these. If
there is none, that state is a trap, and the nearest: from all nearer ones a plan led on, or else the engine
would have found them. There are finitely many states at any stated size, and every plan takes some away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from tdxverify.budget import Budget, LimitReached, TooLarge, Why
from tdxverify.engines import anysize, auto
from tdxverify.engines.auto import Decision, GeneralDecision
from tdxverify.engines.base import Observer
from tdxverify.engines.explicit import engine as explicit
from tdxverify.evidence.certifying import certified
from tdxverify.evidence.plans import MOST_PLANS, Plans, is_general, variable
from tdxverify.evidence.trap import Trap
from tdxverify.evidence.verdict import Proved, Refuted, Unknown, Vacuous, Verdict
from tdxverify.logic.counting import counted
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound, Expr, disjunction, quantified
from tdxverify.logic.grounding import constant
from tdxverify.logic.layout import Valuation, values_of
from tdxverify.logic.sorts import Sort, Value
from tdxverify.questions.problems.plans import (
    Plan,
    PlannedStep,
    beginning_in,
    beyond,
    leading,
    possibility_of,
    target,
)
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace

_MOST_ELEMENTS = 3  # that a plan has variables for, at any size: beyond it plans grow with the sizes
_SIZES = (1, 2, 3)  # elements of each sort of which something is said where there is no proof for all

Inner: TypeAlias = Callable[[Problem, Budget, Observer], Decision]
GeneralInner: TypeAlias = Callable[[Problem, Budget, Observer], GeneralDecision]


def decide(problem: Problem, budget: Budget, observer: Observer, inner: Inner) -> Decision:
    """Decide what `problem` asks to stay possible by asking `inner` other questions."""

    def general(asked: Problem, limits: Budget, watching: Observer) -> GeneralDecision:
        found = inner(asked, limits, watching)
        return GeneralDecision(found.engine, found.verdict, asked)

    decided = _Rounds(problem, budget, observer, general, MOST_PLANS).decided()
    return Decision(decided.engine, decided.verdict)


def decide_any_size(
    problem: Problem, budget: Budget, observer: Observer, inner: GeneralInner
) -> GeneralDecision:
    """The same for every size at once; whether a state is a trap is asked at the size of the trace."""
    found = _Rounds(problem, budget, observer, inner, MOST_PLANS, _MOST_ELEMENTS).decided()
    if not isinstance(found.verdict, Unknown):
        return found
    # The traces so far were those of single sizes: nothing is known of all of them.
    verdict = replace(found.verdict, clean_through=None)
    if verdict.why is Why.NO_GENERAL_PROOF and not budget.expired():
        verdict = replace(verdict, detail=_with_sizes(problem, verdict.detail, budget, observer))
    return replace(found, verdict=verdict)


def _with_sizes(problem: Problem, told: str, budget: Budget, observer: Observer) -> str:
    """`told`, with the sizes at which all states were listed and it holds."""
    sizes = dict.fromkeys(anysize.instance(problem, size).sizes for size in _SIZES)
    small = [problem.instance(one) for one in sizes if problem.sizes]
    few = replace(budget, max_states=min(auto.FEW_STATES, budget.max_states))
    found = [one for one in small if auto.is_small(one) and _holds(one, few, observer)]
    return "; ".join(filter(None, (told, anysize.shown_proofs(found))))


def _holds(problem: Problem, budget: Budget, observer: Observer) -> bool:
    return isinstance(certified(problem, explicit.run(problem, budget, observer), budget), Proved)


class _Rounds:
    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        observer: Observer,
        inner: GeneralInner,
        most: int,
        widest: int | None = None,
    ) -> None:
        self._problem = problem
        self._budget = budget
        self._observer = observer
        self._inner = inner
        self._most = most
        self._widest = widest
        self._plans: list[Plan] = []

    def decided(self) -> GeneralDecision:
        clean: int | None = None
        while True:
            try:
                self._budget.check_time()
                asked = beyond(self._problem, self._plans)
                found = self._inner(asked, self._budget, self._observer)
                verdict = self._answer(found)
            except TooLarge:
                told = "a way to what is wanted is too long for a formula"
                return self._unknown(auto.NAME, Why.UNSUPPORTED, clean, told)
            except LimitReached as reached:
                return self._unknown(auto.NAME, reached.why, clean, reached.detail)
            if verdict is not None:
                return replace(found, problem=self._problem.instance(found.problem.sizes), verdict=verdict)
            assert isinstance(found.verdict, Refuted)
            clean = len(found.verdict.trace) - 1 if len(found.verdict.trace) else None
            if self._widest is not None and len(self._plans[-1].binders) >= self._widest:
                told = f"a way to what is wanted takes {counted(len(self._plans[-1].binders), 'element')}"
                return self._unknown(found.engine, Why.NO_GENERAL_PROOF, clean, told)
            if len(self._plans) > self._most:
                told = f"more than {counted(self._most, 'way')} to what is wanted would be needed"
                return self._unknown(found.engine, Why.UNSUPPORTED, clean, told)
            self._observer.progress(found.engine, f"{counted(len(self._plans), 'plan')}")

    def _unknown(self, engine: str, why: Why, clean: int | None, told: str) -> GeneralDecision:
        return GeneralDecision(engine, Unknown(why, clean, told), self._problem)

    def _answer(self, found: GeneralDecision) -> Verdict | None:
        """The verdict that follows from `found`; None where there are new plans."""
        match found.verdict:
            case Proved() as proved if not self._plans:  # it holds everywhere
                return proved
            case Proved(certificate=certificate, states=states):
                return Proved(Plans(tuple(self._plans), certificate), states)
            case Refuted(trace=trace):
                return self._looked_at(found.problem, trace)
            case Vacuous() | Unknown() as other:
                return other

    def _looked_at(self, instance: Problem, trace: Trace) -> Verdict | None:
        """The end of `trace`: a trap, or there are new plans from there."""
        problem = self._problem.instance(instance.sizes)
        evaluator = Evaluator(problem.rigid_layout, problem.state_layout, problem.size_of)
        rigid, end = trace.rigid, trace.states[-1]
        if evaluator.evaluate(problem.mistaken, rigid, end):
            return Refuted(trace)
        added = False
        for elements in self._without_plan(problem, evaluator, rigid, end):
            inside = beginning_in(problem, rigid, end, elements)
            found = auto.decide(inside, self._budget, self._observer)
            match found.verdict:
                case Proved(certificate=certificate):
                    return Refuted(trace, trap=Trap(trace, elements, certificate))
                case Refuted(trace=way):
                    self._plans.append(self._generalised(problem, way, elements))
                    leading(problem, self._plans[-1])  # raises TooLarge before anything is asked with it
                    added = True
                case Vacuous() | Unknown(why=Why.BOUND_REACHED):
                    return Unknown(Why.UNSUPPORTED, None, "it is not known whether a state is a trap")
                case Unknown() as unknown:
                    return replace(unknown, clean_through=len(trace) - 1 if len(trace) else None)
        assert added, "a state without a plan has one"
        return None

    def _without_plan(
        self, problem: Problem, evaluator: Evaluator, rigid: Valuation, state: Valuation
    ) -> Iterator[Valuation]:
        """For which elements no plan leads from `state` to what is wanted, with those found meanwhile."""
        binders = possibility_of(problem).binders
        for elements in values_of(binders, problem.size_of):
            formula = disjunction(target(problem), *(_led(problem, plan) for plan in self._plans))
            if not evaluator.formula(formula, binders)(rigid, state, elements):
                yield elements

    def _generalised(self, problem: Problem, way: Trace, elements: Valuation) -> Plan:
        """What `way` does, with some elements in the place of these."""
        number = len(self._plans)
        wanted = possibility_of(problem).binders
        known: dict[tuple[Sort, Value], Bound] = {}
        for one, value in zip(wanted, elements, strict=True):
            known.setdefault((one.sort, value), one)
        own: list[Bound] = []

        def argument(sort: Sort, value: Value) -> Expr:
            if not is_general(sort):
                return constant(value, sort)
            if (sort, value) not in known:
                known[sort, value] = variable(sort, len(own), number)
                own.append(known[sort, value])
            return known[sort, value]

        steps = []
        for step in way.steps:
            parameters = problem.action_named[step.action].parameters
            pairs = zip(parameters, step.arguments, strict=True)
            steps.append(PlannedStep(step.action, tuple(argument(p.sort, v) for p, v in pairs)))
        return Plan(tuple(own), tuple(steps))


def _led(problem: Problem, plan: Plan) -> Expr:
    return quantified(plan.binders, disjunction(*leading(problem, plan)), universal=False)
