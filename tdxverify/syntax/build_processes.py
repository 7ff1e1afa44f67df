"""Grammar rules of what a process consists of -> nodes.

Among the items of a process `if`, `either`, `while` and `foreach` are control flow if something inside has a
label, and statements if not; a parser that looks one word ahead cannot tell. So their contents are kept as
they are read, until the item that is around all of them says what it consists of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from tdxverify.diagnostics import Code, Diagnostic, SpecError
from tdxverify.source import Span
from tdxverify.syntax.ast import (
    Access,
    Assign,
    Binder,
    Either,
    EitherItem,
    Expr,
    Foreach,
    ForeachItem,
    Goto,
    IfItem,
    IfStatement,
    Name,
    NameExpr,
    ProcessItem,
    SameStep,
    Statement,
    Step,
    Type,
    When,
    WhileItem,
)
from tdxverify.syntax.build_annotations import merged, split
from tdxverify.syntax.build_expressions import Rule


@dataclass(frozen=True, slots=True)
class _While:
    condition: Expr
    content: tuple[_Entry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Foreach:
    binders: tuple[Binder, ...]
    content: tuple[_Entry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Either:
    branches: tuple[tuple[_Entry, ...], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _If:
    branches: tuple[tuple[Expr, tuple[_Entry, ...]], ...]
    otherwise: tuple[_Entry, ...]
    span: Span

    @property
    def contents(self) -> tuple[tuple[_Entry, ...], ...]:
        return (*(content for _, content in self.branches), self.otherwise)


_Labelled: TypeAlias = Step | SameStep | WhileItem | ForeachItem | EitherItem | IfItem
_Bare: TypeAlias = _While | _Foreach | _Either | _If
_Entry: TypeAlias = _Labelled | _Bare | Assign | Access | When | Goto


def items_of(entries: Sequence[_Entry]) -> tuple[ProcessItem, ...]:
    """`entries` as items. Raises SpecError with every statement among them that belongs into a step."""
    stray = tuple(_stray(entries))
    if stray:
        raise SpecError([_without_label(statement) for statement in stray])
    return tuple(map(_item, entries))


def _stray(entries: Sequence[_Entry]) -> Iterator[Assign | Access]:
    """The statements outside of steps; the first of those in a row."""
    before = False
    for entry in entries:
        match entry:
            case Assign() | Access():
                if not before:
                    yield entry
            case _While(content=content) | _Foreach(content=content):
                yield from _stray(content)
            case _Either(branches=contents) | _If(contents=contents):
                for content in contents:
                    yield from _stray(content)
            case _:
                pass
        before = isinstance(entry, Assign | Access)


def _without_label(statement: Assign | Access) -> Diagnostic:
    return Diagnostic(
        Code.E121,
        "this statement is part of no step",
        statement.span,
        hint="every step of a process has a label, as in 'start: { ... }'",
    )


def _has_labels(entries: Sequence[_Entry]) -> bool:
    for entry in entries:
        match entry:
            case Assign() | Access() | When() | Goto():
                continue
            case _While(content=content) | _Foreach(content=content):
                if _has_labels(content):
                    return True
            case _Either(branches=contents) | _If(contents=contents):
                if any(map(_has_labels, contents)):
                    return True
            case _:
                return True
    return False


def _item(entry: _Entry) -> ProcessItem:
    match entry:
        case _While(condition=condition, content=content, span=span):
            return WhileItem(None, condition, items_of(content), (), span=span)
        case _Foreach(binders=binders, content=content, span=span):
            return ForeachItem(None, _only(binders), items_of(content), (), span=span)
        case _Either(branches=branches, span=span):
            return EitherItem(None, tuple(map(items_of, branches)), span=span)
        case _If(branches=branches, otherwise=otherwise, span=span):
            chosen = tuple((condition, items_of(content)) for condition, content in branches)
            return IfItem(None, chosen, items_of(otherwise), span=span)
        case Assign() | Access():
            raise SpecError([_without_label(entry)])
        case _:
            return entry


def _statements(entries: Sequence[_Entry]) -> tuple[Statement, ...]:
    """`entries`, among which nothing has a label, as what one step does."""
    return tuple(map(_statement, entries))


def _statement(entry: _Entry) -> Statement:
    match entry:
        case _Foreach(binders=binders, content=content, span=span):
            return Foreach(binders, _statements(content), span=span)
        case _Either(branches=branches, span=span):
            return Either(tuple(map(_statements, branches)), span=span)
        case _If(branches=branches, otherwise=otherwise, span=span):
            chosen = tuple((condition, _statements(content)) for condition, content in branches)
            return IfStatement(chosen, _statements(otherwise), span=span)
        case _While(span=span):
            message = "a loop inside a step would have no end that is known"
            hint = "give its body a label, as in 'while e { again: { ... } }'; or use foreach"
            raise SpecError([Diagnostic(Code.E121, message, span, hint=hint)])
        case Assign() | Access() | When() | Goto():
            return entry
        case Step() | SameStep() | WhileItem() | ForeachItem() | EitherItem() | IfItem():
            raise AssertionError("no label is inside")
        case _:
            assert_never(entry)


def _body(entries: Sequence[_Entry]) -> tuple[tuple[ProcessItem, ...], tuple[Statement, ...]]:
    """The items or the statements of a loop with a label; one of them is empty."""
    return (items_of(entries), ()) if _has_labels(entries) else ((), _statements(entries))


def _of_step(item: WhileItem | ForeachItem) -> WhileItem | ForeachItem:
    """`item`, which has a template only if it is a step. Raises SpecError."""
    if item.emits and not item.is_step:
        message = "a template belongs to a step, and what has labels inside is none"
        hint = "put it behind a step inside"
        raise SpecError([Diagnostic(Code.E111, message, item.emits[0].span, hint=hint)])
    return item


def _only(binders: tuple[Binder, ...]) -> Binder:
    first, *more = binders
    if more:
        message = "a foreach between steps goes over one kind of element"
        hint = "put one foreach into the other"
        raise SpecError([Diagnostic(Code.E121, message, more[0].span, hint=hint)])
    return first


# --- rules --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Typed:
    """`q : Page`, or the last name of `p, q : Page`."""

    name: Name
    type: Type
    span: Span


def _step(span: Span, children: list[Any]) -> Step:
    (label, written, before, guard, between, body, behind), emits = split(children)
    annotations = merged(span, before, between, behind)
    return Step(label, guard, body, annotations, emits, _binders(written or ()), span=span)


def _binders(written: Sequence[Expr | _Typed]) -> tuple[Binder, ...]:
    """The parameters of a step. Raises SpecError where one is none."""
    names: list[Name] = []
    found: list[Binder] = []
    for one in written:
        match one:
            case _Typed(name=name, type=type_):
                found += [
                    Binder(each, type_, span=Span(each.span.source, each.span.start, type_.span.end))
                    for each in (*names, name)
                ]
                names.clear()
            case NameExpr(name=name, qualifier=None, primed=False):
                names.append(name)
            case _:
                raise SpecError([_no_parameter(one.span)])
    if names:
        raise SpecError([_no_parameter(names[0].span)])
    return tuple(found)


def _no_parameter(span: Span) -> Diagnostic:
    message = "a parameter of a step has a name and a type"
    return Diagnostic(Code.E111, message, span, hint="write it as in 'take(p : Page): { ... }'")


def _item_call(span: Span, children: list[Any]) -> Access:
    name, arguments, *handlers = children
    typed = next((one for one in arguments if isinstance(one, _Typed)), None)
    if typed is not None:
        message = "an access is given values, not parameters with a type"
        hint = f"a step has a colon and a body behind its parameters: '{name.text}(...): {{ ... }}'"
        raise SpecError([Diagnostic(Code.E111, message, typed.span, hint=hint)])
    return Access(name, arguments, tuple(handlers), span=span)


def _while_item(span: Span, children: list[Any]) -> WhileItem | ForeachItem:
    (label, before, condition, content, behind), emits = split(children)
    annotations = merged(span, before, behind)
    return _of_step(WhileItem(label, condition, *_body(content), annotations, emits, span=span))


def _foreach_item(span: Span, children: list[Any]) -> WhileItem | ForeachItem:
    (label, before, binders, content, behind), emits = split(children)
    annotations = merged(span, before, behind)
    return _of_step(ForeachItem(label, _only(binders), *_body(content), annotations, emits, span=span))


def _either_item(span: Span, children: list[Any]) -> EitherItem:
    label, before, *branches, behind = children
    return EitherItem(label, tuple(map(items_of, branches)), merged(span, before, behind), span=span)


def _if_item(span: Span, children: list[Any]) -> IfItem:
    label, before, condition, content, *more, otherwise, behind = children
    branches = tuple((asked, items_of(inner)) for asked, inner in ((condition, content), *more))
    return IfItem(label, branches, items_of(otherwise or ()), merged(span, before, behind), span=span)


def _bare_if(span: Span, children: list[Any]) -> _If:
    condition, content, *more, otherwise = children
    return _If(((condition, content), *more), otherwise or (), span)


PROCESS_RULES: Mapping[str, Rule] = {
    "items": lambda span, c: tuple(c),
    "step": _step,
    "step_parameters": lambda span, c: tuple(one for one in c if one is not None),
    "typed": lambda span, c: _Typed(c[0], c[1], span),
    "item_call": _item_call,
    "same_step": lambda span, c: SameStep(c[0], c[-1], span=span),
    "while_item": _while_item,
    "foreach_item": _foreach_item,
    "either_item": _either_item,
    "if_item": _if_item,
    "item_else_if": lambda span, c: tuple(c),
    "bare_while": lambda span, c: _While(c[0], c[1], span),
    "bare_foreach": lambda span, c: _Foreach(c[0], c[1], span),
    "bare_either": lambda span, c: _Either(tuple(c), span),
    "bare_if": _bare_if,
}
