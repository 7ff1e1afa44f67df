"""An access performed in a step: one row decides, does its effects, and may raise a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import did_you_mean, nearest_or_all
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr
from tdxverify.logic.sorts import BOOL
from tdxverify.model.actors import dead_symbols
from tdxverify.model.definitions import parameter_of
from tdxverify.model.implicit import halted_symbol
from tdxverify.model.model import Decision, Fault, Write
from tdxverify.model.passages import way_of_handler
from tdxverify.model.ranges import as_element
from tdxverify.model.rows import deciding
from tdxverify.model.scope import Scope
from tdxverify.source import Span
from tdxverify.syntax import ast

if TYPE_CHECKING:
    from tdxverify.model.execute import StepExecution

_NONE_AT_ALL = "what is called as a statement is an access: 'access read(l : Line) { otherwise -> ok }'"
_UNKNOWN = {
    **dict.fromkeys(
        ("print", "printf", "printk", "log", "trace", "pr_info"),
        "nothing is printed while a model runs: a trace shows all that changes; leave it out",
    ),
    **dict.fromkeys(
        ("assert", "bug_on", "warn_on", "verify", "check", "ensure"),
        "what must hold is a property: 'property p always e'",
    ),
    **dict.fromkeys(
        ("assume", "require", "await", "wait", "wait_for"),
        "write 'when e': the step is possible only where it holds",
    ),
    **dict.fromkeys(
        ("panic", "bug", "abort", "exit"), "nothing moves where 'halt when e' says so: set a state"
    ),
}


def perform(step: StepExecution, statement: ast.Access, scope: Scope) -> None:
    """Execute `statement` at this point of `step`: what the row does that decides, its fault, the handler."""
    declarations, diagnostics = step.checker.declarations, step.checker.diagnostics
    name = statement.name
    table = declarations.accesses.get(name.text)
    if table is None:
        what = declarations.elsewhere(name.text, "access")
        hint = _UNKNOWN.get(name.text.lower()) or nearest_or_all(
            name.text, declarations.accesses, _NONE_AT_ALL
        )
        hint = f"'{name.text}' is {what}" if what else hint
        diagnostics.report(Code.E206, f"unknown access '{name.text}'", name.span, hint=hint)
        return
    if step.in_table:
        message = "effects of an access row cannot perform another access"
        hint = "let the step that makes the access make the other one as well, behind it or in a handler"
        diagnostics.report(Code.E407, message, statement.span, hint=hint)
        return
    bound = step.checker.bind(table.parameters, Scope(), may_be_none=True)
    if bound is None:
        return
    parameters, inner = bound
    collecting = scope.collecting()
    mapping = step.checker.arguments(
        f"'{name.text}'", parameters, statement.arguments, collecting, statement.span
    )
    step.oblige(collecting)
    if mapping is None or not _handlers_fit(step, statement, table):
        return
    arguments = {b: step.settle(e) for b, e in mapping.items()}
    outer = step.path
    for (parameter, value), written in zip(arguments.items(), statement.arguments, strict=True):
        inside = step.meets(parameter_of(name.text, parameter), value, written.span)
        step.path = core.conjunction(step.path, inside)
        arguments[parameter] = as_element(value, parameter.sort)
    _rows(step, statement, table, arguments, inner, scope)
    step.path = outer


def _handlers_fit(step: StepExecution, statement: ast.Access, table: ast.AccessDecl) -> bool:
    once = _handled_once(step, statement, table)
    return _has_taker(step, statement, table) and once


def _handled_once(step: StepExecution, statement: ast.Access, table: ast.AccessDecl) -> bool:
    """Whether each handler is for an outcome that is possible and that no other handles."""
    possible = dict.fromkeys(row.outcome for row in table.rows)
    handled: dict[str, Span] = {}
    fits = True
    for handler in statement.handlers:
        outcome = handler.outcome
        if outcome.text not in possible:
            verb = "raises" if outcome.text.startswith("#") else "has the outcome"
            message = f"'{table.name.text}' never {verb} {outcome.text}"
            hint = did_you_mean(outcome.text, possible) or f"its outcomes: {', '.join(possible)}"
            step.checker.diagnostics.report(Code.E408, message, outcome.span, hint=hint)
            fits = False
        elif outcome.text in handled:
            note = Note("handled here", handled[outcome.text])
            message = f"{outcome.text} is handled twice"
            hint = "put into one handler what both do"
            step.checker.diagnostics.report(Code.E408, message, outcome.span, notes=(note,), hint=hint)
            fits = False
        handled.setdefault(outcome.text, outcome.span)
    return fits


def _has_taker(step: StepExecution, statement: ast.Access, table: ast.AccessDecl) -> bool:
    """Whether there is an actor where it matters who has had the outcome."""
    asked = step.checker.declarations.outcomes_asked
    told = [row for row in table.rows if row.fault is not None or row.outcome in asked]
    if not told or step.actor is not None:
        return True
    if any(row.fault is not None for row in told):
        message = f"'{statement.name.text}' may fault, but nobody is named who would take the fault"
    else:
        message = f"nobody is named who would take {told[0].outcome} of '{statement.name.text}'"
    hint = "say who acts: by ACTOR"
    step.checker.diagnostics.report(Code.E406, message, statement.name.span, hint=hint)
    return False


def _rows(
    step: StepExecution,
    statement: ast.Access,
    table: ast.AccessDecl,
    arguments: dict[Bound, Expr],
    inner: Scope,
    scope: Scope,
) -> None:
    """Execute the rows of `table` with `arguments`, each under its own condition."""
    outer_path, outer_arguments = step.path, step.arguments
    step.arguments = {**outer_arguments, **arguments}
    conditions = _row_conditions(step, table, inner)
    shown = tuple(arguments.values())
    for number, (row, condition) in enumerate(zip(table.rows, conditions, strict=True)):
        step.path = core.conjunction(outer_path, condition)
        handler = next((h for h in statement.handlers if h.outcome.text == row.outcome), None)
        fault = row.fault.text if row.fault else None
        actor = step.actor.name if fault and step.actor else None
        handled = fault is not None and handler is not None
        decided = Decision(table.name.text, shown, number, (), step.active, fault, actor, handled)
        if decided.condition != FALSE:
            step.decisions.append(decided)
        step.arguments = {**outer_arguments, **arguments}
        step.in_table, owner = True, step.owner
        step.owner = f"row {number + 1} of access '{table.name.text}'"
        step.run(row.effects, inner)
        step.in_table, step.owner = False, owner
        step.arguments = outer_arguments
        _take(step, row.outcome, statement.span)
        if handler is not None:
            way = way_of_handler(handler, table.name.text) if handler.body else None
            step.enter(way, handler.body, scope)
        elif fault is not None:
            _stop(step, fault, statement.span)
    step.path, step.arguments = outer_path, outer_arguments


def _row_conditions(step: StepExecution, table: ast.AccessDecl, inner: Scope) -> list[Expr]:
    """When each row decides. A row's guard is evaluated where that of no earlier row holds."""
    outer = step.path
    earlier: Expr = FALSE
    guards: list[Expr] = []
    for row in table.rows:
        step.path = core.conjunction(outer, core.negation(earlier))
        found = core.negation(earlier) if row.guard is None else step.evaluate(row.guard, BOOL, inner)
        guards.append(FALSE if found is None else found)
        earlier = core.disjunction(earlier, guards[-1])
    step.path = outer
    return deciding(table.rows, guards, whatever_they_do=table.name.text in step.checker.doubtful)


def _take(step: StepExecution, outcome: str, span: Span) -> None:
    declarations = step.checker.declarations
    told = outcome in declarations.faults or outcome in declarations.outcomes_asked
    if step.actor is not None and told:
        taken = step.actor.took(outcome)
        step.write(taken.symbol, taken.indices, TRUE, span)


def _victims(step: StepExecution, fault: Fault) -> tuple[str, ...]:
    """All of these names die; first, the one that acts."""
    first = fault.fatal and step.actor is not None and step.actor.name in fault.kills
    return tuple(dict.fromkeys([step.actor.name, *fault.kills] if first and step.actor else fault.kills))


def _stop(step: StepExecution, fault: str, span: Span) -> None:
    """An unhandled fault: whoever it kills dies, it may be the last that happens, and the rest of the step is
    not executed."""
    known = step.checker.declarations.faults.get(fault)
    if known is not None:
        if known.fatal and step.actor is not None and step.actor.name not in known.kills:
            dead = step.actor.dead()
            step.write(dead.symbol, dead.indices, TRUE, span)
        actors = step.checker.declarations.actors.values()
        for symbol in dead_symbols(_victims(step, known), actors):
            fresh = step.checker.names.fresh
            every = tuple(Bound(fresh(str(sort).lower()), sort) for sort in symbol.indices)
            step.effects.add(Write(symbol, every, every, step.active, TRUE))
        if known.halts:
            step.write(halted_symbol(fault), (), TRUE, span)
    step.faulted = core.disjunction(step.faulted, core.conjunction(step.path, core.negation(step.left)))
