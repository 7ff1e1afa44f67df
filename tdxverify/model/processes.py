"""Processes to actions: one action per label, with a program counter per instance.

A label stands before statements in braces (`p.start` does them), before a `while` of statements (`p.loop`
does one round, if the condition still holds), or before a `foreach` of statements (`p.scan` takes an element
that is still to do). All else between labels costs no step: see model/control.py.

An interruptible foreach keeps, per element, whether it is to do, current or done. Steps inside its
body take the current element as a further parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Bound, Expr, Read, Symbol
from tdxverify.model.actors import Acting, who_acts
from tdxverify.model.control import Body, ControlFlow, Loop, Point, member
from tdxverify.model.execute import Outcome, StepExecution
from tdxverify.model.habits import ANOTHER_NAME
from tdxverify.model.implicit import DONE, progress_symbol
from tdxverify.model.model import Passage, RangeObligation, Strengthening, Template
from tdxverify.model.passages import way_into_while
from tdxverify.model.ranges import some_violated
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.model.stopping import Stopping, allowed
from tdxverify.model.templates import read_templates
from tdxverify.source import Span
from tdxverify.syntax import ast


def steps_of(items: Sequence[ast.ProcessItem]) -> Iterator[ast.Name]:
    """The labels of the steps, in the order of the text."""
    for item in items:
        label = ast.label_of(item)
        if label is not None and ast.is_step(item):
            yield label
        for body in ast.bodies_of(item):
            yield from steps_of(body)


def fair_steps(items: Sequence[ast.ProcessItem]) -> Iterator[tuple[str, ast.Fair]]:
    """The labels of the steps that are declared fair."""
    for item in items:
        if isinstance(item, ast.Step) and item.fair is not None:
            yield item.label.text, item.fair
        for body in ast.bodies_of(item):
            yield from fair_steps(body)


def _labels(items: Sequence[ast.ProcessItem]) -> Iterator[ast.Name]:
    """All labels, also those that a goto alone can use."""
    for item in items:
        label = ast.label_of(item)
        if label is not None:
            yield label
        for body in ast.bodies_of(item):
            yield from _labels(body)


def with_shared_bodies(declaration: ast.ProcessDecl, diagnostics: DiagnosticCollector) -> ast.ProcessDecl:
    """`declaration` with a step of its own for each `label: as other`; E207 where `other` is no step."""
    steps = {step.label.text: step for step in _plain_steps(declaration.items)}

    def shared(item: ast.ProcessItem) -> ast.ProcessItem:
        match item:
            case ast.SameStep(label=label, other=other, span=span):
                if other.text in steps:
                    return replace(steps[other.text], label=label, span=span)
                hint = did_you_mean(other.text, steps) or "name a step of this process that stands in braces"
                message = f"'{other.text}' is no step whose body could be shared"
                diagnostics.report(Code.E207, message, other.span, hint=hint)
                return ast.Step(label, None, (), span=span)
            case ast.WhileItem(items=items) | ast.ForeachItem(items=items):
                return replace(item, items=all_shared(items))
            case ast.EitherItem(branches=branches):
                return replace(item, branches=tuple(map(all_shared, branches)))
            case ast.IfItem(branches=chosen, otherwise=otherwise):
                ways = tuple((condition, all_shared(items)) for condition, items in chosen)
                return replace(item, branches=ways, otherwise=all_shared(otherwise))
            case _:
                return item

    def all_shared(items: tuple[ast.ProcessItem, ...]) -> tuple[ast.ProcessItem, ...]:
        return tuple(map(shared, items))

    return replace(declaration, items=all_shared(declaration.items))


def _plain_steps(items: Sequence[ast.ProcessItem]) -> Iterator[ast.Step]:
    for item in items:
        if isinstance(item, ast.Step):
            yield item
        for body in ast.bodies_of(item):
            yield from _plain_steps(body)


def distinct_labels(declaration: ast.ProcessDecl, diagnostics: DiagnosticCollector) -> tuple[str, ...]:
    """Where a process can stand; E213 for a label that is used twice, or is `done`."""
    seen: dict[str, Span] = {}
    for label in _labels(declaration.items):
        if label.text in seen:
            note = Note("first used here", seen[label.text])
            message, hint = f"label '{label.text}' is used twice", "choose another label"
            diagnostics.report(Code.E213, message, label.span, notes=(note,), hint=hint)
        elif label.text == DONE:
            message = f"'{DONE}' is where every process stands behind its last step"
            diagnostics.report(Code.E213, message, label.span, hint="choose another label")
        seen.setdefault(label.text, label.span)
    return tuple(dict.fromkeys(label.text for label in steps_of(declaration.items)))


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step, executed: what `build` turns into an Action."""

    name: str
    parameters: tuple[Bound, ...]
    outcome: Outcome
    annotations: ast.Annotations
    span: Span
    templates: tuple[Template, ...]
    refinements: tuple[ast.Refinement, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a process stands at the start: a formula over the state there, and what has to have a value."""

    formula: Expr
    obligations: tuple[RangeObligation, ...]


class ProcessTranslation:
    """Translates one process. `counter` is its program counter symbol; `stopping` says what stops steps."""

    def __init__(
        self,
        declaration: ast.ProcessDecl,
        counter: Symbol,
        checker: ExpressionChecker,
        stopping: Stopping,
    ) -> None:
        self.declaration = declaration
        self.counter = counter
        self.checker = checker
        self.stopping = stopping
        self.progress: list[Symbol] = []
        self.steps: list[ProcessStep] = []
        self.strengthened: list[Strengthening] = []
        self.actor: Acting | None = None
        self.start: Start | None = None  # None: before its first label
        self.start_passages: tuple[Passage, ...] = ()
        self._scopes: dict[Point, Scope] = {}  # inside what stands at a point

    def translate(self) -> list[ProcessStep]:
        """All steps; `progress` lists the symbols that they need besides the counter."""
        bound = self.checker.bind(self.declaration.parameters, Scope())
        if bound is not None:
            self._instance, scope = bound
            self.actor = who_acts(self.declaration, scope, self.checker)
            self._stops = self.stopping.of_process(self.declaration, self.actor, self._instance, scope)
            self._flow = ControlFlow(self.checker, self._instance, self.counter)
            whole = self._lay_out(Body(self.declaration.items, scope, (), None))
            self._start(Point(whole, 0))
            self._items(whole)
        return self.steps

    # --- what there is -------------------------------------------------------------

    def _lay_out(self, body: Body) -> Body:
        """Note the points of all labels, and what stands inside of what."""
        for position, item in enumerate(body.items):
            point = Point(body, position)
            label = ast.label_of(item)
            if label is not None:
                self._flow.points[label.text] = point
            inner, loops = body.scope, body.loops
            if isinstance(item, ast.ForeachItem):
                found = self._loop(item, body.scope)
                if found is None:
                    continue
                self._flow.loops[point], inner = found
                loops = (*loops, found[0])
            self._scopes[point] = inner
            bodies = tuple(Body(items, inner, loops, point) for items in ast.bodies_of(item))
            self._flow.bodies[point] = tuple(map(self._lay_out, bodies))
        return body

    def _loop(self, item: ast.ForeachItem, scope: Scope) -> tuple[Loop, Scope] | None:
        bound = self.checker.bind((item.binder,), scope)
        opening = _opening(item)
        if opening is None:
            message = "a foreach between steps begins with a step, which takes the element"
            hint = "put a label first, as in 'take: { }'; or decide inside the step"
            first = item.items[0].span if item.items else item.span
            self.checker.diagnostics.report(Code.E418, message, first, hint=hint)
        if bound is None or opening is None:
            return None
        (element,), inner = bound
        returns = any(goto.label.text == opening for goto in ast.nodes(item.items, ast.Goto))
        has_current = returns or not (
            item.is_step or (len(item.items) == 1 and isinstance(item.items[0], ast.Step))
        )
        again = returns or (not item.is_step and isinstance(item.items[0], ast.ForeachItem))
        indices = (*(b.sort for b in self._instance), element.sort)
        key = item.label.text if item.label else f"{opening} {item.binder.name.text}"
        progress = progress_symbol(self.declaration.name.text, key, indices, nested=has_current)
        self.progress.append(progress)
        return Loop(element, item.binder.name.text, progress, opening, has_current, again), inner

    def _start(self, first: Point) -> None:
        """Where it stands at the start, unless that is before its first label."""
        execution = StepExecution(self.checker, None)
        with execution.bounded(self.declaration.name.span):
            ways = self._flow.starts(execution, first)
        binders, passages = self._instance, execution.passages
        self.start_passages = tuple(replace(one, binders=(*binders, *one.binders)) for one in passages)
        if not ways or (len(ways) == 1 and ways[0][0] == TRUE and self._is_first(ways[0][1])):
            return
        each = [core.conjunction(condition, self._stands_at(label)) for condition, label in ways]
        # Where a condition has no value nothing is excluded, so that the mistake is found.
        undefined = self.checker.refresh(some_violated(tuple(execution.obligations)))
        whole = core.disjunction(*each, undefined)
        self.start = Start(
            core.quantified(binders, whole, universal=True),
            tuple(replace(one, binders=(*binders, *one.binders)) for one in execution.obligations),
        )

    def _is_first(self, label: str) -> bool:
        return member(self.counter, label) == core.Const(0, self.counter.sort)

    # --- steps ---------------------------------------------------------------------

    def _items(self, body: Body) -> None:
        for position, item in enumerate(body.items):
            point = Point(body, position)
            if ast.is_step(item) and point in self._scopes:
                self._step(item, point)
            for inner in self._flow.bodies.get(point, ()):
                self._items(inner)

    def _step(self, item: ast.Step | ast.WhileItem | ast.ForeachItem, point: Point) -> None:
        """Execute the step that stands at `point`, and what follows up to the next."""
        assert item.label is not None
        label, loop, scope = item.label.text, self._flow.loops.get(point), self._scopes[point]
        chosen = self._chosen(item, scope)
        if chosen is None:
            return
        own, scope = chosen
        loops = point.body.loops if loop is None else (*point.body.loops, loop)
        execution = StepExecution(self.checker, self.actor)
        opened = [one for one in loops if one.has_current and one.opening == label]

        def take_elements() -> None:
            for one in opened:
                self._flow.set_progress(execution, one, "current")

        def jump(target: ast.Name) -> None:
            take_elements()
            self._flow.jump(execution, loops, target)

        execution.jump = jump
        there = core.conjunction(self._stands_at(label), *(self._flow.may_act(one, label) for one in loops))
        waits: Expr = TRUE
        with execution.bounded(item.label.span):
            if isinstance(item, ast.Step) and item.guard is not None:
                waits = execution.asked(item.guard, scope)
            self._do(execution, item, scope)
            take_elements()
            self._go_on(execution, item, point)
        parameters = (*self._instance, *(one.element for one in loops), *own)
        name = f"{self.declaration.name.text}.{label}"
        guard = allowed(execution, self._stops, waits)
        outcome = execution.outcome(core.conjunction(there, guard))
        templates = read_templates(
            item.emits, scope.bound, self.checker.declarations, self.checker.diagnostics
        )
        refined = () if isinstance(item, ast.WhileItem) else item.refinements
        self.strengthened += strengthenings(name, refined, scope, self.checker)
        place = item.label.span
        step = ProcessStep(name, parameters, outcome, item.annotations, place, templates, refined)
        self.steps.append(step)

    def _chosen(self, item: ast.ProcessItem, scope: Scope) -> tuple[tuple[Bound, ...], Scope] | None:
        """The parameters of the step itself, and `scope` with them."""
        if not isinstance(item, ast.Step):
            return (), scope
        for binder in item.parameters:
            if binder.name.text in scope.bound:
                message = f"'{binder.name.text}' is named twice: around this step it means something already"
                self.checker.diagnostics.report(Code.E211, message, binder.name.span, hint=ANOTHER_NAME)
                return None
        return self.checker.bind(item.parameters, scope)

    def _do(
        self, execution: StepExecution, item: ast.Step | ast.WhileItem | ast.ForeachItem, scope: Scope
    ) -> None:
        match item:
            case ast.Step(body=body) | ast.ForeachItem(statements=body):
                execution.run(body, scope)
            case ast.WhileItem(condition=condition, statements=body):
                # What led here asked the same, but others may have acted since.
                inside = partial(execution.enter, way_into_while(item), body, scope)
                execution.branch([(condition, inside)], lambda: None, scope)

    def _go_on(self, execution: StepExecution, item: ast.ProcessItem, point: Point) -> None:
        match item:
            case ast.ForeachItem():
                self._flow.end_round(execution, point)
            case ast.WhileItem():
                self._flow.go_on(execution, point)
            case _:
                self._flow.go_on(execution, point.next)

    def _stands_at(self, label: str) -> Expr:
        return core.equal(Read(self.counter, self._instance), member(self.counter, label))


def strengthenings(
    step: str, refinements: Sequence[ast.Refinement], scope: Scope, checker: ExpressionChecker
) -> Iterator[Strengthening]:
    """What `step` asks because of refinements; mistakes in them are those of its guard."""
    for one in refinements:
        condition = None if one.guard is None else checker.formula(one.guard, scope.collecting())
        if condition is not None:
            yield Strengthening(step, condition, one.text, one.span)


def _opening(item: ast.ForeachItem) -> str | None:
    """The label of the step that takes an element; None where a round does not begin with one."""
    if item.is_step:
        return item.label.text if item.label else None
    first = item.items[0] if item.items else None
    match first:
        case ast.Step(label=label):
            return label.text
        case ast.ForeachItem():
            return _opening(first)
        case _:
            return None
