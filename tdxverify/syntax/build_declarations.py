"""Grammar rules of files, declarations, process items and statements -> nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdxverify.source import Span
from tdxverify.syntax.ast import (
    Access,
    AccessDecl,
    AccessRow,
    ActionDecl,
    ActorDecl,
    Annotations,
    Assign,
    AssumeDecl,
    CheckDecl,
    ConfigDecl,
    ConstDecl,
    DefineDecl,
    Either,
    EmitLine,
    EnumDecl,
    Expected,
    Fair,
    FairClause,
    FaultDecl,
    Foreach,
    Goto,
    HaltDecl,
    Handler,
    IfStatement,
    Import,
    IndexDecl,
    IndexPosition,
    InitDecl,
    MemoryDecl,
    Module,
    Name,
    NamedType,
    ObserverDecl,
    ParamDecl,
    Part,
    PreludeDecl,
    ProcessDecl,
    PropertyDecl,
    PropertyKind,
    RangeType,
    RefineActor,
    RefineByProcess,
    RefineGuard,
    RefineRow,
    RefineValue,
    SecretDecl,
    SizeClause,
    StateDecl,
    View,
    When,
)
from tdxverify.syntax.build_annotations import annotated, emit, merged, require_once, split
from tdxverify.syntax.build_clauses import CLAUSE_RULES, Clause, clauses, notes
from tdxverify.syntax.build_expressions import Rule
from tdxverify.syntax.build_processes import items_of

# --- files --------------------------------------------------


def _start(span: Span, children: list[Any]) -> Module:
    heading, *rest = children
    name, case = (None, None) if heading is None else heading
    imports = tuple(child for child in rest if isinstance(child, Import))
    declarations = tuple(child for child in rest if not isinstance(child, Import))
    return Module(name, imports, declarations, case, span=span)


def _dotted_import(span: Span, children: list[Any]) -> Import:
    *names, prefix = children
    return Import(".".join(name.text for name in names), quoted=False, prefix=prefix, span=span)


# --- declarations of what there is ------------------------------------------


def _enum(span: Span, children: list[Any]) -> EnumDecl:
    name, before, *members, behind = children
    return EnumDecl(name, tuple(members), merged(span, before, behind), span=span)


def _actor(span: Span, children: list[Any]) -> ActorDecl:
    fair, *children = children
    named = [child for child in children if isinstance(child, tuple)]
    names, indices = zip(*named, strict=True)
    stopped = next((child.condition for child in children if isinstance(child, When)), None)
    annotations = (child for child in children if isinstance(child, Annotations))
    return ActorDecl(names, indices, stopped, merged(span, *annotations), fair, span=span)


def _instance(span: Span, children: list[Any]) -> tuple[Name, tuple[Any, ...]]:
    """An actor, and which of several: sorts where it is declared, expressions elsewhere."""
    name, indices = children
    return name, indices or ()


_NOBODY = None, ()


def _fault(span: Span, children: list[Any]) -> FaultDecl:
    name, *rest = children
    annotations = [child for child in rest if isinstance(child, Annotations)]
    clauses = [child for child in rest if isinstance(child, tuple)]
    require_once((word, place) for word, names, place in clauses if not names)
    words = {word for word, _, _ in clauses}
    return FaultDecl(
        name,
        fixable="fixable" in words,
        fatal="fatal" in words,
        halts="halts" in words,
        kills=_clause_names(clauses, "kills"),
        must_not_reach=_clause_names(clauses, "must not reach"),
        annotations=merged(span, *annotations),
        span=span,
    )


def _clause_names(clauses: list[tuple[str, list[Name], Span]], word: str) -> tuple[Name, ...]:
    found = tuple(name for clause, names, _ in clauses if clause == word for name in names)
    require_once((name.text, name.span) for name in found)
    return found


def _fault_clause(word: str) -> Rule:
    return lambda span, children: (word, children, span)


def _position(span: Span, children: list[Any]) -> IndexPosition:
    name, type_ = children
    return IndexPosition(name, type_, span=span)


def _const(span: Span, children: list[Any]) -> ConstDecl:
    name, positions, type_, value, annotations = children
    return ConstDecl(name, positions or (), type_, value, merged(span, annotations), span=span)


def _state(span: Span, children: list[Any]) -> StateDecl:
    name, positions, type_, initial, annotations = children
    return StateDecl(name, positions or (), type_, initial, merged(span, annotations), span=span)


def _memory(span: Span, children: list[Any]) -> MemoryDecl:
    type_, before, *fields, behind = children
    states = tuple(_memory_state(type_, field) for field in fields)
    return MemoryDecl(type_, states, merged(span, before, behind), span=span)


def _memory_state(type_: NamedType | RangeType, field: StateDecl) -> StateDecl:
    position = IndexPosition(None, type_, span=type_.span)
    return StateDecl(field.name, (position,), field.type, field.initial, field.annotations, span=field.span)


def _field(span: Span, children: list[Any]) -> StateDecl:
    """A field without the index that its `memory` gives it."""
    name, type_, initial, annotations = children
    return StateDecl(name, (), type_, initial, merged(span, annotations), span=span)


def _define(span: Span, children: list[Any]) -> DefineDecl:
    name, parameters, type_, value, annotations = children
    return DefineDecl(name, parameters or (), type_, value, merged(span, annotations), span=span)


# --- what happens -----------------------------------------------------------


def _access(span: Span, children: list[Any]) -> AccessDecl:
    (name, parameters, before, *rows, behind), emits = split(children)
    return AccessDecl(name, parameters or (), tuple(rows), merged(span, before, behind), emits, span=span)


def _row(span: Span, children: list[Any]) -> AccessRow:
    guard, before, (result, detail, fault), between, effects, behind = children
    annotations = merged(span, before, between, behind)
    return AccessRow(guard, result, detail, fault, effects or (), annotations, span=span)


def _otherwise_row(span: Span, children: list[Any]) -> AccessRow:
    return _row(span, [None, *children])


def _ok(span: Span, children: list[Any]) -> tuple[str, str | None, None]:
    return "ok", children[-1].text if children else None, None


def _outcome(span: Span, children: list[Any]) -> Name:
    return Name("".join(span.text.split()), span=span)


def _action(span: Span, children: list[Any]) -> ActionDecl:
    (fair, name, parameters, *head, body, behind), emits = split(children)
    said = clauses(head)
    (actor, indices), guard = said.get("by", _NOBODY), said.get("when")
    annotations = merged(span, notes(said), behind)
    return ActionDecl(
        name, parameters or (), actor, indices, guard, body, annotations, emits, fair, span=span
    )


def _process(span: Span, children: list[Any]) -> ProcessDecl:
    fair, name, parameters, *head, items, behind = children
    said = clauses(head)
    (actor, indices), guard = said.get("by", _NOBODY), said.get("when")
    annotations = merged(span, notes(said), behind)
    inside = items_of(items)
    return ProcessDecl(name, parameters or (), actor, indices, guard, inside, annotations, fair, span=span)


def _if_statement(span: Span, children: list[Any]) -> IfStatement:
    condition, block, *more, otherwise = children
    return IfStatement(((condition, block), *more), otherwise or (), span=span)


def _secret(span: Span, children: list[Any]) -> SecretDecl:
    *names, annotations = children
    require_once((name.text, name.span) for name in names)
    return SecretDecl(tuple(names), merged(span, annotations), span=span)


def _observer(span: Span, children: list[Any]) -> ObserverDecl:
    name, before, *views, behind = children
    return ObserverDecl(name, tuple(views), merged(span, before, behind), span=span)


# --- what an imported file says, put otherwise ------------------------------


def _refine_guard(kind: str) -> Rule:
    def rule(span: Span, children: list[Any]) -> RefineGuard:
        name, *labels, guard, annotations = children
        label = labels[0] if labels else None
        return RefineGuard(kind, name, label, guard, merged(span, annotations), span=span)

    return rule


def _refine_value(kind: str) -> Rule:
    def rule(span: Span, children: list[Any]) -> RefineValue:
        name, positions, value, annotations = children
        return RefineValue(kind, name, positions or (), value, merged(span, annotations), span=span)

    return rule


def _refine_actor(span: Span, children: list[Any]) -> RefineActor:
    (name, indices), stopped, annotations = children
    return RefineActor(name, indices, stopped.condition, merged(span, annotations), span=span)


def _refine_row(span: Span, children: list[Any]) -> RefineRow:
    guard, access, *rows = children
    return RefineRow(access, guard, tuple(rows), span=span)


# --- properties and checks --------------------------------------------------


def _property(span: Span, children: list[Any]) -> PropertyDecl:
    name, before, (kind, found, binders, claim), behind = children
    actor, indices = found.get(Part.ACTOR) or (found.get(Part.CHANGING), ())
    return PropertyDecl(
        name,
        kind,
        condition=found.get(Part.CONDITION, found.get(Part.STEP_CONDITION)),
        actor=actor,
        actor_indices=indices,
        fault=found.get(Part.FAULT),
        annotations=merged(span, before, behind),
        binders=binders,
        premise=found.get(Part.PREMISE),
        observer=found.get(Part.OBSERVER),
        by_steps=found.get(Part.BY_STEPS) is not None,
        views=found.get(Part.REVEALED) or found.get(Part.CHANGED) or (),
        span=span,
        claim=claim,
    )


def _claim(kind: PropertyKind) -> Rule:
    """Kind, parts, binders, place. An actor that is left out stands before all else: anyone."""

    def rule(span: Span, children: list[Any]) -> tuple[Any, ...]:
        binders = children[0] if kind.may_be_of_each else None
        parts = [child for child in children if not isinstance(child, str)]
        found = dict(zip(reversed(kind.parts), reversed(parts), strict=False))
        return kind, found, binders or (), span

    return rule


def _config(span: Span, children: list[Any]) -> ConfigDecl:
    name, before, condition, behind = children
    return ConfigDecl(name, condition, merged(span, before, behind), span=span)


def _check(span: Span, children: list[Any]) -> CheckDecl:
    said = clauses(children)
    expected, length = said.get("expect", (Expected.PROVED, None))
    return CheckDecl(
        tuple(child for child in children if isinstance(child, Name)),
        said.get("for") or (),
        any_size="for" in said and said["for"] is None,
        where=said.get("where"),
        expected=expected,
        expected_length=length,
        annotations=notes(said),
        configs=said.get("in", ()),
        assuming=said.get("assuming", ()),
        span=span,
    )


def _assuming(span: Span, children: list[Any]) -> Clause:
    """Each with what stands before it, or before one further in front."""
    fair: Fair | None = None
    found = []
    for child in children:
        if isinstance(child, Fair):
            fair = child
        elif isinstance(child, tuple):
            assert fair is not None
            name, label, place = child
            found.append(FairClause(fair, name, label, span=place))
    return Clause("assuming", tuple(found), span)


def _size(span: Span, children: list[Any]) -> SizeClause:
    sort, sign, size = children
    return SizeClause(sort, at_most=sign == "<=", size=size, span=span)


def _expectation(span: Span, children: list[Any]) -> Clause:
    words = [str(child) for child in children if isinstance(child, str)]
    length = next((child for child in children if isinstance(child, int)), None)
    return Clause("expect", (Expected(" ".join(words)), length), span)


def _tuple(span: Span, children: list[Any]) -> tuple[Any, ...]:
    return tuple(children)


DECLARATION_RULES: Mapping[str, Rule] = {
    **CLAUSE_RULES,
    "start": _start,
    "module_name": _tuple,
    "dotted_import": _dotted_import,
    "quoted_import": lambda span, c: Import(c[0], quoted=True, prefix=c[1], span=span),
    "prefix": lambda span, c: c[-1],
    "annotations": annotated,
    "citations": _tuple,
    "emit": emit,
    "line": lambda span, c: EmitLine(c[0], span=span),
    "param": lambda span, c: ParamDecl(c[0], c[1], merged(span, c[2]), span=span),
    "assume": lambda span, c: AssumeDecl(c[0], merged(span, c[1]), span=span),
    "index": lambda span, c: IndexDecl(c[0], merged(span, c[2]), c[1] is not None, span=span),
    "enum": _enum,
    "actor": _actor,
    "actor_name": _instance,
    "stopped": lambda span, c: When(c[-1], span=span),
    "fault": _fault,
    "fixable": _fault_clause("fixable"),
    "fatal": _fault_clause("fatal"),
    "halts": _fault_clause("halts"),
    "kills": _fault_clause("kills"),
    "must_not_reach": _fault_clause("must not reach"),
    "const": _const,
    "state": _state,
    "positions": _tuple,
    "position": _position,
    "memory": _memory,
    "field": _field,
    "init": lambda span, c: InitDecl(c[0], merged(span, c[1]), span=span),
    "define": _define,
    "parameters": lambda span, c: c[0] or (),
    "access": _access,
    "row": _row,
    "otherwise_row": _otherwise_row,
    "ok": _ok,
    "dropped": lambda span, c: ("dropped", None, None),
    "raises": lambda span, c: ("fault", None, c[0]),
    "action": _action,
    "process": _process,
    "weakly_fair": lambda span, c: Fair.WEAK,
    "strongly_fair": lambda span, c: Fair.STRONG,
    "each": lambda span, c: c[-1],
    "assuming": _assuming,
    "part": lambda span, c: (c[0], c[1], span),
    "halt": lambda span, c: HaltDecl(c[-2], merged(span, c[-1]), span=span),
    "secret": _secret,
    "observer": _observer,
    "view": lambda span, c: View(c[0] or (), c[1], span=span),
    "by_steps": lambda span, c: True,
    "revealed": _tuple,
    "changed": _tuple,
    **{f"refine_{kind}": _refine_guard(kind) for kind in ("action", "process", "step")},
    **{f"refine_{kind}": _refine_value(kind) for kind in ("state", "const")},
    "refine_row": _refine_row,
    "refine_otherwise": lambda span, c: _refine_row(span, [None, *c]),
    "refine_actor": _refine_actor,
    "refine_by_process": lambda span, c: RefineByProcess(c[0], c[1], span=span),
    "block": _tuple,
    "assign": lambda span, c: Assign(c[0], c[1] or (), c[2], span=span),
    "access_call": lambda span, c: Access(c[0], c[1], tuple(c[2:]), span=span),
    "outcome": _outcome,
    "handler": lambda span, c: Handler(c[0], c[1], span=span),
    "if_statement": _if_statement,
    "else_if": _tuple,
    "foreach": lambda span, c: Foreach(c[0], c[1], span=span),
    "either": lambda span, c: Either(tuple(c), span=span),
    "when": lambda span, c: When(c[0], span=span),
    "goto": lambda span, c: Goto(c[0], span=span),
    "property": _property,
    "taker": _instance,
    **{f"{kind.value}_claim": _claim(kind) for kind in PropertyKind},
    "config": _config,
    "check": _check,
    "size": _size,
    "expectation": _expectation,
    "prelude": lambda span, c: PreludeDecl(emit(span, c), span=span),
}
