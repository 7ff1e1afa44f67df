"""What stops steps beside their own guards: `halt when`, actors that are stopped, conditions of processes.

Each is a condition that every step concerned waits for, before anything else that it asks. Faults that stop
everything and dead actors are added when it is known which of them there are: see `Behaviour.guarded`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, Bound, Expr, Read
from tdxverify.model.actors import Acting
from tdxverify.model.declarations import Declarations, annotation_citations
from tdxverify.model.execute import StepExecution
from tdxverify.model.implicit import halting_fault
from tdxverify.model.model import RangeObligation, Stop, SymbolInfo
from tdxverify.model.ranges import some_violated
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_declared, print_expression


class Stopping:
    """All stops that are declared, in the order of the text; mistakes in them are reported once."""

    def __init__(self, declarations: Declarations, checker: ExpressionChecker) -> None:
        self._checker = checker
        self.halts = tuple(self._halts(declarations.halts))
        self._actors = [one for d in declarations.stopped_actors for one in self._stopped(d)]
        self._processes: list[Stop] = []

    @property
    def all(self) -> tuple[Stop, ...]:
        """Those of processes are known once these were asked for."""
        return (*self.halts, *(one.stop for one in self._actors), *self._processes)

    def of_step(self, actor: Acting | None) -> tuple[Stop, ...]:
        """What stops a step that `actor` takes, or nobody."""
        if actor is None:
            return self.halts
        return (*self.halts, *(one.of(actor) for one in self._actors if actor.name in one.names))

    def of_process(
        self,
        declaration: ast.ProcessDecl,
        actor: Acting | None,
        instance: tuple[Bound, ...],
        scope: Scope,
    ) -> tuple[Stop, ...]:
        """What stops every step of the process. Requires: asked once."""
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

    def _stopped(self, declaration: ast.ActorDecl) -> Iterator[_Stopped]:
        """One for all actors of the declaration; one for each where the condition may name an element."""
        assert declaration.stopped is not None
        pairs = tuple(zip(declaration.names, declaration.indices, strict=True))
        groups = [(pair,) for pair in pairs] if any(declaration.indices) else [pairs]
        for group in groups:
            positions = group[0][1]
            written = tuple(
                ast.Binder(one.name, one.type, span=one.span) for one in positions if one.name is not None
            )
            bound = self._checker.bind(written, Scope())
            names = ", ".join(print_declared(*pair) for pair in group)
            said = f"actor {names} stopped when {print_expression(declaration.stopped)}"
            if bound is None:
                continue
            elements, scope = bound
            span = declaration.stopped.span
            found = self._stop(said, declaration.stopped, scope, declaration.annotations, span, elements)
            if found is not None:
                at = tuple(n for n, one in enumerate(positions) if one.name is not None)
                yield _Stopped(frozenset(name.text for name, _ in group), at, found)

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


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What stops the actors of these `names`. `at`: which of their indices the parameters of `stop` are."""

    names: frozenset[str]
    at: tuple[int, ...]
    stop: Stop

    def of(self, actor: Acting) -> Stop:
        """What stops the one that acts."""
        if not self.at or max(self.at) >= len(actor.indices):  # else its indices were reported
            return self.stop
        chosen = {one: actor.indices[at] for one, at in zip(self.stop.parameters, self.at, strict=True)}
        formula = core.substitute(self.stop.formula, chosen)
        obligations = tuple(_of_these(one, chosen) for one in self.stop.obligations)
        return replace(self.stop, formula=formula, parameters=(), obligations=obligations)


def _of_these(obligation: RangeObligation, chosen: dict[Bound, Expr]) -> RangeObligation:
    target = obligation.target
    indices = tuple(core.substitute(index, chosen) for index in target.indices)
    return replace(
        obligation,
        target=replace(target, indices=indices),
        condition=core.substitute(obligation.condition, chosen),
        value=core.substitute(obligation.value, chosen),
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
