"""Which part of a formula decides its value in a state, and for which elements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

from tdxverify.diagnostics import InternalError
from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import (
    Apply,
    Bound,
    Expr,
    Quantified,
    conjunction,
    disjunction,
    implication,
    negation,
)
from tdxverify.logic.layout import Valuation
from tdxverify.logic.operators import Op
from tdxverify.logic.sorts import Value, domain


@dataclass
class Explanation:
    """Reduces formulas in one state (and its successor, for primed reads).

    `elements` collects the value of every quantified variable whose quantifier was dropped.
    """

    evaluator: Evaluator
    rigid: Valuation
    state: Valuation
    successor: Valuation
    elements: dict[Bound, Value] = field(default_factory=dict)

    def holds(self, expr: Expr) -> bool:
        return bool(self.evaluator.evaluate(expr, self.rigid, self.state, self.elements, self.successor))

    def reduce(self, expr: Expr) -> Expr:
        """A part of `expr` that has the same value here and decides it.

        Of a false conjunction or a true disjunction the first part that decides is kept; a false
        `forall` and a true `exists` become the body at the least elements that decide.
        """
        value = self.holds(expr)
        match expr:
            case Apply(op=Op.NOT, arguments=(inner,)):
                return negation(self.reduce(inner))
            case Apply(op=Op.AND | Op.OR as op, arguments=parts):
                return self._junction(op, parts, value=value)
            case Apply(op=Op.IMPLIES, arguments=(left, right)):
                if not value:
                    return implication(self.reduce(left), self.reduce(right))
                return self.reduce(right) if self.holds(left) else negation(self.reduce(left))
            case Quantified(universal=universal) if universal is not value:
                self.choose(expr)
                return self.reduce(expr.body)
            case _:
                return expr

    def _junction(self, op: Op, parts: Iterable[Expr], *, value: bool) -> Expr:
        if value is (op is Op.OR):
            return self.reduce(next(part for part in parts if self.holds(part) is value))
        reduced = [self.reduce(part) for part in parts]
        return conjunction(*reduced) if op is Op.AND else disjunction(*reduced)

    def choose(self, expr: Quantified) -> None:
        """Bind the least elements at which the body differs from what the quantifier asks."""
        domains = [domain(binder.sort, self.evaluator.sizes) for binder in expr.binders]
        for values in product(*domains):
            self.elements.update(zip(expr.binders, values, strict=True))
            if self.holds(expr.body) is not expr.universal:
                return
        raise InternalError("a quantifier has no element that decides it")
