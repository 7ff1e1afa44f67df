"""Lemmas of a finite instance read back as formulas with quantifiers.

A cube that mentions elements e1, ..., en of a sort stands for its whole orbit: no n different
elements are in that situation. Which formula is meant for every size cannot be seen from one
instance, so several readings are offered, and whoever uses them checks which are inductive:

* elements are pairwise different, as they were in the instance;
* they need not be different (stronger);
* a cube that says the same of *every* element of the sort means "for all elements", so that its
  negation says that there is one for which it is false.

Elements that are not interchangeable are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tdxverify.engines.pdr.cubes import CellTable, Cube, Literal
from tdxverify.logic import expr as core
from tdxverify.logic.expr import Bound, Expr, Read
from tdxverify.logic.grounding import constant
from tdxverify.logic.sorts import NONE, BoolSort, IndexSort, Sort, element_sort

Variables = dict[tuple[str, int], Bound]  # (index sort, element) -> the variable that stands for it


def reading(table: CellTable, cube: Cube, *, distinct: bool) -> Expr:
    """No (pairwise different, if `distinct`) elements are as in `cube`."""
    variables = _variables(table, cube)
    parts = [_literal(table, literal, variables) for literal in cube]
    if distinct:
        parts += _differences(tuple(variables.values()))
    return _none(tuple(variables.values()), parts)


def readings(table: CellTable, cube: Cube) -> Iterator[Expr]:
    """Every reading of `cube`, the strongest first."""
    variables = _variables(table, cube)
    if _differences(tuple(variables.values())):
        yield reading(table, cube, distinct=False)
    yield from _over_whole_sorts(table, cube)
    yield reading(table, cube, distinct=True)


def _variables(table: CellTable, cube: Cube) -> Variables:
    """Their names end in a part that is not shown, by which they differ from all names of the model:
    nothing is captured where a lemma and an action are put together.
    """
    found: Variables = {}
    for name, elements in table.elements(cube).items():
        letter = name[0].lower() + name[1:]
        for number, element in enumerate(elements):
            suffix = "" if len(elements) == 1 else str(number + 1)
            found[name, element] = Bound(f"any_{letter}{suffix}$of {name}", IndexSort(name))
    return found


def _differences(variables: tuple[Bound, ...]) -> list[Expr]:
    return [core.negation(core.equal(a, b)) for a, b in combinations(variables, 2) if a.sort == b.sort]


def _none(variables: tuple[Bound, ...], parts: list[Expr]) -> Expr:
    return core.negation(core.quantified(variables, core.conjunction(*parts), universal=False))


def _value(sort: Sort, value: int, variables: Variables) -> Expr:
    element = element_sort(sort)
    variable = None if element is None else variables.get((element.name, value))
    if variable is not None:
        return variable
    return constant(value, sort if element is None or value == NONE else element)


def _literal(table: CellTable, literal: Literal, variables: Variables) -> Expr:
    """`cell = value`, or `not cell = value` where the literal excludes fewer values than it admits."""
    number = literal[0]
    cell = table.cells[number]
    indices = tuple(_value(s, v, variables) for s, v in zip(cell.symbol.indices, cell.indices, strict=True))
    read, sort = Read(cell.symbol, indices), cell.symbol.sort
    values, admitted = table.described(literal)
    if isinstance(sort, BoolSort):
        return read if values == [1] else core.negation(read)
    equalities = [core.equal(read, _value(sort, value, variables)) for value in values]
    if admitted:
        return core.disjunction(*equalities)
    return core.conjunction(*(core.negation(one) for one in equalities))


def _over_whole_sorts(table: CellTable, cube: Cube) -> Iterator[Expr]:
    """For each sort all of whose elements are in the same situation: "for all of them" in one reading.

    So for several such sorts together: "no node has it, and no message carries it".
    """
    whole = {name: groups for name in table.elements(cube) if (groups := _situations(table, cube, name))}
    for count in range(1, len(whole) + 1):
        for names in combinations(whole, count):
            spent = [literal for name in names for group in whole[name] for literal in group]
            rest = tuple(literal for literal in cube if literal not in spent)
            if len(set(spent)) == len(spent) and set(names).isdisjoint(table.elements(rest)):
                yield _for_all(table, cube, rest, {name: whole[name][0] for name in names})


def _situations(table: CellTable, cube: Cube, name: str) -> list[Cube] | None:
    """What `cube` says of each element of a sort, if it says the same of all of them."""
    elements = table.elements(cube)[name]
    if len(elements) < 2 or len(elements) != table.problem.size_of[name]:
        return None
    groups = [_about(table, cube, name, element) for element in elements]
    if _mentions_twice(groups) or not all(_same(table, groups[0], g, name) for g in groups[1:]):
        return None
    return groups


def _for_all(table: CellTable, cube: Cube, rest: Cube, situations: dict[str, Cube]) -> Expr:
    """Nothing is as in `rest` while all elements of the sorts in `situations` are as said there."""
    variables = _variables(table, cube)
    every = []
    for name, situation in situations.items():
        one = variables[name, table.elements(cube)[name][0]]
        parts = (_literal(table, literal, variables) for literal in situation)
        every.append(core.quantified((one,), core.conjunction(*parts), universal=True))
    others = tuple(v for (sort, _), v in variables.items() if sort not in situations)
    return _none(others, [*every, *(_literal(table, one, variables) for one in rest), *_differences(others)])


def _about(table: CellTable, cube: Cube, name: str, element: int) -> Cube:
    """The literals whose cell is indexed by `element` of sort `name`."""
    found = []
    for literal in cube:
        cell = table.cells[literal[0]]
        pairs = zip(cell.symbol.indices, cell.indices, strict=True)
        if any(isinstance(s, IndexSort) and s.name == name and v == element for s, v in pairs):
            found.append(literal)
    return tuple(found)


def _mentions_twice(groups: list[Cube]) -> bool:
    """Whether some literal belongs to two elements (`next[Line0, Line1]`)."""
    literals = [literal for group in groups for literal in group]
    return len(set(literals)) != len(literals)


def _same(table: CellTable, one: Cube, other: Cube, name: str) -> bool:
    """Whether two elements are in the same situation, apart from which element it is."""

    def shape(cube: Cube) -> list[tuple[object, ...]]:
        found = []
        for number, mask in cube:
            cell = table.cells[number]
            element = element_sort(cell.symbol.sort)
            if element is not None and element.name == name:
                return [(number,)]  # a value of the sort itself: no common situation
            pairs = zip(cell.symbol.indices, cell.indices, strict=True)
            places = tuple(None if isinstance(s, IndexSort) and s.name == name else v for s, v in pairs)
            found.append((cell.symbol.name, places, mask))
        return sorted(found, key=repr)

    return shape(one) == shape(other)
