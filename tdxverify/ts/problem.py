"""`Problem`: one question about one transition system with sizes fixed. Plain data, no solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from tdxverify.model.expr import FALSE, Expr, Role, Symbol
from tdxverify.model.layout import Layout
from tdxverify.model.model import Action, InitialValue


@dataclass(frozen=True)
class Problem:
    """Is a state where `bad` holds reachable?

    `symbols` holds rigid and state symbols; `assumptions` (over rigid symbols) restrict the
    parameter values, `constraints` the initial states further. `initial` has one entry per state
    symbol. Actions have no obligations left: lowering turned them into writes of a monitor.
    `range_monitor` names the bool state symbol that becomes true where a value does not fit into its
    range, and `undefined` says in which states the question itself has no value for that reason; both are
    disjuncts of `bad`. None and FALSE where nothing of the kind is needed.
    """

    name: str
    sizes: tuple[tuple[str, int], ...]
    symbols: tuple[Symbol, ...]
    assumptions: tuple[Expr, ...]
    initial: tuple[InitialValue, ...]
    constraints: tuple[Expr, ...]
    actions: tuple[Action, ...]
    bad: Expr
    range_monitor: str | None = field(default=None)
    undefined: Expr = FALSE

    @cached_property
    def size_of(self) -> dict[str, int]:
        return dict(self.sizes)

    @cached_property
    def rigid_symbols(self) -> tuple[Symbol, ...]:
        return tuple(s for s in self.symbols if s.role is Role.RIGID)

    @cached_property
    def state_symbols(self) -> tuple[Symbol, ...]:
        return tuple(s for s in self.symbols if s.role is Role.STATE)

    @cached_property
    def rigid_layout(self) -> Layout:
        """Layout of `Trace.rigid`."""
        return Layout.of(self.rigid_symbols, self.size_of)

    @cached_property
    def state_layout(self) -> Layout:
        """Layout of `Trace.states`."""
        return Layout.of(self.state_symbols, self.size_of)

    def expressions(self) -> Iterator[Expr]:
        """All expressions of the problem, each as a whole."""
        yield from (self.bad, *self.assumptions, *self.constraints)
        for start in self.initial:
            yield from start.choices or ()
        for action in self.actions:
            yield from action.expressions

    @cached_property
    def action_named(self) -> dict[str, Action]:
        return {action.name: action for action in self.actions}
