"""Kinds of properties about single states."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.model.model import Model, Property
from tdxverify.questions.kinds.kind import Kind, Monitor
from tdxverify.syntax.claims import PropertyKind


@dataclass(frozen=True)
class _OfStates(Kind):
    has_other_causes = True
    broken = ""

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        return ()


class _Never(_OfStates):
    """The formula of the property must not hold; that somebody takes a fault is such a formula."""

    def bad(self, model: Model, target: Property) -> Expr:
        return formula_of(target)

    def required(self, target: Property) -> Expr | None:
        return core.negation(formula_of(target))

    def forbidden(self, target: Property) -> Expr | None:
        return formula_of(target)


class _Always(_OfStates):
    def bad(self, model: Model, target: Property) -> Expr:
        return core.negation(formula_of(target))

    def required(self, target: Property) -> Expr | None:
        return formula_of(target)

    def forbidden(self, target: Property) -> Expr | None:
        return None


class _Reachable(_OfStates):
    """The wanted states are the bad ones."""

    def bad(self, model: Model, target: Property) -> Expr:
        return formula_of(target)

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None


class _NeverDeadlock(_OfStates):
    """The guards of the model say it. Without some actions all the more states are bad.

    Where a declaration stops everything, the machine has ended on purpose, which is no deadlock.
    """

    has_other_causes = False
    broken = "no action is enabled"

    def bad(self, model: Model, target: Property) -> Expr:
        enabled = (core.quantified(a.parameters, a.guard, universal=False) for a in model.actions)
        ended = (stop.formula for stop in model.stops if stop.everything)
        return core.negation(core.disjunction(*enabled, *ended))

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None


def formula_of(target: Property) -> Expr:
    """The formula of a property of a kind that has one."""
    assert target.formula is not None
    return target.formula


OF_STATES: tuple[Kind, ...] = (
    _Never(PropertyKind.NEVER),
    _Never(PropertyKind.NEVER_TAKES),
    _Never(PropertyKind.CONTAINED),
    _Always(PropertyKind.ALWAYS),
    _Reachable(PropertyKind.REACHABLE),
    _NeverDeadlock(PropertyKind.NEVER_DEADLOCK),
)
