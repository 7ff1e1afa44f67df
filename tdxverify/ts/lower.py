"""`Model` and one check to `Problem`: the property becomes a set of bad states.

Two monitors keep everything a question about single states. `range error` becomes true with a step
in which a value does not fit into the range that it meets, or is from the start where that happens there,
and `step violated` with a step that violates the step property in question. Both are sticky bools.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.model import expr as core
from tdxverify.model.effects import after
from tdxverify.model.expr import FALSE, TRUE, Bound, Expr, Implicit, Read, Role, Symbol
from tdxverify.model.model import Action, Check, InitialValue, Model, Property, Write
from tdxverify.model.ranges import some_violated
from tdxverify.model.sorts import BOOL, IndexSort, RangeSort, Sizes
from tdxverify.syntax.ast import PropertyKind
from tdxverify.ts.problem import Problem

RANGE_MONITOR = Symbol("range error", Role.STATE, (), BOOL, Implicit.MONITOR)
STEP_MONITOR = Symbol("step violated", Role.STATE, (), BOOL, Implicit.MONITOR)


def property_named(model: Model, name: str) -> Property:
    """The property of that name; KeyError if there is none."""
    for candidate in model.properties:
        if candidate.name == name:
            return candidate
    raise KeyError(name)


def lower(model: Model, check: Check, sizes: Sizes, extra: Expr = TRUE) -> Problem:
    """The question that `check` asks at `sizes` (which gives every index sort of the model).

    `extra` is a further constraint over rigid symbols. For a `reachable` property the bad states are
    those to be reached, so that a refutation of the problem is the wanted witness.
    """
    target = property_named(model, check.property)
    of_steps = target.kind is PropertyKind.STEP
    at_start = (*model.start_obligations, *check.obligations)
    undefined = FALSE if of_steps else some_violated(target.obligations)
    monitors = [STEP_MONITOR] if of_steps else []
    ranges = [*at_start, *(o for action in model.actions for o in action.obligations)]
    ranges += target.obligations if of_steps else ()
    bad = core.disjunction(_bad_states(model, target), undefined)
    if ranges:
        monitors.append(RANGE_MONITOR)
        bad = core.disjunction(bad, Read(RANGE_MONITOR))
    symbols = (*(info.symbol for info in model.symbols), *monitors)
    mistaken = some_violated(at_start)
    problem = Problem(
        name=f"{model.name}: {check.property}",
        sizes=tuple((sort.name, sizes[sort.name]) for sort in model.index_sorts),
        symbols=symbols,
        assumptions=tuple(e for e in (*model.assumptions, check.where, extra) if e != TRUE),
        initial=(*model.initial, *(_start_of(monitor, mistaken) for monitor in monitors)),
        constraints=(*model.constraints, *_monitored(mistaken)),
        actions=tuple(_with_monitors(action, target if of_steps else None) for action in model.actions),
        bad=bad,
        range_monitor=RANGE_MONITOR.name if ranges else None,
        undefined=undefined,
    )
    return _settle_unused(problem)


def _start_of(monitor: Symbol, mistaken: Expr) -> InitialValue:
    """False, unless the start may be mistaken: then `_monitored` says which."""
    free = monitor == RANGE_MONITOR and mistaken != FALSE
    return InitialValue(monitor, (), None if free else (FALSE,))


def _monitored(mistaken: Expr) -> tuple[Expr, ...]:
    return () if mistaken == FALSE else (core.equal(Read(RANGE_MONITOR), mistaken),)


def _bad_states(model: Model, target: Property) -> Expr:
    match target.kind:
        case PropertyKind.NEVER_DEADLOCK:
            enabled = (core.quantified(a.parameters, a.guard, universal=False) for a in model.actions)
            return core.negation(core.disjunction(*enabled))
        case PropertyKind.STEP:
            return Read(STEP_MONITOR)
        case PropertyKind.ALWAYS:
            assert target.formula is not None
            return core.negation(target.formula)
        case PropertyKind.NEVER | PropertyKind.REACHABLE | PropertyKind.NEVER_TAKES | PropertyKind.CONTAINED:
            assert target.formula is not None
            return target.formula


def _with_monitors(action: Action, of_steps: Property | None) -> Action:
    """`action`, noting violated obligations, and where it violates the step property in question."""
    mistaken = some_violated(action.obligations)
    writes = list(action.writes)
    if of_steps is not None:
        assert of_steps.formula is not None
        holds = after(action.writes, of_steps.formula, primed_only=True)
        writes.append(Write(STEP_MONITOR, (), (), core.negation(holds), TRUE))
        undefined = after(action.writes, some_violated(of_steps.obligations), primed_only=True)
        mistaken = core.disjunction(mistaken, undefined)
    if mistaken != FALSE:
        writes.append(Write(RANGE_MONITOR, (), (), mistaken, TRUE))
    return replace(action, writes=tuple(writes), obligations=())


def _settle_unused(problem: Problem) -> Problem:
    """Fix rigid symbols that nothing looks at to their least value: their freedom decides nothing.

    No formula can name an element of an open sort: those whose values are elements have one value
    everywhere, whichever it is.
    """
    used = {name for expr in problem.expressions() for name in core.names_of(expr)}
    settled = []
    for symbol in problem.rigid_symbols:
        if symbol.name not in used:
            settled.append(settled_value(symbol))
    return replace(problem, assumptions=(*problem.assumptions, *(e for e in settled if e != TRUE)))


def settled_value(symbol: Symbol) -> Expr:
    """What is assumed of a rigid symbol that decides nothing. TRUE where it has a single value anyway."""
    here, there = (
        tuple(Bound(f"{word} {n}", sort) for n, sort in enumerate(symbol.indices))
        for word in ("unused", "elsewhere")
    )
    if isinstance(symbol.sort, IndexSort):
        same = core.equal(Read(symbol, here), Read(symbol, there))
        return core.quantified((*here, *there), same, universal=True)
    least = symbol.sort.low if isinstance(symbol.sort, RangeSort) else 0
    value = core.equal(Read(symbol, here), core.Const(least, symbol.sort))
    return core.quantified(here, value, universal=True)
