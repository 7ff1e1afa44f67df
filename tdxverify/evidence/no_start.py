"""That there is no initial state: assumptions, sizes and `where` contradict one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.base import Claim, Evidence, Judgement
from tdxverify.evidence.induction import impossible
from tdxverify.evidence.invariant import Invariant
from tdxverify.evidence.item import Content, Item
from tdxverify.logic.expr import FALSE
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.inductive import Script


@dataclass(frozen=True, slots=True)
class NoStart(Evidence):
    """At the problem's sizes, or at no size. The solver is asked again; there is nothing to keep."""

    may_be_general: ClassVar[bool] = True
    kind: ClassVar[str] = "no initial state"
    claim: ClassVar[Claim] = Claim.NO_INITIAL_STATE

    any_size: bool

    @property
    def as_invariant(self) -> Invariant:
        """`false` holds initially, so there is no initial state."""
        return Invariant((FALSE,), self.any_size)

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        if self.any_size:
            return self.as_invariant.check(problem, limits)
        from tdxverify.smt.checking_encoding import starts

        return impossible(starts(problem, limits.remaining_ms), problem, self, "there is an initial state")

    def script(self, problem: Problem) -> Script:
        return self.as_invariant.script(problem)

    def stored(self, problem: Problem) -> Content:
        return ()

    @classmethod
    def read(cls, problem: Problem, item: Item) -> NoStart:
        return cls(any_size=item.sizes is None)

    def described(self) -> str:
        return "no initial state"

    def told(self, problem: Problem) -> str:
        return "there is no initial state"
