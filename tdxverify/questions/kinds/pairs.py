"""Kinds of properties about two runs that take the same steps: what nobody can tell, or can change."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import FALSE, Expr
from tdxverify.model.compared import Comparison
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds.kind import Kind, Monitor
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _OfTwoRuns(Kind):
    """No state is bad by itself: what is searched for are two runs that differ where they must not."""

    has_other_causes = False
    broken = "the two runs differ"

    def bad(self, model: Model, target: Property) -> Expr:
        return FALSE

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        return ()

    def comparison(self, target: Property) -> Comparison:
        assert target.compared is not None
        return target.compared

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None


OF_TWO_RUNS: tuple[Kind, ...] = (_OfTwoRuns(PropertyKind.CANNOT_TELL), _OfTwoRuns(PropertyKind.CANNOT_CHANGE))
