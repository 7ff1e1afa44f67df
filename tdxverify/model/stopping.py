"""What stops steps beside their own guards: `halt when`, actors that are stopped, conditions of processes.

Each is a condition that every step concerned waits for, before anything else that it asks. Faults that stop
everything and dead actors are added when it is known which of them there are: see `Behaviour.guarded`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, Bound, Expr, Read
from tdxverify.model.declarations import Declarations, annotation_citations
from tdxverify.model.execute import StepExecution
from tdxverify.model.implicit import halting_fault
from tdxverify.model.model import Stop, SymbolInfo
from tdxverify.model.ranges import some_violated
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_expression


class Stopping:
    """All stops that are declared, in the order of the text; mistakes in them are reported once."""

    def __init__(self, declarations: Declarations, checker: ExpressionChecker) -> None:
        self._checker = checker
        self.halts = tuple(self._halts(declarations.halts))
        self._actors = [
            (frozenset(name.text for name in declaration.names), stop)
            for declaration in declarations.stopped_actors
            if (stop := self._actor(declaration)) is not None
        ]
        self._processes: list[Stop] = []

    @property
    def all(self) -> tuple[Stop, ...]:
        """Those of processes are known once these were asked for."""
        return (*self.halts, *(stop for _, stop in self._actors), *self._processes)

    def of_step(self, actor: str | None) -> tuple[Stop, ...]:
        """What stops a step that `actor` takes, or nobody."""
        return (*self.halts, *(stop for names, stop in self._actors if actor in names))

    def of_process(
        self, declaration: ast.ProcessDecl, instance: tuple[Bound, ...], scope: Scope
    ) -> tuple[Stop, ...]:
        """What stops every step of the process. Requires: asked once."""
        actor = declaration.actor.text if declaration.actor else None
        if declaration.guard is None:
            return self.of_step(actor)
        said = f"process {declaration.name.text} when {print_expression(declaration.guard)}"
        annotations, span = declaration.annotations, declaration.guard.span
        found = self._stop(said, declaration.guard, scope, annotations, span, instance, waits=True)
        if found is not None:
            self._processes.append(found)
        return (*self.of_step(actor), *((found,) if found else ()))

    # --- declarations ----------------------------------------------------------------

    def _halts(self, declared: Iterable[ast.HaltDecl]) -> Iterator[Stop]:
        for one in declared:
            said = f"halt when {print_expression(one.condition)}"
            found = self._stop(said, one.condition, Scope(), one.annotations, one.span, everything=True)
            if found is not None:
                yield found

    def _actor(self, declaration: ast.ActorDecl) -> Stop | None:
        if declaration.stopped is None:
            return None
        names = ", ".join(name.text for name in declaration.names)
        said = f"actor {names} stopped when {print_expression(declaration.stopped)}"
        span = declaration.stopped.span
        return self._stop(said, declaration.stopped, Scope(), declaration.annotations, span)

    def _stop(
        self,
        said: str,
        written: ast.Expr,
        scope: Scope,
        annotations: ast.Annotations,
        span: Span,
        parameters: tuple[Bound, ...] = (),
        *,
        everything: bool = False,
        waits: bool = False,
    ) -> Stop | None:
        """`waits`: `written` is what steps wait for, not what stops them. None after a diagnostic."""
        collecting = scope.collecting()
        formula = self._checker.formula(written, collecting)
        if formula is None:
            return None
        return Stop(
            said,
            core.negation(formula) if waits else formula,
            parameters,
            everything,
            annotations.description,
            annotation_citations(annotations),
            span,
            tuple(collecting.obligations or ()),
        )


def halting_faults(symbols: Iterable[SymbolInfo], declarations: Declarations) -> Iterator[Stop]:
    """The faults that stop everything, of those that `symbols` know of."""
    for symbol in (info.symbol for info in symbols):
        name = halting_fault(symbol)
        if name is not None:
            fault, span = declarations.faults[name], declarations.places["fault", name]
            said, formula = f"fault {name} halts", Read(symbol)
            yield Stop(said, formula, (), True, fault.description, fault.citations, span)


def allowed(execution: StepExecution, stops: Iterable[Stop], guard: Expr) -> Expr:
    """`guard`, where none of `stops` holds: they are asked first, one after another.

    One that has no value makes the step a mistake of the spec, as a guard does.
    """
    for stop in reversed(tuple(stops)):
        guard = core.conjunction(core.negation(stop.formula), guard)
        undefined = some_violated(stop.obligations)
        if undefined != FALSE:
            guard = core.disjunction(execution.checker.refresh(undefined), guard)
        execution.obligations[:0] = stop.obligations
    return guard
