"""Statements to guard and writes: symbolic execution of one atomic step.

A path is described by `path` (branch conditions), `left` (a goto was taken) and `faulted` (an
access faulted and nothing caught it); a statement has effect where path holds and neither of the
others does. See model/effects.py for why all terms stay over the state before the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tdxverify.diagnostics import Code
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.model import expr as core
from tdxverify.model.effects import Effects
from tdxverify.model.expr import FALSE, TRUE, Bound, Expr, Role, Symbol
from tdxverify.model.foreach import close_foreach
from tdxverify.model.implicit import dead_symbol, took_symbol
from tdxverify.model.measure import TooLarge
from tdxverify.model.model import Decision, RangeObligation, RangeTarget, Write
from tdxverify.model.ordering import Element
from tdxverify.model.ranges import fits, never_fits, some_violated
from tdxverify.model.rows import deciding
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker, name_sort, parameter_of, same_kind
from tdxverify.model.sorts import BOOL, RangeSort, Sort, domain
from tdxverify.source import Span
from tdxverify.syntax import ast


@dataclass
class Outcome:
    """What executing a body gave: see `Action` for the fields. `next_label` is where a process goes."""

    guard: Expr
    writes: list[Write]
    hidden: list[Bound]
    obligations: list[RangeObligation]
    decisions: list[Decision]
    faulted: Expr


@dataclass
class StepExecution:
    """Executes the statements of one step. `jump` is called for a goto with its label and condition."""

    checker: ExpressionChecker
    actor: str | None
    jump: Callable[[ast.Name, Expr, Effects], None] | None = None
    effects: Effects = field(default_factory=Effects)
    path: Expr = TRUE
    left: Expr = FALSE
    faulted: Expr = FALSE
    guards: list[Expr] = field(default_factory=list)
    hidden: list[Bound] = field(default_factory=list)
    obligations: list[RangeObligation] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    _arguments: dict[Bound, Expr] = field(default_factory=dict)
    _foreach_depth: int = 0
    in_table: bool = False
    _exploded: bool = False

    @property
    def active(self) -> Expr:
        return core.conjunction(self.path, core.negation(self.left), core.negation(self.faulted))

    def outcome(self, guard: Expr) -> Outcome:
        """Everything found, with `guard` (over the state before the step) added to the guards."""
        whole = core.conjunction(guard, *self.guards)
        return Outcome(whole, self.effects.order, self.hidden, self.obligations, self.decisions, self.faulted)

    # --- expressions at this point of the step -------------------------------

    def evaluate(self, written: ast.Expr, sort: Sort | None, scope: Scope) -> Expr | None:
        """`written` at this point, over the state before the step; must have `sort` if given."""
        collecting = scope.collecting()
        checker = self.checker
        if sort is None:
            found = checker.lower(written, collecting)
        else:
            found = checker.of_sort(written, sort, collecting)
        self._oblige(collecting)
        return None if found is None else self._settle(found)

    def asked(self, written: ast.Expr, scope: Scope) -> Expr:
        """A condition that the step waits for: where it has no value, the step is taken, and is a mistake."""
        before = len(self.obligations)
        found = self.evaluate(written, BOOL, scope)
        undefined = some_violated(tuple(self.obligations[before:]))
        return core.disjunction(TRUE if found is None else found, self.checker.refresh(undefined))

    def _oblige(self, scope: Scope) -> None:
        """Take over what an expression evaluated at this point of the step needs to have a value."""
        for obligation in scope.obligations or ():
            condition = core.conjunction(self.active, self._settle(obligation.condition))
            if condition != FALSE:
                value = self._settle(obligation.value)
                self.obligations.append(replace(obligation, condition=condition, value=value))

    def _settle(self, expr: Expr) -> Expr:
        return self.effects.now(expr, self._arguments)

    # --- statements ----------------------------------------------------------

    def run(self, body: tuple[ast.Statement, ...], scope: Scope) -> None:
        for position, statement in enumerate(body):
            if self._exploded:
                return
            try:
                self._statement(statement, scope)
            except TooLarge:
                self._refuse_size(statement.span)
                return
            if isinstance(statement, ast.Goto) and position + 1 < len(body):
                message = "nothing behind 'goto' is executed"
                self.checker.diagnostics.report(Code.E404, message, body[position + 1].span)
                return
            if self._has_exploded(statement.span):
                return

    def _has_exploded(self, span: Span) -> bool:
        """Whether what was executed so far has become too large to go on; E412 the first time."""
        if not self._exploded:
            try:
                self.effects.measure.require(self.active, *self.guards)
            except TooLarge:
                self._refuse_size(span)
        return self._exploded

    def _refuse_size(self, span: Span) -> None:
        if not self._exploded:
            self._exploded = True
            message = "this step is too large: its conditions depend on one another too often"
            hint = "split it into several labelled steps of a process, or into several actions"
            self.checker.diagnostics.report(Code.E412, message, span, hint=hint)

    def _statement(self, statement: ast.Statement, scope: Scope) -> None:
        match statement:
            case ast.Assign():
                self._assign(statement, scope)
            case ast.Access():
                self._access(statement, scope)
            case ast.IfStatement(branches=branches, otherwise=otherwise):
                self._branches(branches, otherwise, scope)
            case ast.Foreach():
                self._foreach(statement, scope)
            case ast.Either(branches=choices, span=span):
                self._either(choices, span, scope)
            case ast.When(condition=condition):
                self.guards.append(core.implication(self.active, self.asked(condition, scope)))
            case ast.Goto(label=label, span=span):
                self._goto(label, span)

    def _target(self, statement: ast.Assign) -> Symbol | None:
        name, declarations = statement.target, self.checker.declarations
        info = declarations.symbols.get(name.text)
        if info is not None and info.symbol.role is Role.STATE:
            return info.symbol
        if name.text in declarations.broken:
            return None
        if info is not None:
            message = f"'{name.text}' is a {info.origin} and never changes"
            self.checker.diagnostics.report(Code.E402, message, name.span)
        elif name.text in declarations.defines or name.text in declarations.members:
            message = f"'{name.text}' is no state variable and cannot be assigned"
            self.checker.diagnostics.report(Code.E402, message, name.span)
        else:
            states = [n for n, i in declarations.symbols.items() if i.symbol.role is Role.STATE]
            hint = did_you_mean(name.text, states)
            self.checker.diagnostics.report(
                Code.E201, f"unknown state variable '{name.text}'", name.span, hint=hint
            )
        return None

    def _assign(self, statement: ast.Assign, scope: Scope) -> None:
        if statement.target.text in scope.bound and not statement.indices:
            message = f"'{statement.target.text}' is a parameter of this step and never changes"
            self.checker.diagnostics.report(Code.E402, message, statement.target.span)
            return
        symbol = self._target(statement)
        if symbol is None:
            return
        collecting = scope.collecting()
        indices = self.checker.indices(symbol, statement.indices, collecting, statement.span)
        self._oblige(collecting)
        settled = None if indices is None else tuple(self._settle(i) for i in indices)
        written = statement.value
        if isinstance(written, ast.AnyValue):
            self._any(symbol, settled, written, scope, statement.span)
            return
        value = self._right_side(written, symbol, scope)
        if settled is not None and value is not None:
            self.write(symbol, settled, value, statement.span)

    def _right_side(self, written: ast.Expr, symbol: Symbol, scope: Scope) -> Expr | None:
        collecting = scope.collecting()
        found = self.checker.lower(written, collecting, symbol.sort)
        self._oblige(collecting)
        if found is None:
            return None
        if not same_kind(found.sort, symbol.sort):
            message = f"'{symbol.name}' is {name_sort(symbol.sort)}, the value is {name_sort(found.sort)}"
            self.checker.diagnostics.report(Code.E301, message, written.span)
            return None
        return self._settle(found)

    def _choice(self, name: str, sort: Sort, span: Span) -> Bound | None:
        if self._foreach_depth:
            message = "a choice inside 'foreach' would be made once for all elements"
            hint = "use an action with a parameter, or a labelled foreach of a process"
            self.checker.diagnostics.report(Code.E413, message, span, hint=hint)
            return None
        bound = Bound(self.checker.names.fresh(name), sort)
        self.hidden.append(bound)
        return bound

    def _any(
        self,
        symbol: Symbol,
        indices: tuple[Expr, ...] | None,
        written: ast.AnyValue,
        scope: Scope,
        span: Span,
    ) -> None:
        """`symbol[indices] := any { … }`: each element must fit; one of those that do is chosen."""
        bound = self._choice("any", symbol.sort, written.span)
        choices = [self.evaluate(c, symbol.sort, scope) for c in written.choices]
        good = [c for c in choices if c is not None]
        if bound is None or indices is None or len(good) != len(choices):
            return
        inside = [
            self._fitting(symbol, indices, c, w.span) for c, w in zip(good, written.choices, strict=True)
        ]
        outer, some_fits = self.path, core.disjunction(*inside) if good else TRUE
        if good:
            allowed = [core.conjunction(i, core.equal(bound, c)) for i, c in zip(inside, good, strict=True)]
            least = core.Const(domain(symbol.sort, {})[0], symbol.sort) if some_fits != TRUE else bound
            nothing = core.conjunction(core.negation(some_fits), core.equal(bound, least))
            self.guards.append(core.implication(self.active, core.disjunction(*allowed, nothing)))
        self.path = core.conjunction(outer, some_fits)
        self.write(symbol, indices, bound, span)
        self.path = outer

    def write(self, symbol: Symbol, indices: tuple[Expr, ...], value: Expr, span: Span) -> None:
        """Add `symbol[indices] := value` on the active path, where the value is in the variable's range."""
        inside = self._fitting(symbol, indices, value, span)
        self.effects.add(Write(symbol, (), indices, core.conjunction(self.active, inside), value))

    def _fitting(self, symbol: Symbol, indices: tuple[Expr, ...], value: Expr, span: Span) -> Expr:
        """That `value` is in the range of `symbol`; what intervals leave open is an obligation."""
        return self._meets(RangeTarget(f"'{symbol.name}'", symbol.sort, symbol, indices), value, span)

    def _meets(self, target: RangeTarget, value: Expr, span: Span) -> Expr:
        inside, condition = fits(value, target.sort), self.active
        if inside == TRUE or condition == FALSE:
            return inside
        if not never_fits(value, target, span, self.checker.diagnostics):
            self.obligations.append(RangeObligation(target, (), condition, value, span))
        return inside

    def _branches(
        self,
        branches: tuple[tuple[ast.Expr, tuple[ast.Statement, ...]], ...],
        otherwise: tuple[ast.Statement, ...],
        scope: Scope,
    ) -> None:
        outer = self.path
        paths: list[Expr] = []
        for condition, _ in branches:  # all conditions are about the state before the `if`
            found = self.evaluate(condition, BOOL, scope)
            here = TRUE if found is None else found
            paths.append(core.conjunction(self.path, here))
            self.path = core.conjunction(self.path, core.negation(here))
        for path, body in [*zip(paths, (body for _, body in branches), strict=True), (self.path, otherwise)]:
            self.path = path
            self.run(body, scope)
        self.path = outer

    def _either(self, choices: tuple[tuple[ast.Statement, ...], ...], span: Span, scope: Scope) -> None:
        bound = self._choice("branch", RangeSort(0, len(choices) - 1), span)
        if bound is None:
            return
        outer = self.path
        for number, body in enumerate(choices):
            chosen = core.equal(bound, core.Const(number, RangeSort(number, number)))
            self.path = core.conjunction(outer, chosen)
            self.run(body, scope)
        self.path = outer

    def _goto(self, label: ast.Name, span: Span) -> None:
        if self.jump is None:
            message = "'goto' is possible in the steps of a process only"
            self.checker.diagnostics.report(Code.E403, message, span)
            return
        if self._foreach_depth:
            message = "a jump out of 'foreach' would leave the other elements undone in some order"
            hint = "use a labelled foreach of a process, or decide with exists before the foreach"
            self.checker.diagnostics.report(Code.E414, message, span, hint=hint)
            return
        self.jump(label, self.active, self.effects)
        self.left = core.disjunction(self.left, core.conjunction(self.path, core.negation(self.faulted)))

    def _foreach(self, statement: ast.Foreach, scope: Scope) -> None:
        bound = self.checker.bind(statement.binders, scope)
        if bound is None:
            return
        binders, inner = bound
        # Executed by itself, since whether the order matters is asked of every state before the statement.
        body = StepExecution(
            self.checker,
            self.actor,
            self.jump,
            in_table=self.in_table,
            _foreach_depth=self._foreach_depth + 1,
        )
        body.run(statement.body, inner)
        if body.faulted != FALSE:
            message = "an access that faults here would leave the other elements undone in some order"
            hint = "handle the fault (on #F { }), or use a labelled foreach of a process"
            self.checker.diagnostics.report(Code.E405, message, statement.span, hint=hint)
        element = Element(
            binders,
            tuple(body.effects.order),
            tuple(body.guards),
            tuple(body.obligations),
            tuple(body.decisions),
        )
        self._exploded = body._exploded
        if not body._exploded:
            self.checker.require_order(element, statement.span, self.actor)
            self._do_for_all(element, statement.span)

    def _do_for_all(self, element: Element, span: Span) -> None:
        """Do what `element` says for every value of its binders, at this point of the step."""
        binders = element.binders
        writes = [
            Write(
                write.symbol,
                write.binders,
                tuple(self._settle(index) for index in write.indices),
                self._where_active(write.condition),
                self._settle(write.value),
            )
            for write in element.writes
        ]
        # A `when` for one element is asked of every one.
        guards = [
            self.checker.refresh(core.quantified(binders, guard, universal=True))
            for guard in (core.implication(self.active, self._settle(g)) for g in element.guards)
        ]
        obligations = [self._for_all(o, binders) for o in element.obligations]
        decisions = [
            replace(
                d,
                arguments=tuple(self._settle(argument) for argument in d.arguments),
                binders=(*binders, *d.binders),
                condition=self._where_active(d.condition),
            )
            for d in element.decisions
        ]
        for write in close_foreach(writes, binders, span, self.checker.diagnostics):
            self.effects.add(write)
        self.guards += guards
        self.obligations += obligations
        self.decisions += [decision for decision in decisions if decision.condition != FALSE]

    def _for_all(self, obligation: RangeObligation, binders: tuple[Bound, ...]) -> RangeObligation:
        indices = tuple(self._settle(index) for index in obligation.target.indices)
        return replace(
            obligation,
            target=replace(obligation.target, indices=indices),
            binders=(*binders, *obligation.binders),
            condition=self._where_active(obligation.condition),
            value=self._settle(obligation.value),
        )

    def _where_active(self, condition: Expr) -> Expr:
        """`condition`, which is about this point of the step, where this point is reached."""
        still_here = (core.negation(self.left), core.negation(self.faulted))
        return core.conjunction(self.path, self._settle(condition), *still_here)

    # --- accesses --------------------------------------------------------------

    def _access(self, statement: ast.Access, scope: Scope) -> None:
        declarations, diagnostics = self.checker.declarations, self.checker.diagnostics
        name = statement.name
        table = declarations.accesses.get(name.text)
        if table is None:
            what = declarations.elsewhere(name.text, "access")
            hint = f"'{name.text}' is {what}" if what else did_you_mean(name.text, declarations.accesses)
            diagnostics.report(Code.E206, f"unknown access '{name.text}'", name.span, hint=hint)
            return
        if self.in_table:
            message = "effects of an access row cannot perform another access"
            diagnostics.report(Code.E407, message, statement.span)
            return
        bound = self.checker.bind(table.parameters, Scope())
        if bound is None:
            return
        parameters, inner = bound
        collecting = scope.collecting()
        mapping = self.checker.arguments(
            f"'{name.text}'", parameters, statement.arguments, collecting, statement.span
        )
        self._oblige(collecting)
        if mapping is None or not self._handlers_fit(statement, table):
            return
        arguments = {b: self._settle(e) for b, e in mapping.items()}
        outer = self.path
        for (parameter, value), written in zip(arguments.items(), statement.arguments, strict=True):
            inside = self._meets(parameter_of(name.text, parameter), value, written.span)
            self.path = core.conjunction(self.path, inside)
        self._perform(statement, table, arguments, inner, scope)
        self.path = outer

    def _handlers_fit(self, statement: ast.Access, table: ast.AccessDecl) -> bool:
        possible = {row.fault.text for row in table.rows if row.fault is not None}
        fits = True
        for handler in statement.handlers:
            if handler.fault.text not in possible:
                message = f"'{table.name.text}' never raises {handler.fault.text}"
                self.checker.diagnostics.report(Code.E408, message, handler.fault.span)
                fits = False
        if possible and self.actor is None:
            message = f"'{table.name.text}' may fault, but nobody is named who would take the fault"
            hint = "say who acts: by ACTOR"
            self.checker.diagnostics.report(Code.E406, message, statement.name.span, hint=hint)
            fits = False
        return fits

    def _perform(
        self,
        statement: ast.Access,
        table: ast.AccessDecl,
        arguments: dict[Bound, Expr],
        inner: Scope,
        scope: Scope,
    ) -> None:
        """Execute the rows of `table` with `arguments`, each under its own condition."""
        outer_path, outer_arguments = self.path, self._arguments
        self._arguments = {**outer_arguments, **arguments}
        conditions = self._row_conditions(table, inner)
        shown = tuple(arguments.values())
        for number, (row, condition) in enumerate(zip(table.rows, conditions, strict=True)):
            self.path = core.conjunction(outer_path, condition)
            handler = next(
                (h for h in statement.handlers if row.fault and h.fault.text == row.fault.text), None
            )
            fault = row.fault.text if row.fault else None
            actor = self.actor if fault else None
            decided = Decision(
                table.name.text, shown, number, (), self.active, fault, actor, handler is not None
            )
            if decided.condition != FALSE:
                self.decisions.append(decided)
            self._arguments = {**outer_arguments, **arguments}
            self.in_table = True
            self.run(row.effects, inner)
            self.in_table = False
            self._arguments = outer_arguments
            if fault is not None:
                self._take(fault, statement.span)
                if handler is not None:
                    self.run(handler.body, scope)
                else:
                    self._stop(fault, statement.span)
        self.path, self._arguments = outer_path, outer_arguments

    def _row_conditions(self, table: ast.AccessDecl, inner: Scope) -> list[Expr]:
        """When each row decides. A row's guard is evaluated where that of no earlier row holds."""
        outer = self.path
        earlier: Expr = FALSE
        guards: list[Expr] = []
        for row in table.rows:
            self.path = core.conjunction(outer, core.negation(earlier))
            found = core.negation(earlier) if row.guard is None else self.evaluate(row.guard, BOOL, inner)
            guards.append(FALSE if found is None else found)
            earlier = core.disjunction(earlier, guards[-1])
        self.path = outer
        return deciding(table.rows, guards)

    def _take(self, fault: str, span: Span) -> None:
        if self.actor is not None and fault in self.checker.declarations.faults:
            self.write(took_symbol(self.actor, fault), (), TRUE, span)

    def _stop(self, fault: str, span: Span) -> None:
        """An unhandled fault: whoever it kills dies, and the rest of the step is not executed."""
        known = self.checker.declarations.faults.get(fault)
        if known is not None:
            victims = [self.actor] if known.fatal else []
            for victim in dict.fromkeys([*victims, *known.kills]):
                if victim is not None:
                    self.write(dead_symbol(victim), (), TRUE, span)
        self.faulted = core.disjunction(self.faulted, core.conjunction(self.path, core.negation(self.left)))
