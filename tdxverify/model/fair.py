"""What goes on again and again while it can, as a model says it."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import Bound, Expr


@dataclass(frozen=True, slots=True)
class FairPart:
    """Steps of `action` belong to the instance where `condition` holds, over the action's parameters, but for
    hidden ones, and the binders of the condition of fairness."""

    action: str
    condition: Expr


@dataclass(frozen=True, slots=True)
class Fairness:
    """For every value of `binders`: one of `parts` is taken again and again, or again and again not possible;
    if `strong`, or from some time on never possible. `name` is the action, process or actor that it is about.
    """

    name: str
    strong: bool
    binders: tuple[Bound, ...]
    parts: tuple[FairPart, ...]

    def __str__(self) -> str:
        """`strongly fair take.lock`"""
        return f"{'strongly ' if self.strong else ''}fair {self.name}"
