"""A few plans are enough for all reachable states: from each of them one leads to what is wanted.

Layers towards it: what a plan leads to in so many steps. Each step of each plan is proved by itself to lead
from one layer into the next; and that every reachable state is in some layer is a proof like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.bad_run import value_of
from tdxverify.evidence.base import Accepted, Claim, Evidence, Judgement, Scope, refused
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Content, Item, Json, Unusable
from tdxverify.evidence.trap import inner_evidence
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Bound, Const, Expr
from tdxverify.logic.grounding import constant
from tdxverify.logic.sorts import Sort, element_sort, show
from tdxverify.questions.problems.plans import Plan, PlannedStep, beyond, carried_out, possibility_of
from tdxverify.questions.problems.problem import Problem

MOST_PLANS = 1_000
MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Plans(Evidence):
    """From every reachable state one of `plans` leads to what is wanted, as `closed` shows."""

    kind: ClassVar[str] = "plans"
    parts: ClassVar[tuple[str, ...]] = ("plans", "closed")
    scope: ClassVar[Scope] = Scope.NAMED_STEPS
    may_be_general: ClassVar[bool] = True
    accepted: ClassVar[str] = (
        "A fresh Z3, with an encoding of its own, proved of each step of each plan that it is possible and "
        "leads to where the plan goes on, and that from every reachable state one of the plans leads there."
    )

    plans: tuple[Plan, ...]
    closed: Evidence

    @property
    def any_size(self) -> bool:
        return self.closed.any_size

    @property
    def formulas(self) -> tuple[Expr, ...]:
        return self.closed.formulas

    @property
    def longest(self) -> int:
        """No plan has more steps."""
        return max((len(plan.steps) for plan in self.plans), default=0)

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        if problem.possible is None:
            return refused(problem, self, "nothing is asked for that plans could lead to")
        if self.closed.claim is not Claim.NO_BAD_STATE:
            return refused(problem, self, "nothing shows that the plans are enough")
        for plan in self.plans:
            asked, holds = carried_out(problem, plan)
            found = Invariant((holds,), self.any_size).check(asked, limits)
            if not isinstance(found, Accepted):
                return found
        return self.closed.check(beyond(problem, self.plans), limits)

    def stored(self, problem: Problem) -> Content:
        possible = possibility_of(problem)
        plans: list[Json] = [_stored(plan, possible.binders) for plan in self.plans]
        inner = dict(self.closed.stored(beyond(problem, self.plans)))
        closed: dict[str, Json] = {"kind": self.closed.kind, **inner}
        return (("plans", plans), ("closed", closed))

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Plans:
        if problem.possible is None:
            raise Unusable("nothing is asked for that plans could lead to")
        reader = _Reader(problem)
        plans = tuple(reader.plan(n, one) for n, one in enumerate(item.listed("plans", MOST_PLANS)))
        return cls(plans, inner_evidence(beyond(problem, plans), item.part("closed"), item.sizes))

    @classmethod
    def readable(cls, item: Item) -> tuple[str, ...]:
        return tuple(map(_text, item.listed("plans", MOST_PLANS)))

    def described(self) -> str:
        return f"{counted(len(self.plans), 'plan')} of at most {counted(self.longest, 'step')}"

    def told(self, problem: Problem) -> str:
        if not self.plans:
            return f"it holds in every reachable state: {self.closed.told(problem)}"
        return f"{self.described()}, enough for every reachable state by {self.closed.told(problem)}"


def variable(sort: Sort, number: int, plan: int) -> Bound:
    """The one of that number of a plan."""
    return Bound(f"some {str(sort).lower()} {number} of plan {plan}", sort)


def is_general(sort: Sort) -> bool:
    """Whether plans have variables for elements of `sort`: what is done with some can be done with others."""
    return element_sort(sort) is not None


def _stored(plan: Plan, wanted: tuple[Bound, ...]) -> Json:
    places: dict[Bound, str] = {one: f"some {n}" for n, one in enumerate(plan.binders)}
    places |= {one: f"each {n}" for n, one in enumerate(wanted)}
    steps: list[Json] = [
        [step.action, *(_argument(a, places) for a in step.arguments)] for step in plan.steps
    ]
    sorts: list[Json] = [_sort_name(one.sort) for one in plan.binders]
    return {"some": sorts, "steps": steps}


def _argument(argument: Expr, places: dict[Bound, str]) -> Json:
    match argument:
        case Bound():
            return {"is": places[argument]}
        case Const(value=value, sort=sort):
            return show(sort, value)
    raise Unusable("an argument is neither a value nor a variable")


def _sort_name(sort: Sort) -> str:
    return str(sort)


def _text(stored: Json) -> str:
    match stored:
        case {"steps": list(steps)}:
            return "; ".join(_call(step) for step in steps)
    raise Unusable("a plan is not given as steps")


def _call(step: Json) -> str:
    match step:
        case [str(name), *arguments]:
            shown = [str(a.get("is")) if isinstance(a, dict) else str(a) for a in arguments]
            return f"{name}({', '.join(shown)})" if shown else name
    raise Unusable("a step is not given as the names of an action and its arguments")


class _Reader:
    """Reads plans."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._wanted = possibility_of(problem).binders
        actions = problem.actions
        sorts = [p.sort for action in actions for p in action.parameters]
        self._sorts = {_sort_name(sort): sort for sort in sorts if is_general(sort)}

    def plan(self, number: int, stored: Json) -> Plan:
        match stored:
            case {"some": list(some), "steps": list(steps), **others} if not others:
                if len(some) > MOST_STEPS or len(steps) > MOST_STEPS:
                    raise Unusable("a plan is too long")
                binders = tuple(variable(self._sort(s), n, number) for n, s in enumerate(some))
                return Plan(binders, tuple(self._step(one, binders) for one in steps))
        raise Unusable("a plan is not given as steps")

    def _sort(self, name: Json) -> Sort:
        found = self._sorts.get(name) if isinstance(name, str) else None
        if found is None:
            raise Unusable(f"{repr(name)[:60]} is no sort of a parameter")
        return found

    def _step(self, stored: Json, binders: tuple[Bound, ...]) -> PlannedStep:
        match stored:
            case [str(name), *arguments] if name in self._problem.action_named:
                parameters = self._problem.action_named[name].parameters
                if len(parameters) == len(arguments):
                    pairs = zip(parameters, arguments, strict=True)
                    return PlannedStep(name, tuple(self._argument(p.sort, a, binders) for p, a in pairs))
        raise Unusable(f"it is no step of this spec: {repr(stored)[:80]}")

    def _argument(self, sort: Sort, stored: Json, binders: tuple[Bound, ...]) -> Expr:
        places = dict(_named("some", binders)) | dict(_named("each", self._wanted))
        match stored:
            case {"is": str(place)} if place in places and places[place].sort == sort:
                return places[place]
            case str() if not is_general(sort):
                return constant(value_of(sort, stored, self._problem.size_of), sort)
        raise Unusable(f"{repr(stored)[:60]} is nothing that a step could be given")


def _named(word: str, binders: tuple[Bound, ...]) -> Iterator[tuple[str, Bound]]:
    return ((f"{word} {n}", one) for n, one in enumerate(binders))
