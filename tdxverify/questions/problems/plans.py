"""What has to stay possible, as questions about single states.

A plan is a sequence of steps. From a state in which the first is possible, behind it the second and so on,
and behind the last what is wanted holds, what is wanted can be reached. A few plans may do for all reachable
states: whether there is a state from which none of them leads there is a question like any other. A state
where none does may be a trap: whether what is wanted can be reached from there at all is such a question
again, about the runs that begin there.

That each step of a plan leads to where the plan goes on is not believed but asked: `carried_out`. A value
that leaves its range is a mistake in the spec, and nothing is claimed of what might come behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tdxverify.budget import TooLarge
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Bound, Expr, Implicit, Quantified, Read, Role, Symbol
from tdxverify.logic.grounding import constant, exactly
from tdxverify.logic.layout import Valuation
from tdxverify.logic.measure import LARGEST_STEP, Measure
from tdxverify.logic.sorts import RangeSort
from tdxverify.model.effects import after
from tdxverify.model.model import Action, InitialValue, Write
from tdxverify.questions.kinds.kind import Possibility
from tdxverify.questions.problems.problem import Problem


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """The arguments are values, variables of the plan, or variables of what is wanted."""

    action: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """These steps, for some elements `binders`."""

    binders: tuple[Bound, ...]
    steps: tuple[PlannedStep, ...]


def possibly(problem: Problem, possible: Possibility) -> Problem:
    """The question whether what is wanted stays possible, or else a bad state of `problem` is reached."""
    missing = core.negation(core.quantified(possible.binders, possible.wanted, universal=True))
    return replace(problem, bad=core.disjunction(problem.bad, missing), possible=possible)


def without_plans(problem: Problem) -> Problem:
    """The steps alone, none of them bad."""
    return replace(problem, possible=None, bad=core.FALSE, undefined=core.FALSE, range_monitor=None)


def beyond(problem: Problem, plans: Iterable[Plan]) -> Problem:
    """Is a state reachable from which none of `plans` leads to what is wanted, or a value out of range?"""
    possible = possibility_of(problem)
    led = (
        core.quantified(plan.binders, core.disjunction(*leading(problem, plan)), universal=False)
        for plan in plans
    )
    hopeful = core.disjunction(target(problem), *led)
    stuck = core.negation(core.quantified(possible.binders, hopeful, universal=True))
    return replace(problem, possible=None, bad=core.disjunction(problem.mistaken, stuck))


def possibility_of(problem: Problem) -> Possibility:
    """Requires that there is one."""
    assert problem.possible is not None
    return problem.possible


def target(problem: Problem) -> Expr:
    """Over one state and the variables of what is wanted: it holds, or the spec is wrong."""
    return core.disjunction(possibility_of(problem).wanted, problem.mistaken)


def for_elements(problem: Problem, formula: Expr, elements: Valuation) -> Expr:
    """`formula` for these values of the variables of what is wanted."""
    return core.substitute(formula, _chosen(possibility_of(problem).binders, elements))


def beginning_in(problem: Problem, rigid: Valuation, state: Valuation, elements: Valuation) -> Problem:
    """Can what is wanted for `elements` be reached from `state`, under `rigid` alone?"""
    return replace(
        problem,
        possible=None,
        assumptions=tuple(exactly(problem.rigid_layout, rigid)),
        initial=tuple(replace(start, choices=None) for start in problem.initial),
        constraints=tuple(exactly(problem.state_layout, state)),
        bad=for_elements(problem, target(problem), elements),
    )


def _chosen(binders: Sequence[Bound], values: Valuation) -> dict[Bound, Expr]:
    return {one: constant(value, one.sort) for one, value in zip(binders, values, strict=True)}


# --- where a plan leads to what is wanted ---------------------------------------------


def leading(problem: Problem, plan: Plan) -> tuple[Expr, ...]:
    """Over one state, the variables of `plan` and those of what is wanted: from here all its steps lead
    there; those behind the first; and so on. Raises TooLarge."""
    found, measure = [target(problem)], Measure()
    for number, step in reversed(list(enumerate(plan.steps))):
        guard, writes = _instance(problem, step, f"step {number}")
        found.append(core.conjunction(guard, after(writes, found[-1])))
        if measure.size(found[-1]) > LARGEST_STEP:
            raise TooLarge
    return tuple(reversed(found[1:]))


def _instance(problem: Problem, step: PlannedStep, use: str) -> tuple[Expr, tuple[Write, ...]]:
    """Guard and writes for these arguments; variables that are bound inside have names of their own."""
    action = problem.action_named[step.action]
    chosen = dict(zip(action.parameters, step.arguments, strict=True))
    instantiated = _Fresh(chosen, use).applied
    return instantiated(action.guard), tuple(_write(write, instantiated, use) for write in action.writes)


def _write(write: Write, instantiated: Callable[[Expr], Expr], use: str) -> Write:
    fresh = {one: Bound(f"{one.name} of {use}", one.sort) for one in write.binders}
    mapping: dict[Bound, Expr] = dict(fresh)

    def of(expr: Expr) -> Expr:
        return core.substitute(instantiated(expr), mapping)

    return Write(
        write.symbol,
        tuple(fresh.values()),
        tuple(map(of, write.indices)),
        of(write.condition),
        of(write.value),
    )


class _Fresh:
    """Puts in what is `chosen`, and renames what quantifiers bind, so that nothing is captured where one
    step is put into another."""

    def __init__(self, chosen: dict[Bound, Expr], use: str) -> None:
        self._chosen = chosen
        self._use = use

    def applied(self, expr: Expr) -> Expr:
        return core.transform(expr, self._visit)

    def _visit(self, node: Expr) -> Expr | None:
        if isinstance(node, Bound):
            return self._chosen.get(node)
        if not isinstance(node, Quantified):
            return None
        fresh = {one: Bound(f"{one.name} in {self._use}", one.sort) for one in node.binders}
        inner = _Fresh({**self._chosen, **fresh}, self._use)
        return Quantified(node.universal, tuple(fresh.values()), inner.applied(node.body))


# --- its steps, each by itself -----------------------------------------------------------


def carried_out(problem: Problem, plan: Plan) -> tuple[Problem, Expr]:
    """Is a state reached, from any in which `plan` is said to lead to what is wanted, where its next step is
    not possible, or at whose end that does not hold? And what is said to hold at each of its places."""
    variables = (*possibility_of(problem).binders, *plan.binders)
    symbols = {one: Symbol(f"some {one.name}", Role.RIGID, (), one.sort) for one in variables}
    fixed: dict[Bound, Expr] = {one: Read(symbol) for one, symbol in symbols.items()}
    place = Symbol("place in the plan", Role.STATE, (), RangeSort(0, len(plan.steps)), Implicit.MONITOR)
    at = [core.equal(Read(place), constant(n, place.sort)) for n in range(len(plan.steps) + 1)]
    said = [core.substitute(one, fixed) for one in (*leading(problem, plan), target(problem))]
    parts = [_instance(problem, _with(step, fixed), f"step {n}") for n, step in enumerate(plan.steps)]
    stuck = (core.conjunction(at[n], core.negation(guard)) for n, (guard, _) in enumerate(parts))
    failed = core.conjunction(at[-1], core.negation(said[-1]))
    asked = replace(
        problem,
        possible=None,
        symbols=(*problem.symbols, *symbols.values(), place),
        initial=(*(replace(start, choices=None) for start in problem.initial), _at_first(place)),
        constraints=(said[0],),
        actions=tuple(
            _doing(problem.action_named[step.action], at[n], parts[n], place, n + 1)
            for n, step in enumerate(plan.steps)
        ),
        bad=core.disjunction(*stuck, failed),
        range_monitor=None,
        undefined=core.FALSE,
    )
    holds = core.disjunction(*(core.conjunction(*one) for one in zip(at, said, strict=True)))
    return asked, holds


def _with(step: PlannedStep, fixed: dict[Bound, Expr]) -> PlannedStep:
    return replace(step, arguments=tuple(core.substitute(one, fixed) for one in step.arguments))


def _at_first(place: Symbol) -> InitialValue:
    return InitialValue(place, (), (constant(0, place.sort),))


def _doing(
    action: Action, here: Expr, part: tuple[Expr, tuple[Write, ...]], place: Symbol, then: int
) -> Action:
    guard, writes = part
    gone = Write(place, (), (), TRUE, constant(then, place.sort))
    return Action(
        f"{action.name} ({then})",
        None,
        (),
        0,
        core.conjunction(here, guard),
        (*writes, gone),
        (),
        (),
        None,
        (),
        action.span,
    )
