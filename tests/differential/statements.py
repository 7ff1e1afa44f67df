"""Random statements. What a `foreach` may not do is left out, unless the spec is a careless one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from tests.differential.expressions import Expressions
from tests.differential.vocabulary import Declared, Enum, Index, Place, Sort, Symbol, Table


@dataclass(frozen=True)
class Step:
    """Where statements stand. `labels`: those that a goto may lead to. `targets`: in a foreach, the cells
    that may be assigned, with their sorts; a value of None is one fixed text that all elements assign."""

    place: Place
    actor: str | None = None
    labels: tuple[str, ...] = ()
    in_row: bool = False
    targets: Mapping[str, tuple[Sort, str | None]] | None = None
    depth: int = 2
    in_handler: bool = False


@dataclass
class _Foreach:
    """What one foreach may write, as it is put together."""

    own: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    targets: dict[str, tuple[Sort, str | None]] = field(default_factory=dict)


class Statements:
    def __init__(self, declared: Declared, expressions: Expressions) -> None:
        self.declared = declared
        self.expressions = expressions
        self.random: Random = declared.random

    def careless(self) -> bool:
        return self.random.random() < self.declared.careless

    # --- blocks --------------------------------------------------------------------------

    def block(self, step: Step, least: int = 0) -> str:
        """`{ ... }`, with a goto at its end at times."""
        random = self.random
        count = max(least, random.choice([0, 1, 1, 1, 2] if step.depth < 2 else [0, 1, 1, 2, 2, 3]))
        shown = []
        for _ in range(count):
            shown += [self.statement(step) + (";" if random.random() < 0.1 else "")]
        labels = step.labels if not step.in_row else ()
        may_leave = labels and (step.targets is None or self.careless())
        if (may_leave and random.random() < 0.2) or self.random.random() < 0.02 * self.declared.careless:
            shown.append(f"goto {random.choice(labels or ('done',))}" + random.choice(["", "", ";"]))
            if self.careless():
                shown.append(self.statement(step))
        return f"{{ {' '.join(shown)} }}" if shown else random.choice(["{}", "{ }"])

    def statement(self, step: Step) -> str:
        """One statement; what cannot be done here falls back to something that can."""
        options: list[Callable[[Step], str | None]] = [self.assign, self.assign, self.assign, self.when]
        if step.depth > 0:
            options += [self.if_statement, self.if_statement, self.foreach, self.foreach]
            if step.targets is None or self.careless():
                options += [self.either]
        if not step.in_row or self.careless():
            options += [self.access, self.access, self.access]
        for _ in range(6):
            found = self.random.choice(options)(step)
            if found is not None:
                return found
        return self.assign(step) or "when true"

    def when(self, step: Step) -> str | None:
        if self.random.random() < 0.5:
            return None
        return f"when {self.expressions.truth(step.place, self.random.choice([1, 1, 2])).text}"

    # --- assignments ---------------------------------------------------------------------

    def assign(self, step: Step) -> str | None:
        if step.targets is not None and not self.careless():
            return self._assign_own(step, step.targets)
        symbols = [s for s in self.declared.symbols if not s.rigid]
        self.random.shuffle(symbols)
        for symbol in symbols:
            parts = [self.expressions.fitting(position, step.place, 1) for position in symbol.positions]
            shown = [part.text for part in parts if part is not None]
            if len(shown) == len(parts):
                cell = symbol.name + (f"[{', '.join(shown)}]" if shown else "")
                value = self._value(symbol, step.place, may_choose=step.targets is None or self.careless())
                return f"{cell} := {value}" if value is not None else None
        return None

    def _assign_own(self, step: Step, targets: Mapping[str, tuple[Sort, str | None]]) -> str | None:
        if not targets:
            return None
        cell = self.random.choice(list(targets))
        sort, fixed = targets[cell]
        if fixed is not None:
            return f"{cell} := {fixed}"
        value = self.expressions.fitting(sort, step.place, 1)
        return None if value is None else f"{cell} := {value.text}"

    def _value(self, symbol: Symbol, place: Place, *, may_choose: bool) -> str | None:
        if may_choose and self.random.random() < 0.15:
            return "any"
        if may_choose and self.random.random() < 0.15:
            found = [
                self.expressions.fitting(symbol.sort, place, 1) for _ in range(self.random.choice([1, 2, 3]))
            ]
            good = [one.text for one in found if one is not None]
            return f"any {{ {', '.join(good)} }}" if good else None
        value = self.expressions.fitting(symbol.sort, place, 2)
        return None if value is None else value.text

    # --- branches ------------------------------------------------------------------------

    def if_statement(self, step: Step) -> str:
        inner = replace(step, depth=step.depth - 1)
        text = (
            f"if {self.expressions.truth(step.place, self.random.choice([1, 1, 2])).text} {self.block(inner)}"
        )
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            condition = self.expressions.truth(step.place, self.random.choice([1, 1, 2]))
            text += f" else if {condition.text} {self.block(inner)}"
        return text + (f" else {self.block(inner)}" if self.random.random() < 0.5 else "")

    def either(self, step: Step) -> str:
        inner = replace(step, depth=step.depth - 1)
        count = self.random.choice([2, 2, 3])
        return "either " + " or ".join(self.block(inner) for _ in range(count))

    # --- all elements at once ---------------------------------------------------------------

    def foreach(self, step: Step) -> str | None:
        sorts: list[Sort] = [*map(Index, self.declared.indices), *map(Enum, self.declared.members)]
        sorts = sorts * 3 + [(0, 1), (-1, 0)]
        chosen = [self.random.choice(sorts) for _ in range(self.random.choice([1, 1, 2]))]
        if len(chosen) == 2 and self.random.random() < 0.5:
            chosen[1] = chosen[0]
        text, bound = self.expressions.binders(chosen)
        place = step.place.binding(bound)
        found = self._writable(step, place, bound)
        own = {**step.place.own, **found.own}
        inner = replace(step, depth=step.depth - 1, targets=found.targets, place=replace(place, own=own))
        inner = inner if step.labels and self.careless() else replace(inner, labels=())
        return f"foreach {text} {self.block(inner)}"

    def _writable(self, step: Step, place: Place, bound: Mapping[str, Sort]) -> _Foreach:
        """Some variables, each with the cell that belongs to the element; some with one value for all."""
        found = _Foreach()
        symbols = [s for s in self.declared.symbols if not s.rigid and s.name not in step.place.own]
        for symbol in self.random.sample(symbols, min(3, len(symbols))):
            indices = self._own_indices(symbol, place, bound)
            if indices is not None:
                shown = f"[{', '.join(indices)}]" if indices else ""
                found.own[symbol.name] = indices
                found.targets[symbol.name + shown] = (symbol.sort, None)
            elif not symbol.positions:
                value = self.expressions.fitting(symbol.sort, Place(rigid=True), 0)
                if value is not None:
                    found.own[symbol.name] = None
                    found.targets[symbol.name] = (symbol.sort, value.text)
        return found

    def _own_indices(self, symbol: Symbol, place: Place, bound: Mapping[str, Sort]) -> tuple[str, ...] | None:
        """Indices of a cell that no other element has: every new variable is one of them."""
        left = list(bound)
        self.random.shuffle(left)
        indices = []
        for position in symbol.positions:
            mine = [name for name in left if bound[name] == position]
            counted = self._counted(left, bound, position)
            others = [n for n, sort in place.bound.items() if sort == position and n not in bound]
            if counted and (not mine or self.random.random() < 0.5):
                name, text = counted[0]
                left.remove(name)
                indices.append(text)
            elif mine:
                left.remove(mine[0])
                indices.append(mine[0])
            elif others:
                indices.append(self.random.choice(others))
            else:
                return None
        return None if left else tuple(indices)

    def _counted(self, left: list[str], bound: Mapping[str, Sort], position: Sort) -> list[tuple[str, str]]:
        """Numbers among the variables `left`, each with an index that all its values fit into, shifted."""
        found = []
        for name in left:
            sort = bound[name]
            if self.declared.ordered and isinstance(sort, tuple) and isinstance(position, tuple):
                shifts = range(position[0] - sort[0], position[1] - sort[1] + 1)
                found += [(name, f"{name} + {n}" if n >= 0 else f"{name} - {-n}") for n in shifts]
        self.random.shuffle(found)
        return found

    # --- accesses --------------------------------------------------------------------------

    def access(self, step: Step) -> str | None:
        tables = [t for t in self.declared.tables if self._possible(t, step)]
        if not tables:
            return None
        table = self.random.choice(tables)
        arguments = [self.expressions.fitting(sort, step.place, 1) for sort in table.parameters]
        shown = [one.text for one in arguments if one is not None]
        if len(shown) < len(arguments):
            return None
        deeper = not step.in_handler and self.random.random() < 0.4
        inner = replace(step, depth=1 if deeper else 0, in_handler=True)
        text = f"{table.name}({', '.join(shown)})"
        for fault in table.faults:
            handled = not step.in_handler and self.random.random() < 0.6
            if handled or (step.targets is not None and not self.careless()):
                text += f" on {fault} {self.block(inner) if not step.in_handler else '{ }'}"
        for outcome in table.outcomes:
            if not step.in_handler and self.random.random() < 0.2:
                text += f" on {outcome} {self.block(inner)}"
        return text

    def _possible(self, table: Table, step: Step) -> bool:
        if (table.faults or self.declared.asks_outcomes) and step.actor is None:
            return self.careless()
        if step.targets is None:
            return True
        if table.chooses:
            return self.careless()
        clash = table.writes or table.reads & set(step.place.own)
        return not clash or self.random.random() < 0.1 + self.declared.careless
