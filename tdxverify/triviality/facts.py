"""What can be said of one variable on its own: which values it never takes, that it stays as it began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Const, Expr, Read, Role, Symbol
from tdxverify.logic.sorts import NONE, BoolSort, EnumSort, OptionalSort
from tdxverify.model.effects import after, value_after
from tdxverify.model.model import Action, InitialValue
from tdxverify.questions.problems.problem import Problem


@dataclass(frozen=True, slots=True)
class Fact:
    """`formula` holds in every state, as long as no step breaks it.

    It is closed, over one state, and about `symbols`: no element of the only one has `value`; each has one of
    the values that it can start with (`value` None); what an `init` says of `symbols`, none of which ever
    changes (`fixed`). With the formula TRUE: that they never change.
    """

    symbols: tuple[Symbol, ...]
    formula: Expr
    value: int | None = None
    fixed: bool = False


def facts_of(problem: Problem) -> tuple[Fact, ...]:
    """Everything of the first two kinds that can be said, whether or not it is so, of all but the monitor of
    ranges."""
    return tuple(
        fact
        for start in problem.initial
        if start.symbol.name != problem.range_monitor
        for fact in _about(start)
    )


def unchanged(symbol: Symbol) -> Fact:
    """That `symbol` never changes."""
    return Fact((symbol,), core.TRUE, fixed=True)


def _about(start: InitialValue) -> Iterator[Fact]:
    symbol = start.symbol
    values = _values(symbol)
    cell = cell_of(symbol)
    for value in values:
        other = core.negation(core.equal(Read(symbol, cell), Const(value, symbol.sort)))
        yield Fact((symbol,), core.quantified(cell, other, universal=True), value)
    one_by_one = values and not _has_elements(symbol)
    plain = one_by_one and all(isinstance(choice, Const) for choice in start.choices or ())
    if start.choices is not None and not plain:
        yield Fact((symbol,), starts_with(start))


def starts_with(start: InitialValue) -> Expr:
    """Every cell has one of the values of `start`, which gives some."""
    read = Read(start.symbol, start.binders)
    same = core.disjunction(*(core.equal(read, choice) for choice in start.choices or ()))
    return core.quantified(start.binders, same, universal=True)


def _values(symbol: Symbol) -> range:
    """Those that are told apart one by one: not numbers and elements."""
    match symbol.sort:
        case BoolSort():
            return range(2)
        case EnumSort(members=members):
            return range(len(members))
        case OptionalSort(base=EnumSort(members=members)):
            return range(NONE, len(members))
        case OptionalSort():
            return range(NONE, NONE + 1)
        case _:
            return range(0)


def _has_elements(symbol: Symbol) -> bool:
    """Whether some of its values are not told apart."""
    return isinstance(symbol.sort, OptionalSort) and not isinstance(symbol.sort.base, EnumSort)


def cell_of(symbol: Symbol) -> tuple[Bound, ...]:
    """Variables that stand for any of its cells."""
    return tuple(Bound(f"cell {n}", sort) for n, sort in enumerate(symbol.indices))


def breaks(problem: Problem, action: Action, fact: Fact, without: Expr = core.FALSE) -> Expr | None:
    """The states in which `fact` is so and `action` can be made so that it is no more, and no value leaves
    its range; only those in which `without`, over the parameters of the action, is false.

    None where it writes nothing that the fact is about.
    """
    lost = losing(action, fact)
    if lost is None:
        return None
    parts = [fact.formula, action.guard, lost, core.negation(without)]
    written = (write.symbol for write in action.writes)
    monitor = next((symbol for symbol in written if symbol.name == problem.range_monitor), None)
    if monitor is not None:
        parts.append(core.negation(after(action.writes, Read(monitor))))
    return core.quantified(action.parameters, core.conjunction(*parts), universal=False)


def losing(action: Action, fact: Fact) -> Expr | None:
    """Where what `action` writes takes `fact` away, over its parameters; None where it writes nothing that
    the fact is about."""
    written = {write.symbol for write in action.writes}
    if not written & set(fact.symbols):
        return None
    if fact.fixed:
        return core.disjunction(*(_changes(action, symbol) for symbol in fact.symbols if symbol in written))
    return core.negation(after(action.writes, fact.formula))


def _changes(action: Action, symbol: Symbol) -> Expr:
    cell = cell_of(symbol)
    writes = [write for write in action.writes if write.symbol == symbol]
    same = core.equal(Read(symbol, cell), value_after(writes, symbol, cell))
    return core.quantified(cell, core.negation(same), universal=False)


# --- pairs of states --------------------------------------------------------------


def later(symbol: Symbol) -> Symbol:
    """`symbol` as it is after a step."""
    return replace(symbol, name=f"{symbol.name} afterwards")


def said_of_later(formula: Expr, *, primed_only: bool) -> Expr:
    """`formula` with what it says of states, or only what is primed in it, said of the later state."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or node.symbol.role is Role.RIGID:
            return None
        indices = tuple(core.transform(index, visit) for index in node.indices)
        moved = node.primed or not primed_only
        return Read(later(node.symbol) if moved else node.symbol, indices)

    return core.transform(formula, visit)


def same_afterwards(symbol: Symbol) -> Expr:
    """That `symbol` is the same in both states."""
    cell = cell_of(symbol)
    same = core.equal(Read(symbol, cell), Read(later(symbol), cell))
    return core.quantified(cell, same, universal=True)


def with_later(problem: Problem) -> Problem:
    """`problem` with a later copy of every variable, and no steps."""
    copies = tuple(later(symbol) for symbol in problem.state_symbols)
    return replace(
        problem,
        symbols=(*problem.symbols, *copies),
        initial=(*problem.initial, *(InitialValue(symbol, (), None) for symbol in copies)),
        actions=(),
    )
