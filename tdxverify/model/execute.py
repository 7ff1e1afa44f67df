"""Statements to guard and writes: symbolic execution of one atomic step.

A path is described by `path` (branch conditions), `left` (a goto was taken) and `faulted` (an
access faulted and nothing caught it); a statement has effect where path holds and neither of the
others does. See model/effects.py for why all terms stay over the state before the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from tdxverify.budget import TooLarge
from tdxverify.diagnostics import Code
from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Bound, Expr, Symbol
from tdxverify.logic.sorts import BOOL, RangeSort, Sort, lowest
from tdxverify.model.accesses import perform
from tdxverify.model.actors import Acting
from tdxverify.model.assigning import assigned
from tdxverify.model.effects import Effects
from tdxverify.model.foreach import close_foreach
from tdxverify.model.habits import BEFORE_GOTO, NO_GOTO, NO_PARAMETER, sort_habit
from tdxverify.model.kinds import name_sort, same_kind
from tdxverify.model.model import Choice, Decision, Passage, RangeObligation, RangeTarget, Write
from tdxverify.model.ordering import Element
from tdxverify.model.passages import Way, bodies_of_if, for_some, on_one_line, way_behind, ways_of_either
from tdxverify.model.ranges import (
    as_element,
    as_indices,
    fits,
    index_of,
    is_settled,
    never_fits,
    never_none,
    some_violated,
)
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.source import Span
from tdxverify.syntax import ast


@dataclass
class Outcome:
    """What executing a body gave: see `Action` for the fields."""

    guard: Expr
    writes: list[Write]
    hidden: list[Bound]
    obligations: list[RangeObligation]
    decisions: list[Decision]
    choices: list[Choice]
    passages: list[Passage]


@dataclass
class StepExecution:
    """Executes the statements of one step. `jump` is called where a goto is done, with its label."""

    checker: ExpressionChecker
    actor: Acting | None
    jump: Callable[[ast.Name], None] | None = None
    effects: Effects = field(default_factory=Effects)
    path: Expr = TRUE
    left: Expr = FALSE
    faulted: Expr = FALSE
    guards: list[Expr] = field(default_factory=list)
    hidden: list[Bound] = field(default_factory=list)
    obligations: list[RangeObligation] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    arguments: dict[Bound, Expr] = field(default_factory=dict)
    _foreach_depth: int = 0
    in_table: bool = False
    owner: str = ""  # of the text that is executed, where it is not the step's own
    _exploded: bool = False

    @property
    def active(self) -> Expr:
        return core.conjunction(self.path, core.negation(self.left), core.negation(self.faulted))

    @property
    def reached(self) -> Expr:
        """That this point is reached, and nothing before it keeps the step from being taken."""
        return core.conjunction(self.active, *self.guards)

    def outcome(self, guard: Expr) -> Outcome:
        """Everything found, with `guard` (over the state before the step) added to the guards.

        The first value that does not fit ends the step, which is the mistake: what stands behind it has no
        say in whether the step can be taken.
        """
        self.obligations = [o for o in self.obligations if not never_none(o, guard)]
        mistaken = FALSE if not self.guards else some_violated(tuple(self.obligations))
        waits = core.disjunction(core.conjunction(*self.guards), self.checker.refresh(mistaken))
        whole = core.conjunction(guard, waits)
        rest = self.obligations, self.decisions, self.choices, self.passages
        return Outcome(whole, self.effects.order, self.hidden, *rest)

    # --- expressions at this point of the step -------------------------------

    def evaluate(self, written: ast.Expr, sort: Sort | None, scope: Scope) -> Expr | None:
        """`written` at this point, over the state before the step; must have `sort` if given."""
        collecting = scope.collecting()
        checker = self.checker
        if sort is None:
            found = checker.lower(written, collecting)
        else:
            found = checker.of_sort(written, sort, collecting)
        self.oblige(collecting)
        return None if found is None else self.settle(found)

    def asked(self, written: ast.Expr, scope: Scope) -> Expr:
        """A condition that the step waits for: where it has no value, the step is taken, and is a mistake."""
        before = len(self.obligations)
        found = self.evaluate(written, BOOL, scope)
        undefined = some_violated(tuple(self.obligations[before:]))
        return core.disjunction(TRUE if found is None else found, self.checker.refresh(undefined))

    def oblige(self, scope: Scope) -> None:
        """Take over what an expression evaluated at this point of the step needs to have a value."""
        for obligation in scope.obligations or ():
            condition = core.conjunction(self.reached, self.settle(obligation.condition))
            value = self.settle(obligation.value)
            settled = replace(obligation, condition=condition, value=value)
            if condition != FALSE and not never_none(settled, condition):
                self.obligations.append(settled)

    def settle(self, expr: Expr) -> Expr:
        return self.effects.now(expr, self.arguments)

    # --- statements ----------------------------------------------------------

    def run(self, body: tuple[ast.Statement, ...], scope: Scope) -> None:
        left, faulted = self.left, self.faulted
        for position, statement in enumerate(body):
            if self._exploded:
                return
            if self.left is not left or self.faulted is not faulted:
                left, faulted = self.left, self.faulted
                self.passages.append(way_behind(body[position:]).taken(self.active, self.owner))
            with self.bounded(statement.span):
                self._statement(statement, scope)
            if isinstance(statement, ast.Goto) and position + 1 < len(body):
                message = "nothing behind 'goto' is executed"
                self.checker.diagnostics.report(Code.E404, message, body[position + 1].span, hint=BEFORE_GOTO)
                return
            if self._has_exploded(statement.span):
                return

    def enter(self, way: Way | None, body: tuple[ast.Statement, ...], scope: Scope) -> None:
        """Execute `body`, to which `way` leads (None: it is empty)."""
        self.passages += [] if way is None else [way.taken(self.active, self.owner)]
        self.run(body, scope)

    @contextmanager
    def bounded(self, span: Span) -> Iterator[None]:
        """What is executed inside ends where a term would become too large to go on; E412 the first time."""
        try:
            yield
        except TooLarge:
            self._refuse_size(span)

    def _has_exploded(self, span: Span) -> bool:
        with self.bounded(span):
            self.effects.measure.require(self.active, *self.guards)
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
                perform(self, statement, scope)
            case ast.IfStatement(branches=branches):
                *bodies, last = (partial(self.enter, *one, scope) for one in bodies_of_if(statement))
                self.branch([(c, body) for (c, _), body in zip(branches, bodies, strict=True)], last, scope)
            case ast.Foreach():
                self._foreach(statement, scope)
            case ast.Either(branches=choices, span=span):
                ways = zip(ways_of_either(statement), choices, strict=True)
                bodies = [partial(self.enter, way, body, scope) for way, body in ways]
                self.choose(bodies, tuple(map(on_one_line, choices)), span)
            case ast.When(condition=condition):
                self.wait(condition, scope)
            case ast.Goto(label=label, span=span):
                self._goto(label, span)

    def _assign(self, statement: ast.Assign, scope: Scope) -> None:
        if statement.target.text in scope.bound and not statement.indices:
            message = f"'{statement.target.text}' is a parameter of this step and never changes"
            self.checker.diagnostics.report(Code.E402, message, statement.target.span, hint=NO_PARAMETER)
            return
        symbol = assigned(statement, self.checker)
        if symbol is None:
            return
        collecting = scope.collecting()
        places = self.checker.places(symbol, statement.indices, collecting, statement.span)
        self.oblige(collecting)
        outer = self.path
        indices = None if places is None else self._cell(symbol, places, statement)
        written = statement.value
        if isinstance(written, ast.AnyValue):
            self._any(symbol, indices, written, scope, statement.span)
        else:
            value = self._right_side(written, symbol, scope)
            if indices is not None and value is not None:
                self.write(symbol, indices, value, statement.span)
        self.path = outer

    def _cell(self, symbol: Symbol, places: tuple[Expr, ...], statement: ast.Assign) -> tuple[Expr, ...]:
        """The cell of `symbol` at `places`. What follows happens only where there is such a cell."""
        settled = tuple(self.settle(place) for place in places)
        there = [
            self.meets(index_of(symbol, sort), index, written.span)
            for index, sort, written in zip(settled, symbol.indices, statement.indices, strict=True)
        ]
        self.path = core.conjunction(self.path, *there)
        return as_indices(settled, symbol.indices)

    def _right_side(self, written: ast.Expr, symbol: Symbol, scope: Scope) -> Expr | None:
        collecting = scope.collecting()
        found = self.checker.lower(written, collecting, symbol.sort)
        self.oblige(collecting)
        if found is None:
            return None
        if not same_kind(found.sort, symbol.sort):
            message = f"'{symbol.name}' is {name_sort(symbol.sort)}, the value is {name_sort(found.sort)}"
            hint = sort_habit(found.sort, symbol.sort)
            self.checker.diagnostics.report(Code.E301, message, written.span, hint=hint)
            return None
        return self.settle(found)

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
            numbers = some_fits != TRUE and isinstance(symbol.sort, RangeSort)
            least = core.Const(lowest(symbol.sort), symbol.sort) if numbers else bound
            nothing = core.conjunction(core.negation(some_fits), core.equal(bound, least))
            self.guards.append(core.implication(self.active, core.disjunction(*allowed, nothing)))
        self.path = core.conjunction(outer, some_fits)
        self.choices.append(Choice(bound, self.active, symbol=symbol, indices=indices))
        self.write(symbol, indices, bound, span)
        self.path = outer

    def write(self, symbol: Symbol, indices: tuple[Expr, ...], value: Expr, span: Span) -> None:
        """Add `symbol[indices] := value` on the active path, where the value is in the variable's range."""
        inside = self._fitting(symbol, indices, value, span)
        condition = core.conjunction(self.active, inside)
        self.effects.add(Write(symbol, (), indices, condition, as_element(value, symbol.sort)))

    def _fitting(self, symbol: Symbol, indices: tuple[Expr, ...], value: Expr, span: Span) -> Expr:
        """That `value` is in the range of `symbol`; what intervals leave open is an obligation."""
        return self.meets(RangeTarget(f"'{symbol.name}'", symbol.sort, symbol, indices), value, span)

    def meets(self, target: RangeTarget, value: Expr, span: Span) -> Expr:
        inside, condition = fits(value, target.sort), self.reached
        if inside == TRUE or condition == FALSE:
            return inside
        if is_settled(value, target.sort, condition):
            return TRUE
        if not never_fits(value, target, span, self.checker.diagnostics):
            self.obligations.append(RangeObligation(target, (), condition, value, span))
        return inside

    def wait(self, condition: ast.Expr, scope: Scope) -> None:
        """The step can be taken only where `condition` holds if it comes here."""
        self.guards.append(core.implication(self.active, self.asked(condition, scope)))

    def branch(
        self,
        branches: Sequence[tuple[ast.Expr, Callable[[], None]]],
        otherwise: Callable[[], None],
        scope: Scope,
    ) -> None:
        """Go on in the first of `branches` whose condition holds, else in `otherwise`."""
        outer = self.path
        paths: list[Expr] = []
        for condition, _ in branches:  # all conditions are about the state before the `if`
            found = self.evaluate(condition, BOOL, scope)
            here = TRUE if found is None else found
            paths.append(core.conjunction(self.path, here))
            self.path = core.conjunction(self.path, core.negation(here))
        for path, go_on in [*zip(paths, (way for _, way in branches), strict=True), (self.path, otherwise)]:
            self.path = path
            go_on()
        self.path = outer

    def choose(self, ways: Sequence[Callable[[], None]], told: tuple[str, ...], span: Span) -> None:
        """Go on in any of `ways`, which `told` describes."""
        bound = self._choice("branch", RangeSort(0, len(ways) - 1), span)
        if bound is None:
            return
        self.choices.append(Choice(bound, self.active, told))
        outer = self.path
        for number, go_on in enumerate(ways):
            chosen = core.equal(bound, core.Const(number, RangeSort(number, number)))
            self.path = core.conjunction(outer, chosen)
            go_on()
        self.path = outer

    def split(self, condition: Expr, where: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Go on in `where` or `otherwise`; `condition` is over the state before the step."""
        outer = self.path
        for path, go_on in ((condition, where), (core.negation(condition), otherwise)):
            self.path = core.conjunction(outer, path)
            go_on()
        self.path = outer

    def _goto(self, label: ast.Name, span: Span) -> None:
        if self.jump is None:
            message = "'goto' is possible in the steps of a process only"
            self.checker.diagnostics.report(Code.E403, message, span, hint=NO_GOTO)
            return
        if self._foreach_depth:
            message = "a jump out of 'foreach' would leave the other elements undone in some order"
            hint = "use a labelled foreach of a process, or decide with exists before the foreach"
            self.checker.diagnostics.report(Code.E414, message, span, hint=hint)
            return
        self.jump(label)
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
            owner=self.owner,
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
            self.passages += for_some(body.passages, binders, self._where_active)
            self._do_for_all(element, statement.span)

    def _do_for_all(self, element: Element, span: Span) -> None:
        """Do what `element` says for every value of its binders, at this point of the step."""
        binders = element.binders
        writes = [
            Write(
                write.symbol,
                write.binders,
                as_indices(tuple(self.settle(index) for index in write.indices), write.symbol.indices),
                self._where_active(write.condition),
                self.settle(write.value),
            )
            for write in element.writes
        ]
        # A `when` for one element is asked of every one.
        guards = [
            self.checker.refresh(core.quantified(binders, guard, universal=True))
            for guard in (core.implication(self.active, self.settle(g)) for g in element.guards)
        ]
        obligations = [self._for_all(o, binders) for o in element.obligations]
        decisions = [
            replace(
                d,
                arguments=tuple(self.settle(argument) for argument in d.arguments),
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
        indices = tuple(self.settle(index) for index in obligation.target.indices)
        return replace(
            obligation,
            target=replace(obligation.target, indices=indices),
            binders=(*binders, *obligation.binders),
            condition=core.conjunction(self._where_active(obligation.condition), *self.guards),
            value=self.settle(obligation.value),
        )

    def _where_active(self, condition: Expr) -> Expr:
        """`condition`, which is about this point of the step, where this point is reached."""
        still_here = (core.negation(self.left), core.negation(self.faulted))
        return core.conjunction(self.path, self.settle(condition), *still_here)
