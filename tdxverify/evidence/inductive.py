"""What all inductive invariants have in common: how they are checked, whatever they are written down as.

Proved again from nothing. The questions are text (`scripts/inductive.py`), answered by a fresh Z3
(`smt/text.py`): no encoding, context or solver is shared with the engine that found the invariant.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from tdxverify.budget import Budget, TooLarge
from tdxverify.evidence.base import Accepted, Evidence, Judgement, Undecided, refused
from tdxverify.questions.problems.problem import Problem

if TYPE_CHECKING:
    from tdxverify.evidence.scripts.conjuncts import Conjunct
    from tdxverify.evidence.scripts.inductive import Script


class Inductive(Evidence):
    """It holds initially, every step keeps it, and it excludes every bad state.

    `weight`: how much is written down for each kind of step, where a step should be written down once for
    every choice of its parameters if that is not too much; None where it should not.
    """

    __slots__ = ()

    accepted: ClassVar[str] = (
        "A fresh Z3, given the invariant as SMT-LIB text, showed again that it holds at the start, every "
        "step keeps it, and it excludes every bad state."
    )

    @property
    def weight(self) -> int | None:
        return None

    @abstractmethod
    def conjuncts(self, problem: Problem) -> Sequence[Conjunct]:
        """What it says of a state. Raises Unusable where it makes no sense for `problem`."""

    def check(self, problem: Problem, limits: Budget) -> Judgement:
        from tdxverify.evidence.scripts.inductive import script_for
        from tdxverify.smt.asker import GaveUp
        from tdxverify.smt.text import Unreadable, contradictions

        script = script_for(problem, self)
        answers = contradictions(script.prelude, (o.text for o in script.obligations), limits.remaining_ms)
        try:
            for obligation, answer in zip(script.obligations, answers, strict=True):
                if isinstance(answer, GaveUp):
                    return Undecided(f"{obligation.name}: {answer.reason}")
                if not answer:
                    return refused(problem, self, obligation.name, script.alone(obligation))
        except Unreadable as error:
            return refused(problem, self, f"Z3 cannot read it: {error}", script.prelude)
        return Accepted()

    def script(self, problem: Problem) -> Script:
        """In bits where sizes are stated and it is not too much; else with quantifiers."""
        from tdxverify.evidence.scripts.bits import bit_script_for
        from tdxverify.evidence.scripts.inductive import script_for

        if not self.any_size:
            try:
                return bit_script_for(problem, self)
            except TooLarge:
                pass
        return script_for(problem, self)
