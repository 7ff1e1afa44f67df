"""What is odd about one check: a `where` that admits nothing, a property about nothing, a frozen system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tdxverify.analyses.asking import any_of, asking
from tdxverify.analyses.reachability import Status, sights
from tdxverify.analyses.sizes import sizes_text
from tdxverify.analyses.triggers import parts_of, shortened
from tdxverify.analyses.vacuity import Emptiness, Situation, empty_start, empty_trigger
from tdxverify.budget import Budget
from tdxverify.checker.sizing import sizing, too_large
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.engines.base import Observer
from tdxverify.model.expr import TRUE, Expr
from tdxverify.model.model import Check, Model, SizeRange
from tdxverify.model.show import show_expression
from tdxverify.syntax.ast import Expected
from tdxverify.ts.lower import property_named

_HINTS = {
    Code.W110: "correct the condition, or say: expect vacuous",
    Code.W111: "the property holds whatever the system does; is a step missing, or does 'where' go too far?",
    Code.W113: "is a step missing, or does 'where' go too far?",
}


class CheckAnalysis:
    """The checks of one model. Checks in the same situation share what is found out about its start."""

    def __init__(
        self, model: Model, sizes: Sequence[SizeRange], budget: Callable[[], Budget], observer: Observer
    ) -> None:
        self._model = model
        self._sizes = sizes
        self._budget = budget
        self._observer = observer
        self._starts: dict[tuple[Expr, tuple[SizeRange, ...]], Emptiness | None] = {}

    def findings(self, check: Check) -> Iterator[Diagnostic]:
        """Findings about `check`: at its start whatever is expected, about its property where a proof is.

        E602, a mistake that only a run finds, where its sizes are too large to look at.
        """
        if check.expected is Expected.VACUOUS:
            return
        sizes = sizing(self._model, check, self._sizes)
        large = too_large(self._model, sizes, check.span)
        if large is not None:
            yield large
            return
        asked = Situation(self._model, check, sizes, TRUE, self._budget(), self._observer)
        empty = self._start(asked)
        if empty is not None:
            yield _finding(check, empty, ())
        elif check.expected is Expected.PROVED:
            yield from self._about_property(asked)

    def _start(self, asked: Situation) -> Emptiness | None:
        key = asked.check.where, asked.sizing.ranges
        if key not in self._starts:
            self._starts[key] = empty_start(asked)
        return self._starts[key]

    def _about_property(self, asked: Situation) -> Iterator[Diagnostic]:
        target = property_named(self._model, asked.check.property)
        note = Note("the property", target.span)
        empty = empty_trigger(asked)
        if empty is not None:
            yield _finding(asked.check, empty, (note,))
            return
        for text, where in self._never_true(asked):
            message = f"a condition of '{target.name}' is never true in this check {where}".rstrip()
            hint = "the other conditions make no difference then; is that what the check is about?"
            yield Diagnostic(Code.W112, f"{message}: {shortened(text)}", asked.check.span, (note,), hint)

    def _never_true(self, asked: Situation) -> Iterator[tuple[str, str]]:
        """Conditions that are never true at the largest sizes of the check, though others make a difference.

        With each of them these sizes.
        """
        parts = parts_of(property_named(self._model, asked.check.property))
        if not parts:
            return
        formulas = [formula for part in parts for formula in (part.met, part.rest_unmet)]
        sizes = asked.combinations[0]
        problem = asking(self._model, asked.check, sizes, any_of(formulas))
        seen = sights(problem, formulas, asked.budget, self._observer) or ()
        for part, met, rest_unmet in zip(parts, seen[::2], seen[1::2], strict=False):
            if met.status is Status.NEVER and rest_unmet.status is Status.SEEN:
                yield show_expression(part.met), sizes_text([sizes])


def _finding(check: Check, empty: Emptiness, notes: tuple[Note, ...]) -> Diagnostic:
    message = f"this check of '{check.property}' is about nothing: {empty.reason}"
    return Diagnostic(empty.code, message, check.span, notes, _HINTS[empty.code])
