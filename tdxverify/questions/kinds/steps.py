"""Kinds of properties about steps: a monitor makes them questions about single states."""

from __future__ import annotations

from tdxverify.logic.expr import Expr, Implicit, Read, Role, Symbol
from tdxverify.logic.sorts import BOOL
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds.kind import Kind, Monitor
from tdxverify.syntax.claims import PropertyKind

STEP_MONITOR = Symbol("step violated", Role.STATE, (), BOOL, Implicit.MONITOR)


class _Step(Kind):
    """The formula of the property must hold of every step."""

    has_other_causes = True
    broken = ""

    def bad(self, model: Model, target: Property) -> Expr:
        return Read(STEP_MONITOR)

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        assert target.formula is not None
        return (Monitor(STEP_MONITOR, target.formula, target.obligations),)

    def required(self, target: Property) -> Expr | None:
        return target.formula

    def forbidden(self, target: Property) -> Expr | None:
        return None


OF_STEPS: tuple[Kind, ...] = (_Step(PropertyKind.STEP),)
