"""Kinds of properties about whole runs: something happens in the end."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import FALSE, Expr
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds.kind import Kind, Monitor, Promise
from tdxverify.questions.kinds.states import formula_of
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _OfRuns(Kind):
    """No state is bad by itself: what is searched for is a loop in which the promise is never kept."""

    has_other_causes = False
    broken = "it never happens"

    def bad(self, model: Model, target: Property) -> Expr:
        return FALSE

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        return ()

    def promise(self, target: Property) -> Promise:
        return Promise(target.binders, target.premise, formula_of(target))

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None


OF_RUNS: tuple[Kind, ...] = (_OfRuns(PropertyKind.EVENTUALLY), _OfRuns(PropertyKind.LEADS_TO))
