"""Surface syntax of statements and process bodies. Imported through `tdxverify.syntax.ast`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tdxverify.source import Span
from tdxverify.syntax.ast_expressions import Annotations, Binder, Expr, Name, span_field

NO_ANNOTATIONS = Annotations()


# --- reproducers -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EmitLine:
    """One line of a template as it was written: `{name}` is a placeholder, `{{` and `}}` are braces."""

    text: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Emit:
    """`emit c "wbinvd_on_cpu({c});"`: what a reproducer in the language `target` does here, line by line."""

    target: Name
    lines: tuple[EmitLine, ...]
    span: Span = span_field()


# --- statements ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnyValue:
    """The right side `any`, or `any { a, b }`: the environment chooses."""

    choices: tuple[Expr, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Assign:
    """`name[indices] := value`."""

    target: Name
    indices: tuple[Expr, ...]
    value: Expr | AnyValue
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class FaultHandler:
    """`on #MC { ... }` behind an access: what is done instead of giving up the step."""

    fault: Name
    body: tuple[Statement, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Access:
    """`host_read(l)`: perform an access; the table decides what happens."""

    name: Name
    arguments: tuple[Expr, ...]
    handlers: tuple[FaultHandler, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IfStatement:
    """`if c { } else if d { } else { }`; branches in order, `otherwise` may be empty."""

    branches: tuple[tuple[Expr, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Foreach:
    """`foreach l : Line { }` inside one step: all elements at once, atomically."""

    binders: tuple[Binder, ...]
    body: tuple[Statement, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Either:
    """`either { } or { }`: the environment chooses a branch."""

    branches: tuple[tuple[Statement, ...], ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class When:
    """`when e` among statements: the step can only be taken where e holds at this point."""

    condition: Expr
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Goto:
    """`goto label`; last statement of its branch, in process steps only."""

    label: Name
    span: Span = span_field()


Statement: TypeAlias = Assign | Access | IfStatement | Foreach | Either | When | Goto


# --- process bodies --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """`label: when e { ... }`: one atomic step."""

    label: Name
    guard: Expr | None
    body: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class WhileItem:
    """`label: while e { ... }`. The body is labelled items, or statements that make one step."""

    label: Name
    condition: Expr
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ForeachItem:
    """`label: foreach l : Line { ... }`: one element after another, in any order, interruptible between."""

    label: Name
    binder: Binder
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class EitherItem:
    """`label: either { items } or { items }`: a choice between labelled continuations."""

    label: Name
    branches: tuple[tuple[ProcessItem, ...], ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


ProcessItem: TypeAlias = Step | WhileItem | ForeachItem | EitherItem
