"""Actions and processes to core actions; the implicit symbols that they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tdxverify.logic import expr as core
from tdxverify.logic.expr import FALSE, TRUE, Expr, Implicit, Read, Symbol
from tdxverify.logic.sorts import Sort
from tdxverify.model.actors import Acting, who_acts
from tdxverify.model.declarations import Declarations, annotation_citations, refinements_of, require_fault
from tdxverify.model.execute import Outcome, StepExecution
from tdxverify.model.implicit import STOPPED, counter_symbol
from tdxverify.model.model import Action, Passage, Stop, Strengthening, SymbolInfo, Template, expressions_in
from tdxverify.model.processes import (
    ProcessTranslation,
    Start,
    distinct_labels,
    strengthenings,
    with_shared_bodies,
)
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.model.stopping import Stopping, allowed
from tdxverify.model.templates import read_templates
from tdxverify.source import SourceFile, Span
from tdxverify.syntax import ast


@dataclass(frozen=True)
class Behaviour:
    """All actions in the order of declaration, processes behind plain actions.

    `process_symbols` are program counters and foreach progress; writes to fault symbols that nobody
    reads are still among the actions' writes until `guarded` drops them. `starts`: by program counter, where
    a process stands at the start if not before its first label. `place` stands for the declaration of symbols
    that nobody wrote down. `stops`, but for faults, are in the guards of the actions already.
    """

    actions: tuple[Action, ...]
    process_symbols: tuple[SymbolInfo, ...]
    starts: Mapping[str, Start]
    place: Span
    stops: tuple[Stop, ...]
    start_passages: tuple[Passage, ...]
    strengthened: tuple[Strengthening, ...] = ()

    def fault_symbols(self, others: Iterable[object]) -> list[Symbol]:
        """The `took` symbols that actions or `others`, parts of the model, read anywhere, be it only to tell
        what happened; and the `dead` and `halted` ones that are read or written.
        """
        actions = tuple(replace(action, passages=()) for action in self.actions)
        found = {
            node.symbol
            for expr in expressions_in((actions, self.stops, *others))
            for node in core.walk(expr)
            if isinstance(node, Read) and node.symbol.implicit in (Implicit.TOOK, *STOPPED)
        }
        written = (write.symbol for action in self.actions for write in action.writes)
        found.update(symbol for symbol in written if symbol.implicit in STOPPED)
        return sorted(found, key=lambda symbol: symbol.name)

    def guarded(self, symbols: tuple[SymbolInfo, ...]) -> tuple[Action, ...]:
        """The actions, without writes to symbols not in `symbols`, and barred for dead actors and where a
        fault has stopped everything.
        """
        kept = {info.symbol for info in symbols}
        halted = (info.symbol for info in symbols if info.symbol.implicit is Implicit.HALTED)
        going = core.conjunction(*(core.negation(Read(symbol)) for symbol in halted))
        dying = {symbol.about[0]: symbol for symbol in kept if symbol.implicit is Implicit.DEAD}
        result = []
        for action in self.actions:
            guard = core.conjunction(going, action.guard)
            dead = None if action.actor is None else dying.get(action.actor)
            if dead is not None:
                guard = core.conjunction(core.negation(Read(dead, action.actor_indices)), guard)
            writes = tuple(w for w in action.writes if w.symbol in kept)
            result.append(replace(action, guard=guard, writes=writes))
        return tuple(result)


def build_behaviour(declarations: Declarations, checker: ExpressionChecker) -> Behaviour:
    """Execute every action and process step; reports all mistakes in them."""
    builder = _BehaviourBuilder(declarations, checker)
    counters = builder.declare_counters()
    builder.declare_stops()
    actions = [builder.action(one) for one in declarations.each(declarations.actions, ast.ActionDecl)]
    for access in declarations.each(declarations.accesses, ast.AccessDecl):
        builder.effects_of(access)
    for process in builder.processes.values():
        actions.extend(builder.process(process))
    for process in declarations.each({}, ast.ProcessDecl):
        builder.repeated_process(process)
    stops = builder.stopping.all
    symbols, strengthened = (*counters, *builder.progress), tuple(builder.strengthened)
    passages = tuple(builder.start_passages)
    return Behaviour(tuple(actions), symbols, builder.starts, builder.place, stops, passages, strengthened)


class _BehaviourBuilder:
    def __init__(self, declarations: Declarations, checker: ExpressionChecker) -> None:
        self.declarations = declarations
        self.checker = checker
        self.processes = {
            name: with_shared_bodies(one, checker.diagnostics) for name, one in declarations.processes.items()
        }
        self.progress: list[SymbolInfo] = []
        self.starts: dict[str, Start] = {}
        self.strengthened: list[Strengthening] = []
        self.start_passages: list[Passage] = []
        self.place = next(iter(declarations.places.values()), Span(SourceFile("", ""), 0, 0))

    def declare_counters(self) -> list[SymbolInfo]:
        """Program counters first, since any expression may ask where a process stands."""
        found = []
        for name, declaration in self.processes.items():
            symbol = self._counter(declaration)
            if symbol is None:
                continue
            self.checker.implicit.counters[name] = symbol
            span = declaration.name.span
            found.append(SymbolInfo(symbol, f"where process {name} stands", (), "process", span))
        return found

    def _counter(self, declaration: ast.ProcessDecl) -> Symbol | None:
        labels = distinct_labels(declaration, self.checker.diagnostics)
        sorts = self._instances(declaration)
        return None if sorts is None else counter_symbol(declaration.name.text, sorts, labels)

    def repeated_process(self, written: ast.ProcessDecl) -> None:
        """Find the mistakes in a process whose name was taken: in it, the name is its own."""
        declaration = with_shared_bodies(written, self.checker.diagnostics)
        counter, counters = self._counter(declaration), self.checker.implicit.counters
        if counter is not None:
            before = dict(counters)
            counters[declaration.name.text] = counter
            ProcessTranslation(declaration, counter, self.checker, self.stopping).translate()
            counters.clear()
            counters.update(before)

    def declare_stops(self) -> None:
        """Before any step, and behind the counters: what stops steps may ask where a process stands."""
        self.stopping = Stopping(self.declarations, self.checker)

    def _instances(self, declaration: ast.ProcessDecl) -> tuple[Sort, ...] | None:
        sorts: list[Sort] = []
        for binder in declaration.parameters:
            sort = self.checker.sort_of(binder.type)
            if sort is None:
                return None
            sorts.append(sort)
        return tuple(sorts)

    def action(self, declaration: ast.ActionDecl) -> Action:
        bound = self.checker.bind(declaration.parameters, Scope())
        parameters, scope = bound if bound is not None else ((), None)
        actor = who_acts(declaration, scope, self.checker)
        execution = StepExecution(self.checker, actor)
        stops = self.stopping.of_step(actor)
        guard: Expr = TRUE
        if scope is not None:
            with execution.bounded(declaration.name.span):
                if declaration.guard is not None:
                    guard = execution.asked(declaration.guard, scope)
                execution.run(declaration.body, scope)
            name = declaration.name.text
            self.strengthened += strengthenings(name, declaration.refinements, scope, self.checker)
        outcome = execution.outcome(allowed(execution, stops, guard))
        names, emits = ({}, ()) if scope is None else (scope.bound, declaration.emits)
        templates = read_templates(emits, names, self.declarations, self.checker.diagnostics)
        annotations, span = declaration.annotations, declaration.name.span
        action = _action(declaration.name.text, actor, parameters, outcome, annotations, span, templates)
        told = (*declaration.refinements, *self._stopped(actor))
        return replace(action, refinements=refinements_of(told))

    def _stopped(self, actor: Acting | None) -> tuple[ast.Refinement, ...]:
        """What other files have said of who acts."""
        return () if actor is None else self.declarations.refined_actors.get(actor.name, ())

    def effects_of(self, access: ast.AccessDecl) -> None:
        """Execute each row once on its own, so that mistakes in tables nobody uses are found too."""
        bound = self.checker.bind(access.parameters, Scope(), may_be_none=True)
        for row in access.rows:
            if row.fault is not None:
                require_fault(row.fault, self.declarations, self.checker.diagnostics)
            if bound is not None:
                StepExecution(self.checker, None, in_table=True).run(row.effects, bound[1])

    def process(self, declaration: ast.ProcessDecl) -> list[Action]:
        counter = self.checker.implicit.counters.get(declaration.name.text)
        if counter is None:
            return []
        translation = ProcessTranslation(declaration, counter, self.checker, self.stopping)
        steps = translation.translate()
        for symbol in translation.progress:
            description = f"what the foreach of process {declaration.name.text} has done"
            info = SymbolInfo(symbol, description, (), "process", declaration.name.span)
            self.progress.append(info)
        self.start_passages += translation.start_passages
        if translation.start is not None:
            self.starts[counter.name] = translation.start
        self.strengthened += translation.strengthened
        actions = (
            _action(s.name, translation.actor, s.parameters, s.outcome, s.annotations, s.span, s.templates)
            for s in steps
        )
        of_all = (*declaration.refinements, *self._stopped(translation.actor))
        told = [refinements_of((*of_all, *step.refinements)) for step in steps]
        return [replace(one, refinements=those) for one, those in zip(actions, told, strict=True)]


def _action(
    name: str,
    actor: Acting | None,
    parameters: tuple[core.Bound, ...],
    outcome: Outcome,
    annotations: ast.Annotations,
    span: Span,
    templates: tuple[Template, ...],
) -> Action:
    return Action(
        name=name,
        actor=None if actor is None else actor.name,
        actor_indices=() if actor is None else actor.indices,
        parameters=(*parameters, *outcome.hidden),
        hidden=len(outcome.hidden),
        guard=outcome.guard,
        writes=tuple(outcome.writes),
        obligations=tuple(outcome.obligations),
        decisions=tuple(outcome.decisions),
        choices=tuple(choice for choice in outcome.choices if choice.condition != FALSE),
        description=annotations.description,
        citations=annotation_citations(annotations),
        span=span,
        templates=templates,
        passages=tuple(outcome.passages),
    )
