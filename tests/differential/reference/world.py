"""The declarations of a spec, and the values of its sorts at given sizes.

Values are what one would write: booleans, numbers, names of enum members, `Line0` for elements. So no value
has to know its sort, and equal names in two enums cannot be mixed up, since nothing compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

from tdxverify.syntax import ast

Value: TypeAlias = Any  # bool, int, str; where a process stands in a foreach: see `places.Progress`
Cell: TypeAlias = tuple[str, tuple[Value, ...]]
State: TypeAlias = dict[Cell, Value]
Instance: TypeAlias = tuple[Value, ...]  # an actor's name, and the element for which it is
DONE = "done"
NONE: Value = None  # what is written `none`


class TooLarge(Exception):
    """There is more to enumerate than was allowed."""


class Meaningless(Exception):
    """The text means nothing: the front end must refuse it. The words say why."""


@dataclass(frozen=True)
class Variable:
    """A parameter, constant or state variable; `named` are the positions with the names they carry."""

    name: str
    rigid: bool
    positions: tuple[ast.IndexPosition, ...]
    type: ast.Type
    initial: ast.Expr | ast.AnyValue | None


class World:
    """Everything declared in `module`, at `sizes`."""

    def __init__(self, module: ast.Module, sizes: Mapping[str, int]) -> None:
        self.sizes = dict(sizes)
        self.work = 80_000  # statements that may be executed
        self.enums: dict[str, tuple[str, ...]] = {}
        self.variables: dict[str, Variable] = {}
        self.members: set[str] = set()
        self.declarations = module.declarations
        for declaration in module.declarations:
            self._declare(declaration)
        self.defines = {d.name.text: d for d in self.of(ast.DefineDecl)}
        self.accesses = {d.name.text: d for d in self.of(ast.AccessDecl)}
        self.faults = {d.name.text: d for d in self.of(ast.FaultDecl)}
        asked = {one.outcome.text for one in ast.nodes(module.declarations, ast.Took)}
        self.outcomes_asked = sorted(one for one in asked if not one.startswith("#"))
        self.taken = [*self.faults, *self.outcomes_asked]
        self.actors = [
            one for d in self.of(ast.ActorDecl) for name in d.names for one in self.each(name.text)
        ]
        self.processes = {d.name.text: d for d in self.of(ast.ProcessDecl)}

    @property
    def halts(self) -> list[ast.Expr]:
        return [one.condition for one in self.of(ast.HaltDecl)]

    def each(self, actor: str) -> list[Instance]:
        """All actors that the name is for."""
        sorts = [self.domain(position.type) for position in self.positions(actor)]
        return [(actor, *indices) for indices in product(*sorts)]

    def positions(self, actor: str) -> tuple[ast.IndexPosition, ...]:
        """Of what there is one actor for each."""
        pairs = (pair for d in self.of(ast.ActorDecl) for pair in zip(d.names, d.indices, strict=True))
        return next(positions for name, positions in pairs if name.text == actor)

    def stopping(self, actor: Instance | None) -> list[tuple[ast.Expr, dict[str, Value]]]:
        """The conditions that stop a step of `actor`, with what their names mean, in the order in which they
        are asked."""
        found: list[tuple[ast.Expr, dict[str, Value]]] = [(one, {}) for one in self.halts]
        if actor is not None:
            pairs = zip(self.positions(actor[0]), actor[1:], strict=True)
            bound = {position.name.text: value for position, value in pairs if position.name is not None}
            declared = [d for d in self.of(ast.ActorDecl) if actor[0] in (name.text for name in d.names)]
            found += [(d.stopped, bound) for d in declared if d.stopped is not None]
        return found

    def spend(self) -> None:
        """One more statement is executed."""
        self.work -= 1
        if self.work < 0:
            raise TooLarge

    def of(self, kind: type[Any]) -> list[Any]:
        """The declarations of one kind, in order."""
        return [d for d in self.declarations if isinstance(d, kind)]

    def _declare(self, declaration: ast.Declaration) -> None:
        match declaration:
            case ast.EnumDecl(name=name, members=members):
                self.enums[name.text] = tuple(m.text for m in members)
                self.members.update(m.text for m in members)
            case ast.ParamDecl(name=name, type=kind):
                self.variables[name.text] = Variable(name.text, True, (), kind, None)
            case ast.ConstDecl(name=name, indices=indices, type=kind, value=value):
                self.variables[name.text] = Variable(name.text, True, indices, kind, value)
            case ast.StateDecl():
                self._state(declaration)
            case ast.MemoryDecl(fields=fields):
                for field in fields:
                    self._state(field)
            case _:
                pass

    def _state(self, declaration: ast.StateDecl) -> None:
        name = declaration.name.text
        self.variables[name] = Variable(
            name, False, declaration.indices, declaration.type, declaration.initial
        )

    def sort(self, name: str) -> Sequence[Value]:
        """All values of an index sort or enum."""
        if name in self.enums:
            return self.enums[name]
        return [f"{name}{number}" for number in range(self.sizes[name])]

    def places(self, one: str, other: str) -> tuple[int, int]:
        """Where two members or elements stand in their sort. Two enums share two members in one order, if at
        all.
        """
        found = {
            (members.index(one), members.index(other))
            for members in (*self.enums.values(), *map(self.sort, self.sizes))
            if one in members and other in members
        }
        answers = {(a > b) - (a < b) for a, b in found}
        assert len(answers) == 1, "nobody can tell of which enum these are"
        return min(found)

    def domain(self, kind: ast.Type) -> Sequence[Value]:
        """All values of a type."""
        match kind:
            case ast.BoolType():
                return (False, True)
            case ast.RangeType(low=low, high=high):
                return range(low, high + 1)
            case ast.NamedType(name=name):
                return self.sort(name.text)
            case ast.OptionalType(type=inner):
                return (NONE, *self.domain(inner))

    def cells(self, variable: Variable) -> list[Cell]:
        domains = [self.domain(position.type) for position in variable.positions]
        return [(variable.name, indices) for indices in product(*domains)]

    def bindings(self, binders: Iterable[ast.Binder]) -> Iterator[dict[str, Value]]:
        """Every way to give the binders values."""
        pairs = [(binder.name.text, self.domain(binder.type)) for binder in binders]
        names = [name for name, _ in pairs]
        for values in product(*(domain for _, domain in pairs)):
            yield dict(zip(names, values, strict=True))
