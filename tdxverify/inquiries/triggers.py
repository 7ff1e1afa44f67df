"""Conditions that properties and steps are made of, as closed formulas that may or may not ever be true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Quantified
from tdxverify.model.model import Action, Decision, Property
from tdxverify.questions.kinds import kind_of

LONGEST_TEXT = 160


@dataclass(frozen=True, slots=True)
class Part:
    """One of several conditions of a property. `met`: it is true of some elements; `rest_unmet`: so is the
    negation of the others, which says that they are not just a way to name the configuration.
    """

    met: Expr
    rest_unmet: Expr


def parts_of(target: Property) -> list[Part]:
    """For `never exists x: a and b`: a, and b. Nothing where there is only one part."""
    forbidden = kind_of(target).forbidden(target)
    if forbidden is None:
        return []
    return [part for either in core.disjuncts(forbidden) for part in _parts(either, ())]


def some(binders: Iterable[Bound], body: Expr) -> Expr:
    """`body` for some values of those `binders` that occur in it."""
    occurring = {node for node in core.walk(body) if isinstance(node, Bound)}
    return core.quantified(tuple(b for b in binders if b in occurring), body, universal=False)


def _parts(formula: Expr, binders: tuple[Bound, ...]) -> list[Part]:
    if isinstance(formula, Quantified) and not formula.universal:
        return _parts(formula.body, (*binders, *formula.binders))
    conjuncts, found = core.conjuncts(formula), []
    for position, part in enumerate(conjuncts if len(conjuncts) > 1 else ()):
        rest = core.conjunction(*conjuncts[:position], *conjuncts[position + 1 :])
        found.append(Part(some(binders, part), some(binders, core.negation(rest))))
    return found


def shortened(text: str) -> str:
    """`text`, cut where it is too long for a message."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "..."


def decides(action: Action, decision: Decision) -> Expr:
    """A state in which `action` can fire so that `decision` is made."""
    inner = some(decision.binders, decision.condition)
    return some(action.parameters, core.conjunction(action.guard, inner))


def fires(action: Action) -> Expr:
    """A state in which `action` can fire."""
    return some(action.parameters, action.guard)
