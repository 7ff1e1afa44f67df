"""What is compared of two runs, as a model says it."""

from __future__ import annotations

from dataclasses import dataclass

from tdxverify.logic.expr import Bound, Expr, Symbol
from tdxverify.source import Span


@dataclass(frozen=True, slots=True)
class View:
    """What `value` is for each value of `binders`; `text` as it is written."""

    binders: tuple[Bound, ...]
    value: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Secret:
    """Two runs may differ in the cells of `symbol`: at the start, and in what `any` assigns to them."""

    symbol: Symbol
    description: str | None
    citations: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Observer:
    """Who sees `views` of every state."""

    name: str
    views: tuple[View, ...]
    description: str | None
    citations: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two runs that take the same steps: `views` are the same in all states.

    They may differ in `secrets`, and are compared as long as `revealed` are the same; if `by_steps`, every
    step that one of them can take the other can take as well. With `without`, the second run takes the same
    steps but those of the actor of that name. `who` must not tell or change: the observer, or that actor.
    """

    who: str
    views: tuple[View, ...]
    secrets: tuple[Symbol, ...] = ()
    revealed: tuple[View, ...] = ()
    by_steps: bool = False
    without: str | None = None
