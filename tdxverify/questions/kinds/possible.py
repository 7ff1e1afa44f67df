"""Kinds of properties about what can still happen, whatever has happened."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import FALSE, Expr
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds.kind import Kind, Monitor, Possibility
from tdxverify.questions.kinds.states import formula_of
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _AlwaysPossible(Kind):
    """No formula says which states are bad: those from which what is wanted is out of reach."""

    has_other_causes = False
    broken = "it can never be reached any more"

    def bad(self, model: Model, target: Property) -> Expr:
        return FALSE

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        return ()

    def possibility(self, target: Property) -> Possibility:
        return Possibility(target.binders, formula_of(target))

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None


OF_POSSIBILITIES: tuple[Kind, ...] = (_AlwaysPossible(PropertyKind.POSSIBLE),)
