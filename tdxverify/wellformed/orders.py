"""Do the elements of an atomic `foreach` keep out of each other's way? What `model/ordering.py` left open."""

from __future__ import annotations

from collections.abc import Mapping

from tdxverify.budget import UNLIMITED, Budget, NotDecided
from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Symbol
from tdxverify.logic.layout import Cell
from tdxverify.logic.partial import PartialEvaluator
from tdxverify.logic.show import show_cell, written_name
from tdxverify.logic.sorts import Value, domain, show
from tdxverify.model.foreach import HINT
from tdxverify.model.ordering import Conflict, OrderCondition, Trouble
from tdxverify.wellformed.states import Effort, Example, find_state, free_variables, relevant


def check_order(
    condition: OrderCondition,
    assumptions: tuple[Expr, ...],
    diagnostics: DiagnosticCollector,
    budget: Budget = UNLIMITED,
) -> None:
    """Report E401 where two elements do not commute, with an example; E415 where that cannot be found out."""
    if condition.too_large is not None:
        _undecided(condition, condition.too_large, "the question is too large", diagnostics)
        return
    effort = Effort(budget=budget)
    assumed = relevant(assumptions, [conflict.happens for conflict in condition.conflicts])
    for conflict in condition.conflicts:
        formula = core.conjunction(conflict.happens, assumed)
        try:
            found = find_state(formula, _variables(condition, formula), effort)
        except NotDecided as reason:
            _undecided(condition, conflict.symbol, str(reason), diagnostics)
            return
        if found is not None:
            _refuse(condition, conflict, found, diagnostics)
            return


def _undecided(
    condition: OrderCondition, symbol: Symbol, reason: str, diagnostics: DiagnosticCollector
) -> None:
    message = (
        f"'foreach' does all elements at once, and whether they keep out of each other's way "
        f"for '{symbol.name}' cannot be decided: {reason}"
    )
    diagnostics.report(Code.E415, message, condition.span, hint=HINT)


def _variables(condition: OrderCondition, formula: Expr) -> tuple[Bound, ...]:
    """All free variables, those of the two elements first."""
    free = free_variables(formula)
    elements = (*condition.one, *condition.other)
    return (*(b for b in elements if b in free), *(b for b in free if b not in elements))


def _refuse(
    condition: OrderCondition, conflict: Conflict, found: Example, diagnostics: DiagnosticCollector
) -> None:
    name, told = conflict.symbol.name, _Telling(found)
    one, other = (told.element(condition.binders, b) for b in (condition.one, condition.other))
    if conflict.trouble is Trouble.DISAGREEMENT:
        reason = "two elements write one cell with different values"
        cell = show_cell(Cell(conflict.symbol, tuple(told.value(index) for index in conflict.cell)))
        first, second = (show(conflict.symbol.sort, told.value(value)) for value in conflict.values)
        example = f"{cell} becomes {first} with {one}, and {second} with {other}"
    else:
        reason = "one element reads what another one writes"
        example = f"what is done with {other} depends on whether {one} was done before"
    elements = (*condition.one, *condition.other, *(b for b in conflict.cell if isinstance(b, Bound)))
    values, counts = found.values(b for b in found.bound if b not in elements), found.counts()
    where = (f", where {values}" if values else "") + (f", with {counts}" if counts else "")
    message = f"'foreach' does all elements at once, but for '{name}' {reason}"
    diagnostics.report(
        Code.E401, message, condition.span, notes=(Note(f"for example: {example}{where}"),), hint=HINT
    )


class _Telling:
    """Values in an example; what the example leaves open is as small as it can be."""

    def __init__(self, found: Example) -> None:
        self._found = found
        self._evaluator = PartialEvaluator(found.known(), found.sizes)

    def value(self, expr: Expr) -> Value:
        while True:
            found = self._evaluator.value(expr, dict(self._bound(expr)))
            if not isinstance(found, Cell):
                return found
            self._evaluator.known[found.symbol.name, found.indices] = domain(
                found.symbol.sort, self._found.sizes
            )[0]

    def _bound(self, expr: Expr) -> Mapping[Bound, Value]:
        return {
            b: self._found.bound[b] if b in self._found.bound else domain(b.sort, self._found.sizes)[0]
            for b in free_variables(expr)
        }

    def element(self, names: tuple[Bound, ...], values: tuple[Bound, ...]) -> str:
        """`l = Line0, m = Line1`."""
        shown = (
            f"{written_name(name)} = {show(bound.sort, self.value(bound))}"
            for name, bound in zip(names, values, strict=True)
        )
        return ", ".join(shown)
