"""What a file says about declarations that it imports is carried out once all files are read.

The result is what edited copies of the imported files would say. What was changed keeps a `Refinement`, so
that reports can tell. The order of the files does not matter: guards of actions are strengthened first, then
rows and values are replaced, actors stopped and processes put in the place of actions, and processes and
their steps strengthened last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdxverify.diagnostics import Code, Diagnostic, Note, SpecError
from tdxverify.diagnostics.collector import did_you_mean
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.printer import print_expression, print_row, print_value
from tdxverify.syntax.refining_actors import apart, stopped_as_well
from tdxverify.syntax.refining_steps import conjunction, is_asked, strengthened_step, with_action

_KINDS = {
    ast.ActionDecl: "action",
    ast.ProcessDecl: "process",
    ast.StateDecl: "state",
    ast.ConstDecl: "const",
    ast.AccessDecl: "access",
    ast.ActorDecl: "actor",
}
_Refinable: TypeAlias = (
    ast.ActionDecl | ast.ProcessDecl | ast.StateDecl | ast.ConstDecl | ast.AccessDecl | ast.ActorDecl
)
_CALLED = {"const": "constant", "state": "state variable"}


def refined(modules: tuple[ast.Module, ...]) -> tuple[ast.Module, ...]:
    """`modules` with all refinements carried out, and none left. Raises SpecError with all their mistakes."""
    written = [
        (home, one)
        for home, module in enumerate(modules)
        for one in module.declarations
        if isinstance(one, ast.RefineDecl)
    ]
    if not written:
        return modules
    actors = {one.name.text for _, one in written if isinstance(one, ast.RefineActor)}
    return _Refining(tuple(apart(module, actors) for module in modules)).carried_out(written)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a declaration stands: in a module, at a position, for a field of a `memory` inside of it.

    `home` is the module whose file says it, which is another one where it came by a refinement.
    """

    home: int
    module: int
    position: int
    field: int | None = None


class _Refining:
    def __init__(self, modules: tuple[ast.Module, ...]) -> None:
        self._modules = modules
        self._declarations = [list(module.declarations) for module in modules]
        self._places: dict[tuple[str, str], _Place] = {}
        self._problems: list[Diagnostic] = []
        self._replaced: dict[tuple[str, ...], tuple[Span, ast.RefineDecl]] = {}
        for kind, name, place in _declared(modules):
            self._places.setdefault((kind, name.text), place)

    def carried_out(self, written: list[tuple[int, ast.RefineDecl]]) -> tuple[ast.Module, ...]:
        """The modules behind `written`, each with the number of its module."""
        guards = [(home, one) for home, one in written if isinstance(one, ast.RefineGuard)]
        for home, guard in guards:
            if guard.kind == "action":
                self._guard(home, guard)
        for home, one in written:
            match one:
                case ast.RefineValue():
                    self._value(home, one)
                case ast.RefineRow():
                    self._row(home, one)
                case ast.RefineByProcess():
                    self._by_process(home, one)
                case ast.RefineActor():
                    self._actor(home, one)
                case ast.RefineGuard():
                    pass
        for home, guard in guards:
            if guard.kind == "process":
                self._guard(home, guard)
        self._steps([(home, guard) for home, guard in guards if guard.kind == "step"])
        if self._problems:
            raise SpecError(self._problems)
        return tuple(
            replace(module, declarations=tuple(one for one in found if not isinstance(one, ast.RefineDecl)))
            for module, found in zip(self._modules, self._declarations, strict=True)
        )

    # --- looking up ------------------------------------------------------------------

    def _find(self, home: int, kind: str, name: ast.Name) -> _Place | None:
        """Where what `name` means is declared; None after a diagnostic."""
        place = self._places.get((kind, name.text))
        if place is None:
            message = f"there is no {_CALLED.get(kind, kind)} '{name.text}'"
            self._report(Code.E140, message, name.span, hint=self._hint(kind, name))
        elif place.home == home:
            message = f"{_CALLED.get(kind, kind)} '{name.text}' is declared in this file"
            note = Note("here", _name_of(self._at(place)).span)
            hint = "change what is declared; refinements are about what a file imports"
            self._report(Code.E141, message, name.span, (note,), hint)
        else:
            return place
        return None

    def _hint(self, kind: str, name: ast.Name) -> str:
        for other in _KINDS.values():
            if other != kind and (other, name.text) in self._places:
                return f"'{name.text}' is {_a(other)}"
        every = (one for module in self._modules for one in module.declarations)
        if any(isinstance(one, ast.ParamDecl) and one.name.text == name.text for one in every):
            return f"'{name.text}' is a parameter: a check says what it is, with 'where'"
        known = (text for found, text in self._places if found == kind)
        return did_you_mean(name.text, known) or f"name {_a(kind)} of a file that is imported"

    def _at(self, place: _Place) -> _Refinable:
        found = self._declarations[place.module][place.position]
        if isinstance(found, ast.MemoryDecl) and place.field is not None:
            return found.fields[place.field]
        assert isinstance(found, _Refinable)
        return found

    def _put(self, place: _Place, changed: ast.Declaration) -> None:
        around = self._declarations[place.module][place.position]
        if isinstance(around, ast.MemoryDecl) and isinstance(changed, ast.StateDecl):
            fields = list(around.fields)
            fields[place.field or 0] = changed
            changed = replace(around, fields=tuple(fields))
        self._declarations[place.module][place.position] = changed

    def _is_first(self, key: tuple[str, ...], what: str, span: Span, written: ast.RefineDecl) -> bool:
        """Whether nothing else replaces the same; else E142, unless a copy of the file says just that."""
        if key not in self._replaced:
            self._replaced[key] = span, written
            return True
        first, other = self._replaced[key]
        if first != span:
            note = Note("first replaced here", first)
            hint = "keep one of them: nobody could tell which one counts"
            self._report(Code.E142, f"{what} is replaced twice", span, (note,), hint)
        elif other != written:
            told = f"{what} is replaced once by each copy of this file, which is imported under two prefixes"
            hint = (
                "import what is refined under the prefixes only, so that each has a copy of its own; or put"
                " the refinement into a file that is imported once"
            )
            self._report(Code.E142, told, span, hint=hint)
        return False

    def _report(
        self, code: Code, message: str, span: Span, notes: tuple[Note, ...] = (), hint: str | None = None
    ) -> None:
        self._problems.append(Diagnostic(code, message, span, notes, hint))

    # --- guards ----------------------------------------------------------------------

    def _guard(self, home: int, written: ast.RefineGuard) -> None:
        place = self._find(home, written.kind, written.name)
        if place is not None:
            declared = self._at(place)
            assert isinstance(declared, ast.ActionDecl | ast.ProcessDecl)
            guard = conjunction(declared.guard, written.guard)
            one = replace(_strengthening(written), is_idle=is_asked(declared.guard, written.guard))
            told = (*declared.refinements, one)
            self._put(place, replace(declared, guard=guard, refinements=told))

    def _steps(self, written: Iterable[tuple[int, ast.RefineGuard]]) -> None:
        """Steps that share the body of another one come last: what is said of it is said of them as well."""
        sharing: list[tuple[_Place, ast.RefineGuard]] = []
        for home, one in written:
            place = self._find(home, "process", one.name)
            if place is not None and not self._step(place, one, shared=False):
                sharing.append((place, one))
        for place, one in sharing:
            self._step(place, one, shared=True)

    def _step(self, place: _Place, written: ast.RefineGuard, *, shared: bool) -> bool:
        """False where that is for later."""
        process = self._at(place)
        assert isinstance(process, ast.ProcessDecl) and written.label is not None
        try:
            changed = strengthened_step(
                process, written.label, written.guard, _strengthening(written), shared=shared
            )
        except SpecError as error:
            self._problems.extend(error.diagnostics)
            return True
        if changed is not None:
            self._put(place, changed)
        return changed is not None

    # --- actors ----------------------------------------------------------------------

    def _actor(self, home: int, written: ast.RefineActor) -> None:
        place = self._find(home, "actor", written.name)
        if place is None:
            return
        declared = self._at(place)
        assert isinstance(declared, ast.ActorDecl)
        try:
            self._put(place, stopped_as_well(declared, written))
        except SpecError as error:
            self._problems.extend(error.diagnostics)

    # --- values ----------------------------------------------------------------------

    def _value(self, home: int, written: ast.RefineValue) -> None:
        place = self._find(home, written.kind, written.name)
        what = f"the value of '{written.name.text}'"
        if place is None or not self._is_first(
            ("value", written.name.text), what, written.name.span, written
        ):
            return
        declared = self._at(place)
        assert isinstance(declared, ast.StateDecl | ast.ConstDecl)
        indices = written.indices or declared.indices
        if [one.type for one in indices] != [one.type for one in declared.indices]:
            note = Note("declared here", declared.name.span)
            message = f"'{written.name.text}' has other indices than that"
            hint = "write them as they are declared, or leave them out"
            self._report(Code.E145, message, written.name.span, (note,), hint)
            return
        if isinstance(declared, ast.StateDecl):
            told = (*declared.refinements, _replacing(declared.initial, written))
            changed: ast.Declaration = replace(
                declared, indices=indices, initial=written.value, refinements=told
            )
        else:
            assert not isinstance(written.value, ast.AnyValue)
            told = (*declared.refinements, _replacing(declared.value, written))
            changed = replace(declared, indices=indices, value=written.value, refinements=told)
        self._put(place, changed)

    # --- rows ------------------------------------------------------------------------

    def _row(self, home: int, written: ast.RefineRow) -> None:
        for row in written.rows:
            if not row.annotations.citations:
                message = "this row replaces another one and does not say why"
                hint = "cite the source behind it, as in: cite F-TDX-31"
                self._report(Code.E144, message, row.span, hint=hint)
        place = self._find(home, "access", written.access)
        if place is None:
            return
        table = self._at(place)
        assert isinstance(table, ast.AccessDecl)
        name, shown = written.access.text, _condition(written)
        span = written.access.span if written.guard is None else written.guard.span
        if not self._is_first(("row", name, shown), f"row '{shown}' of '{name}'", span, written):
            return
        found = [n for n, row in enumerate(self._original(place).rows) if row.guard == written.guard]
        if not found:
            self._no_such_row(table, written.guard, shown, span)
        elif len(found) > 1:
            notes = tuple(Note("it could be this one", self._original(place).rows[n].span) for n in found)
            message = f"several rows of '{name}' have the condition '{shown}'"
            self._report(Code.E143, message, span, notes, "make one row of them where the table is declared")
        else:
            old = self._original(place).rows[found[0]]
            self._put(place, replace(table, rows=tuple(_exchanged(table.rows, old, written))))

    def _original(self, place: _Place) -> ast.AccessDecl:
        declared = self._modules[place.module].declarations[place.position]
        assert isinstance(declared, ast.AccessDecl)
        return declared

    def _no_such_row(self, table: ast.AccessDecl, guard: ast.Expr | None, shown: str, span: Span) -> None:
        put_there = [row.span for row in table.rows if row.guard == guard]
        if put_there:
            message = f"row '{shown}' of '{table.name.text}' is there by another refinement"
            notes = tuple(Note("it is written here", place) for place in put_there)
            hint = "change it there; what is refined are rows of the file that declares the table"
            self._report(Code.E140, message, span, notes, hint)
            return
        guards = ["otherwise" if row.guard is None else print_expression(row.guard) for row in table.rows]
        hint = did_you_mean(shown, guards) or f"a row is named by its condition: {guards[0]}"
        message = f"no row of '{table.name.text}' has the condition '{shown}'"
        self._report(Code.E140, message, span, (Note("the table is here", table.name.span),), hint)

    # --- processes -------------------------------------------------------------------

    def _by_process(self, home: int, written: ast.RefineByProcess) -> None:
        place = self._find(home, "action", written.action)
        name = written.action.text
        if place is None or not self._is_first(
            ("action", name), f"action '{name}'", written.action.span, written
        ):
            return
        action = self._at(place)
        assert isinstance(action, ast.ActionDecl)
        process, is_used = with_action(written.process, action)
        if action.refinements and not is_used:
            notes = tuple(Note("its guard is strengthened here", one.span) for one in action.refinements)
            message = f"action '{name}' is replaced, and its guard is strengthened as well"
            hint = f"a step 'LABEL: as {name}' of the process does what the action does, with its guard"
            self._report(Code.E142, message, written.action.span, notes, hint)
        told = ast.Refinement(_in_place_of(action, written.process, is_used=is_used), span=written.span)
        self._put(place, replace(process, refinements=(told,)))
        self._places.setdefault(("process", process.name.text), replace(place, home=home))


def _in_place_of(action: ast.ActionDecl, process: ast.ProcessDecl, *, is_used: bool) -> str:
    """What a process stands for; and that the action was fair, where nothing of the process is."""
    told = f"in place of action {action.name.text}"
    stated = process.fair is not None or any(s.fair is not None for s in ast.nodes(process.items, ast.Step))
    if action.fair is None or is_used or stated:
        return told
    return f"{told}, which was {action.fair.value}: this is not"


def _name_of(declared: _Refinable) -> ast.Name:
    return declared.names[0] if isinstance(declared, ast.ActorDecl) else declared.name


def _a(kind: str) -> str:
    called = _CALLED.get(kind, kind)
    return f"{'an' if called[0] == 'a' else 'a'} {called}"


def _declared(modules: Iterable[ast.Module]) -> Iterator[tuple[str, ast.Name, _Place]]:
    """All that can be refined, with its kind and its place."""
    for number, module in enumerate(modules):
        for position, one in enumerate(module.declarations):
            place = _Place(number, number, position)
            match one:
                case ast.MemoryDecl(fields=fields):
                    for field, state in enumerate(fields):
                        yield "state", state.name, replace(place, field=field)
                case ast.ActorDecl(names=names):
                    yield from (("actor", name, place) for name in names)
                case _ if isinstance(one, _Refinable):
                    yield _KINDS[type(one)], _name_of(one), place
                case _:
                    pass


def _strengthening(written: ast.RefineGuard) -> ast.Refinement:
    text, guard = f"only when {print_expression(written.guard)}", written.guard
    return ast.Refinement(text, written.annotations, guard, span=written.span)


def _replacing(old: ast.Expr | ast.AnyValue | None, written: ast.RefineValue) -> ast.Refinement:
    every = ast.AnyValue(span=written.span)
    shown = "any value" if old is None or old == every else print_value(old)
    is_idle = (every if old is None else old) == written.value
    return ast.Refinement(f"in place of {shown}", written.annotations, None, is_idle, span=written.span)


def _condition(written: ast.RefineRow) -> str:
    return "otherwise" if written.guard is None else print_expression(written.guard)


def _exchanged(
    rows: Iterable[ast.AccessRow], old: ast.AccessRow, written: ast.RefineRow
) -> Iterator[ast.AccessRow]:
    for row in rows:
        if row is not old:
            yield row
            continue
        bare = ast.Annotations()
        is_idle = [replace(old, annotations=bare)] == [replace(one, annotations=bare) for one in written.rows]
        for new in written.rows:
            text = f"in place of {print_row(old)}"
            told = ast.Refinement(text, new.annotations, None, is_idle, span=written.span)
            yield replace(new, refinements=(told,))
