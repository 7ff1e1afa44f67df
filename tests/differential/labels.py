"""Random processes: labels in loops and branches, and jumps between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.notes import Notes, cited, clauses
from tests.differential.statements import Statements, Step
from tests.differential.vocabulary import Declared, Enum, Index, Place, Range, Running, Sort, written

STEP, WHILE, FOREACH, EITHER, IF = "step", "while", "foreach", "either", "if"
WHEN, GOTO = "when", "goto"  # between steps


@dataclass
class Skeleton:
    """An item before its statements are known: labels come first, so that any of them can be jumped to."""

    kind: str
    label: str | None
    branches: list[list[Skeleton]] = field(default_factory=list)  # of a loop with items: one
    sort: Enum | Index | Range | None = None


class Processes:
    def __init__(
        self, declared: Declared, expressions: Expressions, statements: Statements, notes: Notes
    ) -> None:
        self.declared = declared
        self.expressions = expressions
        self.statements = statements
        self.notes = notes
        self.random: Random = declared.random

    def process(self) -> str:
        random = self.random
        name = self.declared.fresh("proc")
        sorts = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        count = random.choice([0, 0, 0, 1]) if sorts else 0
        chosen = [self._numbers() or random.choice(sorts) for _ in range(count)]
        text, bound = self.expressions.binders(chosen)
        labels: list[str] = []
        self._number, self._has_ok = 0, False
        self._inside, self._bodies = 0, list[str]()
        items = self._skeletons(labels, random.choice([0, 1, 2, 2, 3]), 2)
        places = tuple(label for label in labels if label in set(_steps(items)))
        actors = self.declared.actors
        self._actor = random.choice(actors) if actors and random.random() < 0.7 else None
        by, more = self.expressions.acting(self._actor, bound)
        text = f"{text}{', ' if text and more else ''}{more}"
        self.declared.processes.append(Running(name, tuple(bound.values()), places))
        self._labels = labels
        before, behind = self.notes.around()
        shown = self._items(items, Place(bound), ("done",))
        parameters = f"({text})" if bound or random.random() < 0.3 else ""
        guard = self._guard(Place(bound))
        return f"process {name}{parameters}{clauses(by, before, guard)} {shown}{behind}"

    def _numbers(self) -> Range | None:
        """Now and then, numbers in the place of elements."""
        extra = self.declared.order
        if not self.declared.numbered or extra.random() < 0.4:
            return None
        return extra.choice(((0, 1), (1, 2), (-1, 1), (2, 2)))

    def _guard(self, place: Place) -> str:
        """What every step waits for."""
        if self.declared.extra.random() > 0.25:
            return ""
        with self.declared.apart():
            return f" when {self.expressions.truth(place, self.random.choice([1, 2])).text}"

    def _skeletons(self, labels: list[str], count: int, depth: int, first: str = "") -> list[Skeleton]:
        """`first`: the kind that the first of them has."""
        made = [self._skeleton(labels, depth, first if n == 0 else "") for n in range(count)]
        if made and not first and self.random.random() < 0.15:
            made.insert(self.random.randint(0, count), Skeleton(self.random.choice([WHEN, WHEN, GOTO]), None))
        return made

    def _skeleton(self, labels: list[str], depth: int, first: str) -> Skeleton:
        random = self.random
        label = f"l{self._number}"
        self._number += 1
        if random.random() < 0.1 and not self._has_ok:
            label, self._has_ok = "ok", True
        labels.append(label)
        kinds = [STEP, STEP, WHILE, FOREACH, EITHER, IF]
        kinds += [WHILE, FOREACH, EITHER, IF] if self.declared.lively and depth > 1 else []
        kind = first or (random.choice(kinds) if depth > 0 and len(labels) < 8 else STEP)
        made = Skeleton(kind, label)
        sorts = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        if kind == FOREACH:
            if not sorts:
                made.kind = STEP
                return made
            made.sort = self._numbers() or random.choice(sorts)
        if kind in (EITHER, IF):
            few = [1, 1, 1, 2] if self.declared.lively else [0, 1, 1]
            counts = [random.choice(few) for _ in range(random.choice([2, 2, 3]))]
            made.branches = [self._skeletons(labels, n, depth - 1) for n in counts]
        elif kind != STEP and random.random() < 0.6:
            # A round begins with a step, so that none is without.
            begin = random.choice([STEP, STEP, STEP, FOREACH]) if kind == FOREACH else STEP
            begin = begin if depth > 1 else STEP
            made.branches = [self._skeletons(labels, random.choice([1, 1, 2]), depth - 1, begin)]
        if made.branches and any(made.branches) and random.random() < 0.6:
            labels.remove(label)
            made.label = None
        return made

    def _items(self, items: list[Skeleton], place: Place, outer: tuple[str, ...]) -> str:
        legal = (*outer, *(item.label for item in items if item.label))
        shown = " ".join(self._item(item, place, legal) for item in items)
        return f"{{ {shown} }}" if shown else "{ }"

    def _item(self, item: Skeleton, place: Place, legal: tuple[str, ...]) -> str:
        random = self.random
        if item.kind == WHEN:
            return f"when {self.expressions.truth(place, 1).text}"
        if item.kind == STEP and not self._inside and self._bodies and random.random() < 0.15:
            return f"{item.label}: as {random.choice(self._bodies)}"
        if item.kind == GOTO:
            return f"goto {random.choice(legal)}"
        before, behind = self.notes.around() if item.label else ("", "")
        label = f"{item.label}:{before}" if item.label else ""
        if item.kind == EITHER:
            branches = " or ".join(self._items(branch, place, legal) for branch in item.branches)
            return f"{label} either {branches}{behind}"
        if item.kind == IF:
            return f"{label} {self._if(item, place, legal)}{behind}"
        head, parameters, inner = "", "", place
        if item.kind == WHILE:
            head = f" while {self.expressions.truth(place, random.choice([1, 1, 2])).text}"
        elif item.kind == FOREACH and item.sort is not None:
            name = self.expressions.name()
            bound: dict[str, Sort] = {name: item.sort}
            head, inner = f" foreach {name} : {written(item.sort)}", place.binding(bound)
        elif random.random() < 0.25 and item.label:
            sorts = [
                random.choice(self.expressions.bindable())
                for _ in range(random.choice([1, 1, 3] if self.declared.long_lists else [1, 1, 2]))
            ]
            text, chosen = self.expressions.binders(sorts)
            parameters, inner = f"({text})", place.binding(chosen)
        if item.kind == STEP and random.random() < 0.4:
            head = f" when {self.expressions.truth(inner, random.choice([1, 1, 2])).text}"
        emits = self.notes.emits([*inner.bound]) if item.label and not item.branches else ""
        self._inside += item.kind == FOREACH
        if item.branches:
            body = self._items(item.branches[0], inner, legal)
        else:
            labels = tuple(self._labels) if self.statements.careless() else legal
            step = Step(inner, self._actor, labels, depth=random.choice([0, 1, 1, 2]))
            body = self.statements.block(step, least=0 if item.kind == STEP else 1)
        self._inside -= item.kind == FOREACH
        if item.kind == STEP and not self._inside and item.label:
            self._bodies.append(item.label)
        if parameters:
            label = f"{item.label}{parameters}:{before}"
        if item.kind == STEP and head and item.label and not behind:
            return f"{label}{cited(head, f' {body}')}{emits}"
        return f"{label}{head} {body}{behind}{emits}"

    def _if(self, item: Skeleton, place: Place, legal: tuple[str, ...]) -> str:
        bodies = [self._items(branch, place, legal) for branch in item.branches]
        parts = [f"if {self.expressions.truth(place, 1).text} {body}" for body in bodies[:-1]]
        otherwise = f" else {bodies[-1]}" if item.branches[-1] else ""
        return " else ".join(parts) + otherwise


def _steps(items: list[Skeleton]) -> Iterator[str]:
    """Where a process can stand."""
    for item in items:
        if item.label and (item.kind == STEP or (item.kind in (WHILE, FOREACH) and not item.branches)):
            yield item.label
        for branch in item.branches:
            yield from _steps(branch)
