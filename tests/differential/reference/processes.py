"""Processes: where an instance stands, and how it goes on.

Labels are the steps. What follows a step is a list of items still to be done: those that cost nothing are
done at once, until one comes that is a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from tdxverify.syntax import ast
from tests.differential.reference.expressions import Evaluation
from tests.differential.reference.rounds import Taken
from tests.differential.reference.statements import Execution, Path, Unsound
from tests.differential.reference.world import DONE, Meaningless, State, Value, World

LONGEST = 60  # items between two steps


@dataclass(frozen=True)
class Progress:
    """Of one instance in one foreach: the element it is at, if any, and those that it has done."""

    current: Value = None
    done: frozenset[Value] = frozenset()


@dataclass(frozen=True)
class EndOfRound:
    """Behind the last item for one element of a foreach."""

    loop: ast.ForeachItem


Rest: TypeAlias = tuple[ast.ProcessItem | EndOfRound, ...]
Stands: TypeAlias = tuple[Path, str]


@dataclass(frozen=True)
class Place:
    """An item with a label: what is to be done from there on, and the foreach items around it."""

    item: ast.ProcessItem
    rest: Rest  # `item` first
    loops: tuple[ast.ForeachItem, ...]


def contents(item: ast.ProcessItem) -> tuple[tuple[ast.ProcessItem, ...], ...]:
    match item:
        case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
            return (inner,)
        case ast.EitherItem(branches=branches):
            return branches
        case ast.IfItem(branches=chosen, otherwise=otherwise):
            return (*(inner for _, inner in chosen), otherwise)
        case _:
            return ()


def is_step(item: ast.ProcessItem) -> bool:
    match item:
        case ast.Step():
            return True
        case ast.WhileItem(label=label, items=items) | ast.ForeachItem(label=label, items=items):
            return label is not None and not items
        case _:
            return False


def opening(loop: ast.ForeachItem) -> str:
    """The label of the first step of a round."""
    first: ast.ProcessItem = loop
    while isinstance(first, ast.ForeachItem) and not is_step(first):
        if not first.items:
            raise Meaningless("a foreach of nothing")
        first = first.items[0]
    if isinstance(first, ast.Step | ast.ForeachItem) and first.label is not None:
        return first.label.text
    raise Meaningless("a foreach that begins with no step")


def _steps(items: tuple[ast.ProcessItem, ...]) -> Iterator[ast.Step]:
    for item in items:
        if isinstance(item, ast.Step):
            yield item
        for inner in contents(item):
            yield from _steps(inner)


def _copied(items: tuple[ast.ProcessItem, ...], steps: Mapping[str, ast.Step]) -> tuple[ast.ProcessItem, ...]:
    """`items` with what `label: as other` stands for."""
    made: list[ast.ProcessItem] = []
    for item in items:
        match item:
            case ast.SameStep(label=label, other=other):
                made.append(replace(steps[other.text], label=label))
            case ast.WhileItem(items=inner) | ast.ForeachItem(items=inner):
                made.append(replace(item, items=_copied(inner, steps)))
            case ast.EitherItem(branches=branches):
                made.append(replace(item, branches=tuple(_copied(one, steps) for one in branches)))
            case ast.IfItem(branches=chosen, otherwise=otherwise):
                ways = tuple((condition, _copied(inner, steps)) for condition, inner in chosen)
                made.append(replace(item, branches=ways, otherwise=_copied(otherwise, steps)))
            case _:
                made.append(item)
    return tuple(made)


class ProcessRun:
    """The steps of one process."""

    def __init__(self, world: World, declaration: ast.ProcessDecl) -> None:
        self.world = world
        self.name = declaration.name.text
        self.declaration = declaration
        self.places: dict[str, Place] = {}
        self.loops: list[ast.ForeachItem] = []
        self.items = _copied(declaration.items, {step.label.text: step for step in _steps(declaration.items)})
        self._collect(self.items, (), ())
        acting = Evaluation(world).acting
        who = {acting(declaration, instance) for instance in self.instances()}
        self._executions = {one: Execution(world, one) for one in who}
        self._acting = acting

    def _collect(
        self, items: tuple[ast.ProcessItem, ...], after: Rest, loops: tuple[ast.ForeachItem, ...]
    ) -> None:
        for position, item in enumerate(items):
            rest = (*items[position:], *after)
            label = None if isinstance(item, ast.When | ast.Goto) else item.label
            if label is not None:
                if label.text in self.places or label.text == DONE:
                    raise Meaningless(f"label {label.text} is used twice")
                self.places[label.text] = Place(item, rest, loops)
            inside, behind = loops, rest[1:]
            if isinstance(item, ast.WhileItem):
                behind = rest
            elif isinstance(item, ast.ForeachItem):
                self.loops.append(item)
                inside, behind = (*loops, item), (EndOfRound(item), *rest[1:])
            for inner in contents(item):
                self._collect(inner, behind, inside)

    def execution(self, instance: Mapping[str, Value]) -> Execution:
        """What executes the steps of one instance."""
        parameters = {b.name.text: instance[b.name.text] for b in self.declaration.parameters}
        return self._executions[self._acting(self.declaration, parameters)]

    def instances(self) -> list[dict[str, Value]]:
        return list(self.world.bindings(self.declaration.parameters))

    # --- the start -------------------------------------------------------------------------

    def starts(self) -> Iterator[State]:
        """All that one could think of: every instance at any label, and no foreach begun."""
        labels = [label for label, place in self.places.items() if is_step(place.item)]
        first = self.items[0] if self.items else None
        if first is None:
            labels = [DONE]
        elif isinstance(first, ast.Step | ast.ForeachItem):
            labels = [first.label.text if isinstance(first, ast.Step) else opening(first)]
        else:
            labels = [*labels, DONE]
        instances = self.instances()
        for chosen in product(labels, repeat=len(instances)):
            state: State = {}
            for instance, label in zip(instances, chosen, strict=True):
                state["at", (self.name, *instance.values())] = label
                for number, _ in enumerate(self.loops):
                    state["progress", (self.name, number, *instance.values())] = Progress()
            yield state

    def is_start(self, state: State) -> tuple[bool, bool]:
        """Whether every instance stands where it begins in `state`, and whether a value does not fit."""
        misfit = False
        for instance in self.instances():
            run = _Onward(self, instance, instance)
            ends = run.follow(Path(state), self.items, 0)
            misfit = misfit or any(path.wrong for path, _ in ends)
            here = state["at", (self.name, *instance.values())]
            if not any(path.wrong or label == here for path, label in ends):
                return False, misfit
        return True, misfit

    def begins_alike(self, one: State, other: State) -> bool:
        """Whether every instance stands at the same place in two initial states, if it can in both."""
        for instance in self.instances():
            cell = ("at", (self.name, *instance.values()))
            here, there = ({label for _, label in self._begins(state, instance)} for state in (one, other))
            if one[cell] != other[cell] and one[cell] in there and other[cell] in here:
                return False
        return True

    def _begins(self, state: State, instance: Mapping[str, Value]) -> list[Stands]:
        return _Onward(self, instance, instance).follow(Path(state), self.items, 0)

    # --- steps -----------------------------------------------------------------------------

    def steps(self, state: State) -> Iterator[tuple[Taken, Path]]:
        """Every step that some instance can take, and what it leads to."""
        for instance in self.instances():
            own = (self.name, *instance.values())
            actor = self._acting(self.declaration, instance)
            allowed = self.execution(instance).allowed(Path(state))
            if allowed is None:
                continue
            label = state["at", (self.name, *instance.values())]
            going = self._going(allowed, instance)
            if label == DONE or going is None:
                continue
            place = self.places[label]
            around = (*place.loops, *([place.item] if isinstance(place.item, ast.ForeachItem) else []))
            parameters = place.item.parameters if isinstance(place.item, ast.Step) else ()
            for taken, bound in self._elements(going, label, around, dict(instance)):
                for chosen in self.world.bindings(parameters):
                    inner = {**bound, **chosen}
                    step = Taken(f"{self.name}.{label}", tuple(inner.values()), actor, own)
                    for end in [taken] if taken.wrong else self._do(place.item, taken, inner):
                        for path in self._ends(end, Path(state), place, _Onward(self, instance, bound)):
                            yield step, path

    def _going(self, allowed: Path | None, instance: Mapping[str, Value]) -> Path | None:
        """Behind what every step of the process waits for; None where it waits."""
        if allowed is None or allowed.wrong:
            return allowed
        return self.execution(instance).asked(self.declaration.guard, allowed, instance)

    def _elements(
        self, path: Path, label: str, loops: tuple[ast.ForeachItem, ...], bound: dict[str, Value]
    ) -> Iterator[tuple[Path, dict[str, Value]]]:
        """Each choice of the elements that the step at `label` works on; some are chosen already."""
        if not loops:
            yield path, bound
            return
        loop, *inner = loops
        cell = self.cell(loop, bound)
        progress: Progress = path.state[cell]
        left = [e for e in self.world.domain(loop.binder.type) if e not in progress.done]
        if progress.current is None and opening(loop) != label:
            raise Unsound(f"{self.name} stands at {label}, inside a foreach without an element")
        for element in left if progress.current is None else [progress.current]:
            taken = replace(path, state={**path.state, cell: replace(progress, current=element)})
            yield from self._elements(taken, label, tuple(inner), {**bound, loop.binder.name.text: element})

    def cell(self, loop: ast.ForeachItem, bound: Mapping[str, Value]) -> tuple[str, tuple[Value, ...]]:
        number = next(n for n, one in enumerate(self.loops) if one is loop)
        instance = [bound[binder.name.text] for binder in self.declaration.parameters]
        return "progress", (self.name, number, *instance)

    def _do(self, item: ast.ProcessItem, path: Path, bound: Mapping[str, Value]) -> list[Path]:
        match item:
            case ast.Step(guard=guard, body=body):
                possible = self.execution(bound).asked(guard, path, bound)
                return [] if possible is None else self.execution(bound).run(body, possible, bound)
            case ast.WhileItem(condition=condition, statements=body):
                holds, path = self.execution(bound).value(condition, path, bound)
                return self.execution(bound).run(body, path, bound) if holds and not path.wrong else [path]
            case ast.ForeachItem(statements=body):
                return self.execution(bound).run(body, path, bound)
            case _:
                raise Meaningless("this is no step")

    def _ends(self, end: Path, before: Path, place: Place, onward: _Onward) -> Iterator[Path]:
        """Where the instance stands behind a step that ended as `end`."""
        if end.wrong:
            yield end
            return
        own = place.item if isinstance(place.item, ast.ForeachItem) else None
        loops = (*place.loops, *([own] if own else []))
        if end.left and end.label is None:  # a fault: it stays, and no element was taken
            kept = {
                self.cell(loop, onward.bound): before.state[self.cell(loop, onward.bound)] for loop in loops
            }
            yield replace(end, state={**end.state, **kept}, left=True)
            return
        end = replace(end, inside=(end.label,))
        if end.left and end.label is not None:
            label, end = end.label, replace(end, left=False, label=None)
            ends = onward.jump(end, label, loops, 0)
        elif own is not None:
            ends = onward.follow(end, (EndOfRound(own), *place.rest[1:]), 0)
        elif isinstance(place.item, ast.WhileItem):
            ends = onward.follow(end, place.rest, 0)
        else:
            ends = onward.follow(end, place.rest[1:], 0)
        for path, label in ends:
            cell = ("at", (self.name, *onward.instance.values()))
            yield replace(path, state={**path.state, cell: label})


@dataclass(frozen=True)
class _Onward:
    """One instance between two steps."""

    run: ProcessRun
    instance: Mapping[str, Value]
    bound: Mapping[str, Value]

    def follow(self, path: Path, rest: Rest, done: int) -> list[Stands]:
        """Every place that it may come to: what is reached, and the label."""
        if done > LONGEST:
            raise Meaningless("a loop without a step")
        if path.wrong or not rest:
            return [(path, DONE)]
        item, after = rest[0], rest[1:]
        if not isinstance(item, EndOfRound) and is_step(item) and not isinstance(item, ast.WhileItem):
            assert isinstance(item, ast.Step | ast.ForeachItem)
            assert item.label is not None
            return [(path, item.label.text)]
        match item:
            case EndOfRound(loop=loop):
                return self._end_of_round(path, loop, after, done)
            case ast.WhileItem(condition=condition):
                holds, path = self.run.execution(self.bound).value(condition, path, self.bound)
                path = _way(path, item, bool(holds))
                if path.wrong or not holds:
                    return self.follow(path, after, done + 1)
                if is_step(item):
                    assert item.label is not None
                    return [(path, item.label.text)]
                return self.follow(path, (*item.items, *rest), done + 1)
            case ast.ForeachItem():
                return [(path, opening(item))]
            case ast.EitherItem(branches=branches):
                return [
                    end
                    for number, one in enumerate(branches)
                    for end in self.follow(
                        _way(path.choosing(item, None, number), item, number), (*one, *after), done + 1
                    )
                ]
            case ast.IfItem(branches=chosen, otherwise=otherwise):
                for number, (condition, inner) in enumerate(chosen):
                    holds, path = self.run.execution(self.bound).value(condition, path, self.bound)
                    if holds or path.wrong:
                        return self.follow(_way(path, item, number), (*inner, *after), done + 1)
                return self.follow(_way(path, item, -1), (*otherwise, *after), done + 1)
            case ast.When(condition=condition):
                going = self.run.execution(self.bound).asked(condition, path, self.bound)
                return [] if going is None else self.follow(going, after, done + 1)
            case ast.Goto(label=label):
                return self.jump(path, label.text, self._around(item), done + 1)
            case _:
                raise Meaningless("what is this?")

    def _around(self, goto: ast.Goto) -> tuple[ast.ForeachItem, ...]:
        return next(found for found in _loops_around(self.run.items, goto, ()) if found is not None)

    def jump(self, path: Path, label: str, loops: tuple[ast.ForeachItem, ...], done: int) -> list[Stands]:
        if label != DONE and label not in self.run.places:
            raise Meaningless(f"goto {label}")
        target = self.run.places.get(label)
        kept = target.loops if target else ()
        if any(all(one is not loop for loop in loops) for one in kept):
            raise Unsound(f"a goto leads to {label}, inside a foreach without an element")
        goes_on = [loop for loop in loops if target and loop is target.item]
        for loop in loops:
            if loop not in goes_on and all(loop is not one for one in kept):
                path = self._set(path, loop, Progress())
        rest = target.rest if target else ()
        if goes_on:
            return self._end_of_round(path, goes_on[0], rest[1:], done)
        return self.follow(path, rest, done)

    def _end_of_round(self, path: Path, loop: ast.ForeachItem, after: Rest, done: int) -> list[Stands]:
        progress: Progress = path.state[self.run.cell(loop, self.bound)]
        finished = progress.done | {progress.current}
        if any(element not in finished for element in self.run.world.domain(loop.binder.type)):
            return [(self._set(path, loop, Progress(None, finished)), opening(loop))]
        return self.follow(_way(self._set(path, loop, Progress()), loop, True), after, done + 1)

    def _set(self, path: Path, loop: ast.ForeachItem, progress: Progress) -> Path:
        return replace(path, state={**path.state, self.run.cell(loop, self.bound): progress})


def _way(path: Path, item: object, branch: object) -> Path:
    """`path` behind a branch between two steps: choices behind different ones are different choices."""
    return replace(path, inside=(*path.inside, (id(item), branch)))


def _loops_around(
    items: tuple[ast.ProcessItem, ...], wanted: ast.Goto, loops: tuple[ast.ForeachItem, ...]
) -> Iterator[tuple[ast.ForeachItem, ...]]:
    for item in items:
        if item is wanted:
            yield loops
        for inner in contents(item):
            yield from _loops_around(
                inner, wanted, (*loops, item) if isinstance(item, ast.ForeachItem) else loops
            )
