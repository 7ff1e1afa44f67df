"""Induction over several steps.

Proved again from nothing: a fresh context, a fresh solver that is asked one question per case, and an
encoding of steps that shares no code with the one that engines search with (`smt.plain`). Base: no bad
state within k - 1 steps. Step: no bad state behind k good ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tdxverify.budget import Budget
from tdxverify.evidence.base import Accepted, Evidence, Judgement, Undecided, refused
from tdxverify.evidence.item import Content, Item, Unusable
from tdxverify.logic.counting import counted
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.inductive import Script
    from tdxverify.smt.solver import Answer

DEEPEST = 1_000


@dataclass(frozen=True, slots=True)
class KInductive(Evidence):
    """No bad state within the first `k` steps (depths 0..k-1), and no k+1 consecutive states of
    which the first k are good and the last is bad; with `simple_path` the states are pairwise
    different. Sheeran, Singh and Stålmarck, FMCAD 2000. `k` is at least 1 (plain induction).
    """

    kind: ClassVar[str] = "k-induction"
    parts: ClassVar[tuple[str, ...]] = ("k", "simple path")
    accepted: ClassVar[str] = (
        "A fresh Z3, with an encoding of its own, proved base case and induction step again."
    )

    k: int
    simple_path: bool

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        from tdxverify.smt.checking_encoding import bad_after, bad_within

        if self.k < 1:
            return refused(problem, self, "k must be at least 1")
        base = bad_within(problem, self.k - 1, limits.remaining_ms)
        found = impossible(base, problem, self, "a bad state is reachable within k - 1 steps")
        if not isinstance(found, Accepted):
            return found
        step = bad_after(problem, self.k, limits.remaining_ms, different=self.simple_path)
        return impossible(step, problem, self, "k good states can be followed by a bad one")

    def script(self, problem: Problem) -> Script:
        from tdxverify.evidence.scripts.unrolled import induction_script_for

        return induction_script_for(problem, self)

    def stored(self, problem: Problem) -> Content:
        return (("k", self.k), ("simple path", self.simple_path))

    @classmethod
    def read(cls, problem: Problem, item: Item) -> KInductive:
        match item.part("k"), item.part("simple path"):
            case int(k), bool(simple_path) if 1 <= k <= DEEPEST:
                return cls(k, simple_path)
        raise Unusable("the depth of the induction is no depth")

    def described(self) -> str:
        return f"{self.k}-induction"

    def told(self, problem: Problem) -> str:
        different = " over different states" if self.simple_path else ""
        return f"induction over {counted(self.k, 'step')}{different}"


def impossible(answer: Answer, problem: Problem, evidence: Evidence, complaint: str) -> Judgement:
    """What follows from a solver's answer to a question that has to be contradictory."""
    from tdxverify.smt.solver import GaveUp, Sat

    match answer:
        case Sat():
            return refused(problem, evidence, complaint)
        case GaveUp(reason=reason):
            return Undecided(reason)
        case _:
            return Accepted()
