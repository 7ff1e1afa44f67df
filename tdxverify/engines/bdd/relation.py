"""Steps as a disjunction of small relations: each speaks only of the cells that its step changes.

A step with values for its parameters is one relation; steps that change the same cells share one
while it stays small. What a step does not change occurs in no relation, so there is no frame to carry
along: of a set of states the changed cells are forgotten, and get their new values. Cells that a step
gives a constant need no second variable even for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from tdxverify.budget import TooLarge
from tdxverify.engines.bdd.backend import Node
from tdxverify.engines.bdd.encode import Cases, Environment
from tdxverify.engines.bdd.space import Space
from tdxverify.logic.layout import values_of
from tdxverify.logic.sorts import domain
from tdxverify.model.model import Action, Write

MOST_INSTANCES = 200_000
_LARGE = 1_000  # nodes beyond which relations are not put together


@dataclass(frozen=True, slots=True)
class _Instance:
    """One step with its parameters: `changes` gives cells, by place, their new values where `guard` holds."""

    guard: Node
    changes: Mapping[int, Cases]


@dataclass(frozen=True, slots=True)
class Relation:
    """`steps`: the guard, and of cells without a constant new value what it is. `forgotten` are the
    variables of changed cells, `names` those of new values and what to call them, `constants` the rest.
    """

    steps: Node
    forgotten: tuple[str, ...]
    names: Mapping[str, str]
    constants: Node


class Steps:
    """All steps of a problem. `possible`: the typed states, for parameter values that are `assumed`."""

    def __init__(self, space: Space, assumed: Node) -> None:
        self._space = space
        self.manager = space.manager
        state_cells = range(space.rigid_count, len(space.cells))
        self.possible = space.manager.conjunction(assumed, space.typed(state_cells))
        self._instances = list(self._found())
        self.relations: Sequence[Relation] = list(self._grouped())

    def image(self, relation: Relation, states: Node) -> Node:
        """Where these steps lead from `states`."""
        after = self.manager.joined(relation.steps, states, relation.forgotten)
        return self.manager.conjunction(self.manager.renamed(relation.names, after), relation.constants)

    def preimage(self, states: Node) -> Node:
        """Those `possible` states from which one step can lead into `states`."""
        manager, found = self.manager, self.manager.false
        for instance in self._instances:
            functions: dict[str, Node] = {}
            for place, cases in instance.changes.items():
                functions |= self._bit_functions(place, cases)
            before = manager.composed(functions, states)
            found = manager.disjunction(found, manager.conjunction(instance.guard, before))
        return found

    # --- what one step does --------------------------------------------------------------

    def _found(self) -> Iterator[_Instance]:
        sizes = self._space.problem.size_of
        counts = (
            prod(len(domain(p.sort, sizes)) for p in action.parameters)
            for action in self._space.problem.actions
        )
        if sum(counts) > MOST_INSTANCES:
            raise TooLarge(f"there are more than {MOST_INSTANCES:,} steps with values for their parameters")
        for action in self._space.problem.actions:
            for values in values_of(action.parameters, sizes):
                instance = self._instance(action, dict(zip(action.parameters, values, strict=True)))
                if instance is not None:
                    yield instance

    def _instance(self, action: Action, environment: Environment) -> _Instance | None:
        """None where it cannot be made, or changes nothing."""
        guard = self.manager.conjunction(
            self.possible, self._space.encoder.formula(action.guard, environment)
        )
        if guard == self.manager.false:
            return None
        changes: dict[int, Cases] = {}
        for write in action.writes:
            self._write(write, environment, changes)
        kept = {place: cases for place, cases in changes.items() if self._differs(guard, place, cases)}
        return _Instance(guard, kept) if kept else None

    def _write(self, write: Write, environment: Environment, changes: dict[int, Cases]) -> None:
        """Add what `write` does behind the writes so far."""
        space, manager = self._space, self.manager
        for values in values_of(write.binders, space.problem.size_of):
            inner = {**environment, **dict(zip(write.binders, values, strict=True))}
            condition = space.encoder.formula(write.condition, inner)
            if condition == manager.false:
                continue
            value = space.encoder.cases(write.value, inner)
            for indices, here in space.encoder.places(write.indices, inner):
                place = space.place_of[write.symbol.name, indices]
                before = changes.get(place, space.cells[place].now)
                where = manager.conjunction(condition, here)
                changes[place] = self._updated(place, before, where, value)

    def _updated(self, place: int, before: Cases, where: Node, value: Cases) -> Cases:
        """The cell's cases with a new value `where` that is written. What is outside its range is not."""
        manager = self.manager
        return {
            one: manager.conditional(where, value.get(one, manager.false), before.get(one, manager.false))
            for one in self._space.cells[place].values
        }

    def _differs(self, guard: Node, place: int, cases: Cases) -> bool:
        manager, now = self.manager, self._space.cells[place].now
        kept = manager.any_of(manager.conjunction(case, cases[one]) for one, case in now.items())
        return bool(manager.difference(guard, kept) != manager.false)

    def _bit_functions(self, place: int, cases: Cases) -> dict[str, Node]:
        variables = self._space.cells[place]
        functions = dict.fromkeys(variables.names, self.manager.false)
        for one, case in cases.items():
            for name, is_set in variables.bits_of(one).items():
                if is_set:
                    functions[name] = self.manager.disjunction(functions[name], case)
        return functions

    # --- relations -------------------------------------------------------------------------

    def _grouped(self) -> Iterator[Relation]:
        groups: dict[tuple[int, ...], list[_Instance]] = {}
        for instance in self._instances:
            groups.setdefault(tuple(sorted(instance.changes)), []).append(instance)
        for places, instances in groups.items():
            if len(instances) == 1:
                yield self._alone(instances[0])
            else:
                yield from self._together(places, instances)

    def _alone(self, instance: _Instance) -> Relation:
        """Constant new values are put in behind."""
        manager, cells = self.manager, self._space.cells
        constants, open_ones = manager.true, list[int]()
        for place, cases in instance.changes.items():
            value = next((v for v, case in cases.items() if self._implies(instance.guard, case)), None)
            if value is None:
                open_ones.append(place)
            else:
                constants = manager.conjunction(constants, cells[place].now[value])
        steps = self._step(instance, open_ones)
        return Relation(steps, self._names(instance.changes), self._later_names(open_ones), constants)

    def _implies(self, one: Node, other: Node) -> bool:
        return bool(self.manager.difference(one, other) == self.manager.false)

    def _together(self, places: tuple[int, ...], instances: Sequence[_Instance]) -> Iterator[Relation]:
        manager = self.manager
        names, later = self._names(places), self._later_names(places)
        steps = manager.false
        for instance in instances:
            if manager.size(steps) > _LARGE:
                yield Relation(steps, names, later, manager.true)
                steps = manager.false
            steps = manager.disjunction(steps, self._step(instance, places))
        yield Relation(steps, names, later, manager.true)

    def _step(self, instance: _Instance, places: Sequence[int]) -> Node:
        """The guard, and what the cells at `places` are behind the step."""
        found = instance.guard
        for place in sorted(places, key=self._space.order.index, reverse=True):
            later = self._space.cells[place].later
            found = self.manager.conjunction(found, self._space.equal(later, instance.changes[place]))
        return found

    def _names(self, places: Mapping[int, Cases] | Sequence[int]) -> tuple[str, ...]:
        return tuple(name for place in places for name in self._space.cells[place].names)

    def _later_names(self, places: Sequence[int]) -> dict[str, str]:
        cells = (self._space.cells[place] for place in places)
        return {later: now for cell in cells for later, now in zip(cell.later_names, cell.names, strict=True)}
