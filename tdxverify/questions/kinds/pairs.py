"""Kinds of properties about two runs that take the same steps: what nobody can tell, or can change."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.model.compared import Comparison
from tdxverify.model.model import Property
from tdxverify.questions.kinds.kind import Kind, NoStateIsBad
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _OfTwoRuns(NoStateIsBad):
    """No state is bad by itself: what is searched for are two runs that differ where they must not."""

    broken = "the two runs differ"

    def comparison(self, target: Property) -> Comparison:
        assert target.compared is not None
        return target.compared


OF_TWO_RUNS: tuple[Kind, ...] = (_OfTwoRuns(PropertyKind.CANNOT_TELL), _OfTwoRuns(PropertyKind.CANNOT_CHANGE))
