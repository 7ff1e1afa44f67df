"""What a property asks for, without how it is watched: which states, or which pairs of states, are bad."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, Expr, Symbol
from tdxverify.logic.sorts import Sizes
from tdxverify.model.model import Action
from tdxverify.questions.kinds import kind_of
from tdxverify.questions.problems.problem import Problem
from tdxverify.questions.question import Question, at


@dataclass(frozen=True)
class Subject:
    """`problem`: what can happen, as far as it matters. `bad`: over one state, or with primed reads over the
    two of a step; values out of their range are no part of it.
    """

    problem: Problem
    bad: Expr
    of_steps: bool


def subject_of(question: Question, sizes: Sizes) -> Subject:
    """What `question` asks for at `sizes`."""
    kind, target = kind_of(question.property), question.property
    watching = {monitor.symbol for monitor in kind.monitors(target)}
    problem = _without(at(question, sizes), watching)
    bad = kind.bad(question.spec.model, target)
    if kind.of_steps:
        required = kind.required(target)
        assert required is not None
        bad = core.negation(required)
    return Subject(_relevant(problem, bad), bad, kind.of_steps)


def _without(problem: Problem, symbols: set[Symbol]) -> Problem:
    return replace(
        problem,
        symbols=tuple(symbol for symbol in problem.symbols if symbol not in symbols),
        initial=tuple(start for start in problem.initial if start.symbol not in symbols),
        actions=tuple(
            replace(action, writes=tuple(w for w in action.writes if w.symbol not in symbols))
            for action in problem.actions
        ),
        bad=FALSE,
        possible=None,
    )


def _relevant(problem: Problem, bad: Expr) -> Problem:
    """`problem` without the variables, and the steps, that neither `bad` nor what it depends on looks at."""
    needed = core.names_of(bad) | {problem.range_monitor or ""}
    while True:
        more = set(needed)
        for action in problem.actions:
            if any(write.symbol.name in needed for write in action.writes):
                more |= _read_by(action, needed)
        for constraint in problem.constraints:
            names = core.names_of(constraint)
            more |= names if names & needed else set()
        if more == needed:
            break
        needed = more
    unneeded = {symbol for symbol in problem.state_symbols if symbol.name not in needed}
    kept = _without(problem, unneeded)
    return replace(
        kept,
        actions=tuple(action for action in kept.actions if action.writes),
        constraints=tuple(c for c in kept.constraints if not core.names_of(c) & {s.name for s in unneeded}),
    )


def _read_by(action: Action, needed: set[str]) -> set[str]:
    parts = [part for write in action.writes if write.symbol.name in needed for part in write.expressions]
    return {name for part in (action.guard, *parts) for name in core.names_of(part)}
