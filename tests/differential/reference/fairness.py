"""Who has to have a turn again and again, and whose faults somebody asks about: read off the syntax tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from tdxverify.syntax import ast
from tests.differential.reference.processes import contents
from tests.differential.reference.rounds import Taken, Turn
from tests.differential.reference.world import World


def turns(world: World, assuming: Iterable[ast.FairClause], possible: Iterable[Taken]) -> list[Turn]:
    """Every instance of what is declared fair, and of what a check assumes besides. `possible`: all steps
    that are possible in some state."""
    named = dict.fromkeys(_fair(world, assuming))
    return [turn for name, fair in named for turn in _instances(world, name, fair, possible)]


def _fair(world: World, assuming: Iterable[ast.FairClause]) -> Iterator[tuple[str, ast.Fair]]:
    for declaration in world.of(ast.ActorDecl):
        if declaration.fair is not None:
            yield from ((name.text, declaration.fair) for name in declaration.names)
    for declaration in chain(world.of(ast.ActionDecl), world.of(ast.ProcessDecl)):
        if declaration.fair is not None:
            yield declaration.name.text, declaration.fair
    for process in world.of(ast.ProcessDecl):
        for step in _steps(process.items):
            if step.fair is not None:
                yield f"{process.name.text}.{step.label.text}", step.fair
    for clause in assuming:
        label = "" if clause.label is None else f".{clause.label.text}"
        yield f"{clause.name.text}{label}", clause.fair


def _steps(items: Iterable[ast.ProcessItem]) -> Iterator[ast.Step]:
    for item in items:
        if isinstance(item, ast.Step):
            yield item
        for inner in contents(item):
            yield from _steps(inner)


def _instances(world: World, name: str, fair: ast.Fair, possible: Iterable[Taken]) -> Iterator[Turn]:
    """An action or a step for all values of what is declared in front of it, a process for each of its
    instances, an actor for each that the name is for. What is possible in no state demands nothing."""
    for one in _whose(world, name, possible):
        yield Turn(fair is ast.Fair.STRONG, one)


def _whose(world: World, name: str, possible: Iterable[Taken]) -> Iterator[frozenset[Taken]]:
    """The steps of each."""
    found: dict[object, set[Taken]] = {}
    for step in possible:
        if name in world.processes:
            key: object = step.process if step.process is not None and step.process[0] == name else None
        elif name in {actor[0] for actor in world.actors}:
            key = step.actor if step.actor is not None and step.actor[0] == name else None
        else:
            key = step.values if step.name == name else None
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
