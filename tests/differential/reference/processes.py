"""Processes: where an instance stands, and how it goes on.

What costs a step, as the language has it today: the head and the way out of a `while`, taking an element of a
labelled `foreach` and the way out of it, and entering a branch of a labelled `either`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tdxverify.syntax import ast
from tests.differential.reference.statements import Execution, Path, Unsound
from tests.differential.reference.world import DONE, Meaningless, State, Value, World


def labels_in(items: tuple[ast.ProcessItem, ...]) -> Iterator[str]:
    """All labels, inner ones included."""
    for item in items:
        yield item.label.text
        match item:
            case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
                yield from labels_in(inner)
            case ast.EitherItem(branches=branches):
                for branch in branches:
                    yield from labels_in(branch)


@dataclass(frozen=True)
class Progress:
    """Of one instance in one foreach: the element it is at, if any, and those that it has done."""

    current: Value = None
    done: frozenset[Value] = frozenset()


@dataclass(frozen=True)
class Place:
    """A labelled item: what comes after it, and the loops around it (outermost first)."""

    item: ast.ProcessItem
    after: str
    loops: tuple[ast.ForeachItem, ...]


def places_of(items: tuple[ast.ProcessItem, ...]) -> dict[str, Place]:
    """Every label of a process."""
    found: dict[str, Place] = {}
    _collect(items, DONE, (), found)
    return found


def _collect(
    items: tuple[ast.ProcessItem, ...],
    after: str,
    loops: tuple[ast.ForeachItem, ...],
    found: dict[str, Place],
) -> None:
    for position, item in enumerate(items):
        target = items[position + 1].label.text if position + 1 < len(items) else after
        if item.label.text in found or item.label.text == DONE:
            raise Meaningless(f"label {item.label.text} is used twice")
        found[item.label.text] = Place(item, target, loops)
        match item:
            case ast.WhileItem(items=inner):
                _collect(inner, item.label.text, loops, found)
            case ast.ForeachItem(items=inner):
                _collect(inner, item.label.text, (*loops, item), found)
            case ast.EitherItem(branches=branches):
                for branch in branches:
                    _collect(branch, target, loops, found)


class ProcessRun:
    """The steps of one process."""

    def __init__(self, world: World, declaration: ast.ProcessDecl) -> None:
        self.world = world
        self.name = declaration.name.text
        self.actor = declaration.actor.text if declaration.actor else None
        self.declaration = declaration
        self.places = places_of(declaration.items)
        self.execution = Execution(world, self.actor)

    def instances(self) -> list[dict[str, Value]]:
        return list(self.world.bindings(self.declaration.parameters))

    def start(self) -> State:
        """Where every instance stands at first."""
        state: State = {}
        first = self.declaration.items[0].label.text if self.declaration.items else DONE
        for instance in self.instances():
            state["at", (self.name, *instance.values())] = first
            for label, place in self.places.items():
                if isinstance(place.item, ast.ForeachItem):
                    state["progress", (self.name, label, *instance.values())] = Progress()
        return state

    def steps(self, state: State) -> Iterator[tuple[str, Path]]:
        """Every step that some instance can take: its name, and what it leads to."""
        for instance in self.instances():
            label = state["at", (self.name, *instance.values())]
            if label != DONE:
                yield from self._steps_at(label, Path(state), instance)

    def _steps_at(self, label: str, path: Path, instance: Mapping[str, Value]) -> Iterator[tuple[str, Path]]:
        place = self.places[label]
        bound = dict(instance)
        for loop in place.loops:
            element = self._progress(path.state, loop, instance).current
            if element is None:
                raise Unsound(f"{self.name} stands at {label}, inside a foreach without an element")
            bound[loop.binder.name.text] = element
        move = _Move(self, place, instance)
        name = f"{self.name}.{label}"
        match place.item:
            case ast.Step(guard=guard, body=body):
                for end in self._body(guard, body, path, bound):
                    yield name, move.on(end, place.after)
            case ast.WhileItem():
                yield from self._while(place.item, path, bound, move)
            case ast.ForeachItem():
                yield from self._foreach(place.item, path, bound, move)
            case ast.EitherItem(branches=branches):
                for number, branch in enumerate(branches, start=1):
                    target = branch[0].label.text if branch else place.after
                    yield f"{name}.{number}", move.on(path, target)

    def _body(
        self,
        guard: ast.Expr | None,
        body: tuple[ast.Statement, ...],
        path: Path,
        bound: Mapping[str, Value],
    ) -> list[Path]:
        possible = self.execution.asked(guard, path, bound)
        return [] if possible is None else self.execution.run(body, possible, bound)

    def _while(
        self, item: ast.WhileItem, path: Path, bound: Mapping[str, Value], move: _Move
    ) -> Iterator[tuple[str, Path]]:
        label = item.label.text
        inner = item.items[0].label.text if item.items else label
        for end in self._body(item.condition, item.statements, path, bound):
            yield f"{self.name}.{label}", move.on(end, inner)
        holds, after = self.execution.value(item.condition, path, bound)
        if not holds or after.wrong:
            yield f"{self.name}.{label}.exit", move.on(after, move.place.after)

    def _foreach(
        self, item: ast.ForeachItem, path: Path, bound: Mapping[str, Value], move: _Move
    ) -> Iterator[tuple[str, Path]]:
        label, name = item.label.text, item.binder.name.text
        progress = self._progress(path.state, item, move.instance)
        left = [e for e in self.world.domain(item.binder.type) if e not in progress.done]
        for element in left:
            if item.items:
                taken = move.set(path, item, replace(progress, current=element))
                yield f"{self.name}.{label}", move.on(taken, item.items[0].label.text)
                continue
            at_element = move.set(path, item, replace(progress, current=element))
            for end in self.execution.run(item.statements, at_element, {**bound, name: element}):
                ended = move.on(end, label, inside=item)
                if ended.left:  # a fault: the element is still to do
                    ended = move.set(ended, item, progress)
                yield f"{self.name}.{label}", ended
        if not left:
            forgotten = move.set(path, item, Progress())
            yield f"{self.name}.{label}.exit", move.on(forgotten, move.place.after)

    def _progress(self, state: State, loop: ast.ForeachItem, instance: Mapping[str, Value]) -> Progress:
        found: Progress = state["progress", (self.name, loop.label.text, *instance.values())]
        return found


@dataclass(frozen=True)
class _Move:
    """One instance leaving one place."""

    run: ProcessRun
    place: Place
    instance: Mapping[str, Value]

    def set(self, path: Path, loop: ast.ForeachItem, progress: Progress) -> Path:
        cell = ("progress", (self.run.name, loop.label.text, *self.instance.values()))
        return replace(path, state={**path.state, cell: progress})

    def on(self, path: Path, target: str, inside: ast.ForeachItem | None = None) -> Path:
        """`path` at its end, with the instance at `target`, or where a goto leads. A fault: it stays."""
        if path.left and path.label is None:
            return path
        label = path.label if path.left and path.label is not None else target
        if label != DONE and label not in self.run.places:
            raise Meaningless(f"goto {label}")
        for loop in (*self.place.loops, *([inside] if inside else [])):
            cell = ("progress", (self.run.name, loop.label.text, *self.instance.values()))
            progress: Progress = path.state[cell]
            if label == loop.label.text:
                path = self.set(path, loop, Progress(None, progress.done | {progress.current}))
            elif label not in labels_in(loop.items):
                path = self.set(path, loop, Progress())
        at = ("at", (self.run.name, *self.instance.values()))
        return replace(path, state={**path.state, at: label}, left=False, label=None)
