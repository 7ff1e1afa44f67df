"""The one place where a value meets a narrower range, or one that may be none a place that none is not for.

All other sorts must be equal. Intervals, and guards such as `x != none`, decide
statically where they can: a value that always fits costs nothing, one that never fits is a mistake in
the spec (E309). What is left is a `RangeObligation`, whose violation is a bad state of every question
about the model, so that every engine finds it, at any size, with a trace (E510, or E511 of none).

What a violation leaves behind needs a meaning too, or else what follows in the step would be folded by
intervals that do not hold. A statement whose value does not fit is not done; where an expression meets a
range (an argument or the result of a define, an initial value, a constant) the nearest value stands in; for
none some value does.
"""

from __future__ import annotations

from dataclasses import replace

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, Symbol
from tdxverify.logic.operators import Op
from tdxverify.logic.show import as_written
from tdxverify.logic.sorts import OptionalSort, RangeSort, Sort
from tdxverify.model.model import RangeObligation, RangeTarget
from tdxverify.model.scope import NameSupply, Scope
from tdxverify.source import Span


def fits(value: Expr, sort: Sort) -> Expr:
    """That `value`, of the same kind as `sort`, lies in it: TRUE or FALSE where intervals show it."""
    if isinstance(value.sort, OptionalSort) and not isinstance(sort, OptionalSort):
        return core.negation(core.equal(value, core.none_of(value.sort)))
    if not isinstance(sort, RangeSort):
        return TRUE
    low, high = (core.Const(v, RangeSort(v, v)) for v in (sort.low, sort.high))
    return core.conjunction(core.less(Op.LE, low, value), core.less(Op.LE, value, high))


def index_of(symbol: Symbol, sort: Sort) -> RangeTarget:
    """An index of `symbol`, of that sort."""
    return RangeTarget(f"the index of '{symbol.name}'", sort, verb="is in")


def nearest(value: Expr, sort: Sort) -> Expr:
    """`value` where it lies in `sort`, else the end of the range that is next to it."""
    if isinstance(value.sort, OptionalSort) and not isinstance(sort, OptionalSort):
        return core.the(value)
    if not isinstance(sort, RangeSort):
        return value
    low, high = (core.Const(v, RangeSort(v, v)) for v in (sort.low, sort.high))
    below, above = core.less(Op.LT, value, low), core.less(Op.LT, high, value)
    return core.conditional(below, low, core.conditional(above, high, value))


def as_element(value: Expr, sort: Sort) -> Expr:
    """`value`, which is none only where it is not used, as one of `sort`."""
    return value if isinstance(sort, OptionalSort) else core.the(value)


def is_settled(value: Expr, sort: Sort, condition: Expr) -> bool:
    """Whether the text shows that `value` lies in `sort` where `condition` holds."""
    inside = fits(value, sort)
    if inside == TRUE or condition == FALSE:
        return True
    return isinstance(value.sort, OptionalSort) and inside in core.conjuncts(condition)


def never_none(obligation: RangeObligation, condition: Expr) -> bool:
    """Whether `obligation` asks that something is not none, which the text shows where `condition` holds."""
    sort = obligation.target.sort
    if isinstance(sort, RangeSort | OptionalSort):
        return False
    return is_settled(obligation.value, sort, condition)


def violated(obligation: RangeObligation) -> Expr:
    """That `obligation` does not hold, for some value of its binders."""
    outside = core.negation(fits(obligation.value, obligation.target.sort))
    inner = core.conjunction(obligation.condition, outside)
    return core.quantified(obligation.binders, inner, universal=False)


def some_violated(obligations: tuple[RangeObligation, ...]) -> Expr:
    """That one of `obligations` does not hold."""
    return core.disjunction(*(violated(obligation) for obligation in obligations))


def as_indices(values: tuple[Expr, ...], sorts: tuple[Sort, ...]) -> tuple[Expr, ...]:
    """`values` as indices of `sorts`: the nearest ones stand in for those that may not fit."""
    return tuple(_as_index(value, sort) for value, sort in zip(values, sorts, strict=True))


def _as_index(value: Expr, sort: Sort) -> Expr:
    """As `nearest`, in a form that nobody writes, so that it can be told as it was written."""
    written = as_written(value)
    if written is not value and _as_index(written, sort) == value:
        return value
    if not isinstance(sort, RangeSort):
        return value
    low, high = (core.Const(v, RangeSort(v, v)) for v in (sort.low, sort.high))
    below = core.negation(core.less(Op.LE, low, value))
    above = core.negation(core.less(Op.LE, value, high))
    return core.conditional(below, low, core.conditional(above, high, value))


def never_fits(value: Expr, target: RangeTarget, span: Span, diagnostics: DiagnosticCollector) -> bool:
    """Whether intervals show that `value` is outside the range of `target`; E309 then."""
    if fits(value, target.sort) != FALSE:
        return False
    told = f"{target.what} {target.verb} {target.sort}, the value is {_given(value)}"
    if core.is_none(value):
        told = f"{target.what} is never none, the value is none"
    diagnostics.report(Code.E309, told, span, hint=_instead(value, target))
    return True


def may_not_fit(value: Expr, target: RangeTarget, span: Span, diagnostics: DiagnosticCollector) -> None:
    """E309 where a value that may be outside cannot be an obligation."""
    told = f"{target.what} {target.verb} {target.sort}, the value may be {_given(value)}"
    diagnostics.report(Code.E309, told, span, hint=_instead(value, target))


def _instead(value: Expr, target: RangeTarget) -> str:
    """What to do about a value that does not fit."""
    if isinstance(target.sort, RangeSort) and isinstance(value.sort, RangeSort):
        low, high = min(value.sort.low, target.sort.low), max(value.sort.high, target.sort.high)
        return f"write a value in {target.sort}, or declare it with a wider range, such as {low}..{high}"
    return "ask before whether it is none, as in 'when x != none', or declare the target with 'or none'"


def _given(value: Expr) -> str:
    match value.sort:
        case RangeSort(low=low, high=high) if low == high:
            return f"{low}"
        case OptionalSort():
            return "none"
        case sort:
            return f"{sort}"


def narrowed(
    value: Expr, target: RangeTarget, span: Span, scope: Scope, diagnostics: DiagnosticCollector
) -> Expr | None:
    """`value` of an expression as a value of the target's sort; None after a diagnostic.

    What intervals leave open is an obligation of `scope`; where nobody collects those, it is refused.
    """
    condition = core.conjunction(*scope.conditions)
    if FALSE in scope.conditions or is_settled(value, target.sort, condition):
        return nearest(value, target.sort)
    if never_fits(value, target, span, diagnostics):
        return None
    if scope.obligations is None:
        may_not_fit(value, target, span, diagnostics)
        return None
    scope.obligations.append(RangeObligation(target, scope.binders, condition, value, span))
    return nearest(value, target.sort)


def at_call(
    obligation: RangeObligation, mapping: dict[Bound, Expr], scope: Scope, names: NameSupply
) -> RangeObligation:
    """`obligation` of a define where it is called: with `mapping` for its parameters, and inside `scope`."""
    own = {binder: Bound(names.fresh(binder.name), binder.sort) for binder in obligation.binders}
    put = {**mapping, **own}
    return replace(
        obligation,
        binders=(*scope.binders, *own.values()),
        condition=core.conjunction(*scope.conditions, core.substitute(obligation.condition, put)),
        value=core.substitute(obligation.value, put),
    )
