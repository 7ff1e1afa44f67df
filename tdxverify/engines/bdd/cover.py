"""A set of states as a short list of clauses, where there is one.

An irredundant cover of the states outside, each cube of which is a clause; what no state can be anyway,
codes that are no value and parameters that are ruled out, is covered or not as is convenient. Minato,
"Fast generation of irredundant sum-of-products forms from binary decision diagrams", SASIMI 1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tdxverify.engines.bdd.backend import Manager, Node
from tdxverify.engines.bdd.space import Space, Variables
from tdxverify.engines.bdd.table import branches
from tdxverify.logic.expr import Expr, Read, conjunction, disjunction, equal, negation
from tdxverify.logic.grounding import constant
from tdxverify.logic.sorts import Value

Cube: TypeAlias = tuple[tuple[str, bool], ...]

MOST_CLAUSES = 60
MOST_BITS = 200  # in which a cover is looked for: beyond, it is no easier to read than a table


class _TooMany(Exception):
    """The cover is not short."""


def clauses_of(space: Space, states: Node, possible: Node) -> tuple[Expr, ...] | None:
    """Formulas that hold in exactly those of the `possible` states that are in `states`, if they are few."""
    if sum(len(variables.names) for variables in space.cells) > MOST_BITS:
        return None
    outside = space.manager.difference(possible, states)
    try:
        cubes, _ = _Cover(space).of(outside, ~states)
    except _TooMany:
        return None
    return tuple(negation(_formula(space, cube)) for cube in cubes)


class _Cover:
    def __init__(self, space: Space) -> None:
        self._manager: Manager = space.manager
        names = [name for place in space.order for name in space.cells[place].names]
        self._rank = {name: number for number, name in enumerate(names)}
        self._variable = {n: bit for v in space.cells for n, bit in zip(v.names, v.bits, strict=True)}
        self._known: dict[tuple[Node, Node], tuple[tuple[Cube, ...], Node]] = {}

    def of(self, least: Node, most: Node) -> tuple[tuple[Cube, ...], Node]:
        """Cubes that cover all of `least` and nothing outside `most`, and what they cover."""
        manager = self._manager
        if least == manager.false:
            return (), manager.false
        if most == manager.true:
            return ((),), manager.true
        found = self._known.get((least, most))
        if found is None:
            found = self._known[least, most] = self._split(least, most)
        if len(found[0]) > MOST_CLAUSES:
            raise _TooMany
        return found

    def _split(self, least: Node, most: Node) -> tuple[tuple[Cube, ...], Node]:
        manager = self._manager
        name = min((n.var for n in (least, most) if n.var is not None), key=self._rank.__getitem__)
        (least0, least1), (most0, most1) = self._parts(least, name), self._parts(most, name)
        without, covered0 = self.of(manager.difference(least0, most1), most0)
        having, covered1 = self.of(manager.difference(least1, most0), most1)
        rest = manager.disjunction(manager.difference(least0, covered0), manager.difference(least1, covered1))
        either, covered = self.of(rest, manager.conjunction(most0, most1))
        cubes = (
            *(((name, False), *cube) for cube in without),
            *(((name, True), *cube) for cube in having),
            *either,
        )
        split = manager.conditional(self._variable[name], covered1, covered0)
        return cubes, manager.disjunction(split, covered)

    def _parts(self, node: Node, name: str) -> tuple[Node, Node]:
        return branches(node) if node.var == name else (node, node)


def _formula(space: Space, cube: Cube) -> Expr:
    """That each cell that the cube speaks of has one of the values that it allows."""
    fixed = dict(cube)
    parts: list[Expr] = []
    for variables in space.cells:
        own = [(name, fixed[name]) for name in variables.names if name in fixed]
        if own:
            allowed = [v for v in variables.values if all(variables.bits_of(v)[n] is bit for n, bit in own)]
            parts.append(_one_of(variables, allowed))
    return conjunction(*parts)


def _one_of(variables: Variables, allowed: Sequence[Value]) -> Expr:
    cell = variables.cell
    indices = (constant(v, sort) for v, sort in zip(cell.indices, cell.symbol.indices, strict=True))
    read = Read(cell.symbol, tuple(indices))
    if len(allowed) > len(variables.values) // 2 and len(variables.values) > 2:
        others = [value for value in variables.values if value not in allowed]
        return negation(_one_of(variables, others))
    return disjunction(*(equal(read, constant(value, cell.symbol.sort)) for value in allowed))
