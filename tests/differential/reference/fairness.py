"""Who has to have a turn again and again, and whose faults somebody asks about: read off the syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tdxverify.syntax import ast
from tests.differential.reference.processes import contents
from tests.differential.reference.rounds import Taken, Turn
from tests.differential.reference.world import Value, World

Whose: TypeAlias = Callable[[Taken], tuple[Value, ...] | None]  # which instance a step belongs to, if to any


def turns(world: World, assuming: Iterable[ast.FairClause], possible: Iterable[Taken]) -> list[Turn]:
    """Every instance of what is declared fair, and of what a check assumes besides. `possible`: all steps
    that are possible in some state."""
    return [
        Turn(fair is ast.Fair.STRONG, steps)
        for whose, fair in _fair(world, assuming)
        for steps in _instances(whose, possible)
    ]


def _fair(world: World, assuming: Iterable[ast.FairClause]) -> Iterator[tuple[Whose, ast.Fair]]:
    for actors in world.of(ast.ActorDecl):
        if actors.fair is not None:
            yield from ((_of_actor(name.text), actors.fair) for name in actors.names)
    for action in world.of(ast.ActionDecl):
        if action.fair is not None:
            yield _of_step(action.name.text), action.fair
    for process in world.of(ast.ProcessDecl):
        if process.fair is not None:
            yield _of_process(process.name.text), process.fair
        for step in _steps(process.items):
            if step.fair is not None:
                yield _of_step(f"{process.name.text}.{step.label.text}"), step.fair
    for clause in assuming:
        yield _named(world, clause), clause.fair


def _named(world: World, clause: ast.FairClause) -> Whose:
    name = clause.name.text
    if clause.label is not None:
        return _of_step(f"{name}.{clause.label.text}")
    if name in {one.name.text for one in world.of(ast.ActionDecl)}:
        return _of_step(name)
    return _of_process(name) if name in world.processes else _of_actor(name)


def _steps(items: Iterable[ast.ProcessItem]) -> Iterator[ast.Step]:
    for item in items:
        if isinstance(item, ast.Step):
            yield item
        for inner in contents(item):
            yield from _steps(inner)


def _of_step(name: str) -> Whose:
    """An action or a step, for all values of what is declared in front of it."""
    return lambda step: step.values if step.name == name else None


def _of_process(name: str) -> Whose:
    """Each instance of a process."""
    return lambda step: step.process if step.process is not None and step.process[0] == name else None


def _of_actor(name: str) -> Whose:
    """Each actor that the name is for."""
    return lambda step: step.actor if step.actor is not None and step.actor[0] == name else None


def _instances(whose: Whose, possible: Iterable[Taken]) -> Iterator[frozenset[Taken]]:
    """The steps of each. What is possible in no state demands nothing."""
    found: dict[object, set[Taken]] = {}
    for step in possible:
        key = whose(step)
        if key is not None:
            found.setdefault(key, set()).add(step)
    yield from map(frozenset, found.values())


def asked_about(world: World) -> set[tuple[str, str]]:
    """Actors and outcomes of which something asks whether the one took the other, but for defines that
    nobody uses."""
    asking = [one for one in world.declarations if not isinstance(one, ast.DefineDecl)]
    used: set[str] = set()
    waiting: list[object] = [*asking]
    found: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        found |= {
            pair for took in ast.nodes(one, ast.Took) for pair in _asked(world, took.actor, took.outcome)
        }
        named = {node.name.text for kind in (ast.NameExpr, ast.CallExpr) for node in ast.nodes(one, kind)}
        new = (named & set(world.defines)) - used
        used |= new
        waiting += [world.defines[name] for name in new]
    for claim in world.of(ast.PropertyDecl):
        if claim.kind is ast.PropertyKind.NEVER_TAKES:
            found |= set(_asked(world, claim.actor, claim.fault))
        elif claim.kind is ast.PropertyKind.CONTAINED:
            for actor in world.faults[claim.fault.text].must_not_reach:
                found |= set(_asked(world, actor, claim.fault))
    return found


def _asked(world: World, actor: ast.Name | None, outcome: ast.Name) -> Iterator[tuple[str, str]]:
    names = {one[0] for one in world.actors} if actor is None else {actor.text}
    yield from ((name, outcome.text) for name in names)
