"""Surface syntax of statements and process bodies. Imported through `tdxverify.syntax.ast`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeAlias, TypeGuard, TypeVar

from tdxverify.source import Span
from tdxverify.syntax.ast_expressions import Annotations, Binder, Expr, Name, span_field

NO_ANNOTATIONS = Annotations()

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True)
class Refinement:
    """What a file that imports a declaration has changed in it. `text` says what, as a part of a sentence:
    'only when not building', 'in place of false'. `span` is the whole `refine ...`. `guard`: what is asked
    besides. `is_idle`: what it puts in the place of something says the same."""

    text: str
    annotations: Annotations = NO_ANNOTATIONS
    guard: Expr | None = None
    is_idle: bool = False
    span: Span = span_field()


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


def refinements_field() -> Any:
    """What was changed in a node: it takes no part in equality, since the node says it already."""
    return field(default=(), compare=False, repr=False)


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
class Handler:
    """`on #MC { ... }` or `on ok(zeros) { ... }` behind an access: what is done where it has that outcome.

    After a fault: instead of giving up the step. `outcome`: `#MC`, `ok`, `ok(zeros)` or `dropped`.
    """

    outcome: Name
    body: tuple[Statement, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Access:
    """`host_read(l)`: perform an access; the table decides what happens."""

    name: Name
    arguments: tuple[Expr, ...]
    handlers: tuple[Handler, ...] = ()
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
    """`label(q : Page): when e { ... }`: one atomic step, for some value of each parameter."""

    label: Name
    guard: Expr | None
    body: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    parameters: tuple[Binder, ...] = ()
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class SameStep:
    """`label: as other`: a step that does what the step `other` of the same process does."""

    label: Name
    other: Name
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class WhileItem:
    """`while e { items }`; or `label: while e { statements }`, which is a step, over and over.

    With items a label only says where a goto can lead.
    """

    label: Name | None
    condition: Expr
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    span: Span = span_field()

    @property
    def is_step(self) -> bool:
        return self.label is not None and not self.items


@dataclass(frozen=True, slots=True)
class ForeachItem:
    """`foreach l : Line { items }`: one element after another, in any order, interruptible between.

    Or `label: foreach l : Line { statements }`, which is a step for each element.
    """

    label: Name | None
    binder: Binder
    items: tuple[ProcessItem, ...]
    statements: tuple[Statement, ...]
    annotations: Annotations = NO_ANNOTATIONS
    emits: tuple[Emit, ...] = ()
    refinements: tuple[Refinement, ...] = refinements_field()
    span: Span = span_field()

    @property
    def is_step(self) -> bool:
        return self.label is not None and not self.items


@dataclass(frozen=True, slots=True)
class EitherItem:
    """`either { items } or { items }`: the environment chooses how it goes on."""

    label: Name | None
    branches: tuple[tuple[ProcessItem, ...], ...]
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class IfItem:
    """`if e { items } else if … else { items }`; `otherwise` may be empty."""

    label: Name | None
    branches: tuple[tuple[Expr, tuple[ProcessItem, ...]], ...]
    otherwise: tuple[ProcessItem, ...] = ()
    annotations: Annotations = NO_ANNOTATIONS
    span: Span = span_field()


# Between steps, `when` says that the step before waits where it would lead here, and `goto` where it leads.
ProcessItem: TypeAlias = Step | SameStep | WhileItem | ForeachItem | EitherItem | IfItem | When | Goto


def bodies_of(item: ProcessItem) -> tuple[tuple[ProcessItem, ...], ...]:
    """The items inside `item`, for each way into it; none if it is a step."""
    match item:
        case Step() | SameStep() | When() | Goto():
            return ()
        case WhileItem() | ForeachItem():
            return () if item.is_step else (item.items,)
        case EitherItem(branches=branches):
            return branches
        case IfItem(branches=chosen, otherwise=otherwise):
            return (*(items for _, items in chosen), otherwise)


def label_of(item: ProcessItem) -> Name | None:
    """What a goto can name to go on at `item`."""
    return None if isinstance(item, When | Goto) else item.label


def is_step(item: ProcessItem) -> TypeGuard[Step | WhileItem | ForeachItem]:
    """Whether a process can stand at `item`: its label is a step."""
    return isinstance(item, Step) or (isinstance(item, WhileItem | ForeachItem) and item.is_step)


def nodes(part: object, kind: type[Node]) -> Iterator[Node]:
    """Everything of one kind in a part of the text, outermost first."""
    if isinstance(part, kind):
        yield part
    if isinstance(part, tuple):
        for one in part:
            yield from nodes(one, kind)
    elif is_dataclass(part) and not isinstance(part, Span):
        for one in fields(part):
            yield from nodes(getattr(part, one.name), kind)
