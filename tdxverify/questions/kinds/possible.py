"""Kinds of properties about what can still happen, whatever has happened."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.model.model import Property
from tdxverify.questions.kinds.kind import Kind, NoStateIsBad, Possibility
from tdxverify.questions.kinds.states import formula_of
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _AlwaysPossible(NoStateIsBad):
    """No formula says which states are bad: those from which what is wanted is out of reach."""

    broken = "it can never be reached any more"

    def possibility(self, target: Property) -> Possibility:
        return Possibility(target.binders, formula_of(target))


OF_POSSIBILITIES: tuple[Kind, ...] = (_AlwaysPossible(PropertyKind.POSSIBLE),)
