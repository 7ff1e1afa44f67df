"""`Question`: a check together with what the command line adds to it; and the variants of one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from pathlib import Path

from tdxverify.budget import Budget
from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.logic.expr import TRUE, Expr, conjunction
from tdxverify.logic.grounding import exactly
from tdxverify.logic.layout import Layout, Valuation
from tdxverify.logic.sizes_in_words import stated_sizes
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import Check, Property, SizeRange
from tdxverify.questions.names import check_name
from tdxverify.questions.narrowing import parameter_condition, selected, wrong_options
from tdxverify.questions.options import Options
from tdxverify.questions.problems.lower import lower, lower_steps, property_named
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.size_plan import DEFAULT_SIZE, Sizing, sizing, too_large
from tdxverify.questions.specs import Spec, load_model, not_come_to


@dataclass(frozen=True)
class Question:
    """`check`, one of `spec` or a variant of one, within what `options` allow."""

    spec: Spec
    check: Check
    options: Options

    @cached_property
    def property(self) -> Property:
        return property_named(self.spec.model, self.check.property)

    @cached_property
    def name(self) -> str:
        """What tells the check from all others of its spec, without a line number."""
        return check_name(self.check, self.spec.model.checks)

    @cached_property
    def sizing(self) -> Sizing:
        """The sizes that it is about."""
        return sizing(self.spec.model, self.check, self.options.sizes)


def every_check(spec: Spec, options: Options) -> tuple[Question, ...]:
    """The questions of the checks that `options` select, in the order of the file."""
    return tuple(Question(spec, check, options) for check in selected(spec.model, options))


def waiting(paths: Iterable[Path], options: Options) -> tuple[Question, ...]:
    """The same of files that an interrupted run did not come to; none where the options seem to be wrong: it
    may be that what they are about was not read."""
    specs = tuple(not_come_to(paths))
    if wrong_options(specs, options):
        return ()
    return tuple(asked for spec in specs for asked in every_check(spec, options))


def in_file(path: Path, options: Options, line: int | None) -> tuple[Question, ...]:
    """The same of the file at `path`; only the check at `line` where that is given.

    Never empty. Raises SpecError where the spec or the options are wrong.
    """
    spec = Spec(path, load_model(path, Budget.of(options.timeout)))
    wrong = wrong_options([spec], options)
    found = tuple(q for q in every_check(spec, options) if line is None or q.check.span.line == line)
    if not wrong and not found:
        wrong = [no_check([path], [spec], options, line)]
    if wrong:
        raise SpecError(wrong)
    return found


def no_check(
    paths: Iterable[str | PathLike[str]],
    specs: Sequence[Spec] = (),
    options: Options | None = None,
    line: int | None = None,
) -> Diagnostic:
    """That `options` choose none of the checks of `specs`, the files in `paths`, and none at `line`."""
    names = ", ".join(dict.fromkeys(os.fspath(path) for path in paths))
    if not any(spec.model.checks for spec in specs):
        hint = "add a line such as: check my_property expect proved"
        return Diagnostic(Code.E606, f"there is no check in {names}", hint=hint)
    chosen = [(spec, check) for spec in specs for check in selected(spec.model, options or Options())]
    if line is None or not chosen:
        told = f"no check of {names} is chosen by all of the options"
        return Diagnostic(Code.E606, told, hint="leave one of them out")
    spec, nearest = min(chosen, key=lambda one: abs(one[1].span.line - line))
    hint = f"the nearest is at {spec.path}:{nearest.span.line}"
    return Diagnostic(Code.E606, f"there is no check in line {line} of {names}", hint=hint)


def anywhere(question: Question) -> Question:
    """The same without the `where` of the check: for all parameter values that the model allows."""
    return _where(question, TRUE)


def with_rigid(question: Question, layout: Layout, rigid: Valuation) -> Question:
    """The same for the one choice `rigid` of parameters and constants, which `layout` tells apart.

    Neither the `where` of the check nor the parameters among the options are asked.
    """
    unbound = replace(question, options=replace(question.options, parameters=()))
    return _where(unbound, conjunction(*exactly(layout, rigid)))


def _where(question: Question, where: Expr) -> Question:
    return replace(
        question, check=replace(question.check, where=where, where_text="", besides="", config=None)
    )


def at(question: Question, sizes: Sizes) -> Problem:
    """The problem at `sizes`, which gives every index sort of the model."""
    extra = parameter_condition(question.spec.model, question.options)
    return lower(question.spec.model, question.check, sizes, extra)


def without_loop(question: Question, sizes: Sizes) -> Problem:
    """The same without what its property promises: the model's own steps, none of which looks for a loop."""
    extra = parameter_condition(question.spec.model, question.options)
    return lower_steps(question.spec.model, question.check, sizes, extra)


def at_any_size(question: Question) -> Problem:
    """The problem with sizes that stand for every one that the question is about."""
    sizes = dict.fromkeys((sort.name for sort in question.spec.model.index_sorts), DEFAULT_SIZE)
    return at(question, sizes).limited(question.sizing.limits)


def smallest(question: Question, sizes: Mapping[str, int]) -> Problem:
    """What can happen at `sizes`, completed by the smallest that the question is about, or by the default.

    Raises SpecError where that is too large.
    """
    return without_loop(question, smallest_sizes(question, sizes))


def smallest_sizes(question: Question, sizes: Mapping[str, int]) -> Sizes:
    """`sizes`, completed in that way. Raises SpecError where they are too large."""
    given = tuple(SizeRange(name, number, number) for name, number in sizes.items())
    options = replace(question.options, sizes=(*question.options.sizes, *given))
    narrowed = replace(question, options=options)
    refuse_too_large(narrowed)
    stated = narrowed.sizing
    lowest = dict(stated.combinations()[0])
    if not stated.any_size:
        lowest |= dict.fromkeys(stated.open, DEFAULT_SIZE)
    return lowest


def refuse_too_large(question: Question) -> None:
    """Raises SpecError (E602) where it is about sizes that are too large to be tried."""
    check = question.check
    large = too_large(question.spec.model, question.sizing, check.span, check.property)
    if large is not None:
        raise SpecError([large])


def without_start(question: Question, sizes: Sizes) -> SpecError:
    """What is said where the question has no initial state at `sizes`, and so no states at all."""
    at_sizes = f" for {stated_sizes(sizes.items())}" if sizes else ""
    told = f"there is no initial state{at_sizes}: what the check allows contradicts itself"
    return SpecError([Diagnostic(Code.E606, told, question.check.span)])
