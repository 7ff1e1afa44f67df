"""Expressions about what no declaration writes down: where a process stands, faults taken, who is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import did_you_mean, nearest_or_all
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Expr, Read, Symbol
from tdxverify.logic.sorts import EnumSort
from tdxverify.model.actors import Acting, missing_hint, named, some_took
from tdxverify.model.declarations import require_actor, require_outcome
from tdxverify.model.habits import fixed_instead
from tdxverify.model.scope import Scope
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker


class ImplicitReads:
    """Lowers them for `checker`. `counters` gives each process's program counter symbol."""

    def __init__(self, checker: ExpressionChecker) -> None:
        self._checker = checker
        self.counters: dict[str, Symbol] = {}

    def read(self, written: ast.AtLabel | ast.Took | ast.IsDead, scope: Scope) -> Expr | None:
        """What `written` asks; None after a diagnostic."""
        if not scope.state_allowed:
            message = f"{scope.place} may read parameters and constants only"
            hint = fixed_instead(scope.place)
            self._checker.diagnostics.report(Code.E311, message, written.span, hint=hint)
            return None
        match written:
            case ast.AtLabel():
                return self._at_label(written, scope)
            case ast.IsDead(actor=actor, indices=indices):
                one = self._named(actor, indices, "is dead", scope)
                return None if one is None else one.dead()
            case ast.Took(actor=taker, indices=indices, outcome=outcome):
                known = require_outcome(outcome, self._checker.declarations, self._checker.diagnostics)
                if taker is not None:
                    one = self._named(taker, indices, f"took {outcome.text}", scope)
                    return one.took(outcome.text) if one is not None and known else None
                actors = self._checker.declarations.actors.values()
                return some_took(actors, outcome.text, self._checker) if known else None

    def _named(
        self, name: ast.Name, indices: tuple[ast.Expr, ...], claim: str, scope: Scope
    ) -> Acting | None:
        """The actor of whom `claim` is said; None after a diagnostic."""
        if not require_actor(name, self._checker.declarations, self._checker.diagnostics):
            return None
        actor = self._checker.declarations.actors[name.text]
        return named(actor, indices, scope, name.span, self._checker, hint=missing_hint(actor, claim))

    def _at_label(self, written: ast.AtLabel, scope: Scope) -> Expr | None:
        counter = self.counters.get(written.process.text)
        if counter is None:
            if written.process.text not in self._checker.declarations.processes:
                known = self._checker.declarations.processes
                hint = nearest_or_all(written.process.text, known, "declare it: 'process p { start: { } }'")
                message = f"unknown process '{written.process.text}'"
                self._checker.diagnostics.report(Code.E217, message, written.process.span, hint=hint)
            return None
        label = self.label(counter, written.label)
        parts = self._checker.indices(counter, written.indices, scope, written.span)
        return None if label is None or parts is None else core.equal(Read(counter, parts), label)

    def label(self, counter: Symbol, name: ast.Name) -> Expr | None:
        """The value of `counter` that stands for label `name`; E207 if there is none."""
        assert isinstance(counter.sort, EnumSort)
        if name.text not in counter.sort.members:
            (process,) = counter.about
            hint = did_you_mean(name.text, counter.sort.members) or "labels: " + ", ".join(
                counter.sort.members
            )
            self._checker.diagnostics.report(
                Code.E207, f"process '{process}' has no label '{name.text}'", name.span, hint=hint
            )
            return None
        return core.Const(counter.sort.members.index(name.text), counter.sort)
