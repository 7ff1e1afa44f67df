"""A run into a trap: a state from which what is wanted can never be reached.

That it is one is shown by a proof about the runs that begin there, which is checked like any other: a set of
states that no step leads out of, with that state in it, and none in which what is wanted holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.bad_run import BadRun, value_of
from tdxverify.evidence.base import Claim, Evidence, Judgement, Scope, refused
from tdxverify.evidence.item import Content, Item, Json, Unusable
from tdxverify.evidence.replay import run_objection
from tdxverify.logic.counting import counted
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import domain, show
from tdxverify.questions.problems.plans import beginning_in, possibility_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.semantics.trace import Trace


@dataclass(frozen=True, slots=True)
class Trap(Evidence):
    """From the last state of `trace` what is wanted for `elements` cannot be reached, as `closed` shows; that
    there is no shorter run into a trap is not part of it."""

    kind: ClassVar[str] = "trap"
    parts: ClassVar[tuple[str, ...]] = ("parameters", "initial", "steps", "elements", "closed")
    claim: ClassVar[Claim] = Claim.BAD_STATE
    scope: ClassVar[Scope] = Scope.NAMED_STEPS

    trace: Trace
    elements: Valuation
    closed: Evidence

    @property
    def length(self) -> int:
        return len(self.trace)

    @property
    def without_solver(self) -> bool:
        return self.closed.without_solver

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        if problem.possible is None:
            return refused(problem, self, "nothing is asked for that traps could keep from happening")
        binders = problem.possible.binders
        fits = (
            value in domain(one.sort, problem.size_of)
            for one, value in zip(binders, self.elements, strict=False)
        )
        if len(binders) != len(self.elements) or not all(fits):
            return refused(problem, self, "it is about something that there is not")
        why = run_objection(problem, self.trace)
        if why is not None:
            return refused(problem, self, str(why))
        if self.closed.claim is not Claim.NO_BAD_STATE or self.closed.any_size:
            return refused(problem, self, "nothing shows that what is wanted is out of reach")
        return self.closed.check(self.inside(problem), limits)

    def inside(self, problem: Problem) -> Problem:
        """The question that `closed` answers: can what is wanted be reached from where the trace ends?"""
        return beginning_in(problem, self.trace.rigid, self.trace.states[-1], self.elements)

    def stored(self, problem: Problem) -> Content:
        binders = possibility_of(problem).binders
        shown: list[Json] = [show(b.sort, v) for b, v in zip(binders, self.elements, strict=True)]
        closed: dict[str, Json] = {"kind": self.closed.kind, **dict(self.closed.stored(self.inside(problem)))}
        return (*BadRun(self.trace).stored(problem), ("elements", shown), ("closed", closed))

    @classmethod
    def read(cls, problem: Problem, item: Item) -> Trap:
        if problem.possible is None:
            raise Unusable("nothing is asked for that traps could keep from happening")
        binders, listed = problem.possible.binders, item.listed("elements", 100)
        if len(binders) != len(listed):
            raise Unusable("it is about something that there is not")
        elements = (value_of(b.sort, v, problem.size_of) for b, v in zip(binders, listed, strict=True))
        trace, chosen = BadRun.read(problem, item).trace, tuple(elements)
        inside = beginning_in(problem, trace.rigid, trace.states[-1], chosen)
        return cls(trace, chosen, inner_evidence(inside, item.part("closed"), item.sizes))

    @classmethod
    def mentioned(cls, item: Item) -> set[str]:
        return set()

    @classmethod
    def readable(cls, item: Item) -> tuple[str, ...]:
        return BadRun.readable(item)

    def described(self) -> str:
        return f"trace of {counted(self.length, 'step')} into a trap"

    def told(self, problem: Problem) -> str:
        return f"a run of {counted(self.length, 'step')} into a trap"


def inner_evidence(problem: Problem, stored: Json, sizes: tuple[tuple[str, int], ...] | None) -> Evidence:
    """What is stored inside of other evidence, about `problem`. Raises Unusable."""
    from tdxverify.evidence.kinds import evidence_in

    if not isinstance(stored, dict) or not isinstance(stored.get("kind"), str):
        raise Unusable("what is to be shown inside of it is missing")
    content = tuple((name, part) for name, part in stored.items() if name != "kind")
    found = evidence_in(problem, Item(str(stored["kind"]), sizes, "", (), content))
    if found.claim is not Claim.NO_BAD_STATE:
        raise Unusable(f"a {found.kind} shows nothing here")
    return found
