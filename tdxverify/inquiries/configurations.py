"""What is odd about the configurations of a file: one that is about no machine, two that are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tdxverify.answers.contradictions import has_no_values
from tdxverify.budget import Budget, NotDecided
from tdxverify.diagnostics import Code, Diagnostic, Note
from tdxverify.inquiries.probes import NOWHERE, UNCHECKED
from tdxverify.inquiries.usage import Program
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Expr
from tdxverify.model.model import Config, Property
from tdxverify.questions.options import Options
from tdxverify.questions.question import Question
from tdxverify.questions.specs import Spec
from tdxverify.syntax.ast import PropertyKind

_PROBE = Property("starts", PropertyKind.NEVER, TRUE, None, (), NOWHERE, NOWHERE)


def configuration_findings(program: Program, budget: Budget) -> Iterator[Diagnostic]:
    """About those that the root file declares. What cannot be decided is not said. Raises LimitReached."""
    here = program.root.span.source.path
    different: list[Config] = []
    for config in program.model.configs:
        if config.span.source.path != here:
            continue
        if _never(program, config.where, budget):
            yield _empty(program, config, budget)
            continue
        same = next((one for one in different if _is_same(program, one, config, budget)), None)
        if same is None:
            different.append(config)
        else:
            note = Note(f"configuration '{same.name}'", same.span)
            message = f"configuration '{config.name}' is the same as '{same.name}'"
            hint = "change the condition of one of them, or remove it"
            yield Diagnostic(Code.W120, message, config.span, (note,), hint)


def _empty(program: Program, config: Config, budget: Budget) -> Diagnostic:
    bare = replace(program, model=replace(program.model, assumptions=()))
    alone = _never(bare, config.where, budget)
    message = f"no values of parameters and constants satisfy configuration '{config.name}'"
    return Diagnostic(
        Code.W119,
        message if alone else f"{message} and what is assumed",
        config.span,
        hint="correct its condition, or remove it",
    )


def _is_same(program: Program, one: Config, other: Config, budget: Budget) -> bool:
    if one.where == other.where:
        return True
    return _never(program, core.negation(core.equal(one.where, other.where)), budget)


def _never(program: Program, formula: Expr, budget: Budget) -> bool:
    """Whether it is certain that no values at any size satisfy `formula`."""
    model = replace(program.model, properties=(_PROBE,))
    spec = Spec(Path(program.root.span.source.path), model)
    check = replace(UNCHECKED, property=_PROBE.name, where=formula)
    with suppress(NotDecided):
        return has_no_values(Question(spec, check, Options()), budget)
    return False
