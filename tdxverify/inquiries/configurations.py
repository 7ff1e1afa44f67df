"""What is odd about the configurations of a file: one that is about no machine, two that are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tdxverify.answers.contradictions import has_no_values
from tdxverify.budget import Budget, NotDecided
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.inquiries.probes import starting
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr
from tdxverify.model.model import Config
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question


def configuration_findings(asked: Question, budget: Budget) -> Iterator[Diagnostic]:
    """About those that the file declares about which `asked` is, whatever else that is about. What cannot be
    decided is not said. Raises LimitReached."""
    here = str(asked.spec.path)
    different: list[Config] = []
    for config in asked.spec.model.configs:
        if config.span.source.path != here:
            continue
        if _never(asked, config.where, budget):
            yield _empty(asked, config, budget)
            continue
        same = next((one for one in different if _is_same(asked, one, config, budget)), None)
        if same is None:
            different.append(config)
        else:
            note = Note(f"configuration '{same.name}'", same.span)
            message = f"configuration '{config.name}' is the same as '{same.name}'"
            hint = "change the condition of one of them, or remove it"
            yield Diagnostic(Code.W121, message, config.span, (note,), hint)


def _empty(asked: Question, config: Config, budget: Budget) -> Diagnostic:
    model = replace(asked.spec.model, assumptions=())
    bare = replace(asked, spec=replace(asked.spec, model=model))
    alone = _never(bare, config.where, budget)
    message = f"no values of parameters and constants satisfy configuration '{config.name}'"
    return Diagnostic(
        Code.W120,
        message if alone else f"{message} and what is assumed",
        config.span,
        hint="correct its condition, or remove it",
    )


def _is_same(asked: Question, one: Config, other: Config, budget: Budget) -> bool:
    if one.where == other.where:
        return True
    return _never(asked, core.negation(core.equal(one.where, other.where)), budget)


def _never(asked: Question, formula: Expr, budget: Budget) -> bool:
    """Whether it is certain that no values at any size satisfy `formula`."""
    with suppress(NotDecided):
        return has_no_values(replace(starting(asked, formula), options=Options()), budget)
    return False
