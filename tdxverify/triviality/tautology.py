"""Whether a property holds whatever happens, since no values that the types allow could break it."""

from __future__ import annotations

from dataclasses import replace

from tdxverify.budget import Budget
from tdxverify.logic import expr as core
from tdxverify.logic.sizes_in_words import sizes_text
from tdxverify.logic.sorts import Sizes, element_sort
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.question import Question, at_any_size
from tdxverify.smt.inductive import UnsizedQuestions
from tdxverify.smt.products import States
from tdxverify.triviality.facts import said_of_later, with_later
from tdxverify.triviality.subject import subject_of

MOST_COMBINATIONS = 8  # of sizes


def tautology(question: Question, small: Sizes, budget: Budget) -> str | None:
    """At which sizes ("for Line = 2", or nothing) no values at all are bad; None where some are.

    `small`: where the question leaves sizes open, or states many, those that are looked at; what is so
    there is then asked of every size. Raises NotDecided.
    """
    sizing = question.sizing
    stated = sizing.largest_first()
    combinations = [small] if sizing.open or len(stated) > MOST_COMBINATIONS else stated
    if not all(_excluded(question, sizes, budget) for sizes in combinations):
        return None
    if sizing.open and excluded_at_any_size(question, budget):
        return sizing.told()
    return sizes_text(combinations)


def _excluded(question: Question, sizes: Sizes, budget: Budget) -> bool:
    subject = subject_of(question, sizes)
    if not subject.of_steps:
        return States(subject.problem, budget.allowance).contradiction([subject.bad]) is not None
    bad = said_of_later(subject.bad, primed_only=True)
    return States(with_later(subject.problem), budget.allowance).contradiction([bad]) is not None


def excluded_at_any_size(question: Question, budget: Budget) -> bool:
    """Whether no values are bad, however many elements there are; False where that is not known. Requires
    that it is so at some size."""
    kind, target = kind_of(question.property), question.property
    bad = kind.bad(question.spec.model, target)
    asked = kind.required(target) or bad if kind.of_steps else bad
    if not any(element_sort(node.sort) for node in core.walk(asked)):
        return True
    if kind.of_steps:
        return False
    bare = replace(at_any_size(question), assumptions=(), constraints=(), actions=(), bad=bad, possible=None)
    return UnsizedQuestions(bare, (), budget.allowance).bad_excluded_by(()) is not None
