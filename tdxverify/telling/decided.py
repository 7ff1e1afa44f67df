"""Which rows of access tables decided a step: by the evaluator, on the state before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from tdxverify.logic.evaluate import Evaluator
from tdxverify.logic.expr import Bound
from tdxverify.logic.layout import Valuation
from tdxverify.logic.sorts import Value, domain
from tdxverify.model.model import Action, Decision


def decided(
    action: Action, evaluator: Evaluator, rigid: Valuation, before: Valuation, bound: Mapping[Bound, Value]
) -> Iterator[tuple[Decision, dict[Bound, Value]]]:
    """Decisions whose row applied, in the order of the text, once for every choice of their binders.

    `bound` are the values of the action's parameters; with each decision come those and the binders'.
    """
    for decision in action.decisions:
        domains = [domain(binder.sort, evaluator.sizes) for binder in decision.binders]
        for values in product(*domains):
            chosen = {**bound, **dict(zip(decision.binders, values, strict=True))}
            if evaluator.evaluate(decision.condition, rigid, before, chosen):
                yield decision, chosen
