"""What an assignment is about."""

from __future__ import annotations

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.logic.expr import Role, Symbol
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.syntax import ast


def assigned(statement: ast.Assign, checker: ExpressionChecker) -> Symbol | None:
    """The state variable that `statement` assigns; None after a diagnostic."""
    name, declarations = statement.target, checker.declarations
    info = declarations.symbols.get(name.text)
    if info is not None and info.symbol.role is Role.STATE:
        return info.symbol
    if name.text in declarations.broken:
        return None
    if info is not None:
        message = f"'{name.text}' is a {info.origin} and never changes"
        instead = f"what changes is declared with 'state {name.text} ...'"
        checker.diagnostics.report(Code.E402, message, name.span, hint=instead)
    elif name.text in declarations.defines or name.text in declarations.members:
        message = f"'{name.text}' is no state variable and cannot be assigned"
        instead = f"what changes is declared with 'state', under another name than '{name.text}'"
        checker.diagnostics.report(Code.E402, message, name.span, hint=instead)
    else:
        states = [n for n, i in declarations.symbols.items() if i.symbol.role is Role.STATE]
        hint = did_you_mean(name.text, states) or f"declare it: 'state {name.text} : bool'"
        checker.diagnostics.report(Code.E201, f"unknown state variable '{name.text}'", name.span, hint=hint)
    return None
