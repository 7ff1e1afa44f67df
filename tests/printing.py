"""Whole specs -> text that parses to the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import assert_never

from tdxverify.syntax.ast import (
    AccessDecl,
    AccessRow,
    ActionDecl,
    ActorDecl,
    Annotations,
    AnyValue,
    AssumeDecl,
    Binder,
    CheckDecl,
    ConfigDecl,
    ConstDecl,
    Declaration,
    DefineDecl,
    EitherItem,
    Emit,
    EnumDecl,
    Expr,
    Fair,
    FaultDecl,
    ForeachItem,
    Goto,
    HaltDecl,
    IfItem,
    Import,
    IndexDecl,
    InitDecl,
    MemoryDecl,
    Module,
    Name,
    ObserverDecl,
    ParamDecl,
    PreludeDecl,
    ProcessDecl,
    ProcessItem,
    PropertyDecl,
    RefineActor,
    RefineByProcess,
    RefineDecl,
    RefineGuard,
    RefineRow,
    RefineValue,
    SameStep,
    SecretDecl,
    StateDecl,
    Step,
    When,
    WhileItem,
)
from tdxverify.syntax.print_expressions import print_binders, print_expression, print_instance, print_type
from tdxverify.syntax.printer import (
    _INDENT,
    _WIDTH,
    _indented,
    _positions,
    _statement,
    _statements,
    _with_block,
    _with_blocks,
    print_declared,
    print_value,
)
from tests.print_claims import print_check, print_claim, print_views


def print_module(module: Module) -> str:
    """The whole file; ends with a newline."""
    groups: list[list[str]] = []
    if module.name is not None:
        case = "" if module.case is None else f" case {_quoted(module.case)}"
        groups.append([f"module {module.name.text}{case}"])
    if module.imports:
        groups.append([_import(imported) for imported in module.imports])
    for _, run in groupby(module.declarations, type):
        printed = [_declaration(declaration) for declaration in run]
        one_liners = all(len(lines) == 1 for lines in printed)
        groups += [[line for lines in printed for line in lines]] if one_liners else printed
    return "\n\n".join("\n".join(lines) for lines in groups) + "\n"


def _import(imported: Import) -> str:
    path = _quoted(imported.path) if imported.quoted else imported.path
    return f"import {path}" + ("" if imported.prefix is None else f" as {imported.prefix.text}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _names(names: Iterable[Name]) -> str:
    return ", ".join(name.text for name in names)


def _annotated(annotations: Annotations) -> str:
    """The description and citations with a space before them, or nothing."""
    description = "" if annotations.description is None else f" {_quoted(annotations.description)}"
    citations = ", ".join(citation.identifier for citation in annotations.citations)
    return description + (f" cite {citations}" if citations else "")


def _template(word: str, emit: Emit) -> list[str]:
    """`emit c "line"`, several lines below one another."""
    head, lines = f"{word} {emit.target.text}", [_quoted(line.text) for line in emit.lines]
    return [f"{head} {lines[0]}"] if len(lines) == 1 else [head, *_indented(lines)]


def _with_emits(lines: list[str], emits: Iterable[Emit]) -> list[str]:
    return lines + _indented(line for emit in emits for line in _template("emit", emit))


def _initial(value: Expr | AnyValue | None) -> str:
    return "" if value is None else f" = {print_value(value)}"


def _parameters(parameters: Sequence[Binder]) -> str:
    return f"({print_binders(parameters)})" if parameters else ""


def _items(items: Iterable[ProcessItem]) -> list[str]:
    return [line for item in items for line in _item(item)]


def _item(item: ProcessItem) -> list[str]:
    match item:
        case When() | Goto():
            return _statement(item)
        case SameStep(label=label, other=other):
            return [f"{label.text}: as {other.text}"]
        case Step(guard=guard, body=body):
            head = "" if guard is None else f"when {print_expression(guard)}"
            lines = _with_block(_labelled(item, head), _statements(body), _annotated(item.annotations))
            return _with_emits(lines, item.emits)
        case WhileItem(condition=condition):
            return _loop(item, f"while {print_expression(condition)}")
        case ForeachItem(binder=binder):
            return _loop(item, f"foreach {print_binders([binder])}")
        case EitherItem(branches=branches):
            bodies = [_items(branch) for branch in branches]
            joints = ["or"] * (len(bodies) - 1)
            return _with_blocks(_labelled(item, "either"), joints, bodies, _annotated(item.annotations))
        case IfItem():
            return _if_item(item)
        case _:
            assert_never(item)


def _labelled(item: Step | WhileItem | ForeachItem | EitherItem | IfItem, head: str) -> str:
    if item.label is None:
        return head
    parameters = f"({print_binders(item.parameters)})" if isinstance(item, Step) and item.parameters else ""
    fair = _fair(item.fair) if isinstance(item, Step) else ""
    return f"{fair}{item.label.text}{parameters}: {head}".rstrip()


def _fair(fair: Fair | None) -> str:
    return "" if fair is None else f"{fair.value} "


def _loop(item: WhileItem | ForeachItem, head: str) -> list[str]:
    body = _items(item.items) or _statements(item.statements)
    return _with_emits(_with_block(_labelled(item, head), body, _annotated(item.annotations)), item.emits)


def _if_item(item: IfItem) -> list[str]:
    (condition, items), *more = item.branches
    head, tail = _labelled(item, f"if {print_expression(condition)}"), _annotated(item.annotations)
    joints = [f"else if {print_expression(condition)}" for condition, _ in more]
    bodies = [_items(items), *(_items(items) for _, items in more)]
    if item.otherwise:
        joints.append("else")
        bodies.append(_items(item.otherwise))
    return _with_blocks(head, joints, bodies, tail) if joints else _with_block(head, bodies[0], tail)


def _declaration(declaration: Declaration) -> list[str]:
    match declaration:
        case MemoryDecl(type=type_, fields=fields, annotations=annotations):
            head = f"memory {print_type(type_)}{_annotated(annotations)}"
            return [f"{head} {{", *_indented(_field(field) for field in fields), "}"]
        case AccessDecl():
            return _access(declaration)
        case ActionDecl():
            guard = "" if declaration.guard is None else f" when {print_expression(declaration.guard)}"
            lines = _with_block(_head("action", declaration) + guard, _statements(declaration.body))
            return _with_emits(lines, declaration.emits)
        case ProcessDecl(items=items):
            guard = "" if declaration.guard is None else f" when {print_expression(declaration.guard)}"
            head = _head("process", declaration) + guard
            return [f"{head} {{", *_indented(_items(items)), "}"] if items else [f"{head} {{ }}"]
        case PropertyDecl():
            return _property(declaration)
        case PreludeDecl(emit=emit):
            return _template("prelude", emit)
        case RefineGuard() | RefineValue() | RefineRow() | RefineByProcess() | RefineActor():
            return _refinement(declaration)
        case _:
            return [_one_line(declaration) + _trailing(declaration)]


def _trailing(declaration: Declaration) -> str:
    """Annotations behind the declaration; an enum and a fault carry them inside, a prelude has none."""
    if isinstance(declaration, EnumDecl | FaultDecl | PreludeDecl | RefineRow | RefineByProcess):
        return ""
    return _annotated(declaration.annotations)


def _one_line(
    declaration: (
        ParamDecl
        | AssumeDecl
        | IndexDecl
        | EnumDecl
        | FaultDecl
        | ActorDecl
        | ConstDecl
        | StateDecl
        | InitDecl
        | DefineDecl
        | HaltDecl
        | SecretDecl
        | ObserverDecl
        | ConfigDecl
        | CheckDecl
    ),
) -> str:
    match declaration:
        case ParamDecl(name=name, type=type_):
            return f"param {name.text} : {print_type(type_)}"
        case AssumeDecl(condition=condition):
            return f"assume {print_expression(condition)}"
        case IndexDecl(name=name, is_ordered=is_ordered):
            return f"index {name.text}{' ordered' if is_ordered else ''}"
        case EnumDecl(name=name, members=members, annotations=annotations):
            return f"enum {name.text}{_annotated(annotations)} {{ {_names(members)} }}"
        case FaultDecl():
            return _fault(declaration)
        case ActorDecl(names=names, indices=indices, stopped=stopped, fair=fair):
            stops = "" if stopped is None else f" stopped when {print_expression(stopped)}"
            return f"{_fair(fair)}actor {', '.join(map(print_declared, names, indices))}{stops}"
        case HaltDecl(condition=condition):
            return f"halt when {print_expression(condition)}"
        case SecretDecl(names=names):
            return f"secret {_names(names)}"
        case ObserverDecl(name=name, views=views):
            return f"observer {name.text} sees {print_views(views)}"
        case ConstDecl(name=name, indices=indices, type=type_, value=value):
            return f"const {name.text}{_positions(indices)} : {print_type(type_)}{_initial(value)}"
        case StateDecl(name=name, indices=indices, type=type_, initial=initial):
            return f"state {name.text}{_positions(indices)} : {print_type(type_)}{_initial(initial)}"
        case InitDecl(condition=condition):
            return f"init {print_expression(condition)}"
        case DefineDecl(name=name, parameters=parameters, type=type_, value=value):
            result = "" if type_ is None else f" : {print_type(type_)}"
            return f"define {name.text}{_parameters(parameters)}{result} = {print_expression(value)}"
        case ConfigDecl(name=name, condition=condition):
            return f"config {name.text} where {print_expression(condition)}"
        case CheckDecl():
            return print_check(declaration)
        case _:
            assert_never(declaration)


def _head(word: str, declaration: ActionDecl | ProcessDecl) -> str:
    named, indices = declaration.actor, declaration.actor_indices
    actor = "" if named is None else f" by {print_instance(named, indices)}"
    parameters = _parameters(declaration.parameters)
    words = f"{_fair(declaration.fair)}{word}"
    return f"{words} {declaration.name.text}{parameters}{actor}{_annotated(declaration.annotations)}"


def _field(field: StateDecl) -> str:
    head = f"{field.name.text} : {print_type(field.type)}{_initial(field.initial)}"
    return head + _annotated(field.annotations)


def _fault(fault: FaultDecl) -> str:
    words = [f"fault {fault.name.text}{_annotated(fault.annotations)}"]
    words += ["fixable"] if fault.fixable else []
    words += ["fatal"] if fault.fatal else []
    words += ["halts"] if fault.halts else []
    words += [f"kills {_names(fault.kills)}"] if fault.kills else []
    words += [f"must not reach {_names(fault.must_not_reach)}"] if fault.must_not_reach else []
    return " ".join(words)


def _access(access: AccessDecl) -> list[str]:
    head = f"access {access.name.text}{_parameters(access.parameters)}{_annotated(access.annotations)}"
    return _with_emits([f"{head} {{", *_indented(_rows(access.rows)), "}"], access.emits)


def _rows(rows: Sequence[AccessRow]) -> list[str]:
    guards = ["otherwise" if row.guard is None else print_expression(row.guard) for row in rows]
    width = max((len(guard) for guard in guards if len(guard) <= _WIDTH // 2), default=0)
    each = zip(guards, rows, strict=True)
    return [line for guard, row in each for line in _row(guard.ljust(width), row)]


def _outcome(row: AccessRow) -> str:
    """What the hardware answers: `ok`, `ok(zeros)`, `dropped` or `fault #MC`."""
    if row.fault is not None:
        return f"fault {row.fault.text}"
    return row.outcome


def _row(guard: str, row: AccessRow) -> list[str]:
    head, tail = f"{guard} -> {_outcome(row)}", _annotated(row.annotations)
    return _with_block(head, _statements(row.effects), tail) if row.effects else [head + tail]


def _refinement(written: RefineDecl) -> list[str]:
    match written:
        case RefineActor(name=name, indices=indices, condition=condition, annotations=annotations):
            head = f"refine actor {name.text}{_positions(indices)} stopped when"
            return [f"{head} {print_expression(condition)}{_annotated(annotations)}"]
        case RefineGuard(kind=kind, name=name, label=label, guard=guard, annotations=annotations):
            target = name.text if label is None else f"{name.text}.{label.text}"
            return [f"refine {kind} {target} when {print_expression(guard)}{_annotated(annotations)}"]
        case RefineValue(kind=kind, name=name, indices=indices, value=value, annotations=annotations):
            tail = f"{_positions(indices)}{_initial(value)}{_annotated(annotations)}"
            return [f"refine {kind} {name.text}{tail}"]
        case RefineRow(access=name, guard=guard, rows=rows):
            shown = "otherwise" if guard is None else print_expression(guard)
            return [f"refine row {shown} of {name.text} {{", *_indented(_rows(rows)), "}"]
        case RefineByProcess(action=name, process=process):
            first, *more = _declaration(process)
            return [f"refine action {name.text} by {first}", *more]


def _property(declaration: PropertyDecl) -> list[str]:
    head = f"property {declaration.name.text}{_annotated(declaration.annotations)}"
    one_line = f"{head} {print_claim(declaration)}"
    if declaration.annotations.description is None and len(one_line) <= _WIDTH:
        return [one_line]
    return [head, _INDENT + print_claim(declaration)]
