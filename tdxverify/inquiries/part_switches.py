"""Modules to relaxed modules: every part of the model gets a switch, and off means that it is not there.

    when a and b       when (keep 1 implies a) and (keep 2 implies b)
    x[i] := e          x[i] := if keep 3 then e else free 3
    halt when a or b   halt when (keep 6 and a) or (keep 7 and b)
    if c { }           if (keep 4 and c) or (not keep 4 and free 4) { }
    assume a           assume keep 5 implies a

`keep n` are bool parameters, `free n` are values that nothing restricts. An access table gets them as
further arguments, and another one that picks the row: among those whose (relaxed) condition holds, so that
more than one may apply. A step that picks a row whose condition does not hold is not possible. Names have a
blank in them, so that no spec has them.

The result is a model like any other. With every switch on it is the model it was made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tdxverify.inquiries import making
from tdxverify.inquiries.elements import Element, Kind
from tdxverify.source import Span
from tdxverify.syntax import ast
from tdxverify.syntax.ast import BinaryOperator as Word
from tdxverify.syntax.chains import operands_of
from tdxverify.syntax.printer import print_expression, print_statements


@dataclass(frozen=True)
class Freedom:
    """What a relaxed model has besides switches: the names of `values` that nothing restricts, and of the
    actions that renew one cell of such a value (action to value)."""

    values: frozenset[str]
    renewing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RelaxedModules:
    """`modules` with switches, one for each of `elements`."""

    modules: tuple[ast.Module, ...]
    elements: tuple[Element, ...]
    freedom: Freedom


def switch_name(number: int) -> str:
    """Of the parameter with which the part of that number counts."""
    return f"keep {number}"


def relax(modules: tuple[ast.Module, ...], check: Span, config: str | None = None) -> RelaxedModules:
    """`modules` with a switch for every part; of the checks only the one at `check` is relaxed, of the
    configurations only `config`, which it names."""
    return _Relaxing(modules, check, config).relaxed()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something stands: of what it is a part, and inside which atomic `foreach`.

    `table` collects the further parameters of the access table that it is in.
    """

    owner: str
    annotations: ast.Annotations
    binders: tuple[ast.Binder, ...] = ()
    table: _Table | None = None


@dataclass
class _Table:
    """The further parameters of an access table, by what a value of them stands for."""

    parameters: list[ast.Binder] = field(default_factory=list)


class _Relaxing:
    def __init__(self, modules: tuple[ast.Module, ...], check: Span, config: str | None) -> None:
        self._modules = modules
        self._check = check
        self._config = config
        self._elements: list[Element] = []
        self._added: list[ast.Declaration] = []
        self._free: list[str] = []
        self._renewing: dict[str, str] = {}
        declarations = [one for module in modules for one in module.declarations]
        self._types = dict(_state_types(declarations))
        self._tables: dict[str, _Table] = {}
        self._refinements = tuple(ast.nodes(tuple(declarations), ast.Refinement))

    def relaxed(self) -> RelaxedModules:
        # Tables first: whoever makes an access has to know its further parameters.
        tables = {
            one.name.text: self._access(one)
            for module in self._modules
            for one in module.declarations
            if isinstance(one, ast.AccessDecl)
        }
        modules = []
        for module in self._modules:
            changed = tuple(
                tables[one.name.text] if isinstance(one, ast.AccessDecl) else self._declaration(one)
                for one in module.declarations
            )
            modules.append(replace(module, declarations=changed))
        root = modules[-1]
        modules[-1] = replace(root, declarations=(*root.declarations, *self._added))
        freedom = Freedom(frozenset(self._free), self._renewing)
        return RelaxedModules(tuple(modules), tuple(self._elements), freedom)

    # --- switches and free values ----------------------------------------------------

    def _switch(self, kind: Kind, place: _Place, text: str, span: Span) -> ast.Expr:
        """A new element, and the expression that is true where it counts."""
        number = len(self._elements)
        name = switch_name(number)
        said, refinement = place.annotations, self._refinement(span)
        if refinement is not None and refinement.annotations != ast.Annotations():
            said = refinement.annotations
        cited = tuple(citation.identifier for citation in said.citations)
        change = None if refinement is None else refinement.text
        self._elements.append(
            Element(name, number, kind, place.owner, text, span, cited, said.description, change)
        )
        self._added.append(ast.ParamDecl(ast.Name(name, span=span), ast.BoolType(span=span), span=span))
        return making.name(name, span)

    def _refinement(self, span: Span) -> ast.Refinement | None:
        """The one that what stands there came by."""
        for one in self._refinements:
            if one.span.source is span.source and one.span.start <= span.start and span.end <= one.span.end:
                return one
        return None

    def _value(self, type_: ast.Type, place: _Place, span: Span) -> ast.Expr | None:
        """A value of `type_` that nothing restricts; None where there can be none."""
        if place.table is not None:
            if place.binders:
                return (
                    None  # every element would need a value of its own, and a table cannot be given so many
                )
            binder = ast.Binder(ast.Name(self._free_name(), span=span), type_, span=span)
            place.table.parameters.append(binder)
            return making.name(binder.name.text, span)
        sorts = [binder.type for binder in place.binders]
        types = [sort for sort in sorts if isinstance(sort, ast.NamedType | ast.RangeType)]
        if len(types) < len(sorts):
            return None
        name = ast.Name(self._free_name(), span=span)
        positions = tuple(ast.IndexPosition(None, type_, span=span) for type_ in types)
        self._added.append(ast.StateDecl(name, positions, type_, None, span=span))
        if not positions:
            return making.name(name.text, span)
        self._renewing[_renewing(name.text)] = name.text
        self._added.append(_refreshing(name, types, span))
        return ast.IndexExpr(name, tuple(making.name(b.name.text, span) for b in place.binders), span=span)

    def _free_name(self) -> str:
        self._free.append(f"free {len(self._free) + 1}")
        return self._free[-1]

    # --- conditions ---------------------------------------------------------------------

    def _parts(self, kind: Kind, written: ast.Expr, place: _Place) -> ast.Expr:
        """`written` with a switch for each of its conjuncts."""
        parts = []
        for part in operands_of(written, Word.AND):
            switch = self._switch(kind, place, print_expression(part), part.span)
            parts.append(making.binary(Word.IMPLIES, switch, part))
        return making.conjunction(parts)

    def _stopping(self, head: str, written: ast.Expr, annotations: ast.Annotations) -> ast.Expr:
        """A condition that stops steps where any of its disjuncts holds, with a switch for each of them."""
        parts = []
        for part in operands_of(written, Word.OR):
            place = _Place("", annotations)
            switch = self._switch(Kind.STOP, place, f"{head} when {print_expression(part)}", part.span)
            parts.append(making.binary(Word.AND, switch, part))
        return making.junction(Word.OR, parts)

    def _either_way(self, written: ast.Expr, place: _Place, word: str) -> ast.Expr:
        """`written`, or anything where its switch is off."""
        free = self._value(ast.BoolType(span=written.span), place, written.span)
        if free is None:
            return written
        switch = self._switch(Kind.CONDITION, place, f"{word} {print_expression(written)}", written.span)
        kept = making.binary(Word.AND, switch, written)
        return making.binary(Word.OR, kept, making.binary(Word.AND, making.negation(switch), free))

    # --- statements ---------------------------------------------------------------------

    def _body(self, body: Sequence[ast.Statement], place: _Place) -> tuple[ast.Statement, ...]:
        return tuple(self._statement(statement, place) for statement in body)

    def _statement(self, written: ast.Statement, place: _Place) -> ast.Statement:
        match written:
            case ast.Assign():
                return self._assign(written, place)
            case ast.Access(name=name, arguments=arguments, handlers=handlers):
                further = self._arguments(name.text, place, written.span)
                kept = tuple(replace(h, body=self._body(h.body, place)) for h in handlers)
                return replace(written, arguments=(*arguments, *further), handlers=kept)
            case ast.IfStatement(branches=branches, otherwise=otherwise):
                relaxed = tuple(
                    (self._either_way(condition, place, "if"), self._body(body, place))
                    for condition, body in branches
                )
                return replace(written, branches=relaxed, otherwise=self._body(otherwise, place))
            case ast.Foreach(binders=binders, body=body):
                inner = replace(place, binders=(*place.binders, *binders))
                return replace(written, body=self._body(body, inner))
            case ast.Either(branches=choices):
                return replace(written, branches=tuple(self._body(body, place) for body in choices))
            case ast.When(condition=condition):
                return replace(written, condition=self._parts(Kind.GUARD, condition, place))
            case ast.Goto():
                return written

    def _assign(self, written: ast.Assign, place: _Place) -> ast.Statement:
        type_ = self._types.get(written.target.text)
        if type_ is None or (isinstance(written.value, ast.AnyValue) and not written.value.choices):
            return written
        # What all elements of a `foreach` write to one cell is the same for all of them.
        named = {node.text for node in ast.nodes(written.indices, ast.Name)}
        each = tuple(binder for binder in place.binders if binder.name.text in named)
        free = self._value(type_, replace(place, binders=each), written.span)
        if free is None:
            return written
        kind = Kind.EFFECT if place.table is None else Kind.ROW_EFFECT
        switch = self._switch(kind, place, " ".join(print_statements([written]).split()), written.span)
        if isinstance(written.value, ast.AnyValue):
            freed = replace(written, value=free)
            return ast.IfStatement(((switch, (written,)),), (freed,), span=written.span)
        kept = switch
        if isinstance(
            type_, ast.RangeType
        ):  # what leaves the range is an error, whatever else may be assigned
            inside = ast.RangeMember(written.value, type_, span=written.span)
            kept = making.binary(Word.OR, switch, making.negation(inside))
        return replace(written, value=ast.IfExpr(kept, written.value, free, span=written.span))

    def _arguments(self, access: str, place: _Place, span: Span) -> list[ast.Expr]:
        """Values for the further parameters of the table."""
        table = self._tables.get(access)
        values = [self._value(p.type, place, span) for p in (table.parameters if table else ())]
        if all(value is not None for value in values):
            return [value for value in values if value is not None]
        return []  # the number of arguments is then wrong, and the relaxed model is refused

    # --- access tables --------------------------------------------------------------------

    def _access(self, written: ast.AccessDecl) -> ast.AccessDecl:
        table = self._tables[written.name.text] = _Table()
        rows: list[ast.AccessRow] = []
        first = _Place(written.name.text, written.annotations, table=table)
        pick = self._value(ast.RangeType(0, len(written.rows) - 1, span=written.span), first, written.span)
        breaks = self._value(ast.BoolType(span=written.span), first, written.span)
        assert pick is not None and breaks is not None
        for number, row in enumerate(written.rows):
            owner = f"{written.name.text}, row {number + 1}"
            place = _Place(owner, _together(written.annotations, row.annotations), table=table)
            chosen = making.binary(Word.EQUAL, pick, ast.IntLiteral(number, span=row.span))
            guard = self._row_guard(row, written.rows[:number], place)
            applies = chosen if guard is None else making.binary(Word.AND, chosen, guard)
            rows.extend(self._row(row, applies, breaks, place))
        blocked = ast.When(ast.BoolLiteral(False, span=written.span), span=written.span)
        rows.append(ast.AccessRow(None, "ok", None, None, (blocked,), span=written.span))
        return replace(written, parameters=(*written.parameters, *table.parameters), rows=tuple(rows))

    def _row_guard(
        self, row: ast.AccessRow, earlier: Sequence[ast.AccessRow], place: _Place
    ) -> ast.Expr | None:
        if row.guard is not None:
            return self._parts(Kind.ROW, row.guard, place)
        others = [making.negation(one.guard) for one in earlier if one.guard is not None]
        if not others:
            return None
        switch = self._switch(Kind.ROW, place, "otherwise", row.span)
        return making.binary(Word.IMPLIES, switch, making.conjunction(others))

    def _row(
        self, row: ast.AccessRow, applies: ast.Expr, breaks: ast.Expr, place: _Place
    ) -> Iterator[ast.AccessRow]:
        """The row, and for a fault another one in which it does not come."""
        effects = self._body(row.effects, place)
        if row.fault is None:
            yield replace(row, guard=applies, effects=effects)
            return
        switch = self._switch(Kind.FAULT, place, f"fault {row.fault.text}", row.span)
        faults = making.binary(Word.OR, switch, breaks)
        yield replace(row, guard=making.binary(Word.AND, applies, faults), effects=effects)
        passes = making.binary(Word.AND, applies, making.negation(faults))
        yield replace(row, guard=passes, result="ok", detail=None, fault=None, effects=effects)

    # --- declarations -----------------------------------------------------------------------

    def _declaration(self, written: ast.Declaration) -> ast.Declaration:
        match written:
            case ast.AssumeDecl(condition=condition, annotations=annotations):
                place = _Place("", annotations)
                return replace(written, condition=self._parts(Kind.ASSUMPTION, condition, place))
            case ast.InitDecl(condition=condition, annotations=annotations):
                place = _Place("init", annotations)
                return replace(written, condition=self._parts(Kind.START, condition, place))
            case ast.ConstDecl(value=value) if value is not None:
                return self._constant(written, value)
            case ast.CheckDecl(where=where, annotations=annotations):
                if where is None or written.span != self._check:
                    return written
                place = _Place("", annotations)
                return replace(written, where=self._parts(Kind.WHERE, where, place))
            case ast.ConfigDecl(name=name, condition=condition, annotations=annotations):
                if name.text != self._config:
                    return written
                place = _Place(f"config {name.text}", annotations)
                return replace(written, condition=self._parts(Kind.WHERE, condition, place))
            case ast.ActionDecl(guard=guard, body=body):
                place = _Place(f"action {written.name.text}", written.annotations)
                kept = None if guard is None else self._parts(Kind.GUARD, guard, place)
                return replace(written, guard=kept, body=self._body(body, place))
            case ast.ProcessDecl(guard=guard, items=items):
                place = _Place(f"process {written.name.text}", written.annotations)
                kept = None if guard is None else self._parts(Kind.GUARD, guard, place)
                return replace(written, guard=kept, items=self._items(items, written.name.text))
            case ast.HaltDecl(condition=condition, annotations=annotations):
                return replace(written, condition=self._stopping("halt", condition, annotations))
            case ast.ActorDecl(stopped=stopped, annotations=annotations) if stopped is not None:
                names = ", ".join(name.text for name in written.names)
                kept = self._stopping(f"actor {names} stopped", stopped, annotations)
                return replace(written, stopped=kept)
            case _:
                return written

    def _constant(self, written: ast.ConstDecl, value: ast.Expr) -> ast.Declaration:
        span = written.refinements[-1].span if written.refinements else written.span
        named = tuple(
            position
            if position.name is not None
            else replace(position, name=ast.Name(f"at {n}", span=position.span))
            for n, position in enumerate(written.indices)
        )
        name = ast.Name(self._free_name(), span=span)
        self._added.append(ast.ConstDecl(name, written.indices, written.type, None, span=span))
        places = tuple(making.name(p.name.text, span) for p in named if p.name is not None)
        free: ast.Expr = ast.IndexExpr(name, places, span=span) if places else making.name(name.text, span)
        text = f"{written.name.text} = {print_expression(value)}"
        switch = self._switch(Kind.CONSTANT, _Place("", written.annotations), text, span)
        return replace(written, indices=named, value=ast.IfExpr(switch, value, free, span=value.span))

    def _items(self, items: Sequence[ast.ProcessItem], process: str) -> tuple[ast.ProcessItem, ...]:
        return tuple(self._item(item, process) for item in items)

    def _item(self, item: ast.ProcessItem, process: str) -> ast.ProcessItem:
        label = ast.label_of(item)
        owner = f"process {process}" if label is None else f"step {process}.{label.text}"
        if isinstance(item, ast.SameStep):
            return item
        if isinstance(item, ast.When | ast.Goto):
            (kept,) = self._body((item,), _Place(owner, ast.Annotations()))
            assert isinstance(kept, ast.When | ast.Goto)
            return kept
        place = _Place(owner, item.annotations)
        match item:
            case ast.Step(guard=guard, body=body):
                asked = None if guard is None else self._parts(Kind.GUARD, guard, place)
                return replace(item, guard=asked, body=self._body(body, place))
            case ast.WhileItem(condition=condition):
                return replace(
                    item,
                    condition=self._either_way(condition, place, "while"),
                    items=self._items(item.items, process),
                    statements=self._body(item.statements, place),
                )
            case ast.ForeachItem():
                inner = self._items(item.items, process)
                return replace(item, items=inner, statements=self._body(item.statements, place))
            case ast.EitherItem(branches=branches):
                return replace(item, branches=tuple(self._items(branch, process) for branch in branches))
            case ast.IfItem(branches=chosen, otherwise=otherwise):
                ways = [
                    (self._either_way(condition, place, "if"), self._items(items, process))
                    for condition, items in chosen
                ]
                return replace(item, branches=tuple(ways), otherwise=self._items(otherwise, process))


def _refreshing(name: ast.Name, types: Sequence[ast.Type], span: Span) -> ast.Declaration:
    """An action that gives one cell of the free values `name` any other value."""
    binders = tuple(
        ast.Binder(ast.Name(f"at {n}", span=span), type_, span=span) for n, type_ in enumerate(types)
    )
    indices = tuple(making.name(binder.name.text, span) for binder in binders)
    body = ast.Assign(name, indices, ast.AnyValue(span=span), span=span)
    called = ast.Name(_renewing(name.text), span=span)
    return ast.ActionDecl(called, binders, None, (), None, (body,), span=span)


def _renewing(value: str) -> str:
    return f"refresh {value}"


def _state_types(declarations: Sequence[ast.Declaration]) -> Iterator[tuple[str, ast.Type]]:
    for one in declarations:
        for state in one.fields if isinstance(one, ast.MemoryDecl) else (one,):
            if isinstance(state, ast.StateDecl):
                yield state.name.text, state.type


def _together(table: ast.Annotations, row: ast.Annotations) -> ast.Annotations:
    """What is said of a row: by itself, else by its table; and what both cite."""
    cited = {c.identifier: c for c in (*table.citations, *row.citations)}
    return ast.Annotations(row.description or table.description, tuple(cited.values()))
