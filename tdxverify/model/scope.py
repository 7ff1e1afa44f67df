"""Where an expression stands: which bound names it sees and what it may read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tdxverify.logic.expr import TRUE, Bound, Expr
from tdxverify.model.model import RangeObligation


@dataclass(frozen=True, slots=True)
class Scope:
    """`bound`: names to bound variables. `state_allowed`: may read state; if not, `place` says why
    ("an assumption"). `primes_allowed`: may read the state after the step.

    An expression is evaluated from left to right, and no further than its value needs: `conditions` are
    what holds where this part of it is evaluated, for some value of `binders` (those of the quantifiers
    around it). `obligations` collects what must hold for the part to have a value; None where nobody does.
    """

    bound: dict[str, Bound] = field(default_factory=dict)
    state_allowed: bool = True
    primes_allowed: bool = False
    place: str = "this expression"
    conditions: tuple[Expr, ...] = ()
    binders: tuple[Bound, ...] = ()
    obligations: list[RangeObligation] | None = None

    def binding(self, bound: dict[str, Bound]) -> Scope:
        """This scope with more bound names, which hide outer ones."""
        return replace(self, bound={**self.bound, **bound})

    def collecting(self) -> Scope:
        """This scope with an empty list of obligations of its own."""
        return replace(self, obligations=[])

    def given(self, condition: Expr | None) -> Scope:
        """This scope where, in addition, `condition` holds."""
        if condition is None or condition == TRUE:
            return self
        return replace(self, conditions=(*self.conditions, condition))

    def within(self, binders: tuple[Bound, ...]) -> Scope:
        """This scope inside a quantifier over `binders`."""
        return replace(self, binders=(*self.binders, *binders))


class NameSupply:
    """Makes bound names that are unique within one model: `l`, then `l$1`, `l$2`, ...

    What stands before the `$` is the name to show.
    """

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def fresh(self, name: str) -> str:
        name = name.partition("$")[0]
        count = self._next.get(name, 0)
        self._next[name] = count + 1
        return name if count == 0 else f"{name}${count}"
