"""What everybody else needs to know of a kind of property: one frozen value, asked and never compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from tdxverify.logic.expr import FALSE, Bound, Expr, Symbol
from tdxverify.model.compared import Comparison
from tdxverify.model.model import Model, Property, RangeObligation
from tdxverify.syntax.claims import Expected, PropertyKind


@dataclass(frozen=True, slots=True)
class Monitor:
    """A sticky bool, false at the start: true once a step has violated `required`, a formula over both of its
    states. `obligations`: what has to hold of the step for `required` to have a value.
    """

    symbol: Symbol
    required: Expr
    obligations: tuple[RangeObligation, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """For every value of `binders`: wherever `asked` holds, `kept` holds there or later.

    `asked` None: from the start on, once.
    """

    binders: tuple[Bound, ...]
    asked: Expr | None
    kept: Expr


@dataclass(frozen=True, slots=True)
class Possibility:
    """For every value of `binders`: from every reachable state one can be reached in which `wanted` holds."""

    binders: tuple[Bound, ...]
    wanted: Expr


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of property whose answer is decided by whether a bad state is reachable."""

    written: PropertyKind

    # --- the question

    @abstractmethod
    def bad(self, model: Model, target: Property) -> Expr:
        """The states that are searched for: those that violate `target`, or that are to be reached."""

    def promise(self, target: Property) -> Promise | None:
        """What every fair run has to keep, where that is what is asked."""
        return None

    def possibility(self, target: Property) -> Possibility | None:
        """What has to stay possible, where that is what is asked."""
        return None

    def comparison(self, target: Property) -> Comparison | None:
        """What is compared of two runs, where that is what is asked."""
        return None

    @abstractmethod
    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        """What `bad` reads that is no variable of the model."""

    @property
    def of_steps(self) -> bool:
        """Whether steps, not states, are good or bad; ranges are met where the property is asked."""
        return self.written.of_steps

    # --- its formulas

    @abstractmethod
    def required(self, target: Property) -> Expr | None:
        """What must hold in every state, or of every step. None where no formula says it or nothing must."""

    @abstractmethod
    def forbidden(self, target: Property) -> Expr | None:
        """What must not hold in any state, where the property was written like that."""

    # --- what a trace to a bad state means

    @property
    def is_sought(self) -> bool:
        """Whether a trace shows the property, and does not refute it."""
        return self.written.with_trace is Expected.PROVED

    def holds(self, *, found: bool) -> bool:
        """Whether the property holds, if it is known whether there is such a trace."""
        return found is self.is_sought

    @property
    @abstractmethod
    def has_other_causes(self) -> bool:
        """Whether it says something that other actions lead to a bad state as well."""

    # --- words

    @property
    @abstractmethod
    def broken(self) -> str:
        """What is wrong with a bad state, where no formula says it."""

    @property
    def without_trace(self) -> str:
        """What is said where there is no trace at all."""
        return "never reached" if self.is_sought else "proved"

    @property
    def so_far(self) -> str:
        """What is said of a number of steps in which there is no trace."""
        return "not reached" if self.is_sought else "no violation"


class NoStateIsBad(Kind):
    """A kind whose question is no formula over one state: what is asked instead is its promise, possibility
    or comparison, of which the problem makes one about single states."""

    has_other_causes = False

    def bad(self, model: Model, target: Property) -> Expr:
        return FALSE

    def monitors(self, target: Property) -> tuple[Monitor, ...]:
        return ()

    def required(self, target: Property) -> Expr | None:
        return None

    def forbidden(self, target: Property) -> Expr | None:
        return None
