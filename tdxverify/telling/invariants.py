"""Formulas of an invariant as they are told: what lowering has added is said in the words of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tdxverify.logic import expr as core
from tdxverify.logic.counting import counted
from tdxverify.logic.expr import Expr, Read, symbols_of
from tdxverify.logic.show import show_expression, told_formulas
from tdxverify.logic.sorts import RangeSort
from tdxverify.model.model import Check, Model, Property, RangeObligation
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.kinds.kind import Monitor
from tdxverify.questions.problems.lower import RANGE_MONITOR, property_named

MOST_VALUES = 5  # that are listed
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def claim_of(target: Property) -> str:
    """`never a and b`: as written in the source, on one line, without comments."""
    return _on_one_line(target.claim.text)


def told_invariant(model: Model, check: Check, formulas: Iterable[Expr]) -> dict[str, Expr]:
    """Formulas of an invariant of a question that `check` asks, by the text that tells them; those that speak
    of a step or of a value that does not fit come last."""
    shown = told_formulas(formulas)
    target = property_named(model, check.property)
    watching = kind_of(target).monitors(target)
    monitors = {RANGE_MONITOR, *(monitor.symbol for monitor in watching)}
    if all(monitors.isdisjoint(symbols_of(formula)) for formula in shown.values()):
        return shown
    obligations = (
        *model.start_obligations,
        *check.obligations,
        *(one for action in model.actions for one in action.obligations),
        *(one for monitor in watching for one in monitor.obligations),
    )
    names = _Names(target, watching, fitting(obligations, check.span.source.path))
    told = {names.told(formula): formula for formula in shown.values()}
    return dict(sorted(told.items(), key=lambda item: (names.are_in(item[1]), item[0])))


class _Names:
    """What is said of the monitors of a question."""

    def __init__(self, target: Property, watching: Iterable[Monitor], fits: str) -> None:
        kept = f"every step on the way there keeps {target.name}: {claim_of(target)}"
        broken = f"(a step on the way there has broken {target.name})"
        self._never = {RANGE_MONITOR: fits, **{monitor.symbol: kept for monitor in watching}}
        self._ever = {RANGE_MONITOR: "(a value has left its range)"}
        self._ever.update({monitor.symbol: broken for monitor in watching})

    def are_in(self, formula: Expr) -> bool:
        return not self._never.keys().isdisjoint(symbols_of(formula))

    def told(self, formula: Expr) -> str:
        denied = core.negation(formula)
        if isinstance(denied, Read) and denied.symbol in self._never:
            return self._never[denied.symbol]
        return show_expression(core.transform(formula, self._renamed) if self.are_in(formula) else formula)

    def _renamed(self, node: Expr) -> Expr | None:
        if isinstance(node, Read) and node.symbol in self._ever:
            return Read(replace(node.symbol, name=self._ever[node.symbol]))
        return None


def fitting(obligations: Iterable[RangeObligation], file: str) -> str:
    """That all of them hold: which value stays where. Only of places in other files that is said in which."""
    found = list(dict.fromkeys(_fits(one, file) for one in obligations))
    listed = ", ".join(found[:MOST_VALUES])
    rest = len(found) - MOST_VALUES
    more = f", and {counted(rest, 'other value')}" if rest > 0 else ""
    return f"every value fits: {listed}{more}"


def _fits(obligation: RangeObligation, file: str) -> str:
    """`n := n + 1 stays within 0..3 (line 4)`; of none `owner[p] is not none (m.tdx:7)`."""
    sort, text = obligation.target.sort, _on_one_line(obligation.span.text)
    path, number = obligation.span.source.path, obligation.span.line
    place = f"line {number}" if path == file else f"{path}:{number}"
    if isinstance(sort, RangeSort):
        return f"{text} stays within {sort} ({place})"
    return f"{text} {'is not' if obligation.target.symbol is None else 'does not assign'} none ({place})"


def _on_one_line(text: str) -> str:
    return " ".join(_COMMENT.sub(" ", text).split())
