"""Defines: each is lowered once, and put in where it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Role
from tdxverify.logic.measure import DEEPEST, Measure
from tdxverify.logic.show import written_name
from tdxverify.model.habits import fixed_instead
from tdxverify.model.model import RangeObligation, RangeTarget
from tdxverify.model.ranges import at_call, is_settled, may_not_fit, narrowed
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.sortcheck import ExpressionChecker

MOST_OBLIGATIONS = 1_000  # of one define: calls inside calls multiply them


def parameter_of(name: str, parameter: Bound) -> RangeTarget:
    """A parameter of the define or access called `name`, which an argument is put into."""
    return RangeTarget(f"parameter '{written_name(parameter)}' of '{name}'", parameter.sort)


@dataclass(frozen=True, slots=True)
class Definition:
    """A define: its body over `parameters` (None where that is wrong), and what it takes for granted."""

    parameters: tuple[Bound, ...] = ()
    body: Expr | None = None
    obligations: tuple[RangeObligation, ...] = ()


class Definitions:
    """The defines of one program, whose expressions `checker` lowers."""

    def __init__(self, checker: ExpressionChecker) -> None:
        self._checker = checker
        self._known: dict[str, Definition] = {}
        self._measure = Measure()
        self._open: list[str] = []  # those that are being lowered, each inside the one before it

    def call(self, name: ast.Name, written: tuple[ast.Expr, ...], scope: Scope, span: Span) -> Expr | None:
        """The define `name`, used at `span` with the arguments `written`; None after a diagnostic."""
        definition = self.define(name.text, span)
        parameters, body = definition.parameters, definition.body
        if body is None and not parameters:
            return None
        mapping = self._checker.arguments(f"'{name.text}'", parameters, written, scope, span)
        if body is None or mapping is None:
            return None
        states = [s for s in core.symbols_of(body) if s.role is Role.STATE]
        if states and not scope.state_allowed:
            message = f"{scope.place} may read parameters and constants only; '{name.text}' reads state"
            hint = fixed_instead(scope.place)
            self._checker.diagnostics.report(Code.E311, message, span, hint=hint)
            return None
        fitting: dict[Bound, Expr] = {}
        for (parameter, value), argument in zip(mapping.items(), written, strict=True):
            target = parameter_of(name.text, parameter)
            inside = narrowed(value, target, argument.span, scope, self._checker.diagnostics)
            if inside is None:
                return None
            fitting[parameter] = inside
        for obligation in definition.obligations:
            self._oblige(at_call(obligation, fitting, scope, self._checker.names), scope)
        return self._checker.refresh(core.substitute(body, fitting))

    def _oblige(self, obligation: RangeObligation, scope: Scope) -> None:
        """Add what a define needs where it is called, unless the arguments settle it."""
        value, target = obligation.value, obligation.target
        if is_settled(value, target.sort, obligation.condition):
            return
        if scope.obligations is None:
            may_not_fit(value, target, obligation.span, self._checker.diagnostics)
        else:
            scope.obligations.append(obligation)

    def look_at_all(self) -> None:
        """Find the mistakes in defines that nothing uses, too, and in those whose name was taken."""
        declared = self._checker.declarations
        for name, declaration in declared.defines.items():
            self.define(name, declaration.name.span)
        for declaration in declared.each({}, ast.DefineDecl):
            self._lowered(declaration)

    def define(self, name: str, span: Span) -> Definition:
        """A define, lowered once. `span` is where it is used (for E215)."""
        if name in self._known:
            return self._known[name]
        declaration = self._checker.declarations.defines[name]
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            message = f"define '{name}' refers to itself: {circle}"
            hint = "a define only names an expression; what is counted up step by step is state"
            self._checker.diagnostics.report(Code.E215, message, span, hint=hint)
            return Definition()
        self._open.append(name)
        try:
            result = self._lowered(declaration)
            deep = result.body is not None and self._measure.depth(result.body) > DEEPEST
            if deep or len(result.obligations) > MOST_OBLIGATIONS:
                result = self._too_deep(declaration)
        except RecursionError:  # reported by the first of the defines inside one another that has room for it
            result = self._too_deep(declaration)
        self._open.pop()
        self._known[name] = result
        return result

    def _too_deep(self, declaration: ast.DefineDecl) -> Definition:
        message = f"what '{declaration.name.text}' stands for is nested too deeply"
        hint = f"no more than {DEEPEST} levels, defines inside one another put together"
        self._checker.diagnostics.report(Code.E106, message, declaration.name.span, hint=hint)
        return Definition()

    def _lowered(self, declaration: ast.DefineDecl) -> Definition:
        given = Scope(primes_allowed=False).collecting()
        bound = self._checker.bind(declaration.parameters, given, may_be_none=True)
        if bound is None:
            return Definition()
        parameters, scope = bound
        body = self._result(declaration, scope)
        return Definition(parameters, body, tuple(scope.obligations or ()))

    def _result(self, declaration: ast.DefineDecl, scope: Scope) -> Expr | None:
        """The body of a define, inside the sort that it declares, if it does."""
        sort = self._checker.sort_of(declaration.type) if declaration.type else None
        if sort is None:
            return self._checker.lower(declaration.value, scope)
        body = self._checker.of_sort(declaration.value, sort, scope)
        if body is None:
            return None
        target = RangeTarget(f"the value of '{declaration.name.text}'", sort)
        return narrowed(body, target, declaration.value.span, scope, self._checker.diagnostics)
