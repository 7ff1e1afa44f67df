"""What is odd about one check: no initial state, a property about nothing, a frozen system."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tdxverify.answers.answer import Outcome
from tdxverify.answers.contradictions import OPTION, contradicting, in_words
from tdxverify.answers.deciding import answer
from tdxverify.answers.trivially import triviality_of
from tdxverify.budget import Budget
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.engines.base import Observer
from tdxverify.inquiries.idle_fairness import idle_fairness
from tdxverify.inquiries.probes import any_of, asking
from tdxverify.inquiries.reachability import Status, sights
from tdxverify.inquiries.triggers import parts_of, shortened
from tdxverify.inquiries.vacuity import Emptiness, empty_start
from tdxverify.logic.expr import Expr
from tdxverify.logic.show import show_expression
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.model.model import SizeRange
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question
from tdxverify.questions.size_plan import too_large
from tdxverify.syntax.ast import Expected

_HINTS = {
    Code.W110: "correct the condition, or say: expect vacuous",
    Code.W111: "is a step missing, or does 'where' go too far? if not, say: expect proved trivially",
    Code.W113: "is a step missing, or does 'where' go too far?",
}


_SAID_ALREADY = {Code.W110: (Expected.VACUOUS,), Code.W113: (Expected.TRIVIAL, Expected.VACUOUS)}


class CheckAnalysis:
    """The checks of one model. Checks in the same situation share what is found out about its start."""

    def __init__(self, budget: Callable[[], Budget], observer: Observer) -> None:
        self._budget = budget
        self._observer = observer
        self._starts: dict[tuple[Expr, tuple[SizeRange, ...]], Emptiness | None] = {}

    def findings(self, asked: Question) -> Iterator[Diagnostic]:
        """Findings about a check: at its start whatever is expected, about its property where a proof is, or
        where there is a trivial one.

        E602, a mistake that only a run finds, where its sizes are too large to look at.
        """
        expected = asked.check.expected
        large = too_large(asked.spec.model, asked.sizing, asked.check.span, asked.check.property)
        if large is not None:
            yield large
            return
        budget = self._budget()
        empty = self._start(asked, budget)
        if empty is None:
            yield from idle_fairness(asked, budget, self._observer)
        proof = not kind_of(asked.property).is_sought
        if empty is not None and expected not in _SAID_ALREADY[empty.code]:
            yield _finding(asked, empty, budget)
        elif empty is not None and empty.code is Code.W110 and expected is Expected.VACUOUS:
            return
        elif expected is Expected.PROVED and proof:
            yield from self._about_property(asked, budget)
        elif expected is Expected.TRIVIAL:
            yield from _not_trivial(asked, budget if proof else None)
        elif proof:
            yield from self._not_expected(asked, budget)

    def _start(self, asked: Question, budget: Budget) -> Emptiness | None:
        key = asked.check.where, asked.sizing.ranges
        if key not in self._starts:
            self._starts[key] = empty_start(asked, budget, self._observer)
        return self._starts[key]

    def _about_property(self, asked: Question, budget: Budget) -> Iterator[Diagnostic]:
        target = asked.property
        note = Note("the property", target.span)
        found = triviality_of(asked, budget)
        if found.trivial:
            message = f"the proof of '{target.name}' is trivial: {found.reason}"
            yield Diagnostic(Code.W111, message, asked.check.span, (note,), _HINTS[Code.W111])
            return
        for text, where in self._never_true(asked, budget):
            message = f"a condition of '{target.name}' is never true in this check {where}".rstrip()
            hint = "the other conditions make no difference then; is that what the check is about?"
            yield Diagnostic(Code.W112, f"{message}: {shortened(text)}", asked.check.span, (note,), hint)

    def _not_expected(self, asked: Question, budget: Budget) -> Iterator[Diagnostic]:
        """A trivial proof, where something else is expected than a proof."""
        found = triviality_of(asked, budget)
        if not found.trivial or answer(asked, budget, self._observer).answer.outcome is not Outcome.PROVED:
            return
        expected = asked.check.expected.value
        message = (
            f"the proof of '{asked.check.property}' is trivial, and '{expected}' is expected: {found.reason}"
        )
        note = Note("the property", asked.property.span)
        yield Diagnostic(Code.W111, message, asked.check.span, (note,), _HINTS[Code.W111])

    def _never_true(self, asked: Question, budget: Budget) -> Iterator[tuple[str, str]]:
        """Conditions that are never true at the largest sizes of the check, though others make a difference.

        With each of them these sizes.
        """
        parts = parts_of(asked.property)
        if not parts:
            return
        formulas = [formula for part in parts for formula in (part.met, part.rest_unmet)]
        sizes = asked.sizing.largest_first()[0]
        problem = asking(asked, sizes, any_of(formulas))
        seen = sights(problem, formulas, budget, self._observer) or ()
        for part, met, rest_unmet in zip(parts, seen[::2], seen[1::2], strict=False):
            if met.status is Status.NEVER and rest_unmet.status is Status.SEEN:
                yield show_expression(part.met), sizes_text([sizes])


def _not_trivial(asked: Question, budget: Budget | None) -> Iterator[Diagnostic]:
    """Where a trivial proof is expected, and there is none. `budget`: None where none can be."""
    if budget is None or triviality_of(asked, budget).trivial is False:
        message = f"no proof of '{asked.check.property}' is trivial here, and a trivial one is expected"
        note = Note("the property", asked.property.span)
        yield Diagnostic(Code.W115, message, asked.check.span, (note,), "write: expect proved")


def _finding(asked: Question, empty: Emptiness, budget: Budget) -> Diagnostic:
    message = f"this check of '{asked.check.property}' is about nothing: {empty.reason}"
    hint = _HINTS[empty.code]
    if empty.code is Code.W110:
        parts = contradicting(asked, budget)
        message += f", since {in_words(parts)}" if parts else ""
        hint = "ask without '--param', or with another value" if OPTION in parts else hint
    return Diagnostic(empty.code, message, asked.check.span, hint=hint)
