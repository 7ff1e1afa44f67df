"""Processes to actions: one action per labelled step, with a program counter per instance.

    while     `p.loop` fires where its condition holds, `p.loop.exit` where it does not
    foreach   `p.scan` takes an element that is still to do; `p.scan.exit` fires when all are done
    either    `p.pick.1`, `p.pick.2`, ... enter the branches

An interruptible foreach keeps, per element, whether it is to do, current or done. Steps inside its
body take the current element as a further parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector
from tdxverify.logic import expr as core
from tdxverify.logic.expr import TRUE, Bound, Expr, Read, Symbol
from tdxverify.logic.sorts import EnumSort, RangeSort
from tdxverify.model.effects import Effects
from tdxverify.model.execute import Outcome, StepExecution
from tdxverify.model.implicit import DONE, progress_symbol
from tdxverify.model.model import Template, Write
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.model.templates import read_templates
from tdxverify.source import Span
from tdxverify.syntax import ast


def labels_of(items: tuple[ast.ProcessItem, ...]) -> Iterator[ast.Name]:
    """All labels in the order of the text."""
    for item in items:
        yield item.label
        match item:
            case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
                yield from labels_of(inner)
            case ast.EitherItem(branches=branches):
                for branch in branches:
                    yield from labels_of(branch)
            case ast.Step():
                pass


def distinct_labels(declaration: ast.ProcessDecl, diagnostics: DiagnosticCollector) -> tuple[str, ...]:
    """The labels of a process; E213 for one that is used twice, or is `done`."""
    seen: dict[str, Span] = {}
    for label in labels_of(declaration.items):
        if label.text in seen:
            note = Note("first used here", seen[label.text])
            diagnostics.report(Code.E213, f"label '{label.text}' is used twice", label.span, notes=(note,))
        elif label.text == DONE:
            message = f"'{DONE}' is where every process stands behind its last step"
            diagnostics.report(Code.E213, message, label.span, hint="choose another label")
        seen.setdefault(label.text, label.span)
    return tuple(seen)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The body of the loop at `label`, or one branch of the either there, with the labels that are in it."""

    label: ast.Name
    labels: frozenset[str]


def enclosures(items: tuple[ast.ProcessItem, ...]) -> dict[str, tuple[Enclosure, ...]]:
    """What each label stands in, outermost first."""
    found: dict[str, tuple[Enclosure, ...]] = {}
    for item in items:
        found.setdefault(item.label.text, ())
        bodies: tuple[tuple[ast.ProcessItem, ...], ...] = ()
        match item:
            case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
                bodies = (inner,)
            case ast.EitherItem(branches=branches):
                bodies = branches
            case ast.Step():
                pass
        for body in bodies:
            around = Enclosure(item.label, frozenset(name.text for name in labels_of(body)))
            for label, deeper in enclosures(body).items():
                found.setdefault(label, (around, *deeper))
    return found


@dataclass(frozen=True, slots=True)
class Loop:
    """An interruptible foreach around a step: its label, current element and progress symbol."""

    label: str
    element: Bound
    name: str  # of the element in the text
    progress: Symbol
    inside: frozenset[str]  # labels of its body


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step, executed: what `build` turns into an Action."""

    name: str
    parameters: tuple[Bound, ...]
    outcome: Outcome
    annotations: ast.Annotations
    span: Span
    templates: tuple[Template, ...]


class ProcessTranslation:
    """Translates one process. `counter` is its program counter symbol."""

    def __init__(self, declaration: ast.ProcessDecl, counter: Symbol, checker: ExpressionChecker) -> None:
        self.declaration = declaration
        self.counter = counter
        self.checker = checker
        self.progress: list[Symbol] = []
        self.steps: list[ProcessStep] = []
        self._inside = enclosures(declaration.items)

    def translate(self) -> list[ProcessStep]:
        """All steps; `progress` lists the symbols that they need besides the counter."""
        bound = self.checker.bind(self.declaration.parameters, Scope())
        if bound is not None:
            self._instance, scope = bound
            self._items(self.declaration.items, DONE, scope, ())
        return self.steps

    def _items(
        self, items: tuple[ast.ProcessItem, ...], after: str, scope: Scope, loops: tuple[Loop, ...]
    ) -> None:
        for position, item in enumerate(items):
            target = items[position + 1].label.text if position + 1 < len(items) else after
            match item:
                case ast.Step():
                    self._add(item.label.text, item, item.body, target, scope, loops, written=item.guard)
                case ast.WhileItem():
                    self._while(item, target, scope, loops)
                case ast.ForeachItem():
                    self._foreach(item, target, scope, loops)
                case ast.EitherItem():
                    for number, branch in enumerate(item.branches, start=1):
                        first = branch[0].label.text if branch else target
                        name = f"{item.label.text}.{number}"
                        self._add(item.label.text, item, (), first, scope, loops, name=name)
                        self._items(branch, target, scope, loops)

    def _while(self, item: ast.WhileItem, after: str, scope: Scope, loops: tuple[Loop, ...]) -> None:
        label = item.label.text
        inner = item.items[0].label.text if item.items else label
        self._add(label, item, item.statements, inner, scope, loops, written=item.condition)
        # Where the condition has no value, the step into the loop is the mistake.
        found = self.checker.formula(item.condition, scope.collecting())
        if found is not None:
            stop = core.negation(self.checker.refresh(found))
            self._add(label, item, (), after, scope, loops, name=f"{label}.exit", guard=stop)
        self._items(item.items, label, scope, loops)

    def _foreach(self, item: ast.ForeachItem, after: str, scope: Scope, loops: tuple[Loop, ...]) -> None:
        label = item.label.text
        bound = self.checker.bind((item.binder,), scope)
        if bound is None:
            return
        (element,), inner_scope = bound
        if isinstance(element.sort, RangeSort):
            message = "an interruptible foreach runs over an index sort or an enum, not over numbers"
            self.checker.diagnostics.report(Code.E313, message, item.binder.type.span)
            return
        indices = (*(b.sort for b in self._instance), element.sort)
        progress = progress_symbol(self.declaration.name.text, label, indices, nested=bool(item.items))
        self.progress.append(progress)
        inside = frozenset(name.text for name in labels_of(item.items))
        loop = Loop(label, element, item.binder.name.text, progress, inside)
        to_do = self._progress_is(loop, "todo", element)
        if item.items:
            first = item.items[0].label.text
            self._add(label, item, (), first, inner_scope, loops, guard=to_do, enters=loop)
        else:
            self._add(label, item, item.statements, label, inner_scope, loops, guard=to_do, enters=loop)
        every = Bound(self.checker.names.fresh(loop.name), element.sort)
        all_done = core.quantified((every,), self._progress_is(loop, "done", every), universal=True)
        self._add(label, item, (), after, scope, loops, name=f"{label}.exit", guard=all_done, leaves=loop)
        self._items(item.items, label, inner_scope, (*loops, loop))

    # --- one step ----------------------------------------------------------------

    def _add(
        self,
        label: str,
        item: ast.ProcessItem,
        body: tuple[ast.Statement, ...],
        target: str,
        scope: Scope,
        loops: tuple[Loop, ...],
        *,
        name: str | None = None,
        written: ast.Expr | None = None,
        guard: Expr = TRUE,
        enters: Loop | None = None,
        leaves: Loop | None = None,
    ) -> None:
        """Execute one step at `label` that goes on to `target`.

        `written` and `guard` say when; `enters` is the foreach whose next element the step takes,
        `leaves` the one that it ends.
        """
        actor = self.declaration.actor.text if self.declaration.actor else None
        execution = StepExecution(self.checker, actor)
        around = (*loops, enters) if enters else loops
        execution.jump = self._jump(execution, label, around)
        inside = [self._progress_is(loop, "current", loop.element) for loop in loops]
        guard = core.conjunction(self._stands_at(label), *inside, guard)
        with execution.bounded(item.label.span):
            if written is not None:
                guard = core.conjunction(guard, execution.asked(written, scope))
            if enters and enters.inside:
                self._set_progress(execution, enters, "current", enters.element, item.span)
            execution.run(body, scope)
            if leaves is not None:
                self._forget(execution.effects, leaves, execution.active)
            self._advance(execution.effects, around, target, execution.active)
        parameters = (*self._instance, *(loop.element for loop in around))
        full_name = f"{self.declaration.name.text}.{name or label}"
        outcome, span = execution.outcome(guard), item.label.span
        templates = self._templates(item, scope) if name is None else ()
        self.steps.append(ProcessStep(full_name, parameters, outcome, item.annotations, span, templates))

    def _templates(self, item: ast.ProcessItem, scope: Scope) -> tuple[Template, ...]:
        """Those of an item belong to the step at its label, not to the way out of a loop."""
        emits = () if isinstance(item, ast.EitherItem) else item.emits
        return read_templates(emits, scope.bound, self.checker.declarations, self.checker.diagnostics)

    def _jump(
        self, execution: StepExecution, label: str, around: tuple[Loop, ...]
    ) -> Callable[[ast.Name, Expr, Effects], None]:
        def jump(name: ast.Name, condition: Expr, effects: Effects) -> None:
            if self.checker.implicit.label(self.counter, name) is None:
                return
            entered = [place for place in self._inside.get(name.text, ()) if label not in place.labels]
            if entered:
                self._refuse_entry(name, entered[0])
            else:
                self._advance(effects, around, name.text, condition)

        return jump

    def _refuse_entry(self, target: ast.Name, place: Enclosure) -> None:
        message = f"'goto {target.text}' jumps into '{place.label.text}' from outside"
        note = Note(f"'{place.label.text}' begins here", place.label.span)
        hint = f"goto {place.label.text}, which begins at the right place"
        self.checker.diagnostics.report(Code.E414, message, target.span, notes=(note,), hint=hint)

    def _advance(self, effects: Effects, around: tuple[Loop, ...], target: str, condition: Expr) -> None:
        """Move the counter to `target`, settling every foreach that this goes round in or leaves."""
        for loop in around:
            if target == loop.label:
                self._write_progress(effects, loop, "done", loop.element, condition)
            elif target not in loop.inside:
                self._forget(effects, loop, condition)
        value = self._member(self.counter, target)
        effects.add(Write(self.counter, (), self._instance, condition, value))

    def _member(self, symbol: Symbol, member: str) -> Expr:
        assert isinstance(symbol.sort, EnumSort)
        return core.Const(symbol.sort.members.index(member), symbol.sort)

    def _stands_at(self, label: str) -> Expr:
        return core.equal(Read(self.counter, self._instance), self._member(self.counter, label))

    def _progress_is(self, loop: Loop, member: str, element: Bound) -> Expr:
        return core.equal(
            Read(loop.progress, (*self._instance, element)), self._member(loop.progress, member)
        )

    def _set_progress(
        self, execution: StepExecution, loop: Loop, member: str, element: Bound, span: Span
    ) -> None:
        value = self._member(loop.progress, member)
        execution.write(loop.progress, (*self._instance, element), value, span)

    def _write_progress(
        self, effects: Effects, loop: Loop, member: str, element: Bound, condition: Expr
    ) -> None:
        value = self._member(loop.progress, member)
        effects.add(Write(loop.progress, (), (*self._instance, element), condition, value))

    def _forget(self, effects: Effects, loop: Loop, condition: Expr) -> None:
        """All elements are to do again, for the next time round."""
        every = Bound(self.checker.names.fresh(loop.name), loop.element.sort)
        value = self._member(loop.progress, "todo")
        effects.add(Write(loop.progress, (every,), (*self._instance, every), condition, value))
