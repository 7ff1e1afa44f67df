"""Random processes: labels in loops and branches, and jumps between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.notes import Notes
from tests.differential.statements import Statements, Step
from tests.differential.vocabulary import Declared, Enum, Index, Place, Running, Sort

STEP, WHILE, FOREACH, EITHER = "step", "while", "foreach", "either"


@dataclass
class Skeleton:
    """An item before its statements are known: labels come first, so that any of them can be jumped to."""

    kind: str
    label: str
    branches: list[list[Skeleton]] = field(default_factory=list)  # of a loop with items: one
    sort: Enum | Index | None = None


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
        text, bound = self.expressions.binders([random.choice(sorts) for _ in range(count)])
        labels: list[str] = []
        items = self._skeletons(labels, random.choice([0, 1, 2, 2, 3]), 2)
        self.declared.processes.append(Running(name, tuple(bound.values()), tuple(labels)))
        actors = self.declared.actors
        self._actor = random.choice(actors) if actors and random.random() < 0.7 else None
        self._labels = labels
        before, behind = self.notes.around()
        shown = self._items(items, Place(bound), ("done",))
        parameters = f"({text})" if bound or random.random() < 0.3 else ""
        by = f" by {self._actor}" if self._actor else ""
        return f"process {name}{parameters}{by}{before} {shown}{behind}"

    def _skeletons(self, labels: list[str], count: int, depth: int) -> list[Skeleton]:
        return [self._skeleton(labels, depth) for _ in range(count)]

    def _skeleton(self, labels: list[str], depth: int) -> Skeleton:
        random = self.random
        label = f"l{len(labels)}"
        if random.random() < 0.1 and "ok" not in labels:
            label = "ok"
        labels.append(label)
        kind = random.choice([STEP, STEP, WHILE, FOREACH, EITHER]) if depth > 0 and len(labels) < 8 else STEP
        made = Skeleton(kind, label)
        sorts = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        if kind == FOREACH:
            if not sorts:
                made.kind = STEP
                return made
            made.sort = random.choice(sorts)
        if kind == EITHER:
            counts = [random.choice([0, 1, 1]) for _ in range(random.choice([2, 2, 3]))]
            made.branches = [self._skeletons(labels, n, depth - 1) for n in counts]
        elif kind != STEP and random.random() < 0.6:
            made.branches = [self._skeletons(labels, random.choice([1, 1, 2]), depth - 1)]
        return made

    def _items(self, items: list[Skeleton], place: Place, outer: tuple[str, ...]) -> str:
        legal = (*outer, *(item.label for item in items))
        shown = " ".join(self._item(item, place, legal) for item in items)
        return f"{{ {shown} }}" if shown else "{ }"

    def _item(self, item: Skeleton, place: Place, legal: tuple[str, ...]) -> str:
        random = self.random
        before, behind = self.notes.around()
        if item.kind == EITHER:
            branches = " or ".join(self._items(branch, place, legal) for branch in item.branches)
            return f"{item.label}:{before} either {branches}{behind}"
        head, inner = "", place
        if item.kind == WHILE:
            head = f" while {self.expressions.truth(place, random.choice([1, 1, 2])).text}"
        elif item.kind == FOREACH and item.sort is not None:
            name = self.expressions.name()
            bound: dict[str, Sort] = {name: item.sort}
            head, inner = f" foreach {name} : {item.sort.name}", place.binding(bound)
        elif random.random() < 0.4:
            head = f" when {self.expressions.truth(place, random.choice([1, 1, 2])).text}"
        emits = self.notes.emits([*inner.bound])
        if item.branches:
            body = self._items(item.branches[0], inner, legal)
        else:
            labels = tuple(self._labels) if self.statements.careless() else legal
            step = Step(inner, self._actor, labels, depth=random.choice([0, 1, 1, 2]))
            body = self.statements.block(step, least=0 if item.kind == STEP else 1)
        return f"{item.label}:{before}{head} {body}{behind}{emits}"
