"""Where an expression stands: which bound names it sees and what it may read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tdxverify.model.expr import Bound


@dataclass(frozen=True, slots=True)
class Scope:
    """`bound`: names to bound variables. `state_allowed`: may read state; if not, `place` says why
    ("an assumption"). `primes_allowed`: may read the state after the step.
    """

    bound: dict[str, Bound] = field(default_factory=dict)
    state_allowed: bool = True
    primes_allowed: bool = False
    place: str = "this expression"

    def binding(self, bound: dict[str, Bound]) -> Scope:
        """This scope with more bound names, which hide outer ones."""
        return replace(self, bound={**self.bound, **bound})


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
