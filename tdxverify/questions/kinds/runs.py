"""Kinds of properties about whole runs: something happens in the end."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.model.model import Property
from tdxverify.questions.kinds.kind import Kind, NoStateIsBad, Promise
from tdxverify.questions.kinds.states import formula_of
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _OfRuns(NoStateIsBad):
    """No state is bad by itself: what is searched for is a loop in which the promise is never kept."""

    broken = "it never happens"

    def promise(self, target: Property) -> Promise:
        return Promise(target.binders, target.premise, formula_of(target))


OF_RUNS: tuple[Kind, ...] = (_OfRuns(PropertyKind.EVENTUALLY), _OfRuns(PropertyKind.LEADS_TO))
