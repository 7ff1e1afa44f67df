"""Where a process goes between its steps.

Labels are the steps, and nothing else is: `if`, `either`, `while` and `foreach` around labelled steps are
resolved within the step that leads to them, after all that it does, and before the first step at the start.
The statements of Lamport's "The PlusCal Algorithm Language" (ICTAC 2009) are read in the same way, but for
one thing: which element a foreach takes is chosen by the first step of the round, not by the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tdxverify.diagnostics import Code, Note
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Read, Symbol
from tdxverify.logic.sorts import EnumSort
from tdxverify.model.execute import StepExecution
from tdxverify.model.implicit import DONE
from tdxverify.model.model import Write
from tdxverify.model.passages import way_into_while, ways_of_either, ways_of_if
from tdxverify.model.scope import Scope
from tdxverify.model.sortcheck import ExpressionChecker
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_statements


@dataclass(frozen=True, slots=True)
class Loop:
    """A foreach that is interruptible: its current element and what is to do, per element of the process.

    `has_current`: several steps belong to one element. `opening` is the label of the first of them, and
    `again` says that a round can come back to it.
    """

    element: Bound
    name: str  # of the element in the text
    progress: Symbol
    opening: str
    has_current: bool
    again: bool


@dataclass(frozen=True, eq=False, slots=True)
class Body:
    """Items one after another inside `around` (None: the process), in `loops`, outermost first."""

    items: tuple[ast.ProcessItem, ...]
    scope: Scope
    loops: tuple[Loop, ...]
    around: Point | None


@dataclass(frozen=True, slots=True)
class Point:
    """Before item `position` of `body`, or at its end."""

    body: Body
    position: int

    @property
    def item(self) -> ast.ProcessItem | None:
        items = self.body.items
        return items[self.position] if self.position < len(items) else None

    @property
    def next(self) -> Point:
        return Point(self.body, self.position + 1)


@dataclass
class ControlFlow:
    """Ways through one process.

    `points` of all labels, `bodies` of what stands at a point and is no step, `loops` at their points.
    """

    checker: ExpressionChecker
    instance: tuple[Bound, ...]
    counter: Symbol
    points: dict[str, Point] = field(default_factory=dict)
    bodies: dict[Point, tuple[Body, ...]] = field(default_factory=dict)
    loops: dict[Point, Loop] = field(default_factory=dict)

    # --- ways ----------------------------------------------------------------------

    def go_on(self, execution: StepExecution, point: Point) -> None:
        """The step of `execution` has done all that it does, and goes on at `point`."""
        self._way(execution).follow(point)

    def end_round(self, execution: StepExecution, at: Point) -> None:
        """The same where it was all that is done for one element of the loop at `at`."""
        self._way(execution).end_round(at, ())

    def jump(self, execution: StepExecution, loops: tuple[Loop, ...], label: ast.Name) -> None:
        """The same where it does a goto inside `loops`."""
        self._way(execution).jump(loops, label, ())

    def starts(self, execution: StepExecution, first: Point) -> list[tuple[Expr, str]]:
        """Where the process may stand at the start: conditions on the state there, and labels."""
        found: list[tuple[Expr, str]] = []

        def reach(label: str) -> None:
            found.append((execution.active, label))

        _Way(self, execution, reach, at_start=True).follow(first)
        return found

    def _way(self, execution: StepExecution) -> _Way:
        def reach(label: str) -> None:
            value = member(self.counter, label)
            execution.effects.add(Write(self.counter, (), self.instance, execution.active, value))

        return _Way(self, execution, reach)

    # --- what a foreach has done ---------------------------------------------------

    def progress_is(self, loop: Loop, state: str, element: Bound) -> Expr:
        return core.equal(Read(loop.progress, (*self.instance, element)), member(loop.progress, state))

    def set_progress(self, execution: StepExecution, loop: Loop, state: str) -> None:
        value, cell = member(loop.progress, state), (*self.instance, loop.element)
        execution.effects.add(Write(loop.progress, (), cell, execution.active, value))

    def forget(self, execution: StepExecution, loop: Loop) -> None:
        """All elements are to do again, for the next time."""
        every = self._another(loop)
        value, cell = member(loop.progress, "todo"), (*self.instance, every)
        execution.effects.add(Write(loop.progress, (every,), cell, execution.active, value))

    def may_act(self, loop: Loop, label: str) -> Expr:
        """That the step at `label`, inside `loop`, can be taken for the element."""
        to_do = self.progress_is(loop, "todo", loop.element)
        if not loop.has_current:
            return to_do
        current = self.progress_is(loop, "current", loop.element)
        if label != loop.opening:
            return current
        if not loop.again:
            return to_do
        other = self._another(loop)
        busy = core.quantified((other,), self.progress_is(loop, "current", other), universal=False)
        return core.disjunction(current, core.conjunction(to_do, core.negation(busy)))

    def others_to_do(self, loop: Loop) -> Expr:
        other = self._another(loop)
        open_one = core.conjunction(
            core.negation(core.equal(other, loop.element)), self.progress_is(loop, "todo", other)
        )
        return core.quantified((other,), open_one, universal=False)

    def _another(self, loop: Loop) -> Bound:
        return Bound(self.checker.names.fresh(loop.name), loop.element.sort)


@dataclass
class _Way:
    """Follows the control flow in `execution`, behind all that the step does.

    `reach` is called with each label (or `done`) that a way ends at. `seen` are the points on the way, in
    its order.
    """

    flow: ControlFlow
    execution: StepExecution
    reach: Callable[[str], None]
    at_start: bool = False

    def follow(self, point: Point, seen: tuple[Point, ...] = ()) -> None:
        if point in seen:
            self._refuse_circle(seen[seen.index(point) :])
            return
        seen = (*seen, point)
        scope = point.body.scope
        match point.item:
            case None:
                self._end(point, seen)
            case ast.Step(label=label):
                self.reach(label.text)
            case ast.WhileItem(condition=condition):
                inside = partial(self._enter, point, 0, seen)
                self.execution.branch([(condition, inside)], partial(self.follow, point.next, seen), scope)
            case ast.ForeachItem():
                if point in self.flow.loops:
                    self.reach(self.flow.loops[point].opening)
            case ast.EitherItem(branches=branches):
                self._either(point, len(branches), seen)
            case ast.IfItem(branches=branches):
                ways = [(one, partial(self._enter, point, n, seen)) for n, (one, _) in enumerate(branches)]
                self.execution.branch(ways, partial(self._enter, point, len(branches), seen), scope)
            case ast.When(condition=condition, span=span):
                self._wait(condition, span, scope)
                self.follow(point.next, seen)
            case ast.Goto(label=label):
                self.jump(point.body.loops, label, seen)

    def _enter(self, point: Point, number: int, seen: tuple[Point, ...]) -> None:
        """Go on in body `number` of what stands at `point`, or at the step that it is."""
        item = point.item
        if isinstance(item, ast.WhileItem) and item.is_step and item.label is not None:
            self.reach(item.label.text)
        else:
            self._comes(item, number)
            self.follow(Point(self.flow.bodies[point][number], 0), seen)

    def _comes(self, item: ast.ProcessItem | None, number: int) -> None:
        """What the step does leads into body `number` of `item`."""
        match item:
            case ast.IfItem(branches=branches, otherwise=otherwise):
                ways = ways_of_if(item) if otherwise or number < len(branches) else []
            case ast.EitherItem():
                ways = ways_of_either(item)
            case ast.WhileItem():
                ways = [way_into_while(item)]
            case _:
                ways = []
        if ways:
            owner = f"process '{self.flow.counter.about[0]}'"
            self.execution.passages.append(ways[number].taken(self.execution.active, owner))

    def _end(self, point: Point, seen: tuple[Point, ...]) -> None:
        """At the end of a body."""
        around = point.body.around
        if around is None:
            self.reach(DONE)
        elif isinstance(around.item, ast.WhileItem):
            self.follow(around, seen)
        elif isinstance(around.item, ast.ForeachItem):
            self.end_round(around, seen)
        else:
            self.follow(around.next, seen)

    def end_round(self, at: Point, seen: tuple[Point, ...]) -> None:
        loop = self.flow.loops[at]

        def again() -> None:
            self.flow.set_progress(self.execution, loop, "done")
            self.reach(loop.opening)

        def over() -> None:
            self.flow.forget(self.execution, loop)
            self.follow(at.next, seen)

        self.execution.split(self.flow.others_to_do(loop), again, over)

    def _either(self, point: Point, count: int, seen: tuple[Point, ...]) -> None:
        ways = [partial(self._enter, point, number, seen) for number in range(count)]
        if self.at_start:
            for way in ways:
                way()
            return
        assert isinstance(point.item, ast.EitherItem)
        told = tuple(_first_words(branch) for branch in point.item.branches)
        self.execution.choose(ways, told, point.item.span)

    def _wait(self, condition: ast.Expr, span: Span, scope: Scope) -> None:
        if self.at_start:
            message = "no step leads here that could wait"
            hint = (
                "give it a label, so that the process waits there: 'start: when e { }'; what all steps wait "
                "for stands before the braces: 'process p when e { ... }'"
            )
            self.flow.checker.diagnostics.report(Code.E416, message, span, hint=hint)
        else:
            self.execution.wait(condition, scope)

    def jump(self, loops: tuple[Loop, ...], label: ast.Name, seen: tuple[Point, ...]) -> None:
        """A goto inside `loops`, outermost first."""
        target = self.flow.points.get(label.text)
        if target is None:
            if self.flow.checker.implicit.label(self.flow.counter, label) is not None:  # it is `done`
                for loop in loops:
                    self.flow.forget(self.execution, loop)
                self.reach(DONE)
            return
        continued = self.flow.loops.get(target)
        if any(loop not in loops for loop in target.body.loops):
            self._refuse_entry(label, target)
            return
        for loop in loops:
            if loop not in target.body.loops and loop is not continued:
                self.flow.forget(self.execution, loop)
        if continued in loops:
            self.end_round(target, seen)
        else:
            self.follow(target, seen)

    # --- mistakes ------------------------------------------------------------------

    def _refuse_circle(self, circle: tuple[Point, ...]) -> None:
        """It is told where its text begins: that is the same for all ways into it."""
        message = "a way goes round here without a step"
        hint = "every round needs a label, as in 'again: { ... }'"
        span = min((point.item.span for point in circle if point.item is not None), key=lambda one: one.start)
        self.flow.checker.diagnostics.report(Code.E417, message, span, hint=hint)

    def _refuse_entry(self, label: ast.Name, target: Point) -> None:
        place = target.body.around
        while place is not None and place not in self.flow.loops:
            place = place.body.around
        assert place is not None
        assert isinstance(place.item, ast.ForeachItem)
        message = f"'goto {label.text}' jumps into a foreach from outside"
        note = Note("it begins here", place.item.span)
        named = place.item.label
        hint = (
            f"goto {named.text}, which begins it"
            if named
            else "give the foreach a label, and go there: it begins with an element that is to do"
        )
        self.flow.checker.diagnostics.report(Code.E414, message, label.span, notes=(note,), hint=hint)


def member(symbol: Symbol, name: str) -> Expr:
    """The value of `symbol`, a counter or what a foreach has done, that is called `name`."""
    assert isinstance(symbol.sort, EnumSort)
    return core.Const(symbol.sort.members.index(name), symbol.sort)


def _first_words(branch: tuple[ast.ProcessItem, ...]) -> str:
    """What tells a reader which branch it is: where it begins."""
    if not branch:
        return "go on"
    first, label = branch[0], ast.label_of(branch[0])
    if isinstance(first, ast.When | ast.Goto):
        return print_statements((first,))
    return _first_words(ast.bodies_of(first)[0]) if label is None else f"goto {label.text}"
