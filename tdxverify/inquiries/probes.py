"""Questions about the system of a check other than its property: does this ever happen there?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tdxverify.inquiries.triggers import fires
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Expr
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import Check, Model, Property
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at
from tdxverify.source import SourceFile, Span
from tdxverify.syntax.ast import Expected, PropertyKind

NOWHERE = Span(SourceFile("", ""), 0, 0)
UNCHECKED = Check("", (), False, TRUE, "", Expected.PROVED, None, NOWHERE)


def asking(question: Question, sizes: Sizes, wanted: Expr, *, of_a_step: bool = False) -> Problem:
    """The problem of `question` with another property: its bad states are those in which `wanted` holds, or
    that a step for which it holds has led to. Steps that leave a range do not count.
    """
    kind = PropertyKind.STEP if of_a_step else PropertyKind.NEVER
    formula = core.negation(wanted) if of_a_step else wanted
    probe = Property("happens", kind, formula, None, (), NOWHERE, NOWHERE)
    spec = replace(question.spec, model=replace(question.spec.model, properties=(probe,)))
    problem = at(replace(question, spec=spec, check=replace(question.check, property=probe.name)), sizes)
    bad = kind_of(probe).bad(spec.model, probe)
    in_range = core.negation(problem.out_of_range)
    return replace(problem, possible=None, bad=core.conjunction(bad, in_range), range_monitor=None)


def starting(question: Question, where: Expr) -> Question:
    """About the starts where `where` holds, and nothing else."""
    probe = Property("starts", PropertyKind.NEVER, TRUE, None, (), NOWHERE, NOWHERE)
    spec = replace(question.spec, model=replace(question.spec.model, properties=(probe,)))
    return replace(question, spec=spec, check=replace(UNCHECKED, property=probe.name, where=where))


def any_of(formulas: Iterable[Expr]) -> Expr:
    """A disjunction in which every parameter occurs that one of `formulas` reads.

    A formula that is always true would hide the others, and with them the parameters that only they read:
    lowering gives a parameter that nothing reads one value.
    """
    return core.disjunction(*(formula for formula in formulas if formula != TRUE))


def enabled(model: Model) -> Expr:
    """Some step can be made."""
    return core.disjunction(*(fires(action) for action in model.actions))
