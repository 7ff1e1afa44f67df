"""`Problem`: one question about one transition system with sizes fixed. Plain data, no solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from tdxverify.diagnostics import InternalError
from tdxverify.logic.expr import FALSE, Expr, Quantified, Read, Role, Symbol, disjunction, walk
from tdxverify.logic.layout import Layout
from tdxverify.logic.order import ordered_sorts
from tdxverify.logic.sorts import OptionalSort, Sort
from tdxverify.model.fair import Fairness
from tdxverify.model.model import Action, InitialValue, SizeRange
from tdxverify.questions.kinds.kind import Possibility, Promise
from tdxverify.questions.problems.element_count import cardinality
from tdxverify.source import Span


@dataclass(frozen=True)
class Origin:
    """What a question about whole runs was before it became one about single states: does every run of
    `problem` that is fair keep `promise`? `span` as in `looping.with_loop`."""

    problem: Problem
    promise: Promise
    fairness: tuple[Fairness, ...]
    span: Span


@dataclass(frozen=True)
class Problem:
    """Is a state where `bad` holds reachable?

    `symbols` holds rigid and state symbols; `assumptions` (over rigid symbols) restrict the
    parameter values, `constraints` the initial states further. `initial` has one entry per state
    symbol. Actions have no obligations left: lowering turned them into writes of a monitor.
    `range_monitor` names the bool state symbol that becomes true where a value does not fit into its
    range, and `undefined` says in which states the question itself has no value for that reason; both are
    disjuncts of `bad`. None and FALSE where nothing of the kind is needed.

    `possible`: the question is another one, whether a state is reachable from which what is wanted is out of
    reach. `bad` then says in which states it does not hold now: where none of them is reachable, that is
    an answer; that one is, is none (see `questions.problems.plans`).

    `limits` are for questions about every size: of these sorts only so many elements. They hold of `sizes`.
    `origin` is what it was made of, if that is about whole runs: no part of the question, and not believed
    (`looping.origin_of`).
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
    limits: tuple[SizeRange, ...] = ()
    possible: Possibility | None = None
    origin: Origin | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for limit in self.limits:
            if not limit.low <= self.size_of[limit.sort] <= limit.high:
                raise InternalError(f"{self.name} is not about {limit.sort} = {self.size_of[limit.sort]}")

    @property
    def out_of_range(self) -> Expr:
        """Over one state: a value did not fit into its range on the way there."""
        monitors = (symbol for symbol in self.symbols if symbol.name == self.range_monitor)
        return disjunction(*(Read(symbol) for symbol in monitors))

    @property
    def mistaken(self) -> Expr:
        """Over one state: a value did not fit into its range on the way there, or does not now."""
        return disjunction(self.out_of_range, self.undefined)

    def limited(self, limits: Iterable[SizeRange]) -> Problem:
        """The same question about so many elements of some sorts only."""
        unlimited = replace(self, limits=())
        stated = tuple(limits)
        return replace(unlimited, sizes=_within(stated, self.size_of), limits=stated)

    def instance(self, sizes: Iterable[tuple[str, int]]) -> Problem:
        """The question at the sizes nearest to these that it is about."""
        return replace(self, sizes=_within(self.limits, dict(sizes)))

    def at_least(self, sort: str) -> int:
        """The smallest number of elements of `sort` that the question is about."""
        return next((limit.low for limit in self.limits if limit.sort == sort), 1)

    @cached_property
    def cardinalities(self) -> tuple[Expr, ...]:
        """The `limits` as formulas, for whoever does not know the sizes."""
        return tuple(fact for limit in self.limits for fact in cardinality(limit))

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

    @cached_property
    def with_none(self) -> frozenset[str]:
        """The index sorts and enums of which something may be none."""
        nodes = (node for expr in self.expressions() for node in walk(expr))
        inputs = (parameter for action in self.actions for parameter in action.parameters)
        sorts = (sort for node in (*self.symbols, *inputs, *nodes) for sort in _own_sorts(node))
        return frozenset(sort.base.name for sort in sorts if isinstance(sort, OptionalSort))

    @cached_property
    def ordered_sorts(self) -> frozenset[str]:
        """The index sorts whose elements are not interchangeable: something compares them, or names one."""
        return ordered_sorts(self.expressions())

    def expressions(self) -> Iterator[Expr]:
        """All expressions of the problem, each as a whole."""
        yield from (self.bad, *self.assumptions, *self.constraints)
        if self.possible is not None:
            yield self.possible.wanted
        for start in self.initial:
            yield from start.choices or ()
        for action in self.actions:
            yield from action.expressions

    @cached_property
    def action_named(self) -> dict[str, Action]:
        return {action.name: action for action in self.actions}


def _own_sorts(node: Expr | Symbol) -> Iterator[Sort]:
    if isinstance(node, Quantified):
        yield from (binder.sort for binder in node.binders)
    else:
        yield node.sort


def _within(limits: tuple[SizeRange, ...], sizes: dict[str, int]) -> tuple[tuple[str, int], ...]:
    stated = {limit.sort: limit for limit in limits}
    return tuple(
        (sort, min(max(size, stated[sort].low), stated[sort].high) if sort in stated else size)
        for sort, size in sizes.items()
    )
