"""`Model` and one check to `Problem`: the property becomes a set of bad states.

Two monitors keep everything a question about single states. `range error` becomes true with a step
that assigns a value outside its target's range (the assignment itself is then not made), and
`step violated` with a step that violates the step property in question. Both are sticky bools.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.model import expr as core
from tdxverify.model.effects import value_after
from tdxverify.model.expr import FALSE, TRUE, Bound, Expr, Implicit, Op, Read, Role, Symbol
from tdxverify.model.model import Action, Check, InitialValue, Model, Property, RangeObligation, Write
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
    actions, monitors = list(model.actions), []
    bad = _bad_states(model, target)
    if target.kind is PropertyKind.STEP:
        assert target.formula is not None
        actions = [_with_step_monitor(action, target.formula) for action in actions]
        monitors.append(STEP_MONITOR)
    if any(action.obligations for action in model.actions):
        actions = [_with_range_monitor(action) for action in actions]
        monitors.append(RANGE_MONITOR)
        bad = core.disjunction(bad, Read(RANGE_MONITOR))
    symbols = (*(info.symbol for info in model.symbols), *monitors)
    initial = (*model.initial, *(InitialValue(monitor, (), (FALSE,)) for monitor in monitors))
    problem = Problem(
        name=f"{model.name}: {check.property}",
        sizes=tuple((sort.name, sizes[sort.name]) for sort in model.index_sorts),
        symbols=symbols,
        assumptions=tuple(e for e in (*model.assumptions, check.where, extra) if e != TRUE),
        initial=initial,
        constraints=model.constraints,
        actions=tuple(actions),
        bad=bad,
        range_monitor=RANGE_MONITOR.name if RANGE_MONITOR in monitors else None,
    )
    return _settle_unused(problem)


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


def _with_step_monitor(action: Action, formula: Expr) -> Action:
    """`action`, noting when it violates `formula` (over unprimed and primed reads)."""
    by_symbol: dict[str, list[Write]] = {}
    for write in action.writes:
        by_symbol.setdefault(write.symbol.name, []).append(write)

    def after(node: Expr) -> Expr | None:
        if not isinstance(node, Read) or not node.primed:
            return None
        indices = tuple(core.transform(index, after) for index in node.indices)
        return value_after(by_symbol.get(node.symbol.name, []), node.symbol, indices)

    violated = core.negation(core.transform(formula, after))
    return replace(action, writes=(*action.writes, Write(STEP_MONITOR, (), (), violated, TRUE)))


def _within(value: Expr, sort: RangeSort) -> Expr:
    low, high = (core.Const(v, RangeSort(v, v)) for v in (sort.low, sort.high))
    return core.conjunction(core.less(Op.LE, low, value), core.less(Op.LE, value, high))


def out_of_range(obligation: RangeObligation) -> Expr:
    """Over the state before the step: the obligation is violated."""
    assert isinstance(obligation.symbol.sort, RangeSort)
    outside = core.negation(_within(obligation.value, obligation.symbol.sort))
    inner = core.conjunction(obligation.condition, outside)
    return core.quantified(obligation.binders, inner, universal=False)


def _with_range_monitor(action: Action) -> Action:
    """`action`, noting violated obligations and leaving out the writes that would violate them."""
    if not action.obligations:
        return action
    writes = []
    for write in action.writes:
        if isinstance(write.symbol.sort, RangeSort):
            fits = _within(write.value, write.symbol.sort)
            write = replace(write, condition=core.conjunction(write.condition, fits))
        writes.append(write)
    violated = core.disjunction(*(out_of_range(o) for o in action.obligations))
    writes.append(Write(RANGE_MONITOR, (), (), violated, TRUE))
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
