"""Names to declarations: the first pass over all modules.

There are separate name spaces for sorts, values (parameters, constants, state, defines, enum
members), accesses, actors, faults, behaviours (actions and processes), observers, properties and
configurations, so that an actor and a phase may share a name. A name whose declaration is itself wrong is
remembered as broken, and later uses of it are passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tdxverify.diagnostics import Code, Note
from tdxverify.diagnostics.collector import DiagnosticCollector, did_you_mean, nearest_or_all
from tdxverify.logic.expr import Role, Symbol
from tdxverify.logic.sorts import BOOL, EnumSort, IndexSort, OptionalSort, RangeSort, Sort
from tdxverify.model.model import Actor, Fault, Refinement, SymbolInfo
from tdxverify.source import Span
from tdxverify.syntax import ast

LARGEST_RANGE = 65_536  # values of one bounded integer

_Declared = TypeVar("_Declared")


@dataclass
class Declarations:
    """Everything declared, by name space. Filled once by `collect`, read afterwards."""

    enums: dict[str, EnumSort] = field(default_factory=dict)
    index_sorts: dict[str, IndexSort] = field(default_factory=dict)
    symbols: dict[str, SymbolInfo] = field(default_factory=dict)
    defines: dict[str, ast.DefineDecl] = field(default_factory=dict)
    members: dict[str, list[EnumSort]] = field(default_factory=dict)
    accesses: dict[str, ast.AccessDecl] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    actions: dict[str, ast.ActionDecl] = field(default_factory=dict)
    processes: dict[str, ast.ProcessDecl] = field(default_factory=dict)
    halts: list[ast.HaltDecl] = field(default_factory=list)
    stopped_actors: list[ast.ActorDecl] = field(default_factory=list)
    refined_actors: dict[str, tuple[ast.Refinement, ...]] = field(default_factory=dict)
    fair_actors: dict[str, ast.Fair] = field(default_factory=dict)
    secrets: list[ast.SecretDecl] = field(default_factory=list)
    observers: dict[str, ast.ObserverDecl] = field(default_factory=dict)
    properties: dict[str, ast.PropertyDecl] = field(default_factory=dict)
    configs: dict[str, ast.ConfigDecl] = field(default_factory=dict)
    state_declarations: dict[str, ast.StateDecl] = field(default_factory=dict)
    constant_values: list[tuple[Symbol, ast.ConstDecl]] = field(default_factory=list)
    assumptions: list[ast.AssumeDecl] = field(default_factory=list)
    constraints: list[ast.InitDecl] = field(default_factory=list)
    repeated: list[object] = field(default_factory=list)  # whose name was taken; looked at all the same
    repeated_states: list[tuple[Symbol, ast.StateDecl]] = field(default_factory=list)
    outcomes_asked: frozenset[str] = frozenset()  # those that are no faults and that `took` asks for
    broken: set[str] = field(default_factory=set)
    broken_actors: set[str] = field(default_factory=set)  # of which it is not known how many there are
    places: dict[tuple[str, str], Span] = field(default_factory=dict)  # (name space, name) -> where

    def each(self, table: dict[str, _Declared], kind: type[_Declared]) -> tuple[_Declared, ...]:
        """What is in `table`, and declarations of that `kind` whose name was taken."""
        return (*table.values(), *(one for one in self.repeated if isinstance(one, kind)))

    def elsewhere(self, name: str, wanted: str) -> str | None:
        """What `name` is in a name space other than `wanted`, e.g. 'an actor'; None if nothing."""
        kinds = {
            "sort": "a sort",
            "value": "a value",
            "access": "an access",
            "actor": "an actor",
            "fault": "a fault",
            "behaviour": "an action or process",
            "property": "a property",
            "config": "a configuration",
            "observer": "an observer",
        }
        for space, what in kinds.items():
            if space != wanted and (space, name) in self.places:
                return what
        return None


def annotation_citations(annotations: ast.Annotations) -> tuple[str, ...]:
    return tuple(c.identifier for c in annotations.citations)


def refinements_of(written: tuple[ast.Refinement, ...]) -> tuple[Refinement, ...]:
    """What files that import a declaration have changed in it."""
    return tuple(
        Refinement(one.text, one.annotations.description, annotation_citations(one.annotations), one.span)
        for one in written
    )


class _Collecting:
    """One pass over the modules; sorts first, since everything else mentions them."""

    def __init__(self, diagnostics: DiagnosticCollector) -> None:
        self.diagnostics = diagnostics
        self.found = Declarations()

    def declare(self, space: str, name: ast.Name, table: dict[str, _Declared], value: _Declared) -> None:
        if self.is_new(space, name):
            table[name.text] = value
        else:
            self.found.repeated.append(value)

    def is_new(self, space: str, name: ast.Name) -> bool:
        """Whether nothing has that name, which it then takes; else E202."""
        earlier = self.found.places.get((space, name.text))
        if earlier is not None:
            note = Note("first declared here", earlier)
            message, hint = f"'{name.text}' is declared twice", _of_two(name.span, earlier)
            self.diagnostics.report(Code.E202, message, name.span, notes=(note,), hint=hint)
            return False
        self.found.places[space, name.text] = name.span
        return True

    def sorts(self, declaration: ast.Declaration) -> None:
        match declaration:
            case ast.IndexDecl(name=name, is_ordered=is_ordered):
                self.declare("sort", name, self.found.index_sorts, IndexSort(name.text, is_ordered))
            case ast.EnumDecl(name=name, members=members):
                self.enum(name, members)
            case _:
                pass

    def enum(self, name: ast.Name, members: tuple[ast.Name, ...]) -> None:
        seen: dict[str, ast.Name] = {}
        for member in members:
            if member.text in seen:
                note = Note("listed here already", seen[member.text].span)
                message = f"enum '{name.text}' lists '{member.text}' twice"
                hint = "leave one of them out"
                self.diagnostics.report(Code.E214, message, member.span, notes=(note,), hint=hint)
            seen.setdefault(member.text, member)
        sort = EnumSort(name.text, tuple(seen))
        self.declare("sort", name, self.found.enums, sort)
        if self.found.enums.get(name.text) is not sort:
            self.found.broken.update(seen)
            return
        for text, member in seen.items():
            self.found.members.setdefault(text, []).append(sort)
            self.found.places.setdefault(("member", text), member.span)

    def sort_of(self, written: ast.Type) -> Sort | None:
        """The sort that `written` names; None after a diagnostic."""
        match written:
            case ast.BoolType():
                return BOOL
            case ast.RangeType(low=low, high=high, span=span):
                return self.range(low, high, span)
            case ast.NamedType(name=name):
                return self.named_sort(name)
            case ast.OptionalType(type=inner):
                return self.optional_sort(inner)

    def optional_sort(self, written: ast.Type) -> Sort | None:
        """The values of `written` and none; None after a diagnostic."""
        base = self.sort_of(written)
        if base is None:
            return None
        if isinstance(base, EnumSort) and "none" not in base.members:
            return OptionalSort(base)
        if isinstance(base, IndexSort):
            return OptionalSort(base)
        if isinstance(base, EnumSort):
            message, hint = f"enum '{base.name}' has a member 'none' already", f"write {base.name} alone"
        else:
            message = f"only elements of index sorts and members of enums can be none, not {base}"
            hint = "declare an enum of the values, or a bool that says whether there is one"
        self.diagnostics.report(Code.E315, message, written.span, hint=hint)
        return None

    def range(self, low: int, high: int, span: Span) -> Sort | None:
        if low > high:
            self.diagnostics.report(Code.E307, f"the range {low}..{high} is empty", span,
                                    hint=f"write {high}..{low}")  # fmt: skip
            return None
        if high - low >= LARGEST_RANGE:
            message = (
                f"the range {low}..{high} has {high - low + 1} values; at most {LARGEST_RANGE} are possible"
            )
            hint = "a smaller range finds most mistakes; things without numbers are an 'index' sort"
            self.diagnostics.report(Code.E314, message, span, hint=hint)
            return None
        return RangeSort(low, high)

    def named_sort(self, name: ast.Name) -> Sort | None:
        found = self.found.enums.get(name.text) or self.found.index_sorts.get(name.text)
        if found is None:
            known = [*self.found.enums, *self.found.index_sorts, "bool"]
            what = self.found.elsewhere(name.text, "sort")
            hint = f"'{name.text}' is {what}" if what else did_you_mean(name.text, known)
            hint = hint or "sorts are bool, ranges like 0..7, and what 'enum' and 'index' declare"
            self.diagnostics.report(Code.E203, f"unknown sort '{name.text}'", name.span, hint=hint)
        return found

    def index_sorts(self, positions: tuple[ast.IndexPosition, ...]) -> tuple[Sort, ...] | None:
        sorts = [self.sort_of(position.type) for position in positions]
        good = [s for s in sorts if s is not None]
        return tuple(good) if len(good) == len(sorts) else None

    def symbol(self, name: ast.Name, role: Role, origin: str, indices: tuple[ast.IndexPosition, ...],
               written: ast.Type, annotations: ast.Annotations,
               refined: tuple[ast.Refinement, ...] = ()) -> tuple[Symbol | None, bool]:  # fmt: skip
        """Declare a parameter, constant or state: None where its sorts are wrong; and whether it is new."""
        is_new = self.is_new("value", name)
        sort, sorts = self.sort_of(written), self.index_sorts(indices)
        if sort is None or sorts is None:
            self.found.broken.add(name.text)
            return None, is_new
        symbol = Symbol(name.text, role, sorts, sort)
        if is_new:
            self.found.symbols[name.text] = SymbolInfo(
                symbol,
                annotations.description,
                annotation_citations(annotations),
                origin,
                name.span,
                refinements_of(refined),
            )
        return symbol, is_new

    def values(self, declaration: ast.Declaration) -> None:
        match declaration:
            case ast.ParamDecl(name=name, type=written, annotations=annotations):
                plain = written.type if isinstance(written, ast.OptionalType) else written
                if isinstance(plain, ast.NamedType) and plain.name.text in self.found.index_sorts:
                    message = f"a parameter cannot be an element of '{plain.name.text}'"
                    self.diagnostics.report(Code.E301, message, written.span, hint="declare it with 'const'")
                self.symbol(name, Role.RIGID, "param", (), written, annotations)
            case ast.ConstDecl(name=name, indices=indices, type=written, annotations=annotations):
                symbol, _ = self.symbol(
                    name, Role.RIGID, "const", indices, written, annotations, declaration.refinements
                )
                if symbol is not None:
                    self.found.constant_values.append((symbol, declaration))
            case ast.StateDecl():
                self.state(declaration, "state")
            case ast.MemoryDecl(fields=fields):
                for one in fields:
                    self.state(one, "memory")
            case ast.DefineDecl(name=name):
                self.declare("value", name, self.found.defines, declaration)
            case _:
                self.others(declaration)

    def state(self, declaration: ast.StateDecl, origin: str) -> None:
        name, indices, written = declaration.name, declaration.indices, declaration.type
        annotations, refined = declaration.annotations, declaration.refinements
        symbol, is_new = self.symbol(name, Role.STATE, origin, indices, written, annotations, refined)
        if symbol is not None and is_new:
            self.found.state_declarations[name.text] = declaration
        elif symbol is not None:
            self.found.repeated_states.append((symbol, declaration))

    def others(self, declaration: ast.Declaration) -> None:
        match declaration:
            case ast.AccessDecl(name=name):
                self.declare("access", name, self.found.accesses, declaration)
            case ast.ActionDecl(name=name):
                self.declare("behaviour", name, self.found.actions, declaration)
            case ast.ProcessDecl(name=name):
                self.declare("behaviour", name, self.found.processes, declaration)
            case ast.PropertyDecl(name=name):
                self.declare("property", name, self.found.properties, declaration)
            case ast.SecretDecl():
                self.found.secrets.append(declaration)
            case ast.ObserverDecl(name=name):
                self.declare("observer", name, self.found.observers, declaration)
            case ast.ConfigDecl(name=name):
                self.declare("config", name, self.found.configs, declaration)
            case ast.ActorDecl(names=names, indices=indices, annotations=annotations):
                for name, positions in zip(names, indices, strict=True):
                    sorts = self.index_sorts(positions)
                    if sorts is None:
                        self.found.broken_actors.add(name.text)
                    told = annotations.description, annotation_citations(annotations)
                    self.declare("actor", name, self.found.actors, Actor(name.text, sorts or (), *told))
                    self.found.refined_actors[name.text] = declaration.refinements
                if declaration.stopped is not None:
                    self.found.stopped_actors.append(declaration)
                if declaration.fair is not None:
                    self.found.fair_actors.update((name.text, declaration.fair) for name in declaration.names)
            case ast.FaultDecl():
                self.fault(declaration)
            case ast.HaltDecl():
                self.found.halts.append(declaration)
            case ast.AssumeDecl():
                self.found.assumptions.append(declaration)
            case ast.InitDecl():
                self.found.constraints.append(declaration)
            case _:
                pass

    def fault(self, declaration: ast.FaultDecl) -> None:
        name, annotations = declaration.name, declaration.annotations
        if declaration.fixable and (declaration.fatal or declaration.halts):
            other = "fatal" if declaration.fatal else "halting"
            message = f"'{name.text}' cannot be both fixable and {other}"
            self.diagnostics.report(Code.E409, message, name.span, hint="keep one of the two words")
        kills = tuple(n.text for n in declaration.kills)
        spared = tuple(n.text for n in declaration.must_not_reach)
        fault = Fault(name.text, declaration.fixable, declaration.fatal, declaration.halts, kills, spared,
                      annotations.description, annotation_citations(annotations))  # fmt: skip
        self.declare("fault", name, self.found.faults, fault)

    def clashes(self) -> None:
        """Enum members share the name space of values, but may repeat among enums."""
        for text, sorts in self.found.members.items():
            earlier = self.found.places.get(("value", text))
            if earlier is not None:
                note = Note(f"also a member of enum '{sorts[0].name}'", self.found.places["member", text])
                message, hint = f"'{text}' is declared twice", "give one of them another name"
                self.diagnostics.report(Code.E202, message, earlier, notes=(note,), hint=hint)

    def mentioned_actors(self, modules: tuple[ast.Module, ...]) -> None:
        for module in modules:
            for declaration in module.declarations:
                names: tuple[ast.Name, ...] = ()
                if isinstance(declaration, ast.FaultDecl):
                    names = (*declaration.kills, *declaration.must_not_reach)
                elif isinstance(declaration, ast.ActionDecl | ast.ProcessDecl | ast.PropertyDecl):
                    names = (declaration.actor,) if declaration.actor else ()
                for name in names:
                    require_actor(name, self.found, self.diagnostics)


def _of_two(span: Span, earlier: Span) -> str:
    if span.source.path == earlier.source.path:
        return "keep one, or give one of them another name"
    return "give it another name, or import the other file under a prefix: import FILE as old"


def require_actor(name: ast.Name, declarations: Declarations, diagnostics: DiagnosticCollector) -> bool:
    """Whether `name` is a declared actor; E204 if not."""
    if name.text in declarations.actors:
        return True
    hint = did_you_mean(name.text, declarations.actors) or f"declare it: actor {name.text}"
    diagnostics.report(Code.E204, f"unknown actor '{name.text}'", name.span, hint=hint)
    return False


def require_fault(name: ast.Name, declarations: Declarations, diagnostics: DiagnosticCollector) -> bool:
    """Whether `name` is a declared fault; E205 if not."""
    if name.text in declarations.faults:
        return True
    hint = nearest_or_all(name.text, declarations.faults, f"declare it: fault {name.text}")
    diagnostics.report(Code.E205, f"unknown fault '{name.text}'", name.span, hint=hint)
    return False


def require_outcome(name: ast.Name, declarations: Declarations, diagnostics: DiagnosticCollector) -> bool:
    """Whether `name` is a declared fault, or another outcome that some access has; E205 if not."""
    if name.text.startswith("#"):
        return require_fault(name, declarations, diagnostics)
    known = {row.outcome for access in declarations.accesses.values() for row in access.rows}
    if name.text in known:
        return True
    hint = nearest_or_all(name.text, known, "an access row has it behind '->'")
    diagnostics.report(Code.E205, f"no access has the outcome '{name.text}'", name.span, hint=hint)
    return False


def collect(
    modules: tuple[ast.Module, ...], diagnostics: DiagnosticCollector
) -> tuple[Declarations, Callable[[ast.Type], Sort | None]]:
    """All declarations of `modules`, and the function that turns a written type into a sort."""
    pass_over = _Collecting(diagnostics)
    for step in (pass_over.sorts, pass_over.values):
        for module in modules:
            for declaration in module.declarations:
                step(declaration)
    pass_over.clashes()
    pass_over.mentioned_actors(modules)
    taken = (one.outcome.text for module in modules for one in ast.nodes(module, ast.Took))
    pass_over.found.outcomes_asked = frozenset(text for text in taken if not text.startswith("#"))
    return pass_over.found, pass_over.sort_of
